// Keys, constraints and indexes in SQL Server's SQL.
import type { ForeignKey, IndexColumn } from '#change/statement'
import type { ConstraintType, SomeWriters, StatementOf } from '../writer.ts'
import { type Naming, unicode } from './naming.ts'

export const constraintWriters: SomeWriters<ConstraintType, Naming> = {
  'add-primary-key': (statement, naming) => [keyText('PRIMARY KEY', statement, naming)],
  'drop-primary-key': dropPrimaryKey,
  'add-unique': (statement, naming) => [keyText('UNIQUE', statement, naming)],
  'drop-unique': dropConstraint,
  'add-foreign-key': ({ table, foreignKey }, naming) => [
    `ALTER TABLE ${naming.table(table)} ADD ${foreignKeyClause(foreignKey, naming)}`,
  ],
  'drop-foreign-key': dropConstraint,
  'drop-all-foreign-keys': dropAllForeignKeys,
  'create-index': createIndex,
  'drop-index': ({ table, name }, naming) => [
    `DROP INDEX ${naming.name(name)}${table === undefined ? '' : ` ON ${naming.table(table)}`}`,
  ],
}

function dropConstraint(statement: StatementOf<'drop-unique' | 'drop-foreign-key'>, naming: Naming): readonly string[] {
  return [`ALTER TABLE ${naming.table(statement.table)} DROP CONSTRAINT ${naming.name(statement.name)}`]
}

const constraint = (name: string | undefined, naming: Naming): string =>
  name === undefined ? '' : `CONSTRAINT ${naming.name(name)} `

function keyText(
  kind: 'PRIMARY KEY' | 'UNIQUE',
  { table, name, columns, clustered, tablespace }: StatementOf<'add-primary-key' | 'add-unique'>,
  naming: Naming,
): string {
  // A unique constraint is not clustered anyway.
  const order = clustered ? ' CLUSTERED' : clustered === false && kind === 'PRIMARY KEY' ? ' NONCLUSTERED' : ''
  const place = tablespace === undefined ? '' : ` ON ${naming.name(tablespace)}`
  return `ALTER TABLE ${naming.table(table)} ADD ${constraint(name, naming)}${kind}${order} (${naming.names(columns)})${place}`
}

/** Of existing tables: the reference is always quoted anew. RESTRICT is what the server does anyway and has no word for. */
export function foreignKeyClause(key: ForeignKey, naming: Naming): string {
  const actions = `${action('UPDATE', key.onUpdate)}${action('DELETE', key.onDelete)}`
  const target = referenceText(key.references, naming)
  return `${constraint(key.name, naming)}FOREIGN KEY (${naming.names(key.columns)}) REFERENCES ${target}${actions}`
}

const action = (event: string, what: string | undefined): string =>
  what === undefined || what.toUpperCase() === 'RESTRICT' ? '' : ` ON ${event} ${what}`

function referenceText(references: ForeignKey['references'], naming: Naming): string {
  if (typeof references !== 'string') return `${naming.table(references.table)} (${naming.names(references.columns)})`
  const match = /^\s*(?:([^.()]+)\.)?([^.()]+)\(([^)]*)\)\s*$/.exec(references)
  if (!match) return references
  const [, schemaName, tableName = '', columns = ''] = match
  const table = { catalogName: undefined, schemaName: schemaName?.trim(), tableName: tableName.trim() }
  return `${naming.table(table)} (${naming.names(columns.split(',').map((name) => name.trim()))})`
}

/** Without a name the database is asked for it when the statement runs. */
function dropPrimaryKey({ table, name }: StatementOf<'drop-primary-key'>, naming: Naming): readonly string[] {
  const target = naming.table(table)
  if (name !== undefined) return [`ALTER TABLE ${target} DROP CONSTRAINT ${naming.name(name)}`]
  const query = `SELECT @sql = ${unicode(`ALTER TABLE ${target} DROP CONSTRAINT `)} + QUOTENAME([kc].[name]) FROM [sys].[key_constraints] AS [kc] WHERE [kc].[parent_object_id] = OBJECT_ID(${unicode(target)}) AND [kc].[type] = 'PK'`
  return [`DECLARE @sql [nvarchar](MAX)\r\n${query}\r\nEXEC sp_executesql @sql`]
}

/** Those that the table has when the statement runs. */
function dropAllForeignKeys({ table }: StatementOf<'drop-all-foreign-keys'>, naming: Naming): readonly string[] {
  const target = naming.table(table)
  const query = `SELECT @sql = @sql + ${unicode(`ALTER TABLE ${target} DROP CONSTRAINT `)} + QUOTENAME([fk].[name]) + N';' FROM [sys].[foreign_keys] AS [fk] WHERE [fk].[parent_object_id] = OBJECT_ID(${unicode(target)})`
  return [`DECLARE @sql [nvarchar](MAX) = N''\r\n${query}\r\nEXEC sp_executesql @sql`]
}

/** An index that comes with a key is made with the key. */
function createIndex(statement: StatementOf<'create-index'>, naming: Naming): readonly string[] {
  const { table, name, columns, unique, clustered, tablespace, associatedWith } = statement
  if (/\b(?:primaryKey|uniqueConstraint|foreignKey)\b/i.test(associatedWith ?? '')) return []
  const keys = columns.filter((column) => !column.included).map((column) => indexColumn(column, naming))
  const included = columns.filter((column) => column.included).map((column) => naming.name(column.name))
  const kind = `CREATE ${unique ? 'UNIQUE ' : ''}${clustered ? 'CLUSTERED' : 'NONCLUSTERED'} INDEX`
  const more = included.length === 0 ? '' : ` Include (${included.join(', ')})`
  const place = tablespace === undefined ? '' : ` ON ${naming.name(tablespace)}`
  const named = name === undefined ? '' : `${naming.name(name)} `
  return [`${kind} ${named}ON ${naming.table(table)}(${keys.join(', ')})${more}${place}`]
}

function indexColumn({ name, computed, descending }: IndexColumn, naming: Naming): string {
  return `${computed ? name : naming.name(name)}${descending ? ' DESC' : ''}`
}
