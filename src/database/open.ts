// Opens a target database by its URL.
import { Fault } from '#contract/fault'
import type { Database, OpenOptions } from './port.ts'
import { parseDatabaseUrl } from './url.ts'

export { dialectFor, type DialectOptions } from './dialect.ts'

/**
 * One physical connection. Faults: `database-url-invalid`, `database-unreachable`, `database-authentication`,
 * `database-not-found`, `database-permission`, `database-in-use`, `database-driver-missing`, `cancelled`.
 */
export async function openDatabase(options: OpenOptions, signal?: AbortSignal): Promise<Database> {
  signal?.throwIfAborted()
  const url = parseDatabaseUrl(options.url)
  throw new Fault('not-offered', `${url.kind} is not there yet`)
}
