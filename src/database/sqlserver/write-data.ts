// Rows in SQL Server's SQL.
import type { ColumnValue } from '#change/statement'
import { whereClause } from '../condition.ts'
import { changedCells, keyCells } from '../merge.ts'
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
  'load-data': loadData,
  'merge-data': mergeData,
}

const conditionWriter = (naming: Naming) => ({
  name: (name: string) => naming.name(name),
  value: (value: ColumnValue) => valueText(value, naming),
})

/** A list of more than 1000 rows is an error of the server. */
const rowsPerStatement = 500

function loadData({ table, columns, rows }: StatementOf<'load-data'>, naming: Naming): readonly string[] {
  const head = `INSERT INTO ${naming.table(table)} (${naming.names(columns)}) VALUES `
  const texts: string[] = []
  for (let start = 0; start < rows.length; start += rowsPerStatement) {
    const part = rows.slice(start, start + rowsPerStatement)
    texts.push(`${head}${[...part].map((row) => `(${rowText(row, naming)})`).join(',')};`)
  }
  return texts
}

const rowText = (row: readonly ColumnValue[], naming: Naming): string =>
  row.map((value) => valueText(value, naming)).join(', ')

/** For each row: count it, then insert or update it. */
function mergeData(statement: StatementOf<'merge-data'>, naming: Naming): readonly string[] {
  const { columns, rows, onlyUpdate } = statement
  const table = naming.table(statement.table)
  return [...rows].flatMap((row) => {
    const keys = keyCells(statement, row).map(({ column, value }) => condition(column, value, naming))
    const where = keys.join(' AND ')
    const set = changedCells(statement, row).map(
      ({ column, value }) => `${naming.name(column)} = ${valueText(value, naming)}`,
    )
    const update = set.length === 0 ? undefined : `BEGIN\nUPDATE ${table} SET ${set.join(', ')} WHERE ${where};\nEND`
    if (onlyUpdate) return update === undefined ? [] : [update]
    const insert = `INSERT INTO ${table} (${naming.names(columns)}) VALUES (${rowText(row, naming)});`
    const count = `DECLARE @reccount integer\nSELECT @reccount = count(*) FROM ${table} WHERE ${where}`
    const otherwise = update === undefined ? '' : `\nELSE\n${update}`
    return [`${count}\nIF @reccount = 0\nBEGIN\n${insert}\nEND${otherwise}`]
  })
}

const condition = (column: string, value: ColumnValue, naming: Naming): string =>
  value.kind === 'null' ? `${naming.name(column)} is NULL` : `${naming.name(column)} = ${valueText(value, naming)}`
