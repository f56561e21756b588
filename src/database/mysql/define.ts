// Objects of MySQL and MariaDB in SQL, from the model of a snapshot.
import { Fault } from '#contract/fault'
import type { Definer } from '../snapshot/definer.ts'
import type { Column, Index, Table } from '../snapshot/model.ts'
import type { Flavour } from './flavour.ts'
import { quoteName } from './quote.ts'
import { typeText } from './type.ts'
import { quoteText } from './value.ts'

const quote = (name: string): string => quoteName(name, 'QUOTE_ALL_OBJECTS')
const list = (names: readonly string[]): string => names.map(quote).join(', ')
const qualified = (schemaName: string | undefined, name: string): string =>
  schemaName === undefined ? quote(name) : `${quote(schemaName)}.${quote(name)}`
const constraint = (name: string | undefined): string => (name === undefined ? '' : `CONSTRAINT ${quote(name)} `)

/** Types that the type table of changelogs turns into others, and lists of words that it would cut in pieces. */
function columnType(column: Column, flavour: Flavour): string | undefined {
  const { type, collation, generated, extra } = column
  if (collation !== undefined || generated !== undefined || extra !== undefined) return undefined
  if (/^(?:enum|set)/i.test(type.text) && !/^\w+\((?:'[\w\s-]*',?)*\)$/.test(type.text)) return undefined
  const written = typeText(type.text, flavour)
  return canonical(written) === canonical(type.text) ? written : undefined
}

/** The width of a whole number means nothing but with zerofill; and one word of a size means the usual one. */
function canonical(type: string): string {
  const lower = type.toLowerCase().replaceAll(/\s*,\s*/g, ',')
  const whole =
    lower.includes('zerofill') || lower === 'tinyint(1)' ? lower : lower.replace(/^(\w*int)(?:eger)?\(\d+\)/, '$1')
  return whole.replace(/^(?:numeric|dec)\b/, 'decimal')
}

function columnText(column: Column, table: Table): string {
  const { generated, defaultValue, autoIncrement, collation, extra, remarks } = column
  const parts = [quote(column.name), column.type.text]
  if (collation !== undefined) parts.push(`CHARACTER SET ${collation.replace(/_.*$/, '')} COLLATE ${collation}`)
  if (generated) parts.push(`GENERATED ALWAYS AS (${generated.expression}) ${generated.stored ? 'STORED' : 'VIRTUAL'}`)
  else parts.push(column.nullable ? 'NULL' : 'NOT NULL')
  if (defaultValue) parts.push(`DEFAULT ${defaultText(defaultValue.expression)}`)
  if (autoIncrement) parts.push('AUTO_INCREMENT')
  if (extra !== undefined) parts.push(extra)
  if (remarks !== undefined) parts.push(`COMMENT ${quoteText(remarks)}`)
  const check = table.checks.find((one) => one.column === column.name)
  if (check) parts.push(check.definition)
  return parts.join(' ')
}

/** MySQL wants parentheses around expressions, and no server minds them, except where there is more behind the time. */
const defaultText = (expression: string): string =>
  /^(?:'(?:[^'\\]|''|\\[\s\S])*'|-?[\d.]+(?:e[+-]?\d+)?|null|b'[01]*'|x'[\da-f]*'|current_timestamp(?:\(\d*\))?(?: on update .*)?)$/i.test(
    expression,
  )
    ? expression
    : `(${expression})`

function tableText(table: Table, schemaName: string | undefined): string {
  const { primaryKey, partition, options, remarks } = table
  const lines = [
    ...table.columns.map((column) => columnText(column, table)),
    ...(primaryKey ? [primaryKey.definition ?? `PRIMARY KEY (${list(primaryKey.columns)})`] : []),
    ...table.uniqueConstraints.map((one) => `${constraint(one.name)}UNIQUE (${list(one.columns)})`),
    ...table.checks
      .filter(({ column }) => column === undefined)
      .map((one) => `${constraint(one.name)}${one.definition}`),
  ]
  const end = [
    ...options,
    ...(remarks === undefined ? [] : [`COMMENT=${quoteText(remarks)}`]),
    ...(partition?.by === undefined ? [] : [`PARTITION BY ${partition.by}`]),
  ]
  return `CREATE TABLE ${qualified(schemaName, table.name)} (${lines.join(', ')})${end.length === 0 ? '' : ` ${end.join(' ')}`}`
}

function indexText(table: string, index: Index, schemaName: string | undefined): string {
  if (index.definition !== undefined) return index.definition
  const columns = index.columns.map((column) => `${quote(column.name)}${column.descending ? ' DESC' : ''}`)
  return `CREATE ${index.unique ? 'UNIQUE ' : ''}INDEX ${quote(index.name)} ON ${qualified(schemaName, table)} (${columns.join(', ')})`
}

/** A computed column that becomes another, or none, is made anew. */
function modifyColumn(table: string, to: Column, from: Column, schemaName: string | undefined): readonly string[] {
  const alone = { checks: [] } as unknown as Table
  const name = qualified(schemaName, table)
  if (JSON.stringify(to.generated) === JSON.stringify(from.generated)) {
    return [`ALTER TABLE ${name} MODIFY COLUMN ${columnText(to, alone)}`]
  }
  return [`ALTER TABLE ${name} DROP COLUMN ${quote(to.name)}`, `ALTER TABLE ${name} ADD ${columnText(to, alone)}`]
}

const noTypes = (): never => {
  throw new Fault('not-offered', 'MySQL and MariaDB have no types of users.')
}

export const mysqlDefiner = (flavour: Flavour): Definer => ({
  quoting: 'LEGACY',
  losesCase: () => false,
  alterConstraints: true,
  sortTables: false,
  inlineUnique: true,
  caseSensitive: false,
  modifiesWholeColumn: true,
  foreignKeysHoldIndexes: true,
  sameRowsThroughout: undefined,
  pages: true,
  namesPrimaryKey: false,
  columnType: (column) => columnType(column, flavour),
  isPlainTable: (table) =>
    table.partition === undefined &&
    table.options.length === 0 &&
    table.primaryKey?.definition === undefined &&
    table.checks.every(({ column }) => column === undefined) &&
    table.columns.every(({ defaultValue }) => defaultValue?.kind !== 'sequence-next'),
  table: (table, schemaName) => [tableText(table, schemaName)],
  addColumn: (table, column, schemaName) => {
    const alone = { checks: [] } as unknown as Table
    return [`ALTER TABLE ${qualified(schemaName, table)} ADD ${columnText(column, alone)}`]
  },
  modifyColumn,
  rebuildTable: () => [],
  addCheck: (table, check, schemaName) =>
    `ALTER TABLE ${qualified(schemaName, table)} ADD ${constraint(check.name)}${check.definition}`,
  dropCheck: (table, name, schemaName) => `ALTER TABLE ${qualified(schemaName, table)} DROP CONSTRAINT ${quote(name)}`,
  addConstraint: (table, name, definition, schemaName) =>
    `ALTER TABLE ${qualified(schemaName, table)} ADD ${constraint(name)}${definition}`,
  foreignKey: (table, key, schemaName) => {
    const referenced = qualified(schemaName === undefined ? undefined : key.referencedSchema, key.referencedTable)
    const rules = ` ON UPDATE ${key.onUpdate} ON DELETE ${key.onDelete}`
    return `ALTER TABLE ${qualified(schemaName, table)} ADD ${constraint(key.name)}FOREIGN KEY (${list(key.columns)}) REFERENCES ${referenced} (${list(key.referencedColumns)})${rules}`
  },
  index: indexText,
  bytes: (hex) => `X'${hex}'`,
  alterSequence: (one, schemaName) =>
    `ALTER SEQUENCE ${qualified(schemaName, one.name)} START WITH ${one.startValue} INCREMENT BY ${one.incrementBy} MINVALUE ${one.minValue} MAXVALUE ${one.maxValue} CACHE ${one.cacheSize || '1000'} ${one.cycle ? 'CYCLE' : 'NOCYCLE'}`,
  sequenceExtras: () => [],
  portableQuery: (query, schemaName) =>
    schemaName === undefined ? query : query.replaceAll(`${quote(schemaName)}.`, ''),
  view: (view, schemaName) => [view.definition ?? `CREATE VIEW ${qualified(schemaName, view.name)} AS ${view.query}`],
  dropView: (view, schemaName) => `DROP VIEW IF EXISTS ${qualified(schemaName, view.name)}`,
  routine: ({ definition }) => [definition],
  dropRoutine: ({ kind, name }, schemaName) => `DROP ${kind.toUpperCase()} IF EXISTS ${qualified(schemaName, name)}`,
  trigger: ({ definition }) => definition,
  dropTrigger: (_relation, { name }, schemaName) => `DROP TRIGGER IF EXISTS ${qualified(schemaName, name)}`,
  userType: () => [],
  alterType: () => undefined,
  dropType: noTypes,
  dropTable: (name, schemaName) => `DROP TABLE IF EXISTS ${qualified(schemaName, name)}`,
  dropSequence: (name, schemaName) => `DROP SEQUENCE IF EXISTS ${qualified(schemaName, name)}`,
})
