// How far sequences and columns that count have come: what must be set again after rows have been put back.
import type { Database } from '../port.ts'
import { mysqlCounters } from '../mysql/counter.ts'
import { postgresCounters } from '../postgres/counter.ts'
import { sqliteCounters } from '../sqlite/counter.ts'
import type { Counter, CounterReader, Query } from './reader.ts'

const readers: Readonly<Record<string, CounterReader>> = {
  postgresql: postgresCounters,
  mysql: mysqlCounters,
  mariadb: mysqlCounters,
  sqlite: sqliteCounters,
}

/** One or two queries, whatever the number of tables. Those that have not begun to count are left out. */
export async function readCounters(
  { session, dialect }: Database,
  schemaNames: readonly string[],
  signal?: AbortSignal,
): Promise<readonly Counter[]> {
  const rows: Query = async (sql, parameters = []) => (await session.execute(sql, parameters, signal)).rows
  return (await readers[dialect.shortName]?.(rows, schemaNames)) ?? []
}
