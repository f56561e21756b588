// Who writes the objects of which database.
import { Fault } from '#contract/fault'
import { mysqlDefiner } from '../mysql/define.ts'
import { flavours } from '../mysql/flavour.ts'
import { oracleDefiner } from '../oracle/define.ts'
import { postgresDefiner } from '../postgres/define.ts'
import { sqliteDefiner } from '../sqlite/define.ts'
import { sqlServerDefiner } from '../sqlserver/define.ts'
import type { Definer } from './definer.ts'

const definers: Readonly<Record<string, Definer>> = {
  postgresql: postgresDefiner,
  mysql: mysqlDefiner(flavours.mysql),
  mariadb: mysqlDefiner(flavours.mariadb),
  sqlite: sqliteDefiner,
  mssql: sqlServerDefiner,
  oracle: oracleDefiner,
}

/** Fault `not-offered` for a database whose objects Sluice cannot write from a snapshot. */
export function definerFor(shortName: string): Definer {
  const definer = definers[shortName]
  if (definer !== undefined) return definer
  throw new Fault('not-offered', `Sluice cannot write the objects of a ${shortName} database from a snapshot yet.`)
}
