// Rows in PostgreSQL's SQL.
import type { ColumnValue } from '#change/statement'
import { whereClause } from '../condition.ts'
import type { BulkRows, SqlText } from '../port.ts'
import type { DataType, SomeWriters, StatementOf } from '../writer.ts'
import type { Naming } from './naming.ts'
import { valueText } from './value.ts'

export const dataWriters: SomeWriters<DataType, Naming> = {
  insert: ({ table, assignments }, naming) => {
    const columns = assignments.map(({ column }) => naming.name(column)).join(', ')
    const values = assignments.map(({ value }) => valueText(value, naming)).join(', ')
    return [`INSERT INTO ${naming.table(table)} (${columns}) VALUES (${values})`]
  },
  update: ({ table, assignments, where }, naming) => {
    const list = assignments.map(({ column, value }) => `${naming.name(column)} = ${valueText(value, naming)}`)
    return [`UPDATE ${naming.table(table)} SET ${list.join(', ')}${whereClause(where, conditionWriter(naming))}`]
  },
  delete: ({ table, where }, naming) => [
    `DELETE FROM ${naming.table(table)}${whereClause(where, conditionWriter(naming))}`,
  ],
  'load-data': (statement, naming) => loadTexts(statement, naming).map(({ sql }) => sql),
  'merge-data': mergeData,
}

const conditionWriter = (naming: Naming) => ({
  name: (name: string) => naming.name(name),
  value: (value: ColumnValue) => valueText(value, naming),
})

/** Statements of at most this many rows: large enough to be fast, small enough to read, log and send. */
const rowsPerStatement = 500

/** The texts are made when they are asked for: executing takes the rows. */
export function loadTexts(
  { table, columns, rows }: StatementOf<'load-data'>,
  naming: Naming,
): readonly (SqlText & { readonly bulk: BulkRows })[] {
  const target = naming.table(table)
  const names = columns.map((column) => naming.name(column))
  const texts: (SqlText & { readonly bulk: BulkRows })[] = []
  for (let start = 0; start < rows.length; start += rowsPerStatement) {
    const part = rows.slice(start, start + rowsPerStatement)
    texts.push({
      get sql() {
        const values = [...part].map((row) => `(${rowText(row, naming)})`)
        return `INSERT INTO ${target} (${naming.names(columns)}) VALUES ${values.join(',')}`
      },
      endDelimiter: ';',
      bulk: { table: target, columns: names, rows: part },
    })
  }
  return texts
}

const rowText = (row: readonly ColumnValue[], naming: Naming): string =>
  row.map((value) => valueText(value, naming)).join(', ')

/** For each row: update it, and insert it when there was none. */
function mergeData(statement: StatementOf<'merge-data'>, naming: Naming): readonly string[] {
  const { columns, rows, onlyUpdate } = statement
  const table = naming.table(statement.table)
  return [...rows].flatMap((row) => {
    const update = updateText(statement, row, naming)
    if (onlyUpdate) return [block(`${update};`)]
    const insert = `INSERT INTO ${table} (${naming.names(columns)}) VALUES (${rowText(row, naming)})`
    return [block(`${update};\nIF not found THEN\n${insert};\nEND IF;`)]
  })
}

function block(body: string): string {
  const tag = quoteTag(body)
  return `DO\n${tag}\nBEGIN\n${body}\nEND;\n${tag}\nLANGUAGE plpgsql`
}

/** Columns in alphabetical order; where there is nothing but the key, only whether the row is there. */
function updateText(statement: StatementOf<'merge-data'>, row: readonly ColumnValue[], naming: Naming): string {
  const { columns, keyColumns, fixedColumns } = statement
  const isKey = (column: string): boolean => keyColumns.some((key) => key.toLowerCase() === column.toLowerCase())
  const cells = columns.map((column, index) => ({ column, value: row[index] ?? ({ kind: 'null' } as const) }))
  const changed = cells.filter(({ column }) => !isKey(column) && !fixedColumns.includes(column))
  const sorted = changed.toSorted((a, b) => (a.column < b.column ? -1 : 1))
  const list = sorted.map(({ column, value }) => `${naming.name(column)} = ${valueText(value, naming)}`)
  const keys = cells.filter(({ column }) => isKey(column))
  const condition = keys.map(({ column, value }) => `${naming.name(column)} = ${valueText(value, naming)}`)
  const table = naming.table(statement.table)
  const where = `WHERE ${condition.join(' AND ')}`
  return list.length === 0 ? `perform * from ${table} ${where}` : `UPDATE ${table} SET ${list.join(', ')} ${where}`
}

/** A dollar quote that does not occur in the text. */
function quoteTag(text: string): string {
  for (let number = 0; ; number++) {
    const tag = number === 0 ? '$$' : `$sluice${number}$`
    if (!text.includes(tag)) return tag
  }
}
