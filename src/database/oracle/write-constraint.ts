// Keys, constraints and indexes in Oracle's SQL.
import type { ForeignKey } from '#change/statement'
import { quoteText } from '../function-name.ts'
import type { ConstraintType, SomeWriters, StatementOf } from '../writer.ts'
import type { Naming } from './naming.ts'

export const constraintWriters: SomeWriters<ConstraintType, Naming> = {
  'add-primary-key': (statement, naming) => {
    const { table, name, columns, validate } = statement
    const key = `${constraint(name, naming)}PRIMARY KEY (${naming.names(columns)})${indexOf(statement, naming)}`
    return [`ALTER TABLE ${naming.table(table)} ADD ${key}${validate ? '' : ' ENABLE NOVALIDATE'}`]
  },
  // The index of the key goes with it unless the change says that it stays.
  'drop-primary-key': ({ table, dropIndex }, naming) => [
    `ALTER TABLE ${naming.table(table)} DROP PRIMARY KEY ${dropIndex === false ? 'KEEP' : 'DROP'} INDEX`,
  ],
  'add-unique': addUnique,
  'drop-unique': ({ table, name }, naming) => [
    `ALTER TABLE ${naming.table(table)} DROP CONSTRAINT ${naming.name(name)} DROP INDEX`,
  ],
  'add-foreign-key': ({ table, foreignKey }, naming) => [
    `ALTER TABLE ${naming.table(table)} ADD ${foreignKeyClause(foreignKey, naming)}`,
  ],
  'drop-foreign-key': ({ table, name }, naming) => [
    `ALTER TABLE ${naming.table(table)} DROP CONSTRAINT ${naming.name(name)}`,
  ],
  'drop-all-foreign-keys': dropAllForeignKeys,
  'create-index': createIndex,
  'drop-index': ({ table, schemaName, name }, naming) => [
    `DROP INDEX ${naming.object({ catalogName: table?.catalogName, schemaName, name })}`,
  ],
}

const constraint = (name: string | undefined, naming: Naming): string =>
  name === undefined ? '' : `CONSTRAINT ${naming.name(name)} `

/** The index that serves a key: an existing one, or a new one in a tablespace. */
function indexOf(statement: StatementOf<'add-primary-key' | 'add-unique'>, naming: Naming): string {
  const { forIndexName, forIndexSchemaName, forIndexCatalogName, tablespace } = statement
  const place = tablespace === undefined ? '' : ` USING INDEX TABLESPACE ${naming.name(tablespace)}`
  if (forIndexName === undefined) return place
  const index = { catalogName: forIndexCatalogName, schemaName: forIndexSchemaName, name: forIndexName }
  return `${place} USING INDEX ${naming.object(index)}`
}

function addUnique(statement: StatementOf<'add-unique'>, naming: Naming): readonly string[] {
  const { table, name, columns, deferrable, initiallyDeferred, disabled, validate } = statement
  const times = `${deferrable ? ' DEFERRABLE' : ''}${initiallyDeferred ? ' INITIALLY DEFERRED' : ''}`
  // Both at once contradict each other; a constraint that is off validates nothing anyway.
  const state = disabled ? ' DISABLE' : validate ? '' : ' ENABLE NOVALIDATE'
  const key = `${constraint(name, naming)}UNIQUE (${naming.names(columns)})${times}`
  const index = indexOf(statement, naming)
  const tail = disabled ? `${state}${index}` : `${index}${state}`
  return [`ALTER TABLE ${naming.table(table)} ADD ${key}${tail}`]
}

/** Of existing tables: the reference is always quoted anew. Oracle has no ON UPDATE, and RESTRICT is what it does anyway. */
export function foreignKeyClause(key: ForeignKey, naming: Naming): string {
  const target = referenceText(key.references, naming)
  const removes = key.onDelete !== undefined && !/^(?:restrict|no\s+action)$/i.test(key.onDelete)
  const action = removes ? ` ON DELETE ${key.onDelete}` : ''
  const times = `${key.deferrable ? ' DEFERRABLE' : ''}${key.initiallyDeferred ? ' INITIALLY DEFERRED' : ''}`
  const columns = naming.names(key.columns)
  const validation = key.validate ? '' : ' ENABLE NOVALIDATE'
  return `${constraint(key.name, naming)}FOREIGN KEY (${columns}) REFERENCES ${target}${action}${times}${validation}`
}

function referenceText(references: ForeignKey['references'], naming: Naming): string {
  if (typeof references !== 'string') return `${naming.table(references.table)} (${naming.names(references.columns)})`
  const match = /^\s*(?:([^.()]+)\.)?([^.()]+)\(([^)]*)\)\s*$/.exec(references)
  if (!match) return references
  const [, schemaName, tableName = '', columns = ''] = match
  const table = { catalogName: undefined, schemaName: schemaName?.trim(), tableName: tableName.trim() }
  return `${naming.table(table)} (${naming.names(columns.split(',').map((name) => name.trim()))})`
}

/** Those that the table has when the statement runs. */
function dropAllForeignKeys({ table }: StatementOf<'drop-all-foreign-keys'>, naming: Naming): readonly string[] {
  const owner = table.catalogName ?? table.schemaName
  const mine = owner === undefined ? "SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA')" : quoteText(folded(owner, naming))
  const target = naming.table(table).replaceAll("'", "''")
  return [
    `BEGIN
  FOR foreign_key IN (
    SELECT constraint_name FROM all_constraints
    WHERE constraint_type = 'R' AND owner = ${mine} AND table_name = ${quoteText(folded(table.tableName, naming))}
  ) LOOP
    EXECUTE IMMEDIATE 'ALTER TABLE ${target} DROP CONSTRAINT "' || foreign_key.constraint_name || '"';
  END LOOP;
END;`,
  ]
}

/** As the catalogue holds the name: in capitals unless it is quoted. */
const folded = (name: string, naming: Naming): string => (naming.name(name) === name ? name.toUpperCase() : name)

/** An index that comes with a key is made with the key. Columns cannot only be stored in it: all are keys. */
function createIndex(statement: StatementOf<'create-index'>, naming: Naming): readonly string[] {
  const { table, name, columns, unique, clustered, tablespace, associatedWith } = statement
  if (/\b(?:primaryKey|uniqueConstraint)\b/i.test(associatedWith ?? '')) return []
  const { catalogName, schemaName } = table
  const keys = columns.map(
    ({ name: column, computed, descending }) =>
      `${computed ? column : naming.name(column)}${descending ? ' DESC' : ''}`,
  )
  const index = name === undefined ? '' : `${naming.object({ catalogName, schemaName, name })} `
  const target = `${clustered ? 'CLUSTER ' : ''}${naming.table(table)}(${keys.join(', ')})`
  const place = tablespace === undefined ? '' : ` TABLESPACE ${naming.name(tablespace)}`
  return [`CREATE ${unique ? 'UNIQUE ' : ''}INDEX ${index}ON ${target}${place}`]
}
