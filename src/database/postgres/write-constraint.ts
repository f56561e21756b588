// Keys, constraints and indexes in PostgreSQL's SQL.
import type { ForeignKey, IndexColumn } from '#change/statement'
import { quoteText } from '../function-name.ts'
import type { ConstraintType, SomeWriters, StatementOf } from '../writer.ts'
import type { Naming } from './naming.ts'

export const constraintWriters: SomeWriters<ConstraintType, Naming> = {
  'add-primary-key': addPrimaryKey,
  'drop-primary-key': dropPrimaryKey,
  'add-unique': addUnique,
  'drop-unique': dropConstraint,
  'add-foreign-key': ({ table, foreignKey }, naming) => [
    `ALTER TABLE ${naming.table(table)} ADD ${foreignKeyClause(foreignKey, naming)}`,
  ],
  'drop-foreign-key': dropConstraint,
  'drop-all-foreign-keys': dropAllForeignKeys,
  'create-index': createIndex,
  'drop-index': ({ schemaName, name }, naming) => [`DROP INDEX ${naming.object({ schemaName, name })}`],
}

function dropConstraint(statement: StatementOf<'drop-unique' | 'drop-foreign-key'>, naming: Naming): readonly string[] {
  return [`ALTER TABLE ${naming.table(statement.table)} DROP CONSTRAINT ${naming.name(statement.name)}`]
}

const constraint = (name: string | undefined, naming: Naming): string =>
  name === undefined ? '' : `CONSTRAINT ${naming.name(name)} `

/** Of existing tables: the reference is always quoted anew. */
export function foreignKeyClause(key: ForeignKey, naming: Naming): string {
  const columns = naming.names(key.columns)
  const actions = `${action('UPDATE', key.onUpdate)}${action('DELETE', key.onDelete)}`
  const times = `${key.deferrable ? ' DEFERRABLE' : ''}${key.initiallyDeferred ? ' INITIALLY DEFERRED' : ''}`
  const name = constraint(key.name, naming)
  const target = referenceText(key.references, naming)
  return `${name}FOREIGN KEY (${columns}) REFERENCES ${target}${actions}${times}${key.validate ? '' : ' NOT VALID'}`
}

const action = (event: string, what: string | undefined): string => (what === undefined ? '' : ` ON ${event} ${what}`)

function referenceText(references: ForeignKey['references'], naming: Naming): string {
  if (typeof references !== 'string') return `${naming.table(references.table)} (${naming.names(references.columns)})`
  const match = /^\s*(?:([^.()]+)\.)?([^.()]+)\(([^)]*)\)\s*$/.exec(references)
  if (!match) return references
  const [, schemaName, tableName = '', columns = ''] = match
  const table = { catalogName: undefined, schemaName: schemaName?.trim(), tableName: tableName.trim() }
  const names = columns.split(',').map((name) => name.trim())
  return `${naming.table(table)} (${naming.names(names)})`
}

function addPrimaryKey(statement: StatementOf<'add-primary-key'>, naming: Naming): readonly string[] {
  const { name, columns, tablespace, forIndexName, clustered } = statement
  const table = naming.table(statement.table)
  const list = forIndexName === undefined ? `(${naming.names(columns)})` : `USING INDEX ${naming.name(forIndexName)}`
  const place = tablespace === undefined ? '' : ` USING INDEX TABLESPACE ${naming.name(tablespace)}`
  const add = `ALTER TABLE ${table} ADD ${constraint(name, naming)}PRIMARY KEY ${list}${place}`
  return clustered && name !== undefined ? [add, `CLUSTER ${table} USING ${naming.name(name)}`] : [add]
}

/** Without a name the database is asked for it when the statement runs. */
function dropPrimaryKey({ table, name }: StatementOf<'drop-primary-key'>, naming: Naming): readonly string[] {
  if (name !== undefined) return [`ALTER TABLE ${naming.table(table)} DROP CONSTRAINT ${naming.name(name)}`]
  return [
    `DO $$ DECLARE constraint_name varchar;
BEGIN
  SELECT conname INTO STRICT constraint_name
    FROM pg_catalog.pg_constraint
    WHERE contype = 'p' AND conrelid = ${quoteText(naming.table(table))}::regclass;
  EXECUTE 'ALTER TABLE ${naming.table(table).replaceAll("'", "''")} DROP CONSTRAINT ' || quote_ident(constraint_name);
END $$`,
  ]
}

/** Those that the table has when the statement runs. */
function dropAllForeignKeys({ table }: StatementOf<'drop-all-foreign-keys'>, naming: Naming): readonly string[] {
  return [
    `DO $$ DECLARE foreign_key record;
BEGIN
  FOR foreign_key IN
    SELECT conname FROM pg_catalog.pg_constraint
    WHERE contype = 'f' AND conrelid = ${quoteText(naming.table(table))}::regclass
  LOOP
    EXECUTE 'ALTER TABLE ${naming.table(table).replaceAll("'", "''")} DROP CONSTRAINT ' || quote_ident(foreign_key.conname);
  END LOOP;
END $$`,
  ]
}

function addUnique(statement: StatementOf<'add-unique'>, naming: Naming): readonly string[] {
  const { name, columns, tablespace, forIndexName, deferrable, initiallyDeferred } = statement
  const list = forIndexName === undefined ? `(${naming.names(columns)})` : `USING INDEX ${naming.name(forIndexName)}`
  const place = tablespace === undefined ? '' : ` USING INDEX TABLESPACE ${naming.name(tablespace)}`
  const times = `${deferrable ? ' DEFERRABLE' : ''}${initiallyDeferred ? ' INITIALLY DEFERRED' : ''}`
  return [`ALTER TABLE ${naming.table(statement.table)} ADD ${constraint(name, naming)}UNIQUE ${list}${place}${times}`]
}

function createIndex(statement: StatementOf<'create-index'>, naming: Naming): readonly string[] {
  const { table, name, columns, unique, tablespace, using } = statement
  const keys = columns.filter((column) => !column.included).map((column) => indexColumn(column, naming))
  const included = columns.filter((column) => column.included).map((column) => naming.name(column.name))
  const kind = `CREATE ${unique ? 'UNIQUE ' : ''}INDEX ${name === undefined ? '' : `${naming.name(name)} `}ON`
  const method = using === undefined ? '' : ` USING ${using}`
  const more = included.length === 0 ? '' : ` INCLUDE (${included.join(', ')})`
  const place = tablespace === undefined ? '' : ` TABLESPACE ${naming.name(tablespace)}`
  return [`${kind} ${naming.table(table)}${method}(${keys.join(', ')})${more}${place}`]
}

function indexColumn({ name, computed, descending }: IndexColumn, naming: Naming): string {
  return `${computed ? name : naming.name(name)}${descending ? ' DESC' : ''}`
}
