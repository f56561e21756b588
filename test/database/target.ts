// The databases that the suites run on: SQLite and embedded PostgreSQL always, servers when they are named.
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '#database/open'
import type { Database } from '#database/port'

/** `postgresql://user:password@host:port/database` of a server where databases may be created. */
export const serverUrl = process.env['SLUICE_TEST_POSTGRES_URL']

/** `mariadb://user:password@host:port/` of a server where databases may be created. */
export const mariadbUrl = process.env['SLUICE_TEST_MARIADB_URL']

/** `mysql://user:password@host:port/`, the same for MySQL 8 or newer. */
export const mysqlUrl = process.env['SLUICE_TEST_MYSQL_URL']

export const targetNames = [
  'sqlite',
  'pglite',
  ...(serverUrl === undefined ? [] : (['postgresql'] as const)),
  ...(mariadbUrl === undefined ? [] : (['mariadb'] as const)),
  ...(mysqlUrl === undefined ? [] : (['mysql'] as const)),
] as const
export type TargetName = (typeof targetNames)[number]

export const isMysql = (name: TargetName): boolean => name === 'mariadb' || name === 'mysql'

export function sayWhatIsMissing(suite: string): void {
  const missing = [
    ...(serverUrl === undefined ? [['PostgreSQL', 'SLUICE_TEST_POSTGRES_URL']] : []),
    ...(mariadbUrl === undefined ? [['MariaDB', 'SLUICE_TEST_MARIADB_URL']] : []),
  ]
  for (const [server, name] of missing) {
    console.warn(`NOT RUN: "${suite}" on a ${server} server. Set ${name} to one to run it.`)
  }
}

/** An empty database of its own, and how to open further connections to it. */
export interface Target {
  readonly name: TargetName
  readonly dbms: string
  readonly database: Database
  /** With user and password; for a child process only. */
  readonly url: string
  /** Fails on an embedded database that is open already. */
  another(): Promise<Database>
  /** Runs against an empty schema; nothing of earlier tests is in sight. */
  empty(): Promise<void>
  remove(): Promise<void>
}

export async function openTarget(name: TargetName): Promise<Target> {
  if (name === 'postgresql' || name === 'mariadb' || name === 'mysql') return await openServer(servers[name])
  return await openFolder(name)
}

async function openFolder(name: 'sqlite' | 'pglite'): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-database-'))
  const url = name === 'sqlite' ? `jdbc:sqlite:${join(folder, 'test.db')}` : `jdbc:pglite:${join(folder, 'data')}`
  const another = (): Promise<Database> => openDatabase({ url, username: undefined, password: undefined })
  const database = await another()
  return {
    name,
    dbms: database.dialect.shortName,
    database,
    url,
    another,
    empty: () => (name === 'sqlite' ? emptySqlite(database) : emptySchema(database)),
    remove: async () => {
      await database.close()
      rmSync(folder, { recursive: true })
    },
  }
}

interface Server {
  readonly name: 'postgresql' | 'mariadb' | 'mysql'
  readonly url: string | undefined
  readonly drop: (name: string) => string
  readonly empty: (database: Database, name: string) => Promise<void>
}

const servers: Readonly<Record<Server['name'], Server>> = {
  postgresql: {
    name: 'postgresql',
    url: serverUrl,
    drop: (name) => `drop database ${name} with (force)`,
    empty: emptySchema,
  },
  mariadb: { name: 'mariadb', url: mariadbUrl, drop: dropMysql, empty: emptyMysql },
  mysql: { name: 'mysql', url: mysqlUrl, drop: dropMysql, empty: emptyMysql },
}

async function openServer(server: Server): Promise<Target> {
  if (server.url === undefined) throw new Error(`no ${server.name} server is named`)
  const name = `sluice_${randomUUID().replaceAll('-', '')}`
  await administer(server.url, `create database ${name}`)
  const url = new URL(server.url)
  url.pathname = `/${name}`
  const another = (): Promise<Database> => openDatabase({ url: url.href, username: undefined, password: undefined })
  const database = await another()
  return {
    name: server.name,
    dbms: database.dialect.shortName,
    database,
    url: url.href,
    another,
    empty: () => server.empty(database, name),
    remove: async () => {
      await database.close()
      await administer(server.url ?? '', server.drop(name))
    },
  }
}

async function administer(url: string, sql: string): Promise<void> {
  const server = await openDatabase({ url, username: undefined, password: undefined })
  try {
    await server.session.execute(sql)
  } finally {
    await server.close()
  }
}

async function emptySchema({ session }: Database): Promise<void> {
  await session.execute('drop schema public cascade')
  await session.execute('create schema public')
}

function dropMysql(name: string): string {
  return `drop database ${name}`
}

async function emptyMysql({ session }: Database, name: string): Promise<void> {
  await session.execute(`drop database ${name}; create database ${name}; use ${name}`)
}

async function emptySqlite({ session }: Database): Promise<void> {
  const { rows } = await session.execute("select type, name from sqlite_master where name not like 'sqlite_%'")
  for (const type of ['view', 'table']) {
    for (const row of rows) if (row['type'] === type) await session.execute(`drop ${type} "${String(row['name'])}"`)
  }
}
