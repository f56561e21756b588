// Objects of PostgreSQL in SQL, from the model of a snapshot.
import { quoteText } from '../function-name.ts'
import type { Definer } from '../snapshot/definer.ts'
import type { AutoIncrement, Column, ForeignKey, Index, Table, UserType } from '../snapshot/model.ts'
import { quoteName } from './quote.ts'
import { typeText } from './type.ts'

const quote = (name: string): string => quoteName(name, 'QUOTE_ALL_OBJECTS')
const list = (names: readonly string[]): string => names.map(quote).join(', ')
const qualified = (schemaName: string | undefined, name: string): string =>
  schemaName === undefined ? quote(name) : `${quote(schemaName)}.${quote(name)}`
const constraint = (name: string | undefined): string => (name === undefined ? '' : `CONSTRAINT ${quote(name)} `)

/** Types that the type table of changelogs turns into others. */
function columnType({ type, collation, generated, autoIncrement }: Column): string | undefined {
  if (collation !== undefined || generated !== undefined || (autoIncrement?.options ?? '') !== '') return undefined
  const written = typeText(type.text)
  return canonical(written) === canonical(type.text) && !type.text.includes('"') ? written : undefined
}

function canonical(type: string): string {
  return type
    .toLowerCase()
    .replaceAll(/\s*,\s*/g, ',')
    .replace(/^varchar\b/, 'character varying')
    .replace(/^char\b/, 'character')
    .replace(/^decimal\b/, 'numeric')
}

function identityText({ startWith, incrementBy, generation, options }: AutoIncrement): string {
  const what = [`START WITH ${startWith ?? '1'} INCREMENT BY ${incrementBy ?? '1'}`, options].filter(
    (text) => text !== '',
  )
  return `GENERATED ${generation ?? 'BY DEFAULT'} AS IDENTITY (${what.join(' ')})`
}

function columnText(column: Column): string {
  const { generated, defaultValue, autoIncrement } = column
  const parts = [quote(column.name), column.type.text]
  if (column.collation !== undefined) parts.push(`COLLATE ${column.collation}`)
  if (generated) parts.push(`GENERATED ALWAYS AS (${generated.expression}) ${generated.stored ? 'STORED' : 'VIRTUAL'}`)
  if (autoIncrement) parts.push(identityText(autoIncrement))
  if (defaultValue) parts.push(`DEFAULT ${defaultValue.expression}`)
  if (!column.nullable) parts.push('NOT NULL')
  return parts.join(' ')
}

function tableTexts(table: Table, schemaName: string | undefined): readonly string[] {
  const { primaryKey, partition } = table
  const name = qualified(schemaName, table.name)
  const constraints = [
    ...(primaryKey
      ? [`${constraint(primaryKey.name)}${primaryKey.definition ?? `PRIMARY KEY (${list(primaryKey.columns)})`}`]
      : []),
    ...table.uniqueConstraints.map((one) => `${constraint(one.name)}${uniqueText(one)}`),
    ...table.checks
      .filter(({ definition }) => !definition.endsWith(' NOT VALID'))
      .map((one) => `${constraint(one.name)}${one.definition}`),
  ]
  const unlogged = table.options.includes('UNLOGGED') ? 'UNLOGGED ' : ''
  const options = table.options.filter((option) => option !== 'UNLOGGED')
  const place = table.tablespace === undefined ? [] : [`TABLESPACE ${quote(table.tablespace)}`]
  const by = partition?.by === undefined ? [] : [`PARTITION BY ${partition.by}`]
  const inherits = options.filter((option) => option.startsWith('INHERITS'))
  const others = options.filter((option) => !option.startsWith('INHERITS'))
  const end = [...inherits, ...by, ...others, ...place].join(' ')
  const parent = partition?.of
  const columns = parent
    ? constraints.length === 0
      ? ''
      : ` (${constraints.join(', ')})`
    : ` (${[...table.columns.map(columnText), ...constraints].join(', ')})`
  const head = parent
    ? ` PARTITION OF ${qualified(schemaName === undefined ? undefined : parent.schemaName, parent.tableName)}${columns} ${parent.bound}`
    : columns
  return [
    `CREATE ${unlogged}TABLE ${name}${head}${end === '' ? '' : ` ${end}`}`,
    ...table.checks
      .filter(({ definition }) => definition.endsWith(' NOT VALID'))
      .map((one) => `ALTER TABLE ${name} ADD ${constraint(one.name)}${one.definition}`),
    ...(table.remarks === undefined ? [] : [`COMMENT ON TABLE ${name} IS ${quoteText(table.remarks)}`]),
    ...table.columns.flatMap((column) => columnRemarks(name, column)),
  ]
}

const uniqueText = (one: Table['uniqueConstraints'][number]): string =>
  one.definition ??
  `UNIQUE (${list(one.columns)})${one.deferrable ? ' DEFERRABLE' : ''}${one.initiallyDeferred ? ' INITIALLY DEFERRED' : ''}`

const columnRemarks = (table: string, { name, remarks }: Column): readonly string[] =>
  remarks === undefined ? [] : [`COMMENT ON COLUMN ${table}.${quote(name)} IS ${quoteText(remarks)}`]

function foreignKeyText(key: ForeignKey, schemaName: string | undefined): string {
  if (key.definition !== undefined) return key.definition
  const referenced = qualified(schemaName === undefined ? undefined : key.referencedSchema, key.referencedTable)
  const times = `${key.deferrable ? ' DEFERRABLE' : ''}${key.initiallyDeferred ? ' INITIALLY DEFERRED' : ''}`
  const rules = ` ON UPDATE ${key.onUpdate} ON DELETE ${key.onDelete}`
  const columns = key.referencedColumns.length === 0 ? '' : ` (${list(key.referencedColumns)})`
  return `FOREIGN KEY (${list(key.columns)}) REFERENCES ${referenced}${columns}${rules}${times}${key.validated ? '' : ' NOT VALID'}`
}

function indexText(table: string, index: Index, schemaName: string | undefined): string {
  if (index.definition !== undefined) return index.definition
  const shown = (column: Index['columns'][number]): string =>
    `${column.computed ? column.name : quote(column.name)}${column.descending ? ' DESC' : ''}`
  const keys = index.columns.filter((column) => !column.included).map(shown)
  const more = index.columns.filter((column) => column.included).map((column) => quote(column.name))
  const include = more.length === 0 ? '' : ` INCLUDE (${more.join(', ')})`
  const method = index.method === undefined ? '' : ` USING ${index.method}`
  return `CREATE ${index.unique ? 'UNIQUE ' : ''}INDEX ${quote(index.name)} ON ${qualified(schemaName, table)}${method} (${keys.join(', ')})${include}`
}

const comment = (kind: string, name: string, remarks: string | undefined): readonly string[] =>
  remarks === undefined ? [] : [`COMMENT ON ${kind} ${name} IS ${quoteText(remarks)}`]

const words = { function: 'FUNCTION', procedure: 'PROCEDURE', aggregate: 'AGGREGATE', package: 'PACKAGE' } as const

/** In one statement after the other; a default may not fit into another type, not even for a moment. */
function modifyColumn(table: string, to: Column, from: Column, schemaName: string | undefined): readonly string[] {
  const name = qualified(schemaName, table)
  const column = quote(to.name)
  const alter = (what: string): string => `ALTER TABLE ${name} ALTER COLUMN ${column} ${what}`
  const same = (pick: (one: Column) => unknown): boolean => JSON.stringify(pick(to)) === JSON.stringify(pick(from))
  if (!same((one) => one.generated)) {
    return [
      `ALTER TABLE ${name} DROP COLUMN ${column}`,
      `ALTER TABLE ${name} ADD ${columnText(to)}`,
      ...columnRemarks(name, to),
    ]
  }
  const retyped = !same((one) => [one.type.text, one.collation])
  const recounted = !same((one) => one.autoIncrement)
  const revalued = retyped || recounted || !same((one) => one.defaultValue?.expression)
  const collation = to.collation === undefined ? '' : ` COLLATE ${to.collation}`
  return [
    ...(recounted && from.autoIncrement ? [alter('DROP IDENTITY')] : []),
    ...(revalued && from.defaultValue ? [alter('DROP DEFAULT')] : []),
    ...(retyped ? [alter(`TYPE ${to.type.text}${collation} USING ${column}::${to.type.text}`)] : []),
    ...(same((one) => one.nullable) ? [] : [alter(to.nullable ? 'DROP NOT NULL' : 'SET NOT NULL')]),
    ...(recounted && to.autoIncrement ? [alter(`ADD ${identityText(to.autoIncrement)}`)] : []),
    ...(revalued && to.defaultValue ? [alter(`SET DEFAULT ${to.defaultValue.expression}`)] : []),
    ...(same((one) => one.remarks)
      ? []
      : [`COMMENT ON COLUMN ${name}.${column} IS ${to.remarks === undefined ? 'NULL' : quoteText(to.remarks)}`]),
  ]
}

/** Labels can be added, in any place, and nothing else. */
function alterEnum(to: UserType, from: UserType, name: string): readonly string[] | undefined {
  if (to.kind !== 'enum' || from.kind !== 'enum') return undefined
  const labels = ({ definition }: UserType): readonly string[] => definition.match(/'(?:[^']|'')*'/g) ?? []
  const wanted = labels(to)
  const known = labels(from)
  if (wanted.filter((label) => known.includes(label)).join() !== known.join()) return undefined
  return wanted.flatMap((label, index) => {
    if (known.includes(label)) return []
    const before = wanted[index - 1]
    return [
      `ALTER TYPE ${name} ADD VALUE ${label}${before === undefined ? ` BEFORE ${known[0] ?? ''}` : ` AFTER ${before}`}`,
    ]
  })
}

export const postgresDefiner: Definer = {
  quoting: 'QUOTE_ALL_OBJECTS',
  // Those in mixed case are quoted in any case.
  losesCase: (name) => /\b\p{Lu}+\b/u.test(name),
  alterConstraints: true,
  sortTables: true,
  inlineUnique: false,
  caseSensitive: true,
  modifiesWholeColumn: false,
  foreignKeysHoldIndexes: false,
  sameRowsThroughout: 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ',
  pages: true,
  setGeneration: (table, column, generation, schemaName) =>
    `ALTER TABLE ${qualified(schemaName, table)} ALTER COLUMN ${quote(column)} SET GENERATED ${generation}`,
  namesPrimaryKey: true,
  columnType,
  isPlainTable: (table) =>
    table.partition === undefined &&
    table.options.length === 0 &&
    table.primaryKey?.definition === undefined &&
    table.columns.every(
      ({ autoIncrement, type }) => autoIncrement === undefined || /^(?:small|big)?int/.test(type.text),
    ),
  table: tableTexts,
  addColumn: (table, column, schemaName) => {
    const name = qualified(schemaName, table)
    return [`ALTER TABLE ${name} ADD ${columnText(column)}`, ...columnRemarks(name, column)]
  },
  modifyColumn,
  rebuildTable: () => [],
  addCheck: (table, check, schemaName) =>
    `ALTER TABLE ${qualified(schemaName, table)} ADD ${constraint(check.name)}${check.definition}`,
  dropCheck: (table, name, schemaName) => `ALTER TABLE ${qualified(schemaName, table)} DROP CONSTRAINT ${quote(name)}`,
  addConstraint: (table, name, definition, schemaName) =>
    `ALTER TABLE ${qualified(schemaName, table)} ADD ${constraint(name)}${definition}`,
  foreignKey: (table, key, schemaName) =>
    `ALTER TABLE ${qualified(schemaName, table)} ADD ${constraint(key.name)}${foreignKeyText(key, schemaName)}`,
  index: indexText,
  bytes: (hex) => `'\\x${hex}'::bytea`,
  alterSequence: (one, schemaName) =>
    `ALTER SEQUENCE ${qualified(schemaName, one.name)} AS ${one.dataType ?? 'bigint'} START WITH ${one.startValue} INCREMENT BY ${one.incrementBy} MINVALUE ${one.minValue} MAXVALUE ${one.maxValue} CACHE ${one.cacheSize || '1'} ${one.cycle ? 'CYCLE' : 'NO CYCLE'}`,
  sequenceExtras: ({ name, ownedBy, remarks }, schemaName) => [
    ...(ownedBy
      ? [
          `ALTER SEQUENCE ${qualified(schemaName, name)} OWNED BY ${qualified(schemaName, ownedBy.tableName)}.${quote(ownedBy.columnName)}`,
        ]
      : []),
    ...comment('SEQUENCE', qualified(schemaName, name), remarks),
  ],
  portableQuery: (query) => query,
  view: (view, schemaName) => [
    view.definition ?? `CREATE VIEW ${qualified(schemaName, view.name)} AS ${view.query}`,
    ...comment(view.materialized ? 'MATERIALIZED VIEW' : 'VIEW', qualified(schemaName, view.name), view.remarks),
  ],
  dropView: (view, schemaName) =>
    `DROP ${view.materialized ? 'MATERIALIZED ' : ''}VIEW IF EXISTS ${qualified(schemaName, view.name)} CASCADE`,
  // The body may name tables that come later; pg_dump does the same.
  routine: (routine, schemaName) => [
    ...(/\bLANGUAGE sql\b/i.test(routine.definition) ? ['SET check_function_bodies = off'] : []),
    routine.definition,
    ...comment(
      words[routine.kind],
      `${qualified(schemaName, routine.name)}(${routine.signature ?? ''})`,
      routine.remarks,
    ),
  ],
  dropRoutine: (routine, schemaName) =>
    `DROP ${words[routine.kind]} IF EXISTS ${qualified(schemaName, routine.name)}(${routine.signature ?? ''}) CASCADE`,
  trigger: ({ definition }) => definition,
  dropTrigger: (relation, { name }, schemaName) =>
    `DROP TRIGGER IF EXISTS ${quote(name)} ON ${qualified(schemaName, relation)}`,
  userType: (type, schemaName) => [
    type.definition,
    ...comment(type.kind === 'domain' ? 'DOMAIN' : 'TYPE', qualified(schemaName, type.name), type.remarks),
  ],
  dropTable: (name, schemaName) => `DROP TABLE IF EXISTS ${qualified(schemaName, name)} CASCADE`,
  dropSequence: (name, schemaName) => `DROP SEQUENCE IF EXISTS ${qualified(schemaName, name)} CASCADE`,
  alterType: (to, from, schemaName) => alterEnum(to, from, qualified(schemaName, to.name)),
  dropType: (type, schemaName) =>
    `DROP ${type.kind === 'domain' ? 'DOMAIN' : 'TYPE'} IF EXISTS ${qualified(schemaName, type.name)} CASCADE`,
}
