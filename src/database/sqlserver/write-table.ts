// Tables and their columns in SQL Server's SQL.
import type { AddedColumn, ColumnDefinition, ForeignKey, TableName } from '#change/statement'
import { quoteText } from '../function-name.ts'
import { truth } from '../truth.ts'
import { familyOf } from '../type-name.ts'
import { type SomeWriters, type StatementOf, type TableType, cannot } from '../writer.ts'
import { type Naming, unicode } from './naming.ts'
import { countsByItself, typeText } from './type.ts'
import { defaultOfType, defaultValue, valueText } from './value.ts'
import { foreignKeyClause } from './write-constraint.ts'
import { remarksText } from './write-remarks.ts'

export const tableWriters: SomeWriters<TableType, Naming> = {
  'create-table': createTable,
  'drop-table': ({ table }, naming) => [`DROP TABLE ${naming.table(table)}`],
  // The new name is a value, not an identifier: brackets would become part of it.
  'rename-table': ({ table, newName }, naming) => [
    `exec sp_rename ${quoteText(naming.table(table))}, ${quoteText(newName)}`,
  ],
  'set-table-remarks': ({ table, remarks }, naming) => [remarksOf(table, naming)(remarks)],
  'create-lookup-table': ({ table, column, from, fromColumn }, naming) => {
    const source = naming.name(fromColumn)
    const target = `${naming.name(column)} INTO ${naming.table(table)}`
    return [`SELECT DISTINCT ${source} AS ${target} FROM ${naming.table(from)} WHERE ${source} IS NOT NULL`]
  },
  'add-columns': addColumns,
  'drop-columns': ({ table, columns }, naming) =>
    columns.flatMap((column) => [
      dropDefault(table, column, naming),
      `ALTER TABLE ${naming.table(table)} DROP COLUMN ${naming.name(column)}`,
    ]),
  'rename-column': ({ table, oldName, newName }, naming) => {
    const column = `${naming.table(table)}.${naming.name(oldName)}`
    return [`exec sp_rename ${quoteText(column)}, ${quoteText(newName)}, 'COLUMN'`]
  },
  'modify-type': ({ table, column, newType }, naming) => [
    `ALTER TABLE ${naming.table(table)} ALTER COLUMN ${naming.name(column)} ${typeText(newType)}`,
  ],
  'set-nullable': ({ table, column, columnType, nullable }, naming) => {
    const definition = `${naming.name(column)} ${typeText(columnType ?? '')} ${nullable ? 'NULL' : 'NOT NULL'}`
    return [`ALTER TABLE ${naming.table(table)} ALTER COLUMN ${definition}`]
  },
  'fill-empty': fillEmpty,
  'set-default': ({ table, column, value, constraintName }, naming) => {
    const constraint = defaultConstraint(table.tableName, column, constraintName, naming)
    const text = `${constraint} DEFAULT ${defaultValue(value, naming)} FOR ${naming.name(column)}`
    return [`ALTER TABLE ${naming.table(table)} ADD ${text}`]
  },
  'drop-default': ({ table, column }, naming) => [dropDefault(table, column, naming)],
  'set-column-remarks': ({ table, column, remarks, parentType }, naming) => [
    remarksOf(table, naming, column, parentType)(remarks),
  ],
  'add-auto-increment': cannot('mssql'),
  'concatenate-columns': ({ table, target, first, joinString, second }, naming) => {
    const joined = `${naming.name(first)} + ${quoteText(joinString)} + ${naming.name(second)}`
    return [`UPDATE ${naming.table(table)} SET ${naming.name(target)} = ${joined}`]
  },
}

const remarksOf =
  ({ schemaName, tableName: name }: TableName, naming: Naming, column?: string, parentType?: string) =>
  (remarks: string): string => {
    const kind = parentType?.toUpperCase() === 'VIEW' ? 'VIEW' : 'TABLE'
    const place = column === undefined ? {} : { column }
    return remarksText({ schemaName: naming.schemaOf(schemaName), kind, name, ...place }, remarks)
  }

/** A default is a constraint with a name; one that nobody named is looked up when the statement runs. */
function dropDefault(table: TableName, column: string, naming: Naming): string {
  const name = naming.table(table)
  const query = `SELECT @sql = ${unicode(`ALTER TABLE ${name} DROP CONSTRAINT `)} + QUOTENAME([df].[name]) FROM [sys].[columns] AS [c] INNER JOIN [sys].[default_constraints] AS [df] ON [df].[object_id] = [c].[default_object_id] WHERE [c].[object_id] = OBJECT_ID(${unicode(name)}) AND [c].[name] = ${unicode(column)}`
  return `DECLARE @sql [nvarchar](MAX)\r\n${query}\r\nEXEC sp_executesql @sql`
}

function createTable(statement: StatementOf<'create-table'>, naming: Naming): readonly string[] {
  const { columns, primaryKey, foreignKeys, uniqueConstraints, tablespace } = statement
  const { tableName } = statement.table
  const lines = columns.map((column) => columnText(tableName, column, naming))
  if (primaryKey) {
    const name = naming.name(primaryKey.name ?? `PK_${tableName.toUpperCase()}`)
    const place = primaryKey.tablespace === undefined ? '' : ` ON ${naming.name(primaryKey.tablespace)}`
    lines.push(`CONSTRAINT ${name} PRIMARY KEY (${naming.names(primaryKey.columns)})${place}`)
  }
  lines.push(...foreignKeys.map((key) => foreignKeyLine(key, naming)))
  for (const { name, columns: unique } of uniqueConstraints) {
    lines.push(`${name === undefined ? '' : `CONSTRAINT ${naming.name(name)} `}UNIQUE (${naming.names(unique)})`)
  }
  const kind = statement.tableType === undefined ? '' : `${statement.tableType} `
  const place = tablespace === undefined ? '' : ` ON ${naming.name(tablespace)}`
  const create = `CREATE ${kind}TABLE ${naming.table(statement.table)} (${lines.join(', ')})${place}`
  const remarks = statement.remarks === undefined ? [] : [remarksOf(statement.table, naming)(statement.remarks)]
  return [create, ...remarks, ...columnRemarks(statement.table, columns, naming)]
}

const columnRemarks = (table: TableName, columns: readonly ColumnDefinition[], naming: Naming): readonly string[] =>
  columns.flatMap(({ name, remarks }) => (remarks ? [remarksOf(table, naming, name)(remarks)] : []))

/** `CONSTRAINT fk FOREIGN KEY (a) REFERENCES other(id)`, here with the reference as it was written. */
function foreignKeyLine(key: ForeignKey, naming: Naming): string {
  const { references } = key
  const target =
    typeof references === 'string'
      ? references
      : `${naming.table(references.table)}(${naming.names(references.columns)})`
  const name = key.name === undefined ? '' : `CONSTRAINT ${naming.name(key.name)} `
  const actions = key.onDelete === undefined ? '' : ` ON DELETE ${key.onDelete}`
  return `${name}FOREIGN KEY (${naming.names(key.columns)}) REFERENCES ${target}${actions}`
}

function columnText(tableName: string, column: ColumnDefinition, naming: Naming): string {
  const { autoIncrement, defaultValue: preset, type } = column
  const parts = [naming.name(column.name), typeText(type)]
  if (autoIncrement || countsByItself(type)) {
    parts.push(`IDENTITY (${autoIncrement?.startWith ?? '1'}, ${autoIncrement?.incrementBy ?? '1'})`)
  } else if (preset) {
    const constraint = defaultConstraint(tableName, column.name, column.defaultValueConstraintName, naming)
    parts.push(`${constraint} DEFAULT ${defaultOfType(preset, type, naming)}`)
  }
  if (column.notNull) parts.push('NOT NULL')
  return parts.join(' ')
}

const defaultConstraint = (table: string, column: string, name: string | undefined, naming: Naming): string =>
  `CONSTRAINT ${naming.name(name ?? `DF_${table}_${column}`)}`

/** All columns first, then their values, then what must hold once there are values, then remarks. */
function addColumns({ table, columns }: StatementOf<'add-columns'>, naming: Naming): readonly string[] {
  const name = naming.table(table)
  return [
    ...columns.flatMap((column) => addColumn(table, column, naming)),
    ...columns.flatMap(({ name: column, value }) =>
      value ? [`UPDATE ${name} SET ${naming.name(column)} = ${valueText(value, naming)}`] : [],
    ),
    ...columns
      .filter(nullAtFirst)
      .map(
        (column) => `ALTER TABLE ${name} ALTER COLUMN ${naming.name(column.name)} ${typeText(column.type)} NOT NULL`,
      ),
    ...columnRemarks(table, columns, naming),
  ]
}

/** Rows that exist get their value before NULL is forbidden. */
const nullAtFirst = (column: AddedColumn): boolean => column.value !== undefined && column.notNull && !column.primaryKey

function addColumn(table: TableName, column: AddedColumn, naming: Naming): readonly string[] {
  const { primaryKey, unique, foreignKey } = column
  const alter = `ALTER TABLE ${naming.table(table)} ADD`
  const own = columnText(table.tableName, nullAtFirst(column) ? { ...column, notNull: false } : column, naming)
  const constraint = unique?.name === undefined ? '' : `CONSTRAINT ${naming.name(unique.name)} `
  return [
    `${alter} ${own}${primaryKey ? ' PRIMARY KEY' : ''}`,
    ...(unique ? [`${alter} ${constraint}UNIQUE (${naming.name(column.name)})`] : []),
    ...(foreignKey ? [`${alter} ${foreignKeyClause(foreignKey, naming)}`] : []),
  ]
}

function fillEmpty({ table, column, columnType, value }: StatementOf<'fill-empty'>, naming: Naming): readonly string[] {
  if (value.kind === 'null') return []
  const name = naming.name(column)
  const family = familyOf(columnType)
  const switched = value.kind === 'text' && (family === 'bit' || family === 'boolean') ? truth(value.text) : undefined
  return [`UPDATE ${naming.table(table)} SET ${name} = ${switched ?? valueText(value, naming)} WHERE ${name} IS NULL`]
}
