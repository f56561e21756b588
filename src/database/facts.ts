// The `database.*` properties that changelogs can use.
import type { DatabaseFacts } from '#changelog/model'
import type { HistoryNames } from './port.ts'

export interface KnownFacts {
  readonly shortName: string
  readonly productName: string
  readonly productVersion: string
  readonly defaultCatalogName: string | undefined
  readonly defaultSchemaName: string | undefined
  readonly now: string
  readonly autoIncrementClause: string
  /** As a person would write it; decides whether this is a database of the machine itself. Absent offline. */
  readonly url?: string
}

/** What the original engine says of each, asked of 4.28.0: offline, and on PostgreSQL and MariaDB also with a connection. */
const traits = {
  postgresql: ['InitiallyDeferrableColumns', 'RestrictForeignKeys', 'Schemas', 'Sequences', 'Tablespaces'],
  mysql: ['ForeignKeyDisable', 'RestrictForeignKeys'],
  mariadb: ['ForeignKeyDisable', 'RestrictForeignKeys', 'Sequences'],
  sqlite: ['InitiallyDeferrableColumns', 'RestrictForeignKeys'],
  mssql: ['Schemas', 'Sequences', 'Tablespaces'],
  oracle: ['InitiallyDeferrableColumns', 'Sequences', 'Tablespaces', 'NotNullConstraintNames'],
} as const satisfies Readonly<Record<string, readonly Trait[]>>

const allTraits = [
  'ForeignKeyDisable',
  'InitiallyDeferrableColumns',
  'RestrictForeignKeys',
  'Schemas',
  'Sequences',
  'Tablespaces',
  'NotNullConstraintNames',
] as const
type Trait = (typeof allTraits)[number]

export function factsOf(known: KnownFacts): DatabaseFacts {
  const { shortName, productVersion, defaultSchemaName, defaultCatalogName, url } = known
  // Without a version, which can only be offline, it is as new as can be.
  const [, major = '999', minor = major === '999' ? '999' : '0'] = /(\d+)(?:\.(\d+))?/.exec(productVersion) ?? []
  const own: readonly string[] = traits[shortName as keyof typeof traits] ?? []
  return {
    shortName,
    properties: {
      autoIncrementClause: known.autoIncrementClause,
      currentDateTimeFunction: known.now,
      databaseMajorVersion: major,
      databaseMinorVersion: minor,
      databaseProductName: url === undefined ? `Offline ${shortName}` : known.productName,
      ...(productVersion === '' ? {} : { databaseProductVersion: productVersion }),
      ...(defaultCatalogName === undefined ? {} : { defaultCatalogName }),
      ...(defaultSchemaName === undefined ? {} : { defaultSchemaName }),
      defaultSchemaNamePrefix: defaultSchemaName === undefined ? '' : `.${defaultSchemaName}`,
      // With a blank where it must have one.
      lineComment: isMysql(shortName) ? '-- ' : '--',
      typeName: shortName,
      isSafeToRunUpdate: String(url !== undefined && /localhost|127\.0\.0\.1/.test(url)),
      requiresPassword: 'true',
      requiresUsername: 'true',
      ...Object.fromEntries(allTraits.map((trait) => [`supports${trait}`, String(own.includes(trait))])),
    },
  }
}

const isMysql = (shortName: string): boolean => shortName === 'mysql' || shortName === 'mariadb'

/** With the tables of the history as the run has them; the schema only when it is another one than the default. */
export function withHistoryNames(facts: DatabaseFacts, names: HistoryNames, isOffline: boolean): DatabaseFacts {
  const { shortName, properties } = facts
  const folds = shortName === 'postgresql' || (isOffline && isMysql(shortName))
  const shown = (name: string): string => (folds ? name.toLowerCase() : name)
  const { schemaName } = names
  const isOther = schemaName !== undefined && schemaName !== properties['defaultSchemaName']
  return {
    shortName,
    properties: {
      ...properties,
      databaseChangeLogTableName: shown(names.changelogTable),
      databaseChangeLogLockTableName: shown(names.lockTable),
      ...(isOther ? { liquibaseSchemaName: schemaName } : {}),
    },
  }
}
