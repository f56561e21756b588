// The rows of tables as CSV files, and the loadData changes that put them back.
import { Fault } from '#contract/fault'
import type { Database, Dialect, Row } from '#database/port'
import { type Definer, definerFor } from '#database/snapshot/define'
import { textOf } from '#database/snapshot/group'
import type { Column, Snapshot, Table } from '#database/snapshot/model'
import type { Change } from './change.ts'
import { canBeMade } from './schema.ts'

/** One file: what is appended is there as a whole after `finish`, or not at all. */
export interface DataFile {
  append(text: string): Promise<void>
  finish(): Promise<void>
  discard(): Promise<void>
}

export interface DataOptions {
  /** Opens a file for the rows of a table by its name. */
  readonly open: (name: string) => Promise<DataFile>
  /** The path of such a file as the changelog names it. */
  readonly pathOf: (name: string) => string
  /** Attributes that name a table. */
  readonly tableAttributes: (schemaName: string | undefined, tableName: string) => Change['attributes']
}

/** Rows that are in memory at once. */
const pageSize = 5000
/** Rows of a table without a primary key, which cannot be read page by page. */
const mostWithoutKey = 200_000
/** Stands for NULL in columns of text; a text that says the same is refused rather than lost. */
const nullText = '<NULL>'

/**
 * A change set for every table that has rows, in the order of names. Values that the database computes or always counts itself are
 * left out. Faults: those of the statements, `conflict` for a text that would become NULL.
 */
export async function dataChanges(
  database: Database,
  snapshot: Snapshot,
  options: DataOptions,
  signal?: AbortSignal,
): Promise<readonly (readonly Change[])[]> {
  const changes: (readonly Change[])[] = []
  await database.session.begin()
  try {
    const { sameRowsThroughout } = definerFor(database.dialect.shortName)
    if (sameRowsThroughout !== undefined) await database.session.execute(sameRowsThroughout, [], signal)
    for (const schema of snapshot.schemas) {
      for (const table of schema.tables.filter(canBeMade)) {
        // Rows of a part are read with the whole.
        if (table.partition?.of !== undefined) continue
        const change = await tableData(database, schema.name, table, options, signal)
        if (change !== undefined) changes.push([change])
      }
    }
  } finally {
    await database.session.rollback()
  }
  return changes
}

async function tableData(
  { session, dialect }: Database,
  schemaName: string | undefined,
  table: Table,
  { open, pathOf, tableAttributes }: DataOptions,
  signal?: AbortSignal,
): Promise<Change | undefined> {
  const quote = (name: string): string => dialect.quoteObject(name, 'QUOTE_ALL_OBJECTS')
  const columns = table.columns.filter(
    ({ generated, autoIncrement }) => !generated && autoIncrement?.generation !== 'ALWAYS',
  )
  if (columns.length === 0) return undefined
  const names = columns.map(({ name }) => quote(name)).join(', ')
  const from = [schemaName, table.name]
    .filter((part) => part !== undefined)
    .map(quote)
    .join('.')
  const order = (table.primaryKey?.columns ?? []).map(quote).join(', ')
  const query = `SELECT ${names} FROM ${from}${order === '' ? '' : ` ORDER BY ${order}`}`
  // Without an order a page might hold rows of the one before it, and miss others.
  const size = order === '' ? mostWithoutKey + 1 : pageSize
  const name = `${table.name.replaceAll(/[^\w.-]/g, '_')}.csv`
  const literals = { definer: definerFor(dialect.shortName), dialect }
  let file: DataFile | undefined
  try {
    for (let offset = 0; ; offset += size) {
      const { rows } = await session.execute(`${query} LIMIT ${size} OFFSET ${offset}`, [], signal)
      if (order === '' && rows.length > mostWithoutKey) throw tooLarge(table.name)
      if (rows.length > 0 && file === undefined) {
        file = await open(name)
        await file.append(line(columns.map((column) => column.name)))
      }
      await file?.append(
        rows.map((row) => line(columns.map((column) => cellOf(row, column, table, literals)))).join(''),
      )
      if (rows.length < size) break
    }
    if (file === undefined) return undefined
    await file.finish()
  } catch (error) {
    await file?.discard()
    throw error
  }
  return {
    name: 'loadData',
    attributes: {
      ...tableAttributes(schemaName, table.name),
      file: pathOf(name),
      encoding: 'UTF-8',
      separator: ',',
      quotchar: '"',
    },
    columns: columns.map((column) => ({
      attributes: { name: column.name, header: column.name, type: cellType(column), nullPlaceholder: nullText },
    })),
  }
}

const tooLarge = (table: string): Fault =>
  new Fault('too-large', `The table ${table} has no primary key and more than ${mostWithoutKey} rows.`, {
    hint: 'Leave it out with --exclude-objects, or give it a primary key.',
  })

/** Every cell in quotes: then nothing in it can be taken for a comment or the end of a line. */
const line = (cells: readonly string[]): string =>
  `${cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')}\n`

interface Literals {
  readonly definer: Definer
  readonly dialect: Dialect
}

const whole = new Set([-6, -5, 4, 5])
const binary = new Set([-4, -3, -2])

/** Numbers with a fraction are texts, too: there may be NaN among them, and the database reads them exactly. */
function cellType({ type }: Column): string {
  // Bytes, and columns of SQLite that take everything as it comes, are literals: base64 has no empty value.
  if (binary.has(type.jdbc) || /^(?:BIT|BLOB|)$/.test(type.name)) return 'COMPUTED'
  if (type.name === 'bool') return 'BOOLEAN'
  return whole.has(type.jdbc) ? 'NUMERIC' : 'STRING'
}

function cellOf(row: Row, column: Column, table: Table, { definer, dialect }: Literals): string {
  const { name } = column
  const value = row[name]
  if (value === null || value === undefined) return nullText
  if (value instanceof Uint8Array) return definer.bytes(Buffer.from(value).toString('hex'))
  if (cellType(column) === 'COMPUTED') return typeof value === 'number' ? String(value) : dialect.literal(textOf(value))
  if (value instanceof Date) return value.toISOString().replace('T', ' ').replace('Z', '')
  const text = typeof value === 'object' ? JSON.stringify(value) : textOf(value)
  if (text.toLowerCase() !== nullText.toLowerCase()) return text
  throw new Fault(
    'conflict',
    `A value of ${table.name}.${name} is the text ${text}, which stands for NULL in data files.`,
    {
      hint: 'Leave the table out with --exclude-objects, and move its rows in another way.',
    },
  )
}
