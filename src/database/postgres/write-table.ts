// Tables and their columns in PostgreSQL's SQL. The double blanks are those of the original engine.
import type { AddedColumn, ColumnDefinition, ForeignKey } from '#change/statement'
import { quoteText } from '../function-name.ts'
import { familyOf, literalDefault } from '../type-name.ts'
import type { SomeWriters, StatementOf, TableType } from '../writer.ts'
import type { Naming } from './naming.ts'
import { countsByItself, typeText } from './type.ts'
import { defaultText, valueText } from './value.ts'
import { foreignKeyClause } from './write-constraint.ts'

export const tableWriters: SomeWriters<TableType, Naming> = {
  'create-table': createTable,
  'drop-table': ({ table, cascade }, naming) => [`DROP TABLE ${naming.table(table)}${cascade ? ' CASCADE' : ''}`],
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
  'modify-type': ({ table, column, newType }, naming) => {
    const name = naming.name(column)
    const type = typeText(newType)
    return [`ALTER TABLE ${naming.table(table)} ALTER COLUMN ${name} TYPE ${type} USING (${name}::${type})`]
  },
  'set-nullable': ({ table, column, nullable }, naming) => [
    `ALTER TABLE ${naming.table(table)} ALTER COLUMN  ${naming.name(column)} ${nullable ? 'DROP' : 'SET'} NOT NULL`,
  ],
  'fill-empty': fillEmpty,
  'set-default': ({ table, column, columnType, value }, naming) => {
    const name = naming.name(column)
    // Shorter than in CREATE TABLE: `10.50` is `10.5`.
    const number =
      value.kind === 'numeric'
        ? value.text
            .trim()
            .replace(/(\.\d*?)0+$/, '$1')
            .replace(/\.$/, '')
        : undefined
    // A text stays one, whatever the column is: the server reads it as it would read a number.
    const text =
      number ?? (value.kind === 'text' ? valueText(value, naming) : defaultText(value, columnType ?? '', naming))
    const set = `ALTER TABLE ${naming.table(table)} ALTER COLUMN  ${name} SET DEFAULT ${text}`
    if (value.kind !== 'sequence-next') return [set]
    return [set, `ALTER SEQUENCE ${naming.object(value)} OWNED BY ${naming.table(table)}.${name}`]
  },
  'drop-default': ({ table, column }, naming) => [
    `ALTER TABLE ${naming.table(table)} ALTER COLUMN ${naming.name(column)} DROP DEFAULT`,
  ],
  'set-column-remarks': ({ table, column, remarks }, naming) => [
    columnRemarks(naming.table(table), column, remarks, naming),
  ],
  'add-auto-increment': addAutoIncrement,
  'concatenate-columns': ({ table, target, first, joinString, second }, naming) => {
    const joined = `${naming.name(first)} || ${quoteText(joinString)} || ${naming.name(second)}`
    return [`UPDATE ${naming.table(table)} SET ${naming.name(target)} = ${joined}`]
  },
}

function createTable(statement: StatementOf<'create-table'>, naming: Naming): readonly string[] {
  const { columns, primaryKey, foreignKeys, uniqueConstraints } = statement
  const table = naming.table(statement.table)
  const lines = columns.map((column) => columnText(column, naming))
  if (primaryKey) {
    const name = naming.name(primaryKey.name ?? `${statement.table.tableName}_pkey`)
    const place = tablespace(primaryKey.tablespace, naming)
    lines.push(`CONSTRAINT ${name} PRIMARY KEY (${naming.names(primaryKey.columns)})${place && ` USING INDEX${place}`}`)
  }
  lines.push(...foreignKeys.map((key) => foreignKeyLine(key, naming)))
  for (const { name, columns: unique } of uniqueConstraints) {
    lines.push(`${name === undefined ? '' : `CONSTRAINT ${naming.name(name)} `}UNIQUE (${naming.names(unique)})`)
  }
  const kind = statement.tableType === undefined ? '' : `${statement.tableType} `
  const condition = statement.ifNotExists ? ' IF NOT EXISTS' : ''
  const place = tablespace(statement.tablespace, naming)
  const texts = [`CREATE ${kind}TABLE${condition} ${table} (${lines.join(', ')})${place}`]
  if (statement.remarks !== undefined) texts.push(`COMMENT ON TABLE ${table} IS ${quoteText(statement.remarks)}`)
  return [...texts, ...remarksOf(table, columns, naming)]
}

const tablespace = (name: string | undefined, naming: Naming): string =>
  name === undefined ? '' : ` TABLESPACE ${naming.name(name)}`

/** `CONSTRAINT fk FOREIGN KEY (a) REFERENCES other(id)`, here with the reference as it was written. */
function foreignKeyLine(key: ForeignKey, naming: Naming): string {
  const { references } = key
  const target =
    typeof references === 'string'
      ? withSchema(references, naming)
      : `${naming.table(references.table)}(${naming.names(references.columns)})`
  const name = key.name === undefined ? '' : `CONSTRAINT ${naming.name(key.name)} `
  const actions = key.onDelete === undefined ? '' : ` ON DELETE ${key.onDelete}`
  // The other way round than in ALTER TABLE.
  const times = `${key.initiallyDeferred ? ' INITIALLY DEFERRED' : ''}${key.deferrable ? ' DEFERRABLE' : ''}`
  return `${name}FOREIGN KEY (${naming.names(key.columns)}) REFERENCES ${target}${actions}${times}`
}

const withSchema = (references: string, naming: Naming): string =>
  references.includes('.') || naming.schemaName === undefined
    ? references
    : `${naming.name(naming.schemaName)}.${references}`

function columnText(column: ColumnDefinition, naming: Naming, notNullName?: string): string {
  const { autoIncrement, defaultValue } = column
  const parts = [naming.name(column.name), typeText(column.type)]
  if (autoIncrement || countsByItself(column.type)) parts.push(identity(autoIncrement))
  else if (defaultValue) {
    const literal = defaultValue.kind === 'text' ? literalDefault(defaultValue.text, column.type) : undefined
    parts.push(`DEFAULT ${literal ?? defaultText(defaultValue, column.type, naming)}`)
  }
  if (column.notNull && notNullName !== undefined) parts.push(`CONSTRAINT ${naming.name(notNullName)}`)
  if (column.notNull) parts.push('NOT NULL')
  return parts.join(' ')
}

function identity(options: ColumnDefinition['autoIncrement']): string {
  const start = options?.startWith === undefined ? [] : [`START WITH ${options.startWith}`]
  const step = options?.incrementBy === undefined ? [] : [`INCREMENT BY ${options.incrementBy}`]
  const list = [...start, ...step].join(' ')
  const kind = options?.generationType?.toUpperCase() === 'ALWAYS' ? 'ALWAYS' : 'BY DEFAULT'
  return `GENERATED ${kind} AS IDENTITY${list === '' ? '' : ` (${list})`}`
}

const columnRemarks = (table: string, column: string, remarks: string, naming: Naming): string =>
  `COMMENT ON COLUMN ${table}.${naming.name(column)} IS ${quoteText(remarks)}`

const remarksOf = (table: string, columns: readonly ColumnDefinition[], naming: Naming): readonly string[] =>
  columns.flatMap(({ name, remarks }) => (remarks ? [columnRemarks(table, name, remarks, naming)] : []))

/** All columns first, then their values, then what must hold once there are values, then remarks. */
function addColumns({ table, columns }: StatementOf<'add-columns'>, naming: Naming): readonly string[] {
  const name = naming.table(table)
  return [
    ...columns.flatMap((column) => addColumn(name, column, naming)),
    ...columns.flatMap((column) => fillColumn(name, column, naming)),
    ...remarksOf(name, columns, naming),
  ]
}

/** Rows that exist get their value before NULL is forbidden; a default is a value, too. */
const nullAtFirst = (column: AddedColumn): boolean =>
  column.value !== undefined && column.notNull && column.defaultValue === undefined && !column.primaryKey

function addColumn(table: string, column: AddedColumn, naming: Naming): readonly string[] {
  const { primaryKey, unique, foreignKey } = column
  // Only here the original writes the name of the constraint, not in CREATE TABLE.
  const { notNullConstraintName } = column
  const own = columnText(nullAtFirst(column) ? { ...column, notNull: false } : column, naming, notNullConstraintName)
  const constraint = (name: string | undefined): string =>
    name === undefined ? '' : `CONSTRAINT ${naming.name(name)} `
  const key = primaryKey ? ` ${constraint(primaryKey.name)}PRIMARY KEY` : ''
  const name = naming.name(column.name)
  return [
    `ALTER TABLE ${table} ADD ${own}${key}`,
    ...(unique ? [`ALTER TABLE ${table} ADD ${constraint(unique.name)}UNIQUE (${name})`] : []),
    ...(foreignKey ? [`ALTER TABLE ${table} ADD ${foreignKeyClause(foreignKey, naming)}`] : []),
  ]
}

function fillColumn(table: string, column: AddedColumn, naming: Naming): readonly string[] {
  if (!column.value) return []
  const name = naming.name(column.name)
  const fill = `UPDATE ${table} SET ${name} = ${valueText(column.value, naming)}`
  return nullAtFirst(column) ? [fill, `ALTER TABLE ${table} ALTER COLUMN  ${name} SET NOT NULL`] : [fill]
}

function fillEmpty({ table, column, columnType, value }: StatementOf<'fill-empty'>, naming: Naming): readonly string[] {
  const name = naming.name(column)
  const family = familyOf(columnType)
  let text = valueText(value, naming)
  if (value.kind === 'text' && family === 'bit') text = `B'${value.text}'`
  if (value.kind === 'text' && family === 'boolean') text = quoteText(value.text.toUpperCase())
  return [`UPDATE ${naming.table(table)} SET ${name} = ${text} WHERE ${name} IS NULL`]
}

function addAutoIncrement(statement: StatementOf<'add-auto-increment'>, naming: Naming): readonly string[] {
  const { column, startWith, incrementBy } = statement
  const table = naming.table(statement.table)
  const name = naming.name(column)
  const { schemaName, tableName } = statement.table
  const sequence = naming.object({ schemaName, name: `${tableName}_${column}_seq` })
  const start = startWith === undefined ? '' : ` START WITH ${startWith}`
  const step = incrementBy === undefined ? '' : ` INCREMENT BY ${incrementBy}`
  return [
    `CREATE SEQUENCE  IF NOT EXISTS ${sequence}${start}${step}`,
    `ALTER TABLE ${table} ALTER COLUMN  ${name} SET NOT NULL`,
    `ALTER TABLE ${table} ALTER COLUMN  ${name} SET DEFAULT nextval('${sequence}')`,
    `ALTER SEQUENCE ${sequence} OWNED BY ${table}.${name}`,
  ]
}
