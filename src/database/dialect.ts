// The dialect of a database by its short name, without a connection: for scripts made offline and for previews.
import { Fault } from '#contract/fault'
import { mysqlDialect } from './mysql/dialect.ts'
import { flavours } from './mysql/flavour.ts'
import type { Dialect } from './port.ts'
import { postgresDialect } from './postgres/dialect.ts'
import { sqliteDialect } from './sqlite/dialect.ts'

export interface DialectOptions {
  /** Put before names that have no schema of their own (`outputDefaultSchema` of the -sql commands). */
  readonly outputSchemaName?: string | undefined
}

type Maker = (options: DialectOptions) => Dialect

const dialects: Readonly<Record<string, Maker>> = {
  postgresql: ({ outputSchemaName }) => postgresDialect(false, outputSchemaName),
  mysql: ({ outputSchemaName }) => mysqlDialect(flavours.mysql, outputSchemaName),
  mariadb: ({ outputSchemaName }) => mysqlDialect(flavours.mariadb, outputSchemaName),
  sqlite: () => sqliteDialect,
}

/** By short name: `postgresql`, `mysql`, `mariadb`, `sqlite`. Fault `not-offered` for a database that Sluice does not write for. */
export function dialectFor(shortName: string, options: DialectOptions = {}): Dialect {
  const make = dialects[shortName]
  if (make) return make(options)
  const known = Object.keys(dialects).join(', ')
  throw new Fault('not-offered', `Sluice does not write SQL for "${shortName}"; it does for ${known}`)
}
