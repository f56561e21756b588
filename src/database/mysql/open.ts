// Opens MySQL or MariaDB, and asks the server which of the two it is, who and where we are.
import { Fault } from '#contract/fault'
import { factsOf } from '../facts.ts'
import type { Database, OpenOptions, Row } from '../port.ts'
import { type MysqlUrl, connectServer } from './connect.ts'
import { mysqlDialect } from './dialect.ts'
import { flavourOf, hasAtomicDdl } from './flavour.ts'
import { MysqlInspect } from './inspect.ts'
import { NamedLocks } from './lock.ts'
import { readSettings } from './parameter.ts'
import { quoteName } from './quote.ts'
import { MysqlSession } from './session.ts'
import { now } from './value.ts'
import { definitionWitness } from './witness.ts'

export async function openMysql(url: MysqlUrl, options: OpenOptions, signal?: AbortSignal): Promise<Database> {
  const session = new MysqlSession(await connectServer(url, options, signal))
  try {
    await prepare(session, url, options)
    return await describe(url, session)
  } catch (error) {
    await session.close()
    throw error
  }
}

/** Texts in utf8mb4 with the collation that the server has for it, as the JDBC drivers ask for; backslashes escape in texts. */
async function prepare(session: MysqlSession, url: MysqlUrl, options: OpenOptions): Promise<void> {
  const { createDatabase, sessionVariables } = readSettings(url.parameters)
  await session.execute('SET NAMES utf8mb4')
  if (sessionVariables !== undefined) await session.execute(`SET SESSION ${sessionVariables}`)
  if (createDatabase && url.database !== '') {
    await session.execute(`CREATE DATABASE IF NOT EXISTS ${quoteName(url.database, 'QUOTE_ALL_OBJECTS')}`)
  }
  const schema = options.defaultSchemaName ?? (createDatabase ? url.database : '')
  if (schema !== '') await chooseSchema(session, schema)
  const { rows } = await session.execute("select @@sql_mode like '%NO_BACKSLASH_ESCAPES%' as plain")
  if (Number(rows[0]?.['plain']) !== 1) return
  await session.execute("SET SESSION sql_mode = REPLACE(@@sql_mode, 'NO_BACKSLASH_ESCAPES', '')")
  options.notice?.('NO_BACKSLASH_ESCAPES of the server is off in this session: texts are written with escapes.')
}

/** Names without a schema are looked for, and made, there. */
async function chooseSchema(session: MysqlSession, schemaName: string): Promise<void> {
  try {
    await session.execute(`USE ${quoteName(schemaName, 'QUOTE_ALL_OBJECTS')}`)
  } catch (error) {
    if (!(error instanceof Fault) || error.databaseCode !== '1049') throw error
    throw new Fault('database-not-found', `the server has no database "${schemaName}"`, {
      hint: 'Create the database, or correct its name; on most servers letter case counts.',
      databaseCode: '1049',
      cause: error,
    })
  }
}

async function describe(url: MysqlUrl, session: MysqlSession): Promise<Database> {
  const { rows } = await session.execute(
    'select user() as user_name, database() as database_name, version() as version',
  )
  const row: Row = rows[0] ?? {}
  const text = (name: string): string | undefined => (typeof row[name] === 'string' ? row[name] : undefined)
  const databaseName = text('database_name')
  const productVersion = text('version') ?? ''
  const flavour = flavourOf(productVersion)
  const inspect = new MysqlInspect(session)
  const locks = new NamedLocks(session)
  return {
    dialect: mysqlDialect(flavour, undefined),
    session,
    url: url.shown,
    // Without the host that it comes from, as the original engine names users.
    user: (text('user_name') ?? '').replace(/@[^@]*$/, ''),
    productName: flavour.productName,
    productVersion,
    defaultSchemaName: databaseName,
    facts: factsOf({
      shortName: flavour.shortName,
      productName: flavour.productName,
      productVersion,
      defaultCatalogName: databaseName,
      defaultSchemaName: databaseName,
      now,
      autoIncrementClause: 'AUTO_INCREMENT',
      url: url.shown,
    }),
    hasTable: (schemaName, tableName) => inspect.table(schemaName, tableName),
    inspect,
    ...(hasAtomicDdl(flavour, productVersion) ? { witness: definitionWitness(session, databaseName) } : {}),
    tryLock: (name) => locks.tryLock(databaseName ?? '', name),
    close: () => session.close(),
  }
}
