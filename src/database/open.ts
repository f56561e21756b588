// Opens a target database by its URL.
import { Fault } from '#contract/fault'
import { openMysql } from './mysql/open.ts'
import { openOffline } from './offline/open.ts'
import { openOracle } from './oracle/open.ts'
import type { Database, OpenOptions } from './port.ts'
import { openPostgres } from './postgres/open.ts'
import { openSqlServer } from './sqlserver/open.ts'
import { openSqlite } from './sqlite/open.ts'
import { parseDatabaseUrl } from './url.ts'

export { type DialectOptions, dialectFor } from './dialect.ts'

/**
 * One physical connection. Faults: `database-url-invalid`, `database-unreachable`, `database-authentication`,
 * `database-not-found`, `database-permission`, `database-in-use`, `database-driver-missing`, `cancelled`.
 */
export async function openDatabase(options: OpenOptions, signal?: AbortSignal): Promise<Database> {
  if (signal?.aborted) {
    throw signal.reason instanceof Fault ? signal.reason : new Fault('cancelled', 'Cancelled on request.')
  }
  const url = parseDatabaseUrl(options.url)
  switch (url.kind) {
    case 'offline':
      return await openOffline(url, options)
    case 'mssql':
      return await openSqlServer(url, options, signal)
    case 'oracle':
      return await openOracle(url, options, signal)
    case 'sqlite':
      return await openSqlite(url, options)
    case 'mysql':
    case 'mariadb':
      return await openMysql(url, options, signal)
    case 'postgresql':
    case 'pglite':
      break
  }
  return await openPostgres(url, options, signal)
}
