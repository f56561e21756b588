// Rows in Oracle's SQL.
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
  'load-data': ({ table, columns, rows }, naming) => {
    const head = `INSERT INTO ${naming.table(table)} (${naming.names(columns)}) VALUES `
    return [...rows].map((row) => `${head}(${rowText(row, naming)})`)
  },
  'merge-data': mergeData,
}

const conditionWriter = (naming: Naming) => ({
  name: (name: string) => naming.name(name),
  value: (value: ColumnValue) => valueText(value, naming),
})

const rowText = (row: readonly ColumnValue[], naming: Naming): string =>
  row.map((value) => valueText(value, naming)).join(', ')

/** For each row a block: count it, then insert or update it. */
function mergeData(statement: StatementOf<'merge-data'>, naming: Naming): readonly string[] {
  const { columns, rows, onlyUpdate } = statement
  const table = naming.table(statement.table)
  return [...rows].flatMap((row) => {
    const where = keyCells(statement, row)
      .map(({ column, value }) => condition(column, value, naming))
      .join(' AND ')
    const set = changedCells(statement, row).map(
      ({ column, value }) => `${naming.name(column)} = ${valueText(value, naming)}`,
    )
    const update = set.length === 0 ? undefined : `UPDATE ${table} SET ${set.join(', ')} WHERE ${where}`
    if (onlyUpdate) return update === undefined ? [] : [update]
    const insert = `INSERT INTO ${table} (${naming.names(columns)}) VALUES (${rowText(row, naming)});`
    const count = `DECLARE\n\tv_reccount NUMBER := 0;\nBEGIN\n\tSELECT COUNT(*) INTO v_reccount FROM ${table} WHERE ${where};`
    const otherwise = update === undefined ? '' : `\tELSIF v_reccount = 1 THEN\n${update};\n`
    return [`${count}\n\tIF v_reccount = 0 THEN\n${insert}\n${otherwise}END IF;\nEND;`]
  })
}

const condition = (column: string, value: ColumnValue, naming: Naming): string =>
  value.kind === 'null' ? `${naming.name(column)} is NULL` : `${naming.name(column)} = ${valueText(value, naming)}`
