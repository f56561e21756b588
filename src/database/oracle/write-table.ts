// Tables and their columns in Oracle's SQL. The blanks around ENABLE NOVALIDATE are those of the original engine.
import type { AddedColumn, ColumnDefinition, ForeignKey, TableName } from '#change/statement'
import { quoteText } from '../function-name.ts'
import { truth } from '../truth.ts'
import { familyOf } from '../type-name.ts'
import { type SomeWriters, type StatementOf, type TableType, cannot } from '../writer.ts'
import type { Naming } from './naming.ts'
import { countsByItself, typeText } from './type.ts'
import { defaultOfType, defaultValue, valueText } from './value.ts'
import { foreignKeyClause } from './write-constraint.ts'

export const tableWriters: SomeWriters<TableType, Naming> = {
  'create-table': createTable,
  'drop-table': ({ table, cascade }, naming) => [
    `DROP TABLE ${naming.table(table)}${cascade ? ' CASCADE CONSTRAINTS' : ''}`,
  ],
  'rename-table': ({ table, newName }, naming) => [
    `ALTER TABLE ${naming.table(table)} RENAME TO ${naming.name(newName)}`,
  ],
  'set-table-remarks': ({ table, remarks }, naming) => [
    `COMMENT ON TABLE ${naming.table(table)} IS ${quoteText(remarks)}`,
  ],
  'create-lookup-table': ({ table, column, from, fromColumn }, naming) => {
    const source = naming.name(fromColumn)
    const query = `SELECT DISTINCT ${source} AS ${naming.name(column)} FROM ${naming.table(from)} WHERE ${source} IS NOT NULL`
    return [`CREATE TABLE ${naming.table(table)} AS ${query}`]
  },
  'add-columns': addColumns,
  'drop-columns': ({ table, columns }, naming) =>
    columns.map((column) => `ALTER TABLE ${naming.table(table)} DROP COLUMN ${naming.name(column)}`),
  'rename-column': ({ table, oldName, newName }, naming) => [
    `ALTER TABLE ${naming.table(table)} RENAME COLUMN ${naming.name(oldName)} TO ${naming.name(newName)}`,
  ],
  'modify-type': ({ table, column, newType }, naming) => [
    modify(table, column, typeText(newType, naming.majorVersion), naming),
  ],
  'set-nullable': setNullable,
  'fill-empty': fillEmpty,
  'set-default': ({ table, column, value }, naming) => [
    modify(table, column, `DEFAULT ${defaultValue(value, naming)}`, naming),
  ],
  'drop-default': ({ table, column }, naming) => [modify(table, column, 'DEFAULT NULL', naming)],
  'set-column-remarks': ({ table, column, remarks }, naming) => [columnRemark(table, column, remarks, naming)],
  'add-auto-increment': cannot('oracle'),
  'concatenate-columns': ({ table, target, first, joinString, second }, naming) => {
    const joined = `${naming.name(first)} || ${quoteText(joinString)} || ${naming.name(second)}`
    return [`UPDATE ${naming.table(table)} SET ${naming.name(target)} = ${joined}`]
  },
}

const modify = (table: TableName, column: string, what: string, naming: Naming): string =>
  `ALTER TABLE ${naming.table(table)} MODIFY ${naming.name(column)} ${what}`

const columnRemark = (table: TableName, column: string, remarks: string, naming: Naming): string =>
  `COMMENT ON COLUMN ${naming.table(table)}.${naming.name(column)} IS ${quoteText(remarks)}`

const columnRemarks = (table: TableName, columns: readonly ColumnDefinition[], naming: Naming): readonly string[] =>
  columns.flatMap(({ name, remarks }) => (remarks ? [columnRemark(table, name, remarks, naming)] : []))

/** NOT NULL is a constraint, which may have a name; then it is dropped by that. */
function setNullable(statement: StatementOf<'set-nullable'>, naming: Naming): readonly string[] {
  const { table, column, nullable, constraintName, validate } = statement
  if (!nullable) {
    const name = constraintName === undefined ? '' : `CONSTRAINT ${naming.name(constraintName)} `
    return [modify(table, column, `${name}NOT NULL${validate ? '' : ' ENABLE NOVALIDATE'}`, naming)]
  }
  if (constraintName === undefined) return [modify(table, column, 'NULL', naming)]
  return [`ALTER TABLE ${naming.table(table)} DROP CONSTRAINT ${naming.name(constraintName)}`]
}

const unchecked = (validate: boolean): string => (validate ? '' : ' ENABLE NOVALIDATE ')

function createTable(statement: StatementOf<'create-table'>, naming: Naming): readonly string[] {
  const { columns, foreignKeys, uniqueConstraints, tablespace, rowDependencies } = statement
  const lines = columns.map((column) => columnText(column, naming))
  const primaryKey = primaryKeyLine(statement, naming)
  if (primaryKey !== undefined) lines.push(primaryKey)
  lines.push(...foreignKeys.map((key) => foreignKeyLine(key, naming)))
  for (const { name, columns: unique } of uniqueConstraints) {
    lines.push(`${name === undefined ? '' : `CONSTRAINT ${naming.name(name)} `}UNIQUE (${naming.names(unique)})`)
  }
  const kind = statement.tableType === undefined ? '' : `${statement.tableType} `
  const table = naming.table(statement.table)
  const place = tablespace === undefined ? '' : ` TABLESPACE ${naming.name(tablespace)}`
  const texts = [
    `CREATE ${kind}TABLE ${table} (${lines.join(', ')})${place}${rowDependencies ? ' ROWDEPENDENCIES' : ''}`,
  ]
  if (statement.remarks !== undefined) texts.push(`COMMENT ON TABLE ${table} IS ${quoteText(statement.remarks)}`)
  return [...texts, ...columnRemarks(statement.table, columns, naming)]
}

function primaryKeyLine({ table, primaryKey }: StatementOf<'create-table'>, naming: Naming): string | undefined {
  if (!primaryKey) return undefined
  const name = naming.name(primaryKey.name ?? `PK_${table.tableName.toUpperCase()}`)
  const place =
    primaryKey.tablespace === undefined ? '' : ` USING INDEX TABLESPACE ${naming.name(primaryKey.tablespace)}`
  const columns = naming.names(primaryKey.columns)
  return `CONSTRAINT ${name} PRIMARY KEY (${columns})${deferring(primaryKey)}${place}${unchecked(primaryKey.validate)}`
}

const deferring = (key: { readonly deferrable?: boolean; readonly initiallyDeferred?: boolean }): string =>
  `${key.initiallyDeferred ? ' INITIALLY DEFERRED' : ''}${key.deferrable ? ' DEFERRABLE' : ''}`

/** `CONSTRAINT fk FOREIGN KEY (a) REFERENCES other(id)`, here with the reference as it was written. */
function foreignKeyLine(key: ForeignKey, naming: Naming): string {
  const { references } = key
  const target =
    typeof references === 'string'
      ? references
      : `${naming.table(references.table)}(${naming.names(references.columns)})`
  const name = key.name === undefined ? '' : `CONSTRAINT ${naming.name(key.name)} `
  const actions = key.onDelete === undefined ? '' : ` ON DELETE ${key.onDelete}`
  const columns = naming.names(key.columns)
  return `${name}FOREIGN KEY (${columns}) REFERENCES ${target}${actions}${deferring(key)}${unchecked(key.validate)}`
}

function columnText(column: ColumnDefinition, naming: Naming): string {
  const notNull = column.notNull ? ` ${notNullText(column, naming)}` : ''
  return `${columnHead(column, naming)}${notNull}`
}

function notNullText({ notNullConstraintName: name, validateNotNull }: ColumnDefinition, naming: Naming): string {
  return `${name === undefined ? '' : `CONSTRAINT ${naming.name(name)} `}NOT NULL${unchecked(validateNotNull)}`
}

function columnHead(column: ColumnDefinition, naming: Naming): string {
  const { autoIncrement, defaultValue: preset } = column
  const parts = [naming.name(column.name), typeText(column.type, naming.majorVersion)]
  if (autoIncrement || countsByItself(column.type)) parts.push(identity(autoIncrement))
  else if (preset) parts.push(`DEFAULT ${defaultOfType(preset, column.type, naming)}`)
  return parts.join(' ')
}

function identity(options: ColumnDefinition['autoIncrement']): string {
  const start = options?.startWith === undefined ? [] : [`START WITH ${options.startWith}`]
  const step = options?.incrementBy === undefined ? [] : [`INCREMENT BY ${options.incrementBy}`]
  const list = [...start, ...step].join(', ')
  const byDefault = options?.defaultOnNull ? 'BY DEFAULT ON NULL' : 'BY DEFAULT'
  const kind = options?.generationType?.toUpperCase() === 'ALWAYS' ? 'ALWAYS' : byDefault
  return `GENERATED ${kind} AS IDENTITY${list === '' ? '' : ` (${list})`}`
}

/** All columns first, then their values, then what must hold once there are values, then remarks. */
function addColumns({ table, columns }: StatementOf<'add-columns'>, naming: Naming): readonly string[] {
  const name = naming.table(table)
  return [
    ...columns.flatMap((column) => addColumn(name, column, naming)),
    ...columns.flatMap(({ name: column, value }) =>
      value ? [`UPDATE ${name} SET ${naming.name(column)} = ${valueText(value, naming)}`] : [],
    ),
    ...columns
      .filter(nullAtFirst)
      .map((column) => modify(table, column.name, notNullText(column, naming).trimEnd(), naming)),
    ...columnRemarks(table, columns, naming),
  ]
}

/** Rows that exist get their value before NULL is forbidden. */
const nullAtFirst = (column: AddedColumn): boolean => column.value !== undefined && column.notNull && !column.primaryKey

function addColumn(table: string, column: AddedColumn, naming: Naming): readonly string[] {
  const { primaryKey, unique, foreignKey } = column
  const alter = `ALTER TABLE ${table} ADD`
  const notNull = column.notNull && !nullAtFirst(column) ? ` ${addedNotNull(column, naming)}` : ''
  const constraint = unique?.name === undefined ? '' : `CONSTRAINT ${naming.name(unique.name)} `
  const validation = unique?.validate === false ? ' ENABLE NOVALIDATE' : ''
  // The original engine leaves the times of checking out here.
  const key = foreignKey && { ...foreignKey, deferrable: false, initiallyDeferred: false }
  return [
    `${alter} ${columnHead(column, naming)}${primaryKey ? ' PRIMARY KEY' : ''}${notNull}`,
    ...(unique ? [`${alter} ${constraint}UNIQUE (${naming.name(column.name)})${validation}`] : []),
    ...(key ? [`${alter} ${foreignKeyClause(key, naming)}`] : []),
  ]
}

/** Also without the word on validation, which the original engine does not write here. */
const addedNotNull = (column: ColumnDefinition, naming: Naming): string =>
  notNullText({ ...column, validateNotNull: true }, naming)

function fillEmpty({ table, column, columnType, value }: StatementOf<'fill-empty'>, naming: Naming): readonly string[] {
  if (value.kind === 'null') return []
  const name = naming.name(column)
  const family = familyOf(columnType)
  const switched = value.kind === 'text' && (family === 'bit' || family === 'boolean') ? truth(value.text) : undefined
  return [`UPDATE ${naming.table(table)} SET ${name} = ${switched ?? valueText(value, naming)} WHERE ${name} IS NULL`]
}
