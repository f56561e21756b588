// createTable: a new table with its columns, keys and constraints.
import { checkColumns, checkRemarks } from '../check.ts'
import { type Column, columns } from '../column.ts'
import { defineChange } from '../define.ts'
import { columnDefinition, foreignKeyOf } from '../definition.ts'
import { boolean, text } from '../field.ts'
import { changeNode } from '../inverse.ts'
import type { Statement } from '../statement.ts'
import { tableAttributes, tableFields, tableOf } from '../table.ts'

type CreateTable = Extract<Statement, { type: 'create-table' }>

export const createTable = defineChange({
  name: 'createTable',
  fields: {
    ...tableFields,
    columns: columns({ required: true }),
    ifNotExists: boolean({ hashed: 'never' }),
    remarks: text(),
    rowDependencies: boolean({ hashed: 'never' }),
    tableType: text(),
    tablespace: text(),
  },
  check({ columns: all, catalogName, remarks }, reading) {
    checkColumns(all, reading, true)
    checkRemarks(catalogName, all, remarks, reading)
  },
  statements: (attributes) => [
    {
      type: 'create-table',
      table: tableOf(attributes),
      columns: attributes.columns.map(columnDefinition),
      primaryKey: primaryKeyOf(attributes.columns),
      foreignKeys: attributes.columns.flatMap((column) => foreignKeyOf(column) ?? []),
      uniqueConstraints: uniqueConstraintsOf(attributes.columns),
      ifNotExists: attributes.ifNotExists ?? false,
      remarks: attributes.remarks,
      tablespace: attributes.tablespace,
      tableType: attributes.tableType,
      rowDependencies: attributes.rowDependencies ?? false,
    },
  ],
  inverse: (attributes, _dbms, span) => [changeNode('dropTable', tableAttributes(attributes), span)],
})

/** All columns marked as primary key are one key; the first name given is its name. */
function primaryKeyOf(all: readonly Column[]): CreateTable['primaryKey'] {
  const keys = all.filter((column) => column.constraints?.primaryKey)
  if (keys.length === 0) return undefined
  return {
    name: keys.find((column) => column.constraints?.primaryKeyName)?.constraints?.primaryKeyName,
    columns: keys.map((column) => column.name ?? ''),
    tablespace: keys.find((column) => column.constraints?.primaryKeyTablespace)?.constraints?.primaryKeyTablespace,
    validate: keys.every((column) => column.constraints?.validatePrimaryKey ?? true),
    deferrable: keys.some((column) => column.constraints?.deferrable ?? false),
    initiallyDeferred: keys.some((column) => column.constraints?.initiallyDeferred ?? false),
  }
}

/** Columns that share the name of a unique constraint are one constraint. Those without a name come first, as in the original. */
function uniqueConstraintsOf(all: readonly Column[]): CreateTable['uniqueConstraints'] {
  const found: { name: string | undefined; columns: string[]; validate: boolean }[] = []
  for (const { name: columnName = '', constraints } of all) {
    if (!constraints?.unique) continue
    const name = constraints.uniqueConstraintName
    const same = name === undefined ? undefined : found.find((other) => other.name === name)
    if (same) same.columns.push(columnName)
    else found.push({ name, columns: [columnName], validate: constraints.validateUnique ?? true })
  }
  return [...found.filter(({ name }) => name === undefined), ...found.filter(({ name }) => name !== undefined)]
}
