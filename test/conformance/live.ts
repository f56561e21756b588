// Databases that the live suites run on: prepared as the corpus says, and given back clean for each case.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { splitSql } from '#change/split'
import { openDatabase } from '#database/open'
import type { Database } from '#database/port'
import type { DatabaseName } from './check.ts'
import type { Names } from './clean.ts'
import type { Corpus } from './corpus.ts'

export interface Live {
  readonly name: DatabaseName
  /** As the corpus lists them, for example `15`. */
  readonly version: string
  /** What the placeholders and the literal `lbcat` of expected texts stand for here. */
  readonly names: Names
  /** The open connection to a database in the state that cases start from. */
  clean(): Promise<Database>
  /** What a case left behind cannot be used: the next one gets a fresh database. */
  spoil(): void
  close(): Promise<void>
}

/** One kind of server: how a database is made from a prepared one, and removed. */
interface Place {
  readonly name: DatabaseName
  readonly names: Names
  /** Makes a database in the state of the init files and opens it. */
  make(): Promise<Database>
  remove(): Promise<void>
  /** After the last one. */
  end(): Promise<void>
}

function liveOn(place: Place, version: string): Live {
  let current: Database | undefined
  let spoilt = false
  const drop = async (): Promise<void> => {
    if (current === undefined) return
    await current.close().catch(() => {})
    current = undefined
    await place.remove()
  }
  return {
    name: place.name,
    version,
    names: place.names,
    clean: async () => {
      if (spoilt) await drop()
      spoilt = false
      current ??= await place.make()
      return current
    },
    spoil: () => {
      spoilt = true
    },
    close: async () => {
      await drop()
      await place.end()
    },
  }
}

const serverOf: Readonly<Partial<Record<DatabaseName, string>>> = {
  postgresql: 'SLUICE_TEST_POSTGRES_URL',
  mariadb: 'SLUICE_TEST_MARIADB_URL',
  mysql: 'SLUICE_TEST_MYSQL_URL',
}

/** Why a database has no live suite here; undefined when it has. */
export function missingServer(name: DatabaseName): string | undefined {
  if (name === 'sqlite') return undefined
  const variable = serverOf[name]
  if (variable === undefined) return 'there is no server that a test could start'
  return process.env[variable] === undefined ? `set ${variable} to a server where databases may be created` : undefined
}

/** Call `close`. `tag` names the database, so that suites may run beside each other. */
export async function openLive(corpus: Corpus, name: DatabaseName, tag: string): Promise<Live> {
  if (name === 'sqlite') return liveOn(await sqlitePlace(corpus, tag), '3.34.0')
  if (name === 'postgresql') return await postgresLive(corpus, tag)
  return await mysqlLive(corpus, name === 'mysql' ? 'mysql' : 'mariadb', tag)
}

const open = async (url: string): Promise<Database> =>
  await openDatabase({ url, username: undefined, password: undefined })

/** The init files, without users and grants: the user of the server is used. */
async function prepare(corpus: Corpus, database: Database, name: DatabaseName): Promise<void> {
  for (const file of corpus.databases[name].init) {
    const options = { splitStatements: true, stripComments: true, endDelimiter: undefined }
    for (const { sql } of splitSql(corpus.text(file), options)) {
      if (/^(?:create user|grant|alter table \S+ owner)\b/i.test(sql)) continue
      await database.session.execute(sql)
    }
  }
}

async function sqlitePlace(corpus: Corpus, tag: string): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), `sluice-conformance-${tag}-`))
  const template = join(folder, 'template.db')
  const prepared = await open(`jdbc:sqlite:${template}`)
  await prepare(corpus, prepared, 'sqlite')
  await prepared.close()
  const file = join(folder, 'lbcat.db')
  return {
    name: 'sqlite',
    names: { catalog: null, schema: null },
    make: async () => {
      copyFileSync(template, file)
      return await open(`jdbc:sqlite:${file}`)
    },
    remove: () => Promise.resolve(rmSync(file, { force: true })),
    end: () => Promise.resolve(rmSync(folder, { recursive: true, force: true })),
  }
}

async function administer(url: string, statements: readonly string[]): Promise<void> {
  const database = await open(url)
  try {
    for (const sql of statements) await database.session.execute(sql)
  } finally {
    await database.close()
  }
}

function urlOf(server: string, database: string): string {
  const url = new URL(server)
  url.pathname = `/${database}`
  return url.href
}

async function postgresLive(corpus: Corpus, tag: string): Promise<Live> {
  const server = process.env['SLUICE_TEST_POSTGRES_URL'] ?? ''
  const name = `conform_${process.pid}_${tag.toLowerCase()}`
  const template = `${name}_template`
  await administer(server, [`create database ${template}`])
  const prepared = await open(urlOf(server, template))
  const version = /^\d+/.exec(prepared.productVersion)?.[0] ?? ''
  await prepare(corpus, prepared, 'postgresql')
  await prepared.close()
  const place: Place = {
    name: 'postgresql',
    names: { catalog: name, schema: 'public' },
    make: async () => {
      await administer(server, [`create database ${name} template ${template}`])
      return await open(urlOf(server, name))
    },
    remove: async () => await administer(server, [`drop database if exists ${name} with (force)`]),
    end: async () => await administer(server, [`drop database if exists ${template} with (force)`]),
  }
  return liveOn(place, version)
}

async function mysqlLive(corpus: Corpus, kind: 'mysql' | 'mariadb', tag: string): Promise<Live> {
  const server = process.env[serverOf[kind] ?? ''] ?? ''
  const name = `conform_${process.pid}_${tag.toLowerCase()}`
  const probe = await open(urlOf(server, 'mysql'))
  const version = (kind === 'mysql' ? /^\d+/ : /^\d+\.\d+/).exec(probe.productVersion)?.[0] ?? ''
  await probe.close()
  const place: Place = {
    name: kind,
    names: { catalog: name, schema: name },
    make: async () => {
      await administer(urlOf(server, 'mysql'), [`create database ${name}`])
      const database = await open(urlOf(server, name))
      await prepare(corpus, database, kind)
      return database
    },
    remove: async () => await administer(urlOf(server, 'mysql'), [`drop database if exists ${name}`]),
    end: () => Promise.resolve(),
  }
  return liveOn(place, version)
}
