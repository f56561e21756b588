// The dialect of a database by its short name, without a connection: for scripts made offline and for previews.
import { Fault } from '#contract/fault'
import { type DialectName, dialectNames } from './dialect-name.ts'
import { mysqlDialect } from './mysql/dialect.ts'
import { flavours } from './mysql/flavour.ts'
import { oracleDialect } from './oracle/dialect.ts'
import type { Dialect } from './port.ts'
import { postgresDialect } from './postgres/dialect.ts'
import { sqlServerDialect } from './sqlserver/dialect.ts'
import { sqliteDialect } from './sqlite/dialect.ts'

export interface DialectOptions {
  /** Put before names that have no schema of their own (`outputDefaultSchema` of the -sql commands). */
  readonly outputSchemaName?: string | undefined
  /** `19.3.0.0.0`. Without it SQL is written for the newest version. */
  readonly productVersion?: string | undefined
  /** There is a server, so that what it would refuse (reserved words) is avoided even where scripts made offline do not. */
  readonly live?: boolean | undefined
}

type Maker = (options: DialectOptions) => Dialect

const dialects: Readonly<Record<DialectName, Maker>> = {
  postgresql: ({ outputSchemaName }) => postgresDialect(false, outputSchemaName),
  mysql: ({ outputSchemaName }) => mysqlDialect(flavours.mysql, outputSchemaName),
  mariadb: ({ outputSchemaName }) => mysqlDialect(flavours.mariadb, outputSchemaName),
  sqlite: () => sqliteDialect,
  mssql: ({ outputSchemaName }) => sqlServerDialect(outputSchemaName),
  oracle: oracleDialect,
}

/** By short name, see `dialectNames`. Fault `not-offered` for a database that Sluice does not write for. */
export function dialectFor(shortName: string, options: DialectOptions = {}): Dialect {
  const name = dialectNames.find((known) => known === shortName)
  if (name !== undefined) return dialects[name](options)
  const known = dialectNames.join(', ')
  throw new Fault('not-offered', `Sluice does not write SQL for "${shortName}"; it does for ${known}`)
}
