// Tables and their columns in SQLite's SQL.
import type { AddedColumn, ColumnDefinition, ForeignKey } from '#change/statement'
import { quoteText } from '../function-name.ts'
import { literalDefault } from '../type-name.ts'
import { type SomeWriters, type StatementOf, type TableType, cannot } from '../writer.ts'
import type { Naming } from './naming.ts'
import { typeText } from './type.ts'
import { defaultText } from './value.ts'

const unsupported = cannot('sqlite')

/**
 * Adding and dropping columns is what SQLite's ALTER TABLE does since 3.35. The original engine copies the whole table
 * instead, which loses triggers and views; where ALTER TABLE cannot do it, neither can we.
 */
export const tableWriters: SomeWriters<TableType, Naming> = {
  'create-table': createTable,
  'drop-table': ({ table }, naming) => [`DROP TABLE ${naming.table(table)}`],
  'rename-table': ({ table, newName }, naming) => [
    `ALTER TABLE ${naming.table(table)} RENAME TO ${naming.name(newName)}`,
  ],
  'create-lookup-table': unsupported,
  'set-table-remarks': unsupported,
  'add-columns': ({ table, columns }, naming) => [
    ...columns.map((column) => addColumn(naming.table(table), column, naming)),
    ...columns.flatMap((column) => fillColumn(naming.table(table), column, naming)),
  ],
  'drop-columns': ({ table, columns }, naming) =>
    columns.map((column) => `ALTER TABLE ${naming.table(table)} DROP COLUMN ${naming.name(column)}`),
  'rename-column': ({ table, oldName, newName }, naming) => [
    `ALTER TABLE ${naming.table(table)} RENAME COLUMN ${naming.name(oldName)} TO ${naming.name(newName)}`,
  ],
  'modify-type': unsupported,
  'set-nullable': unsupported,
  'fill-empty': unsupported,
  'set-default': unsupported,
  'drop-default': unsupported,
  'set-column-remarks': unsupported,
  'add-auto-increment': unsupported,
  'concatenate-columns': ({ table, target, first, joinString, second }, naming) => {
    const joined = `${naming.name(first)} || ${quoteText(joinString)} || ${naming.name(second)}`
    return [`UPDATE ${naming.table(table)} SET ${naming.name(target)} = ${joined}`]
  },
}

/** A column that counts by itself carries the key of the table; every other key is a line of its own. */
function createTable(statement: StatementOf<'create-table'>, naming: Naming): readonly string[] {
  const { columns, primaryKey, foreignKeys, uniqueConstraints } = statement
  const keyName = naming.name(primaryKey?.name ?? `PK_${statement.table.tableName.toUpperCase()}`)
  const counting = columns.find((column) => column.autoIncrement && primaryKey?.columns.includes(column.name))
  const inline = primaryKey?.columns.length === 1 ? counting : undefined
  const lines = columns.map((column) =>
    columnText(column, naming, column === inline ? ` CONSTRAINT ${keyName} PRIMARY KEY AUTOINCREMENT` : ''),
  )
  if (primaryKey && !inline) lines.push(`CONSTRAINT ${keyName} PRIMARY KEY (${naming.names(primaryKey.columns)})`)
  lines.push(...foreignKeys.map((key) => foreignKeyLine(key, naming)))
  for (const { name, columns: unique } of uniqueConstraints) {
    lines.push(`${name === undefined ? '' : `CONSTRAINT ${naming.name(name)} `}UNIQUE (${naming.names(unique)})`)
  }
  const kind = statement.tableType === undefined ? '' : `${statement.tableType} `
  const condition = statement.ifNotExists ? ' IF NOT EXISTS' : ''
  return [`CREATE ${kind}TABLE${condition} ${naming.table(statement.table)} (${lines.join(', ')})`]
}

/** SQLite counts in INTEGER columns only, whatever kind of integer was written. */
function columnText(column: ColumnDefinition, naming: Naming, key: string): string {
  const type = key === '' ? typeText(column.type) : 'INTEGER'
  const { defaultValue: preset } = column
  const literal = preset?.kind === 'text' ? literalDefault(preset.text, column.type) : undefined
  const value = preset ? ` DEFAULT ${literal ?? defaultText(preset, column.type)}` : ''
  return `${naming.name(column.name)} ${type}${key}${value}${column.notNull ? ' NOT NULL' : ''}`
}

function foreignKeyLine(key: ForeignKey, naming: Naming): string {
  const name = key.name === undefined ? '' : `CONSTRAINT ${naming.name(key.name)} `
  return `${name}FOREIGN KEY (${naming.names(key.columns)}) ${referenceText(key, naming)}`
}

function referenceText(key: ForeignKey, naming: Naming): string {
  const { references } = key
  const target =
    typeof references === 'string'
      ? references
      : `${naming.table(references.table)}(${naming.names(references.columns)})`
  const action = key.onDelete === undefined ? '' : ` ON DELETE ${key.onDelete}`
  const times = `${key.deferrable ? ' DEFERRABLE' : ''}${key.initiallyDeferred ? ' INITIALLY DEFERRED' : ''}`
  return `REFERENCES ${target}${action}${times}`
}

function addColumn(table: string, column: AddedColumn, naming: Naming): string {
  const { foreignKey } = column
  const name = foreignKey?.name === undefined ? '' : ` CONSTRAINT ${naming.name(foreignKey.name)}`
  const reference = foreignKey ? `${name} ${referenceText(foreignKey, naming)}` : ''
  return `ALTER TABLE ${table} ADD ${columnText(column, naming, '')}${reference}`
}

function fillColumn(table: string, { name, type, value }: AddedColumn, naming: Naming): readonly string[] {
  return value ? [`UPDATE ${table} SET ${naming.name(name)} = ${defaultText(value, type)}`] : []
}
