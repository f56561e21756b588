// The dialect of a database by its short name, without a connection: for scripts made offline and for previews.
import { Fault } from '#contract/fault'
import type { Dialect } from './port.ts'
import { postgresDialect } from './postgres/dialect.ts'
import { sqliteDialect } from './sqlite/dialect.ts'

export interface DialectOptions {
  /** Put before names that have no schema of their own (`outputDefaultSchema` of the -sql commands). */
  readonly outputSchemaName?: string | undefined
}

/** `postgresql` or `sqlite`. Fault `not-offered` for a database that Sluice does not write for. */
export function dialectFor(shortName: string, options: DialectOptions = {}): Dialect {
  if (shortName === 'postgresql') return postgresDialect(false, options.outputSchemaName)
  if (shortName === 'sqlite') return sqliteDialect
  throw new Fault('not-offered', `Sluice does not write SQL for "${shortName}"; it does for postgresql and sqlite`)
}
