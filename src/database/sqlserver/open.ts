// Opens SQL Server, and asks it who and where we are.
import { dialectFor } from '../dialect.ts'
import { factsOf } from '../facts.ts'
import type { Database, OpenOptions, Row } from '../port.ts'
import { connectServer } from './connect.ts'
import { SqlServerInspect } from './inspect.ts'
import { ApplicationLocks } from './lock.ts'
import { SqlServerSession } from './session.ts'
import type { SqlServerUrl } from './url.ts'
import { now } from './value.ts'

/** What the original engine's sessions have: names in double quotes, NULL as the standard says, errors that end the transaction's statement. */
const settings =
  'SET QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, CONCAT_NULL_YIELDS_NULL ON; SET NOCOUNT OFF'

export async function openSqlServer(url: SqlServerUrl, options: OpenOptions, signal?: AbortSignal): Promise<Database> {
  const session = new SqlServerSession(await connectServer(url, options, signal))
  try {
    await session.execute(settings)
    return await describe(url, options, session)
  } catch (error) {
    await session.close()
    throw error
  }
}

/** The default schema of a session cannot be chosen; another one is written before names. */
async function describe(url: SqlServerUrl, options: OpenOptions, session: SqlServerSession): Promise<Database> {
  const { rows } = await session.execute(
    `select suser_sname() as user_name, db_name() as database_name, schema_name() as schema_name,
      cast(serverproperty('ProductVersion') as nvarchar(128)) as version`,
  )
  const row: Row = rows[0] ?? {}
  const text = (name: string): string | undefined => (typeof row[name] === 'string' ? row[name] : undefined)
  const defaultSchemaName = options.defaultSchemaName ?? text('schema_name')
  const productName = 'Microsoft SQL Server'
  const productVersion = text('version') ?? ''
  const dialect = dialectFor('mssql', { live: true, productVersion })
  const inspect = new SqlServerInspect(session)
  const locks = new ApplicationLocks(session)
  return {
    dialect,
    session,
    url: url.shown,
    user: text('user_name') ?? '',
    productName,
    productVersion,
    defaultSchemaName,
    facts: factsOf({
      shortName: 'mssql',
      productName,
      productVersion,
      defaultCatalogName: text('database_name'),
      defaultSchemaName,
      now,
      autoIncrementClause: 'IDENTITY (1, 1)',
      url: url.shown,
    }),
    hasTable: (schemaName, tableName) => inspect.table(schemaName, tableName),
    inspect,
    tryLock: (key) => locks.tryLock(key),
    close: () => session.close(),
  }
}
