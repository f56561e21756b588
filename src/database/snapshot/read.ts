// Reads a whole database, or some of its schemas, with a number of catalog queries that does not depend on its size.
import { Fault } from '#contract/fault'
import type { Database } from '../port.ts'
import { readMysql } from '../mysql/snapshot.ts'
import { readPostgres } from '../postgres/snapshot.ts'
import { readSqlite } from '../sqlite/snapshot.ts'
import type { Snapshot } from './model.ts'

/** `schemaNames`: those to read, as the database holds them; without, the default one. */
export type SnapshotReader = (
  database: Database,
  schemaNames: readonly string[] | undefined,
  signal?: AbortSignal,
) => Promise<Snapshot>

const readers: Readonly<Record<string, SnapshotReader>> = {
  postgresql: readPostgres,
  mysql: readMysql,
  mariadb: readMysql,
  sqlite: readSqlite,
}

/** Faults: `not-offered` for a database without a reader, `database-not-found` for a schema that is not there. */
export const readSnapshot: SnapshotReader = async (database, schemaNames, signal) => {
  const read = readers[database.dialect.shortName]
  if (read !== undefined) return await read(database, schemaNames, signal)
  throw new Fault('not-offered', `Sluice cannot take a snapshot of ${database.productName} yet.`)
}
