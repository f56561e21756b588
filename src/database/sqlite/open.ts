// Opens a SQLite database.
import { existsSync } from 'node:fs'
import { Fault } from '#contract/fault'
import { factsOf } from '../facts.ts'
import type { Database, OpenOptions } from '../port.ts'
import type { FileUrl } from '../url.ts'
import { connectFile } from './connect.ts'
import { sqliteDialect } from './dialect.ts'
import { SqliteInspect } from './inspect.ts'
import { FileLock, memoryLock } from './lock.ts'
import { SqliteSession } from './session.ts'
import { now } from './value.ts'

export async function openSqlite(url: FileUrl, options: OpenOptions): Promise<Database> {
  const path = pathOf(url.path, options)
  const handle = await connectFile(path)
  // The driver turns it on by itself; SQLite and its JDBC driver have it off unless one asks for it.
  const foreignKeys = /^(?:on|true|1)$/i.test(url.parameters.get('foreign_keys') ?? '')
  handle.exec(`PRAGMA foreign_keys = ${foreignKeys ? 'ON' : 'OFF'}`)
  const session = new SqliteSession(handle)
  const { rows } = await session.execute('select sqlite_version() as version')
  const version = rows[0]?.['version']
  const productVersion = typeof version === 'string' ? version : ''
  const inspect = new SqliteInspect(session)
  const locks = path === ':memory:' ? memoryLock : new FileLock(url.path)
  return {
    dialect: sqliteDialect,
    session,
    url: url.shown,
    user: options.username ?? '',
    productName: 'SQLite',
    productVersion,
    defaultSchemaName: undefined,
    facts: factsOf({
      shortName: 'sqlite',
      productName: 'SQLite',
      productVersion,
      defaultCatalogName: undefined,
      defaultSchemaName: undefined,
      now,
      autoIncrementClause: 'AUTOINCREMENT',
      url: url.shown,
    }),
    hasTable: (schemaName, tableName) => inspect.table(schemaName, tableName),
    inspect,
    tryLock: () => locks.tryLock(),
    close: () => session.close(),
  }
}

/** Who only reads must not make a database of a name that was mistyped. */
function pathOf(path: string, { absent = 'make', notice }: OpenOptions): string {
  if (absent === 'make' || path === '' || /^(?::memory:$|file:)/.test(path) || existsSync(path)) return path
  if (absent === 'pretend') {
    notice?.(`There is no file ${path}; an empty database stands for it.`)
    return ':memory:'
  }
  throw new Fault('database-not-found', `there is no file ${path}`, {
    hint: 'Check the URL; update makes a new database.',
  })
}
