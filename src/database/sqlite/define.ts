// Objects of SQLite in SQL, from the model of a snapshot. SQLite keeps their statements, so that is what is written.
import { Fault } from '#contract/fault'
import type { Definer } from '../snapshot/definer.ts'
import type { Column, Index, Table } from '../snapshot/model.ts'
import { copyStatements } from './copy-table.ts'
import { countsByItself } from './edit-table.ts'
import { quoteName } from './quote.ts'
import { typeText } from './type.ts'

const quote = (name: string): string => quoteName(name, 'QUOTE_ALL_OBJECTS')
const list = (names: readonly string[]): string => names.map(quote).join(', ')

/** SQLite keeps the words of the type, so they must stay the same. */
function columnType({ type, collation, generated }: Column): string | undefined {
  if (collation !== undefined || generated !== undefined) return undefined
  const written = typeText(type.text)
  return written.replaceAll(' ', '').toLowerCase() === type.text.replaceAll(' ', '').toLowerCase() ? written : undefined
}

function columnText(column: Column, key?: string): string {
  const { generated, defaultValue, collation } = column
  return [
    quote(column.name),
    column.type.text,
    ...(key === undefined ? [] : [key]),
    ...(column.nullable ? [] : ['NOT NULL']),
    ...(defaultValue ? [`DEFAULT ${defaultText(defaultValue.expression)}`] : []),
    ...(collation === undefined ? [] : [`COLLATE ${quote(collation)}`]),
    ...(generated ? [`GENERATED ALWAYS AS (${generated.expression}) ${generated.stored ? 'STORED' : 'VIRTUAL'}`] : []),
  ].join(' ')
}

/** Expressions lose their parentheses in the catalog. */
const defaultText = (expression: string): string =>
  /^(?:'(?:[^']|'')*'|[+-]?[\d.]+(?:e[+-]?\d+)?|x'[\da-f]*'|null|true|false|current_\w+)$/i.test(expression)
    ? expression
    : `(${expression})`

/** Without the text of the database: when columns were left out. */
function composed(table: Table): string {
  const { primaryKey } = table
  const constraint = (name: string | undefined): string => (name === undefined ? '' : `CONSTRAINT ${quote(name)} `)
  // A column that counts by itself carries the key of the table.
  const counting = primaryKey && table.columns.find((column) => column.autoIncrement !== undefined)
  const key = `${constraint(primaryKey?.name)}PRIMARY KEY`
  const lines = [
    ...table.columns.map((column) => columnText(column, column === counting ? `${key} AUTOINCREMENT` : undefined)),
    ...(primaryKey && !counting ? [`${key} (${list(primaryKey.columns)})`] : []),
    ...table.uniqueConstraints.map((one) => `${constraint(one.name)}UNIQUE (${list(one.columns)})`),
    ...table.checks.map((one) => `${constraint(one.name)}${one.definition}`),
    ...table.foreignKeys.map((key) => {
      const columns = key.referencedColumns.length === 0 ? '' : `(${list(key.referencedColumns)})`
      const times = `${key.deferrable ? ' DEFERRABLE' : ''}${key.initiallyDeferred ? ' INITIALLY DEFERRED' : ''}`
      const rules = ` ON UPDATE ${key.onUpdate} ON DELETE ${key.onDelete}`
      return `${constraint(key.name)}FOREIGN KEY (${list(key.columns)}) REFERENCES ${quote(key.referencedTable)}${columns}${rules}${times}`
    }),
  ]
  return `CREATE TABLE ${quote(table.name)} (${lines.join(', ')})${table.options.length === 0 ? '' : ` ${table.options.join(', ')}`}`
}

/** Columns that are computed fill themselves. Indexes and triggers are made again by others. */
function rebuildTable(to: Table, from: Table): readonly string[] {
  const known = new Set(from.columns.map((column) => column.name.toLowerCase()))
  const kept = to.columns.filter((column) => column.generated === undefined && known.has(column.name.toLowerCase()))
  const text = to.definition ?? composed(to)
  return copyStatements({
    name: to.name,
    text,
    columns: kept.map((column) => column.name),
    counts: countsByItself(from.definition ?? composed(from)) && countsByItself(text),
    after: [],
  })
}

function indexText(table: string, index: Index): string {
  if (index.definition !== undefined) return index.definition
  const columns = index.columns.map((column) => `${quote(column.name)}${column.descending ? ' DESC' : ''}`)
  return `CREATE ${index.unique ? 'UNIQUE ' : ''}INDEX ${quote(index.name)} ON ${quote(table)} (${columns.join(', ')})`
}

/** The writer always names the key, and forbids NULL in it. */
function isPlainKey({ primaryKey, columns }: Table): boolean {
  if (primaryKey === undefined) return true
  const keys = columns.filter(({ name }) => primaryKey.columns.includes(name))
  return primaryKey.name !== undefined && keys.every(({ nullable }) => !nullable)
}

const cannot = (what: string): never => {
  throw new Fault('not-offered', `SQLite cannot ${what}.`, {
    hint: 'Make a new table, copy the rows, and rename it.',
  })
}

export const sqliteDefiner: Definer = {
  quoting: 'LEGACY',
  losesCase: () => false,
  alterConstraints: false,
  sortTables: false,
  inlineUnique: false,
  caseSensitive: false,
  modifiesWholeColumn: false,
  foreignKeysHoldIndexes: false,
  sameRowsThroughout: undefined,
  pages: true,
  namesPrimaryKey: true,
  columnType,
  isPlainTable: (table) =>
    table.options.length === 0 &&
    table.checks.length === 0 &&
    table.foreignKeys.length === 0 &&
    table.uniqueConstraints.length === 0 &&
    table.columns.every(({ autoIncrement }) => autoIncrement === undefined) &&
    isPlainKey(table),
  table: (table) => [table.definition ?? composed(table)],
  addColumn: (table, column) => [`ALTER TABLE ${quote(table)} ADD ${columnText(column)}`],
  modifyColumn: () => cannot('change a column'),
  rebuildTable,
  addCheck: () => cannot('add a check constraint to a table that exists'),
  dropCheck: () => cannot('drop a check constraint'),
  addConstraint: () => cannot('add a constraint to a table that exists'),
  foreignKey: () => cannot('add a foreign key to a table that exists'),
  index: indexText,
  bytes: (hex) => `X'${hex}'`,
  alterSequence: () => cannot('change sequences'),
  sequenceExtras: () => [],
  portableQuery: (query) => query,
  view: (view) => [view.definition ?? `CREATE VIEW ${quote(view.name)} AS ${view.query}`],
  dropView: (view) => `DROP VIEW IF EXISTS ${quote(view.name)}`,
  routine: () => [],
  dropRoutine: () => cannot('drop routines'),
  trigger: ({ definition }) => definition,
  dropTrigger: (_relation, { name }) => `DROP TRIGGER IF EXISTS ${quote(name)}`,
  userType: () => [],
  alterType: () => undefined,
  dropType: () => cannot('drop types'),
  dropTable: (name) => `DROP TABLE IF EXISTS ${quote(name)}`,
  dropSequence: () => cannot('drop sequences'),
}
