// A database that is not there: its language and its names, but nothing to ask. For scripts, checksums and histories.
import { memorySource } from '#changelog/memory'
import type { FileSource } from '#changelog/source'
import { Fault } from '#contract/fault'
import { capabilities } from '#database/capability'
import { dialectFor } from '#database/dialect'
import { factsOf } from '#database/facts'
import type { Database, Dialect, Session } from '#database/port'
import { contextOf } from '#engine/open'
import type { EngineContext } from '#engine/context'
import type { DatabaseName } from './check.ts'

/** Versions that the vectors were recorded for. */
export const recordedVersions: Readonly<Record<DatabaseName, string>> = {
  postgresql: '15.0',
  sqlite: '3.40',
  mysql: '8.0.36',
  mariadb: '10.11',
  mssql: '16.0',
  oracle: '19.0',
}

export interface OfflineOptions {
  /** Printed before names without a schema. */
  readonly schemaName?: string | undefined
  readonly catalogName?: string | undefined
  /** For which SQL is written; the newest without it. */
  readonly productVersion?: string | undefined
  /** Types of columns by lower-case names, by the lower-case names of the tables that are there. */
  readonly tables?: ReadonlyMap<string, ReadonlyMap<string, string>>
  /** Told every statement that somebody tried to run. */
  readonly onExecute?: (sql: string) => void
}

export function offlineDatabase(name: DatabaseName, options: OfflineOptions = {}): Database {
  const dialect = dialectOrStub(name, options.productVersion)
  const absent = (): Promise<boolean> => Promise.resolve(false)
  const session: Session = {
    execute: (sql) => {
      if (options.onExecute === undefined) {
        return Promise.reject(new Fault('database-unreachable', 'The query is not available in SQL output mode.'))
      }
      options.onExecute(sql)
      return Promise.resolve({ rows: [], rowsAffected: 0 })
    },
    begin: () => Promise.resolve(),
    commit: () => Promise.resolve(),
    rollback: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
  return {
    dialect,
    session,
    url: `offline:${name}`,
    user: '',
    productName: name,
    productVersion: recordedVersions[name],
    defaultSchemaName: options.schemaName,
    facts: factsOf({
      shortName: name,
      productName: name,
      productVersion: recordedVersions[name],
      defaultCatalogName: options.catalogName,
      defaultSchemaName: options.schemaName,
      now: dialect.now,
      autoIncrementClause: '',
    }),
    inspect: {
      table: absent,
      columnTypes: (_schemaName, tableName) =>
        Promise.resolve(options.tables?.get(tableName.toLowerCase()) ?? new Map<string, string>()),
      view: absent,
      column: absent,
      index: absent,
      foreignKey: absent,
      primaryKey: absent,
      uniqueConstraint: absent,
      sequence: absent,
      fingerprint: () => Promise.resolve(''),
    },
    hasTable: absent,
    tryLock: () => Promise.resolve({ release: () => Promise.resolve() }),
    close: () => Promise.resolve(),
  }
}

/** Checksums and descriptions need no SQL: they are checked even for databases that Sluice does not write for. */
function dialectOrStub(name: DatabaseName, productVersion: string | undefined): Dialect {
  try {
    return dialectFor(name, { productVersion })
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'not-offered') throw error
    const refuse = (): never => {
      throw error
    }
    return {
      ...dialectFor('postgresql'),
      shortName: name,
      capability: capabilities.postgresql,
      write: refuse,
      quoteObject: refuse,
      createChangelogTable: refuse,
      createLockTable: refuse,
    }
  }
}

/** The changelog read for that database. Fault `changelog-invalid` with every finding when it cannot be used. */
export async function offlineContext(
  database: Database,
  files: FileSource,
  changelogFile: string,
): Promise<EngineContext> {
  return await contextOf(
    {
      database,
      host: 'conformance',
      run: 'conformance',
      clock: Date.now,
      log: () => {},
      outputDefaultSchema: database.defaultSchemaName !== undefined,
    },
    { files, changelogFile },
  )
}

export const noFiles: FileSource = memorySource({})
