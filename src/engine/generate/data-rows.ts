// The rows of one table, page by page.
import { Fault } from '#contract/fault'
import type { Database, Row } from '#database/port'
import { definerFor } from '#database/snapshot/define'
import type { Column, Table } from '#database/snapshot/model'
import type { Change } from './change.ts'
import type { CellForm } from './data-cell.ts'

/** Takes the rows of a table page by page; undefined when there were none. */
export type RowSink = (table: TableRows) => Promise<readonly Change[] | undefined>

export interface TableRows {
  readonly schemaName: string | undefined
  readonly table: Table
  readonly columns: readonly Column[]
  readonly attributes: Change['attributes']
  readonly form: CellForm
  readonly pages: AsyncIterable<readonly Row[]>
}

/** Rows that are in memory at once. */
const pageSize = 5000
/** Rows of a table without a primary key, which cannot be read page by page. */
const mostWithoutKey = 200_000

/** `schemaOf`: the schema as changes write it, if they are to write one. */
export function rowsOf(
  database: Database,
  schemaName: string | undefined,
  table: Table,
  schemaOf: (schemaName: string | undefined) => string | undefined,
  signal?: AbortSignal,
): TableRows {
  const { dialect } = database
  const columns = table.columns.filter(({ generated }) => !generated)
  const written = schemaOf(schemaName)
  return {
    schemaName,
    table,
    columns,
    attributes: { tableName: table.name, ...(written === undefined ? {} : { schemaName: written }) },
    form: { definer: definerFor(dialect.shortName), dialect },
    pages: pagesOf(database, schemaName, table, columns, signal),
  }
}

async function* pagesOf(
  { session, dialect }: Database,
  schemaName: string | undefined,
  table: Table,
  columns: readonly Column[],
  signal?: AbortSignal,
): AsyncIterable<readonly Row[]> {
  if (columns.length === 0) return
  const quote = (name: string): string => dialect.quoteObject(name, 'QUOTE_ALL_OBJECTS')
  const names = columns.map(({ name }) => quote(name)).join(', ')
  const from = [schemaName, table.name]
    .filter((part) => part !== undefined)
    .map(quote)
    .join('.')
  const order = (table.primaryKey?.columns ?? []).map(quote).join(', ')
  const query = `SELECT ${names} FROM ${from}${order === '' ? '' : ` ORDER BY ${order}`}`
  // Without an order a page might hold rows of the one before it, and miss others.
  const size = order === '' ? mostWithoutKey + 1 : pageSize
  for (let offset = 0; ; offset += size) {
    const { rows } = await session.execute(`${query} LIMIT ${size} OFFSET ${offset}`, [], signal)
    if (order === '' && rows.length > mostWithoutKey) throw tooLarge(table.name)
    if (rows.length > 0) yield rows
    if (rows.length < size) return
  }
}

const tooLarge = (table: string): Fault =>
  new Fault('too-large', `The table ${table} has no primary key and more than ${mostWithoutKey} rows.`, {
    hint: 'Leave it out with --exclude-objects, or give it a primary key.',
  })
