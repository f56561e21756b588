// Reads a whole database, or some of its schemas, with a number of catalog queries that does not depend on its size.
import { Fault } from '#contract/fault'
import type { Database } from '../port.ts'
import { readMysql } from '../mysql/snapshot.ts'
import { readOracle } from '../oracle/snapshot.ts'
import { readPostgres } from '../postgres/snapshot.ts'
import { readSqlite } from '../sqlite/snapshot.ts'
import { readSqlServer } from '../sqlserver/snapshot.ts'
import type { Snapshot } from './model.ts'
import type { SnapshotReader } from './reader.ts'

const readers: Readonly<Record<string, SnapshotReader>> = {
  postgresql: readPostgres,
  mysql: readMysql,
  mariadb: readMysql,
  sqlite: readSqlite,
  mssql: readSqlServer,
  oracle: readOracle,
}

/** Faults: `not-offered` for a database without a reader, `database-not-found` for a schema that is not there. */
export const readSnapshot: SnapshotReader = async (database, schemaNames, signal) => {
  if (database.offline) return recordedSnapshot(database, schemaNames)
  const read = readers[database.dialect.shortName]
  if (read !== undefined) return await read(database, schemaNames, signal)
  throw new Fault('not-offered', `Sluice cannot take a snapshot of ${database.productName} yet.`)
}

/** That of the file, all of it unless schemas are named. */
function recordedSnapshot({ recorded }: Database, schemaNames: readonly string[] | undefined): Snapshot {
  if (recorded === undefined) {
    throw new Fault('not-offered', 'An offline URL has no database: nothing can be said about what is in it.', {
      hint: 'Name a file that snapshot --snapshot-format json has made: offline:DATABASE?snapshot=FILE.',
    })
  }
  if (schemaNames === undefined) return recorded
  const schemas = schemaNames.map((wanted) => {
    const found = recorded.schemas.find(({ name }) => name?.toLowerCase() === wanted.toLowerCase())
    if (found === undefined) throw new Fault('database-not-found', `the snapshot has no schema "${wanted}"`)
    return found
  })
  return { ...recorded, schemas }
}
