// Rows in SQLite's SQL.
import type { ColumnValue } from '#change/statement'
import { whereClause } from '../condition.ts'
import type { DataType, SomeWriters, StatementOf } from '../writer.ts'
import type { Naming } from './naming.ts'
import { valueText } from './value.ts'

export const dataWriters: SomeWriters<DataType, Naming> = {
  insert: ({ table, assignments }, naming) => {
    const columns = naming.names(assignments.map(({ column }) => column))
    const values = assignments.map(({ value }) => value)
    return [`INSERT INTO ${naming.table(table)} (${columns}) VALUES (${rowText(values)})`]
  },
  update: ({ table, assignments, where }, naming) => {
    const list = assignments.map(({ column, value }) => `${naming.name(column)} = ${valueText(value)}`)
    return [`UPDATE ${naming.table(table)} SET ${list.join(', ')}${whereClause(where, conditionWriter(naming))}`]
  },
  delete: ({ table, where }, naming) => [
    `DELETE FROM ${naming.table(table)}${whereClause(where, conditionWriter(naming))}`,
  ],
  'load-data': ({ table, columns, rows }, naming) => {
    const head = `INSERT INTO ${naming.table(table)} (${naming.names(columns)}) VALUES `
    return [...rows].map((row) => `${head}(${rowText(row)})`)
  },
  'merge-data': mergeData,
}

const conditionWriter = (naming: Naming) => ({ name: (name: string) => naming.name(name), value: valueText })

const rowText = (row: readonly ColumnValue[]): string => row.map(valueText).join(', ')

function mergeData(statement: StatementOf<'merge-data'>, naming: Naming): readonly string[] {
  const { columns, keyColumns, fixedColumns, onlyUpdate, rows } = statement
  const table = naming.table(statement.table)
  if (!onlyUpdate) {
    const head = `INSERT OR REPLACE INTO ${table} (${naming.names(columns)}) VALUES `
    return [...rows].map((row) => `${head}(${rowText(row)})`)
  }
  const isKey = (column: string): boolean => keyColumns.some((key) => key.toLowerCase() === column.toLowerCase())
  return [...rows].flatMap((row) => {
    const cells = columns.map((column, index) => ({
      column,
      text: `${naming.name(column)} = ${valueText(row[index] ?? { kind: 'null' })}`,
    }))
    const changed = cells.filter(({ column }) => !isKey(column) && !fixedColumns.includes(column))
    const condition = cells.filter(({ column }) => isKey(column)).map(({ text }) => text)
    if (changed.length === 0) return []
    return [`UPDATE ${table} SET ${changed.map(({ text }) => text).join(', ')} WHERE ${condition.join(' AND ')}`]
  })
}
