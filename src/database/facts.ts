// The `database.*` properties that changelogs can use.
import type { DatabaseFacts } from '#changelog/model'

export interface KnownFacts {
  readonly shortName: string
  readonly productName: string
  readonly productVersion: string
  readonly defaultCatalogName: string | undefined
  readonly defaultSchemaName: string | undefined
  readonly now: string
  readonly autoIncrementClause: string
  readonly supportsSchemas: boolean
  readonly supportsSequences: boolean
  readonly supportsTablespaces: boolean
  readonly requiresPassword: boolean
  /** What begins a comment in scripts, before the blank; `--` when absent. */
  readonly lineComment?: string
}

export function factsOf(known: KnownFacts): DatabaseFacts {
  const [, major = '0', minor = '0'] = /(\d+)(?:\.(\d+))?/.exec(known.productVersion) ?? []
  const { defaultSchemaName } = known
  return {
    shortName: known.shortName,
    properties: {
      autoIncrementClause: known.autoIncrementClause,
      currentDateTimeFunction: known.now,
      databaseChangeLogTableName: 'DATABASECHANGELOG',
      databaseChangeLogLockTableName: 'DATABASECHANGELOGLOCK',
      databaseMajorVersion: major,
      databaseMinorVersion: minor,
      databaseProductName: known.productName,
      databaseProductVersion: known.productVersion,
      ...(known.defaultCatalogName === undefined ? {} : { defaultCatalogName: known.defaultCatalogName }),
      ...(defaultSchemaName === undefined ? {} : { defaultSchemaName, liquibaseSchemaName: defaultSchemaName }),
      defaultSchemaNamePrefix: defaultSchemaName === undefined ? '' : `.${defaultSchemaName}`,
      lineComment: known.lineComment ?? '--',
      typeName: known.shortName,
      isSafeToRunUpdate: 'true',
      requiresPassword: String(known.requiresPassword),
      requiresUsername: String(known.requiresPassword),
      supportsForeignKeyDisable: 'false',
      supportsInitiallyDeferrableColumns: 'true',
      supportsRestrictForeignKeys: 'true',
      supportsSchemas: String(known.supportsSchemas),
      supportsSequences: String(known.supportsSequences),
      supportsTablespaces: String(known.supportsTablespaces),
      supportsNotNullConstraintNames: 'false',
    },
  }
}
