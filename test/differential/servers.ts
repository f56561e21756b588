// Which databases can be compared on this machine, and what the others need.
import { mariadbServer } from './peer/mariadb.ts'
import { postgresqlServer } from './peer/postgresql.ts'
import type { DatabaseName, Server } from './peer/place.ts'
import { sqliteServer } from './peer/sqlite.ts'

export interface Servers {
  readonly present: readonly Server[]
  readonly missing: readonly (readonly [DatabaseName, string])[]
}

export function servers(): Servers {
  const postgresql = process.env['SLUICE_TEST_POSTGRES_URL']
  const present: Server[] = [sqliteServer()]
  const missing: (readonly [DatabaseName, string])[] = []
  if (postgresql === undefined) missing.push(['postgresql', 'set SLUICE_TEST_POSTGRES_URL to a server'])
  else present.push(postgresqlServer(postgresql))
  const mariadb = process.env['SLUICE_TEST_MARIADB_URL']
  if (mariadb === undefined) missing.push(['mariadb', 'set SLUICE_TEST_MARIADB_URL to a server'])
  else present.push(mariadbServer(mariadb))
  return { present, missing }
}
