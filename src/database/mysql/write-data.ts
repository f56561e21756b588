// Rows in the SQL of MySQL and MariaDB.
import type { ColumnValue } from '#change/statement'
import { whereClause } from '../condition.ts'
import type { BulkRows, SqlText } from '../port.ts'
import type { DataType, SomeWriters, StatementOf } from '../writer.ts'
import type { Context } from './context.ts'
import { valueText } from './value.ts'

export const dataWriters: SomeWriters<DataType, Context> = {
  insert: ({ table, assignments }, context) => {
    const columns = context.naming.names(assignments.map(({ column }) => column))
    const values = assignments.map(({ value }) => value)
    return [`INSERT INTO ${context.naming.table(table)} (${columns}) VALUES (${rowText(values, context)})`]
  },
  update: ({ table, assignments, where }, context) => {
    const list = assignments.map(({ column, value }) => `${context.naming.name(column)} = ${valueText(value, context)}`)
    const condition = whereClause(where, conditionWriter(context))
    return [`UPDATE ${context.naming.table(table)} SET ${list.join(', ')}${condition}`]
  },
  delete: ({ table, where }, context) => [
    `DELETE FROM ${context.naming.table(table)}${whereClause(where, conditionWriter(context))}`,
  ],
  'load-data': (statement, context) => loadTexts(statement, context).map(({ sql }) => sql),
  'merge-data': mergeData,
}

const conditionWriter = (context: Context) => ({
  name: (name: string) => context.naming.name(name),
  value: (value: ColumnValue) => valueText(value, context),
})

const rowText = (row: readonly ColumnValue[], context: Context): string =>
  row.map((value) => valueText(value, context)).join(', ')

/** Statements of at most this many rows: large enough to be fast, small enough to read, log and send. */
const rowsPerStatement = 500

/** The texts are made when they are asked for: executing takes the rows. */
export function loadTexts(
  { table, columns, rows }: StatementOf<'load-data'>,
  context: Context,
): readonly (SqlText & { readonly bulk: BulkRows })[] {
  const target = context.naming.table(table)
  const names = columns.map((column) => context.naming.name(column))
  const texts: (SqlText & { readonly bulk: BulkRows })[] = []
  for (let start = 0; start < rows.length; start += rowsPerStatement) {
    const part = rows.slice(start, start + rowsPerStatement)
    texts.push({
      get sql() {
        const values = [...part].map((row) => `(${rowText(row, context)})`)
        return `INSERT INTO ${target} (${context.naming.names(columns)}) VALUES ${values.join(',')}`
      },
      endDelimiter: ';',
      bulk: { table: target, columns: names, rows: part },
    })
  }
  return texts
}

type Merge = StatementOf<'merge-data'>

function mergeData(statement: Merge, context: Context): readonly string[] {
  const table = context.naming.table(statement.table)
  const head = `INSERT INTO ${table} (${context.naming.names(statement.columns)}) VALUES `
  return [...statement.rows].flatMap((row) => {
    const { changed, keys } = cellsOf(statement, row)
    if (statement.onlyUpdate) {
      const sorted = changed.toSorted((one, other) => (one.column < other.column ? -1 : 1))
      const list = sorted.map((cell) => assignment(cell, context))
      const condition = keys.map((cell) => assignment(cell, context))
      return changed.length === 0 ? [] : [`UPDATE ${table} SET ${list.join(', ')} WHERE ${condition.join(' AND ')}`]
    }
    const insert = `${head}(${rowText(row, context)})`
    // With nothing to change the row that is there stays as it is.
    if (changed.length === 0) return [insert.replace(/^INSERT/, 'INSERT IGNORE')]
    const list = changed.map((cell) => assignment(withPlainNumber(cell), context, 'null'))
    return [`${insert}\nON DUPLICATE KEY UPDATE ${list.join(',')}`]
  })
}

interface Cell {
  readonly column: string
  readonly value: ColumnValue
}

function cellsOf({ columns, keyColumns, fixedColumns }: Merge, row: readonly ColumnValue[]) {
  const isKey = (column: string): boolean => keyColumns.some((key) => key.toLowerCase() === column.toLowerCase())
  const cells = columns.map((column, index): Cell => ({ column, value: row[index] ?? { kind: 'null' } }))
  return {
    changed: cells.filter(({ column }) => !isKey(column) && !fixedColumns.includes(column)),
    keys: cells.filter(({ column }) => isKey(column)),
  }
}

/** Only in this clause the original writes `10.00` of a data file as `10`. */
function withPlainNumber({ column, value }: Cell): Cell {
  if (value.kind !== 'computed' || !/^[+-]?\d+\.0+$/.test(value.expression)) return { column, value }
  return { column, value: { kind: 'computed', expression: value.expression.replace(/\.0+$/, '') } }
}

const assignment = ({ column, value }: Cell, context: Context, nothing = 'NULL'): string =>
  `${context.naming.name(column)} = ${value.kind === 'null' ? nothing : valueText(value, context)}`
