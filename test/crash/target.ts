// The database of a round, and what is true in it afterwards.
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { openDatabase } from '#database/open'

export interface Target {
  readonly url: string
  readonly username: string
  readonly password: string
  /** How often each change set left its trace, the history rows, and whether the lock row says locked. */
  truth(): Promise<{
    readonly traces: ReadonlyMap<number, number>
    readonly history: readonly string[]
    readonly locked: boolean
  }>
}

async function truthOf(url: string, username: string, password: string): ReturnType<Target['truth']> {
  const database = await openDatabase({ url, username, password })
  try {
    const rows = async (table: string, sql: string) =>
      (await database.hasTable(undefined, table)) ? (await database.session.execute(sql)).rows : []
    const traces = await rows('trace', 'select id, count(*)::int as times from trace group by id')
    const history = await rows(
      'databasechangelog', // The row that carries the tag of an empty database belongs to no change set.
      "select id from databasechangelog where filename <> 'liquibase-internal' order by orderexecuted",
    )
    const lock = await rows('databasechangeloglock', 'select locked from databasechangeloglock')
    return {
      traces: new Map(traces.map((row) => [Number(row['id']), Number(row['times'])])),
      history: history.map((row) => String(row['id'])),
      locked: lock.some((row) => row['locked'] === true),
    }
  } finally {
    await database.close()
  }
}

export function embeddedTarget(folder: string): Target {
  const url = `jdbc:pglite:${join(folder, 'target', randomUUID())}`
  return { url, username: 'postgres', password: 'not-used', truth: () => truthOf(url, 'postgres', 'not-used') }
}

/** A fresh database on the server of `postgresql://user:password@host:port/db`. */
export async function serverTarget(server: string): Promise<Target> {
  const { username, password, host, pathname } = new URL(server)
  const name = `crash_${randomUUID().replaceAll('-', '').slice(0, 16)}`
  const address = (database: string): string => `jdbc:postgresql://${host}/${database}`
  const user = decodeURIComponent(username)
  const secret = decodeURIComponent(password)
  const admin = await openDatabase({ url: address(pathname.slice(1)), username: user, password: secret })
  try {
    await admin.session.execute(`create database ${name}`)
  } finally {
    await admin.close()
  }
  return { url: address(name), username: user, password: secret, truth: () => truthOf(address(name), user, secret) }
}
