// Opens a target database by its URL. Of the databases only the one that is asked for is loaded.
import { Fault } from '#contract/fault'
import type { Database, OpenOptions } from './port.ts'
import { parseDatabaseUrl } from './url.ts'

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
      return await (await import('./offline/open.ts')).openOffline(url, options)
    case 'mssql':
      return await (await import('./sqlserver/open.ts')).openSqlServer(url, options, signal)
    case 'oracle':
      return await (await import('./oracle/open.ts')).openOracle(url, options, signal)
    case 'sqlite':
      return await (await import('./sqlite/open.ts')).openSqlite(url, options)
    case 'mysql':
    case 'mariadb':
      return await (await import('./mysql/open.ts')).openMysql(url, options, signal)
    case 'postgresql':
    case 'pglite':
      break
  }
  return await (await import('./postgres/open.ts')).openPostgres(url, options, signal)
}
