// Keys, constraints and indexes in the SQL of MySQL and MariaDB.
import type { ForeignKey, TableName } from '#change/statement'
import type { ConstraintType, SomeWriters, StatementOf } from '../writer.ts'
import type { Context } from './context.ts'
import type { Naming } from './naming.ts'
import { quoteText } from './value.ts'

const alter = (table: TableName, what: string, { naming }: Context): readonly string[] => [
  `ALTER TABLE ${naming.table(table)} ${what}`,
]

export const constraintWriters: SomeWriters<ConstraintType, Context> = {
  // A primary key is always called PRIMARY; its name is dropped.
  'add-primary-key': ({ table, columns }, context) =>
    alter(table, `ADD PRIMARY KEY (${context.naming.names(columns)})`, context),
  'drop-primary-key': ({ table }, context) => alter(table, 'DROP PRIMARY KEY', context),
  'add-unique': ({ table, name, columns }, context) =>
    alter(table, `ADD ${constraintName(name, context.naming)}UNIQUE (${context.naming.names(columns)})`, context),
  'drop-unique': ({ table, name }, context) => alter(table, `DROP KEY ${context.naming.name(name)}`, context),
  'add-foreign-key': ({ table, foreignKey }, context) =>
    alter(table, `ADD ${foreignKeyClause(foreignKey, context.naming)}`, context),
  'drop-foreign-key': ({ table, name }, context) =>
    alter(table, `DROP FOREIGN KEY ${context.naming.name(name)}`, context),
  'drop-all-foreign-keys': dropAllForeignKeys,
  'create-index': createIndex,
  'drop-index': ({ table, schemaName, name }, { naming }) => {
    const place =
      table === undefined ? '' : ` ON ${naming.table({ ...table, schemaName: table.schemaName ?? schemaName })}`
    return [`DROP INDEX ${naming.name(name)}${place}`]
  },
}

export const constraintName = (name: string | undefined, naming: Naming): string =>
  name === undefined ? '' : `CONSTRAINT ${naming.name(name)} `

/** Of existing tables: the reference is always quoted anew. */
export function foreignKeyClause(key: ForeignKey, naming: Naming): string {
  const actions = `${action('UPDATE', key.onUpdate)}${action('DELETE', key.onDelete)}`
  const times = `${key.deferrable ? ' DEFERRABLE' : ''}${key.initiallyDeferred ? ' INITIALLY DEFERRED' : ''}`
  const target = referenceText(key.references, naming)
  return `${constraintName(key.name, naming)}FOREIGN KEY (${naming.names(key.columns)}) REFERENCES ${target}${actions}${times}`
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

/**
 * Those that the table has when the statement runs; neither server has anonymous blocks in common, so the text of the ALTER is
 * put together by the server itself. One text, because a prepared statement does not outlive its session.
 */
function dropAllForeignKeys({ table }: StatementOf<'drop-all-foreign-keys'>, { naming }: Context): readonly string[] {
  const schema = table.catalogName ?? table.schemaName ?? naming.schemaName
  const database = schema === undefined ? 'DATABASE()' : quoteText(schema)
  const head = quoteText(`ALTER TABLE ${naming.table(table)} `)
  const drop = `GROUP_CONCAT('DROP FOREIGN KEY \`', REPLACE(CONSTRAINT_NAME, '\`', '\`\`'), '\`' SEPARATOR ', ')`
  return [
    [
      'SET SESSION group_concat_max_len = 1048576',
      `SET @sluice_drop = (SELECT CONCAT(${head}, ${drop}) FROM information_schema.TABLE_CONSTRAINTS WHERE CONSTRAINT_TYPE = 'FOREIGN KEY' AND TABLE_SCHEMA = ${database} AND TABLE_NAME = ${quoteText(table.tableName)})`,
      "SET @sluice_drop = IFNULL(@sluice_drop, 'DO 0')",
      'PREPARE sluice_drop FROM @sluice_drop',
      'EXECUTE sluice_drop',
      'DEALLOCATE PREPARE sluice_drop',
    ].join(';\n'),
  ]
}

/** The servers have neither tablespaces for indexes nor columns that are only stored in them. */
function createIndex(
  { table, name, columns, unique }: StatementOf<'create-index'>,
  { naming }: Context,
): readonly string[] {
  const keys = columns.map(
    (column) => `${indexColumn(column.name, column.computed, naming)}${column.descending ? ' DESC' : ''}`,
  )
  const kind = `CREATE ${unique ? 'UNIQUE ' : ''}INDEX ${name === undefined ? '' : `${naming.name(name)} `}ON`
  return [`${kind} ${naming.table(table)}(${keys.join(', ')})`]
}

/** `name(10)` indexes the first ten characters. */
function indexColumn(text: string, computed: boolean, naming: Naming): string {
  if (computed) return text
  const [, name, length] = /^([^()]+)(\(\d+\))$/.exec(text) ?? []
  return name === undefined ? naming.name(text) : `${naming.name(name)}${length}`
}
