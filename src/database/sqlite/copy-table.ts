// Changes that SQLite's ALTER TABLE cannot do: a new table, the rows, and the old name. https://sqlite.org/lang_altertable.html, 7.
import type { ObjectQuotingStrategy } from '#changelog/model'
import type { Statement } from '#change/statement'
import { Fault } from '#contract/fault'
import type { SqlText } from '../port.ts'
import type { StatementOf } from '../writer.ts'
import { connectFile, type Handle } from './connect.ts'
import { countsByItself, withAutoIncrement, withDefault, withoutPrimaryKey } from './edit-table.ts'
import { namingFor } from './naming.ts'
import { quoteName } from './quote.ts'
import { defaultText } from './value.ts'

type Copied = StatementOf<'set-default' | 'add-auto-increment' | 'drop-primary-key'>

export function isCopied(statement: Statement): statement is Copied {
  return ['set-default', 'add-auto-increment', 'drop-primary-key'].includes(statement.type)
}

const quote = (name: string): string => quoteName(name, 'QUOTE_ALL_OBJECTS')
const quoteValue = (text: string): string => `'${text.replaceAll("'", "''")}'`

/**
 * `past` are the statements that have made and will have made the schema by then. They run in a database in memory that has no rows,
 * and so does what comes of it, so that a table that cannot be made is noticed before anything runs. `alone`: one text with a
 * transaction of its own, because nobody could go on from the middle of it. Fault `changelog-invalid`.
 */
export async function copyTable(
  statement: Copied,
  quoting: ObjectQuotingStrategy,
  past: readonly string[],
  alone: boolean,
): Promise<readonly SqlText[]> {
  const handle = await connectFile(':memory:')
  try {
    handle.exec('PRAGMA foreign_keys = OFF')
    for (const sql of past) follow(handle, sql)
    const texts = copy(handle, statement, quoting)
    for (const sql of texts) handle.exec(sql)
    const whole = alone ? [`BEGIN IMMEDIATE;\n${texts.join(';\n')};\nCOMMIT`] : texts
    return whole.map((sql) => ({ sql, endDelimiter: ';' }))
  } catch (error) {
    if (error instanceof Fault) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new Fault('changelog-invalid', `table ${statement.table.tableName} cannot be copied: ${reason}`, {
      cause: error,
    })
  } finally {
    handle.close()
  }
}

/** A statement that wants rows or other databases fails here, and says nothing about the schema. */
function follow(handle: Handle, sql: string): void {
  try {
    handle.exec(sql)
  } catch {
    // It will be run where its rows are.
  }
}

interface SchemaRow {
  readonly type: string
  readonly name: string
  readonly sql: string
}

function copy(handle: Handle, statement: Copied, quoting: ObjectQuotingStrategy): readonly string[] {
  const { tableName } = statement.table
  const rows = handle
    .prepare('select type, name, sql from sqlite_master where tbl_name = ? collate nocase and sql is not null')
    .all([tableName]) as SchemaRow[]
  const table = rows.find(({ type }) => type === 'table')
  if (table === undefined) {
    throw new Fault('changelog-invalid', `there is no table ${tableName} whose copy could be written`, {
      hint: 'SQLite has to copy a table for this change. Make the table before, in the database or in an earlier change set.',
    })
  }
  const columns = handle.prepare('select name, type, hidden from pragma_table_xinfo(?)').all([table.name]) as {
    readonly name: string
    readonly type: string
    readonly hidden: number
  }[]
  const text = editedText(statement, table.sql, columns, quoting)
  return copyStatements({
    name: table.name,
    text,
    // Generated columns fill themselves.
    columns: columns.filter(({ hidden }) => hidden === 0).map(({ name }) => name),
    counts: countsByItself(table.sql) && countsByItself(text),
    // In the order of their making; a table takes them along when it goes.
    after: rows.filter(({ type }) => type === 'index' || type === 'trigger').map(({ sql }) => sql),
  })
}

function editedText(
  statement: Copied,
  sql: string,
  columns: readonly { readonly name: string; readonly type: string }[],
  quoting: ObjectQuotingStrategy,
): string {
  if (statement.type === 'drop-primary-key') return withoutPrimaryKey(sql)
  if (statement.type === 'add-auto-increment') {
    const fallback = namingFor(quoting).name(`PK_${statement.table.tableName.toUpperCase()}`)
    return withAutoIncrement(sql, statement.column, fallback)
  }
  const { column, value } = statement
  const type = columns.find(({ name }) => name.toLowerCase() === column.toLowerCase())?.type ?? ''
  return withDefault(sql, column, defaultText(value, statement.columnType ?? type))
}

export interface TableCopy {
  readonly name: string
  /** CREATE TABLE of the table as it shall be, under whatever name. */
  readonly text: string
  /** Whose values are copied. */
  readonly columns: readonly string[]
  /** The table has AUTOINCREMENT before and after, and goes on from where it has come to. */
  readonly counts: boolean
  /** Indexes and triggers to be made again. */
  readonly after: readonly string[]
}

export function copyStatements({ name, text, columns, counts, after }: TableCopy): readonly string[] {
  const fresh = `sluice_new_${name}`
  const list = columns.map(quote).join(', ')
  return [
    // Renaming would change what views and triggers of others say.
    'PRAGMA legacy_alter_table = ON',
    renamed(text, fresh),
    ...(list === '' ? [] : [`INSERT INTO ${quote(fresh)} (${list}) SELECT ${list} FROM ${quote(name)}`]),
    ...(counts
      ? [
          `DELETE FROM sqlite_sequence WHERE name = ${quoteValue(fresh)}`,
          `INSERT INTO sqlite_sequence (name, seq) SELECT ${quoteValue(fresh)}, seq FROM sqlite_sequence WHERE name = ${quoteValue(name)}`,
        ]
      : []),
    `DROP TABLE ${quote(name)}`,
    `ALTER TABLE ${quote(fresh)} RENAME TO ${quote(name)}`,
    'PRAGMA legacy_alter_table = OFF',
    ...after,
  ]
}

/** The statement of the database with another name. */
function renamed(text: string, name: string): string {
  return text.replace(
    /^(\s*create\s+table\s+)(?:"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|'(?:[^']|'')*'|[^\s(]+)/i,
    (_all, head: string) => `${head}${quote(name)}`,
  )
}
