// Opens a target database by its URL, and gives the dialect of a database without opening one.
import { Fault } from '#contract/fault'
import type { Database, Dialect, OpenOptions } from './port.ts'
import { parseDatabaseUrl } from './url.ts'

/**
 * One physical connection. Faults: `database-url-invalid`, `database-unreachable`, `database-authentication`,
 * `database-not-found`, `database-permission`, `database-in-use`, `database-driver-missing`, `cancelled`.
 */
export async function openDatabase(options: OpenOptions, signal?: AbortSignal): Promise<Database> {
  signal?.throwIfAborted()
  const url = parseDatabaseUrl(options.url)
  throw new Fault('not-offered', `${url.kind} is not there yet`)
}

export interface DialectOptions {
  /** Put before names that have no schema of their own (`outputDefaultSchema` of the -sql commands). */
  readonly outputSchemaName?: string | undefined
}

/** By short name (`postgresql`, `sqlite`). Fault `not-offered` for a database that Sluice does not write for. */
export function dialectFor(shortName: string, options: DialectOptions = {}): Dialect {
  void options
  throw new Fault('not-offered', `Sluice does not support the database "${shortName}"`)
}
