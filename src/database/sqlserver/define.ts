// Objects of SQL Server in SQL, from the model of a snapshot. Written from the vendor's documentation, not verified on a server.
import { Fault } from '#contract/fault'
import type { Definer } from '../snapshot/definer.ts'
import type { Column, DefaultValue, ForeignKey, Index, Table } from '../snapshot/model.ts'
import { unicode } from './naming.ts'
import { bracketed } from './quote.ts'
import { typeText } from './type.ts'
import { remarksText } from './write-remarks.ts'

const list = (names: readonly string[]): string => names.map(bracketed).join(', ')
const qualified = (schemaName: string | undefined, name: string): string =>
  schemaName === undefined ? bracketed(name) : `${bracketed(schemaName)}.${bracketed(name)}`
const constraint = (name: string | undefined): string => (name === undefined ? '' : `CONSTRAINT ${bracketed(name)} `)
const on = (space: string | undefined): string => (space === undefined ? '' : ` ON ${bracketed(space)}`)

/** Types that the type table of changelogs turns into others. */
function columnType({ type, collation, generated, extra }: Column): string | undefined {
  if (collation !== undefined || generated !== undefined || extra !== undefined) return undefined
  const written = typeText(type.text)
  return canonical(written) === canonical(type.text) ? written : undefined
}

const canonical = (type: string): string =>
  type
    .toLowerCase()
    .replaceAll(/\s+/g, '')
    .replace(/^float$/, 'float(53)')

const defaultText = ({ constraintName, expression }: DefaultValue): string =>
  `${constraint(constraintName)}DEFAULT ${expression}`

function columnText(column: Column): string {
  const { generated, defaultValue, autoIncrement, collation, extra } = column
  if (generated) {
    const stored = generated.stored ? ` PERSISTED${column.nullable ? '' : ' NOT NULL'}` : ''
    return `${bracketed(column.name)} AS (${generated.expression})${stored}`
  }
  return [
    bracketed(column.name),
    column.type.text,
    ...(collation === undefined ? [] : [`COLLATE ${collation}`]),
    ...(extra === undefined ? [] : [extra]),
    ...(autoIncrement ? [`IDENTITY (${autoIncrement.startWith ?? '1'}, ${autoIncrement.incrementBy ?? '1'})`] : []),
    column.nullable ? 'NULL' : 'NOT NULL',
    ...(defaultValue ? [defaultText(defaultValue)] : []),
  ].join(' ')
}

function tableTexts(table: Table, schemaName: string | undefined): readonly string[] {
  const [option] = table.options
  if (option !== undefined) {
    throw new Fault('not-offered', `The table ${table.name} is ${option.toLowerCase()}, which Sluice cannot write.`, {
      hint: `Leave it out with --exclude-objects table:${table.name}.`,
    })
  }
  const { primaryKey } = table
  const lines = [
    ...table.columns.map(columnText),
    ...(primaryKey
      ? [
          `${constraint(primaryKey.name)}${primaryKey.definition ?? `PRIMARY KEY (${list(primaryKey.columns)})`}${on(primaryKey.tablespace)}`,
        ]
      : []),
    ...table.uniqueConstraints.map(
      (one) => `${constraint(one.name)}${one.definition ?? `UNIQUE (${list(one.columns)})`}${on(one.tablespace)}`,
    ),
    ...table.checks.map((one) => `${constraint(one.name)}${one.definition}`),
  ]
  return [
    `CREATE TABLE ${qualified(schemaName, table.name)} (${lines.join(', ')})${on(table.tablespace)}`,
    ...remarksOf(table.name, undefined, table.remarks, schemaName),
    ...table.columns.flatMap(({ name, remarks }) => remarksOf(table.name, name, remarks, schemaName)),
  ]
}

/** The procedure wants the name of the schema; `dbo` when none was said. */
const remarksOf = (
  table: string,
  column: string | undefined,
  remarks: string | undefined,
  schemaName = 'dbo',
): readonly string[] =>
  remarks === undefined
    ? []
    : [remarksText({ schemaName, kind: 'TABLE', name: table, ...(column === undefined ? {} : { column }) }, remarks)]

function indexText(table: string, index: Index, schemaName: string | undefined): string {
  if (index.definition !== undefined) return index.definition
  const keys = index.columns.map(({ name, descending }) => `${bracketed(name)}${descending ? ' DESC' : ''}`)
  const words = `${index.unique ? 'UNIQUE ' : ''}${index.clustered ? 'CLUSTERED ' : ''}`
  return `CREATE ${words}INDEX ${bracketed(index.name)} ON ${qualified(schemaName, table)} (${keys.join(', ')})${on(index.tablespace)}`
}

/** A column that counts, or is computed, cannot become one that does not, nor the other way round. */
function modifyColumn(table: string, to: Column, from: Column, schemaName: string | undefined): readonly string[] {
  const same = (pick: (one: Column) => unknown): boolean => JSON.stringify(pick(to)) === JSON.stringify(pick(from))
  const name = qualified(schemaName, table)
  if (!same((one) => one.autoIncrement)) {
    throw new Fault(
      'not-offered',
      `The column ${table}.${to.name} counts on one side only, which SQL Server cannot change.`,
      {
        hint: 'Make the column anew in a change set of your own, or leave it out with --exclude-objects.',
      },
    )
  }
  if (!same((one) => one.generated)) {
    return [`ALTER TABLE ${name} DROP COLUMN ${bracketed(to.name)}`, `ALTER TABLE ${name} ADD ${columnText(to)}`]
  }
  const retyped = !same((one) => [one.type.text, one.collation, one.nullable])
  const revalued = retyped || !same((one) => one.defaultValue?.expression)
  const collation = to.collation === undefined ? '' : ` COLLATE ${to.collation}`
  return [
    ...(revalued && from.defaultValue ? [dropDefault(table, to.name, schemaName)] : []),
    ...(retyped
      ? [
          `ALTER TABLE ${name} ALTER COLUMN ${bracketed(to.name)} ${to.type.text}${collation} ${to.nullable ? 'NULL' : 'NOT NULL'}`,
        ]
      : []),
    ...(revalued && to.defaultValue
      ? [`ALTER TABLE ${name} ADD ${defaultText(to.defaultValue)} FOR ${bracketed(to.name)}`]
      : []),
    ...(same((one) => one.remarks) ? [] : remarksOf(table, to.name, to.remarks ?? '', schemaName)),
  ]
}

/** The server may have made up its name. */
function dropDefault(table: string, column: string, schemaName: string | undefined): string {
  const name = qualified(schemaName, table)
  return `DECLARE @name sysname, @sql nvarchar(max);
SELECT @name = d.name FROM sys.default_constraints d JOIN sys.columns c ON c.default_object_id = d.object_id WHERE d.parent_object_id = OBJECT_ID(${unicode(name)}) AND c.name = ${unicode(column)};
IF @name IS NOT NULL BEGIN SET @sql = ${unicode(`ALTER TABLE ${name} DROP CONSTRAINT `)} + QUOTENAME(@name); EXEC sp_executesql @sql END`
}

function foreignKeyText(table: string, key: ForeignKey, schemaName: string | undefined): string {
  const referenced = qualified(schemaName === undefined ? undefined : key.referencedSchema, key.referencedTable)
  const checked = key.validated ? '' : ' WITH NOCHECK'
  return `ALTER TABLE ${qualified(schemaName, table)}${checked} ADD ${constraint(key.name)}FOREIGN KEY (${list(key.columns)}) REFERENCES ${referenced} (${list(key.referencedColumns)}) ON UPDATE ${key.onUpdate} ON DELETE ${key.onDelete}`
}

/** `IF EXISTS` behind DROP is younger than the oldest server that is supported. */
const drop = (kind: string, name: string, code: string): string =>
  `IF OBJECT_ID(${unicode(name)}, '${code}') IS NOT NULL DROP ${kind} ${name}`

export const sqlServerDefiner: Definer = {
  quoting: 'LEGACY',
  losesCase: () => false,
  alterConstraints: true,
  sortTables: false,
  inlineUnique: false,
  caseSensitive: false,
  modifiesWholeColumn: true,
  foreignKeysHoldIndexes: true,
  sameRowsThroughout: undefined,
  pages: false,
  namesPrimaryKey: true,
  columnType,
  isPlainTable: (table) => table.options.length === 0 && table.primaryKey?.definition === undefined,
  table: tableTexts,
  addColumn: (table, column, schemaName) => [
    `ALTER TABLE ${qualified(schemaName, table)} ADD ${columnText(column)}`,
    ...remarksOf(table, column.name, column.remarks, schemaName),
  ],
  modifyColumn,
  rebuildTable: () => [],
  addCheck: (table, check, schemaName) =>
    `ALTER TABLE ${qualified(schemaName, table)} ADD ${constraint(check.name)}${check.definition}`,
  dropCheck: (table, name, schemaName) =>
    `ALTER TABLE ${qualified(schemaName, table)} DROP CONSTRAINT ${bracketed(name)}`,
  addConstraint: (table, name, definition, schemaName) =>
    `ALTER TABLE ${qualified(schemaName, table)} ADD ${constraint(name)}${definition}`,
  foreignKey: foreignKeyText,
  index: indexText,
  bytes: (hex) => `0x${hex}`,
  alterSequence: (one, schemaName) => {
    const cache = one.cacheSize === '0' ? 'NO CACHE' : one.cacheSize === '' ? 'CACHE' : `CACHE ${one.cacheSize}`
    return `ALTER SEQUENCE ${qualified(schemaName, one.name)} INCREMENT BY ${one.incrementBy} MINVALUE ${one.minValue} MAXVALUE ${one.maxValue} ${one.cycle ? 'CYCLE' : 'NO CYCLE'} ${cache}`
  },
  sequenceExtras: () => [],
  portableQuery: (query) => query,
  view: (view, schemaName) => [view.definition ?? `CREATE VIEW ${qualified(schemaName, view.name)} AS ${view.query}`],
  dropView: (view, schemaName) => drop('VIEW', qualified(schemaName, view.name), 'V'),
  routine: ({ definition }) => [definition],
  dropRoutine: ({ kind, name }, schemaName) => {
    const shown = qualified(schemaName, name)
    const word = kind === 'procedure' ? 'PROCEDURE' : 'FUNCTION'
    return `IF OBJECT_ID(${unicode(shown)}) IS NOT NULL DROP ${word} ${shown}`
  },
  trigger: ({ definition }) => definition,
  dropTrigger: (_relation, { name }, schemaName) => drop('TRIGGER', qualified(schemaName, name), 'TR'),
  userType: ({ definition }) => [definition],
  alterType: () => undefined,
  dropType: ({ name }, schemaName) => {
    const shown = qualified(schemaName, name)
    return `IF TYPE_ID(${unicode(shown)}) IS NOT NULL DROP TYPE ${shown}`
  },
  dropTable: (name, schemaName) => drop('TABLE', qualified(schemaName, name), 'U'),
  dropSequence: (name, schemaName) => drop('SEQUENCE', qualified(schemaName, name), 'SO'),
}
