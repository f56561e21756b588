// Tables and their columns in the SQL of MySQL and MariaDB. The double blanks are those of the original engine.
import type { AddedColumn, ColumnDefinition, ForeignKey, TableName } from '#change/statement'
import { familyOf } from '../type-name.ts'
import type { SomeWriters, StatementOf, TableType } from '../writer.ts'
import type { Context } from './context.ts'
import type { Naming } from './naming.ts'
import { typeText } from './type.ts'
import { defaultText, literal, newDefaultText, quoteText, valueText } from './value.ts'
import { constraintName, foreignKeyClause } from './write-constraint.ts'

const alter = (table: TableName, what: string, { naming }: Context): string =>
  `ALTER TABLE ${naming.table(table)} ${what}`

export const tableWriters: SomeWriters<TableType, Context> = {
  'create-table': createTable,
  'drop-table': ({ table }, { naming }) => [`DROP TABLE ${naming.table(table)}`],
  'rename-table': ({ table, newName }, context) => [
    alter(table, `RENAME ${context.naming.table({ ...table, tableName: newName })}`, context),
  ],
  'set-table-remarks': ({ table, remarks }, context) => [alter(table, `COMMENT = ${quoteText(remarks)}`, context)],
  'create-lookup-table': ({ table, column, from, fromColumn }, { naming }) => {
    const source = naming.name(fromColumn)
    const query = `SELECT DISTINCT ${source} AS ${naming.name(column)} FROM ${naming.table(from)} WHERE ${source} IS NOT NULL`
    return [`CREATE TABLE ${naming.table(table)} AS ${query}`]
  },
  'add-columns': addColumns,
  'drop-columns': ({ table, columns }, context) => {
    const names = columns.map((column) => context.naming.name(column))
    const what = names.length === 1 ? `DROP COLUMN ${names[0]}` : names.map((name) => `DROP ${name}`).join(', ')
    return [alter(table, what, context)]
  },
  'rename-column': ({ table, oldName, newName, columnType, remarks }, context) => {
    const { naming, flavour } = context
    const type = typeText(columnType ?? '', flavour)
    const comment = remarks === undefined ? '' : ` COMMENT ${quoteText(remarks)}`
    return [alter(table, `CHANGE ${naming.name(oldName)} ${naming.name(newName)} ${type}${comment}`, context)]
  },
  'modify-type': ({ table, column, newType }, context) => [modify(table, column, newType, '', context)],
  'set-nullable': ({ table, column, columnType, nullable }, context) => [
    modify(table, column, columnType ?? '', nullable ? ' NULL' : ' NOT NULL', context),
  ],
  'fill-empty': fillEmpty,
  'set-default': ({ table, column, value }, context) => [
    alter(table, `ALTER ${context.naming.name(column)} SET DEFAULT ${newDefaultText(value, context)}`, context),
  ],
  'drop-default': ({ table, column }, context) => [
    alter(table, `ALTER ${context.naming.name(column)} DROP DEFAULT`, context),
  ],
  'set-column-remarks': ({ table, column, columnType, remarks }, context) => {
    const { naming, flavour } = context
    const definition = `${naming.name(column)} ${typeText(columnType ?? '', flavour)}`
    return [alter(table, `MODIFY COLUMN ${definition} COMMENT ${quoteText(remarks)}`, context)]
  },
  'add-auto-increment': ({ table, column, columnType, startWith }, context) => [
    modify(table, column, columnType ?? '', ' AUTO_INCREMENT', context),
    ...(startWith === undefined ? [] : [alter(table, `AUTO_INCREMENT=${startWith}`, context)]),
  ],
  'concatenate-columns': ({ table, target, first, joinString, second }, { naming }) => {
    const joined = `CONCAT_WS(${quoteText(joinString)}, ${naming.name(first)}, ${naming.name(second)})`
    return [`UPDATE ${naming.table(table)} SET ${naming.name(target)} = ${joined}`]
  },
}

const modify = (table: TableName, column: string, type: string, more: string, context: Context): string =>
  alter(table, `MODIFY ${context.naming.name(column)} ${typeText(type, context.flavour)}${more}`, context)

function createTable(statement: StatementOf<'create-table'>, context: Context): readonly string[] {
  const { naming } = context
  const { columns, primaryKey, foreignKeys, uniqueConstraints, remarks } = statement
  const lines = columns.map((column) => `${columnText(column, context)}${comment(column.remarks)}`)
  if (primaryKey) {
    const name = naming.name(primaryKey.name ?? `PK_${statement.table.tableName.toUpperCase()}`)
    lines.push(`CONSTRAINT ${name} PRIMARY KEY (${naming.names(primaryKey.columns)})`)
  }
  lines.push(...foreignKeys.map((key) => foreignKeyLine(key, naming)))
  for (const { name, columns: unique } of uniqueConstraints) {
    lines.push(`${constraintName(name, naming)}UNIQUE (${naming.names(unique)})`)
  }
  const start = columns.find(({ autoIncrement }) => autoIncrement?.startWith !== undefined)?.autoIncrement?.startWith
  const kind = statement.tableType === undefined ? '' : `${statement.tableType} `
  const head = `CREATE ${kind}TABLE${statement.ifNotExists ? ' IF NOT EXISTS' : ''} ${naming.table(statement.table)}`
  const count = start === undefined ? '' : ` AUTO_INCREMENT=${start}`
  return [`${head} (${lines.join(', ')})${count}${remarks === undefined ? '' : ` COMMENT=${quoteText(remarks)}`}`]
}

const comment = (remarks: string | undefined): string => (remarks ? ` COMMENT ${quoteText(remarks)}` : '')

/** Here with the reference as it was written. */
function foreignKeyLine(key: ForeignKey, naming: Naming): string {
  const { references } = key
  const target =
    typeof references === 'string'
      ? withSchema(references, naming)
      : `${naming.table(references.table)}(${naming.names(references.columns)})`
  const actions = key.onDelete === undefined ? '' : ` ON DELETE ${key.onDelete}`
  const times = `${key.initiallyDeferred ? ' INITIALLY DEFERRED' : ''}${key.deferrable ? ' DEFERRABLE' : ''}`
  return `${constraintName(key.name, naming)}FOREIGN KEY (${naming.names(key.columns)}) REFERENCES ${target}${actions}${times}`
}

const withSchema = (references: string, naming: Naming): string =>
  references.includes('.') || naming.schemaName === undefined
    ? references
    : `${naming.name(naming.schemaName)}.${references}`

/** `NULL` is always written out: without it a `timestamp` column would be NOT NULL on older servers. */
function columnText(column: ColumnDefinition, context: Context): string {
  const { autoIncrement, defaultValue, type } = column
  const parts = [context.naming.name(column.name), typeText(type, context.flavour)]
  if (defaultValue) parts.push(`DEFAULT ${defaultText(defaultValue, type, context)}`)
  if (autoIncrement || countsByItself(type)) parts.push('AUTO_INCREMENT')
  parts.push(column.notNull ? 'NOT NULL' : 'NULL')
  return parts.join(' ')
}

/** `serial` and its like are numbers that count by themselves, also when the changelog does not say so. */
const countsByItself = (type: string): boolean => /^(?:small|big)?serial[248]?$/i.test(type.trim())

/** All columns in one statement, then constraints, then values, then what must hold once there are values. */
function addColumns({ table, columns }: StatementOf<'add-columns'>, context: Context): readonly string[] {
  const added = columns.map((column) => `ADD ${addedColumn(column, context)}`).join(', ')
  return [
    alter(table, added.trimEnd(), context),
    ...columns.flatMap((column) => constraintsOf(table, column, context)),
    ...columns.flatMap((column) => fillColumn(table, column, context)),
  ]
}

/** Rows that exist get their value before NULL is forbidden; a default is a value, too. */
const nullAtFirst = (column: AddedColumn): boolean =>
  column.value !== undefined && column.notNull && column.defaultValue === undefined && !column.primaryKey

function addedColumn(column: AddedColumn, context: Context): string {
  const own = columnText(nullAtFirst(column) ? { ...column, notNull: false } : column, context)
  const key = column.primaryKey ? ' PRIMARY KEY' : ''
  const remarks = column.remarks ? `${comment(column.remarks)} ` : ''
  const place = column.afterColumn === undefined ? '' : ` AFTER ${context.naming.name(column.afterColumn)}`
  return `${own}${key}${remarks}${place}`
}

function constraintsOf(table: TableName, column: AddedColumn, context: Context): readonly string[] {
  const { naming } = context
  const { unique, foreignKey, name } = column
  return [
    ...(unique
      ? [alter(table, `ADD ${constraintName(unique.name, naming)}UNIQUE (${naming.name(name)})`, context)]
      : []),
    ...(foreignKey ? [alter(table, `ADD ${foreignKeyClause(foreignKey, naming)}`, context)] : []),
  ]
}

function fillColumn(table: TableName, column: AddedColumn, context: Context): readonly string[] {
  if (!column.value) return []
  const { naming } = context
  const fill = `UPDATE ${naming.table(table)} SET ${naming.name(column.name)} = ${valueText(column.value, context)}`
  if (!nullAtFirst(column)) return [fill]
  // MODIFY takes away what it does not repeat.
  return [fill, modify(table, column.name, column.type, ` NOT NULL${comment(column.remarks)}`, context)]
}

function fillEmpty(
  { table, column, columnType, value }: StatementOf<'fill-empty'>,
  context: Context,
): readonly string[] {
  const name = context.naming.name(column)
  const family = familyOf(columnType)
  const isBoolean = (family === 'bit' || family === 'boolean') && value.kind === 'text'
  const text =
    isBoolean && /^(?:true|false|1|0)$/i.test(value.text)
      ? literal(/^(?:true|1)$/i.test(value.text))
      : valueText(value, context)
  return [`UPDATE ${context.naming.table(table)} SET ${name} = ${text} WHERE ${name} IS NULL`]
}
