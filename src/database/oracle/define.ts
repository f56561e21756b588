// Objects of Oracle in SQL, from the model of a snapshot. Written from the vendor's documentation, not verified on a server.
import { Fault } from '#contract/fault'
import { quoteText } from '../function-name.ts'
import type { Definer } from '../snapshot/definer.ts'
import type { AutoIncrement, Column, ForeignKey, Index, Routine, Table } from '../snapshot/model.ts'
import { quoteName } from './quote.ts'
import { typeText } from './type.ts'

const quote = (name: string): string => quoteName(name, 'QUOTE_ALL_OBJECTS', true)
const list = (names: readonly string[]): string => names.map(quote).join(', ')
const qualified = (schemaName: string | undefined, name: string): string =>
  schemaName === undefined ? quote(name) : `${quote(schemaName)}.${quote(name)}`
const constraint = (name: string | undefined): string => (name === undefined ? '' : `CONSTRAINT ${quote(name)} `)
const space = (name: string | undefined): string => (name === undefined ? '' : ` TABLESPACE ${quote(name)}`)
const keySpace = (name: string | undefined): string =>
  name === undefined ? '' : ` USING INDEX TABLESPACE ${quote(name)}`

/** Types that the type table of changelogs turns into others. */
function columnType({ type, collation, generated }: Column): string | undefined {
  if (collation !== undefined || generated !== undefined) return undefined
  const written = typeText(type.text, undefined)
  return canonical(written) === canonical(type.text) ? written : undefined
}

const canonical = (type: string): string => type.toUpperCase().replaceAll(/\s*,\s*/g, ',')

function identityText({ startWith, incrementBy, generation }: AutoIncrement): string {
  return `GENERATED ${generation ?? 'BY DEFAULT'} AS IDENTITY (START WITH ${startWith ?? '1'} INCREMENT BY ${incrementBy ?? '1'})`
}

function columnText(column: Column): string {
  const { generated, defaultValue, autoIncrement } = column
  const parts = [quote(column.name), column.type.text]
  if (generated) parts.push(`GENERATED ALWAYS AS (${generated.expression}) VIRTUAL`)
  if (autoIncrement) parts.push(identityText(autoIncrement))
  if (defaultValue) parts.push(`DEFAULT ${defaultValue.expression}`)
  // A column that counts is never empty, and says so itself.
  if (!column.nullable && !autoIncrement) parts.push('NOT NULL')
  return parts.join(' ')
}

function tableTexts(table: Table, schemaName: string | undefined): readonly string[] {
  const { primaryKey, options } = table
  const other = options.find((option) => !option.startsWith('GLOBAL TEMPORARY') && option !== 'ORGANIZATION INDEX')
  if (other !== undefined) {
    throw new Fault('not-offered', `The table ${table.name} is ${other.toLowerCase()}, which Sluice cannot write.`, {
      hint: `Leave it out with --exclude-objects table:${table.name}.`,
    })
  }
  const name = qualified(schemaName, table.name)
  const lines = [
    ...table.columns.map(columnText),
    ...(primaryKey
      ? [
          `${constraint(primaryKey.name)}${primaryKey.definition ?? `PRIMARY KEY (${list(primaryKey.columns)})`}${keySpace(primaryKey.tablespace)}`,
        ]
      : []),
    ...table.uniqueConstraints.map((one) => `${constraint(one.name)}${uniqueText(one)}${keySpace(one.tablespace)}`),
    ...table.checks.map((one) => `${constraint(one.name)}${one.definition}`),
  ]
  const duration = options.find((option) => option.startsWith('GLOBAL TEMPORARY'))
  const rows = duration?.endsWith('SESSION') === true ? 'PRESERVE' : 'DELETE'
  const end = [
    ...(duration === undefined ? [] : [` ON COMMIT ${rows} ROWS`]),
    ...(options.includes('ORGANIZATION INDEX') ? [' ORGANIZATION INDEX'] : []),
    duration === undefined ? space(table.tablespace) : '',
  ].join('')
  return [
    `CREATE ${duration === undefined ? '' : 'GLOBAL TEMPORARY '}TABLE ${name} (${lines.join(', ')})${end}`,
    ...comment('TABLE', name, table.remarks),
    ...table.columns.flatMap((column) => comment('COLUMN', `${name}.${quote(column.name)}`, column.remarks)),
  ]
}

const uniqueText = (one: Table['uniqueConstraints'][number]): string =>
  one.definition ??
  `UNIQUE (${list(one.columns)})${one.deferrable ? ' DEFERRABLE' : ''}${one.initiallyDeferred ? ' INITIALLY DEFERRED' : ''}`

const comment = (kind: string, name: string, remarks: string | undefined): readonly string[] =>
  remarks === undefined ? [] : [`COMMENT ON ${kind} ${name} IS ${quoteText(remarks)}`]

/** There is no ON UPDATE, and NO ACTION is not said. */
function foreignKeyText(key: ForeignKey, schemaName: string | undefined): string {
  const referenced = qualified(schemaName === undefined ? undefined : key.referencedSchema, key.referencedTable)
  const rule = key.onDelete === 'NO ACTION' || key.onDelete === '' ? '' : ` ON DELETE ${key.onDelete}`
  const times = `${key.deferrable ? ' DEFERRABLE' : ''}${key.initiallyDeferred ? ' INITIALLY DEFERRED' : ''}`
  return `FOREIGN KEY (${list(key.columns)}) REFERENCES ${referenced} (${list(key.referencedColumns)})${rule}${times}${key.validated ? '' : ' ENABLE NOVALIDATE'}`
}

function indexText(table: string, index: Index, schemaName: string | undefined): string {
  if (index.definition !== undefined) return index.definition
  const keys = index.columns.map(({ name, descending }) => `${quote(name)}${descending ? ' DESC' : ''}`)
  return `CREATE ${index.unique ? 'UNIQUE ' : ''}INDEX ${qualified(schemaName, index.name)} ON ${qualified(schemaName, table)} (${keys.join(', ')})${space(index.tablespace)}`
}

function modifyColumn(table: string, to: Column, from: Column, schemaName: string | undefined): readonly string[] {
  const name = qualified(schemaName, table)
  const same = (pick: (one: Column) => unknown): boolean => JSON.stringify(pick(to)) === JSON.stringify(pick(from))
  const remarks = same((one) => one.remarks) ? [] : comment('COLUMN', `${name}.${quote(to.name)}`, to.remarks ?? '')
  if (!same((one) => one.generated)) {
    return [
      `ALTER TABLE ${name} DROP COLUMN ${quote(to.name)}`,
      `ALTER TABLE ${name} ADD ${columnText(to)}`,
      ...remarks,
    ]
  }
  const counted = !same((one) => one.autoIncrement)
  if (counted && !from.autoIncrement) {
    throw new Fault(
      'not-offered',
      `The column ${table}.${to.name} counts on one side only, which Oracle cannot change.`,
      {
        hint: 'Make the column anew in a change set of your own, or leave it out with --exclude-objects.',
      },
    )
  }
  const modify = (what: string): string => `ALTER TABLE ${name} MODIFY ${quote(to.name)} ${what}`
  // What is said again and is there already is an error: NOT NULL of a column that is so.
  return [
    ...(counted ? [modify(to.autoIncrement ? identityText(to.autoIncrement) : 'DROP IDENTITY')] : []),
    ...(same((one) => one.type.text) ? [] : [modify(to.type.text)]),
    ...(same((one) => one.defaultValue?.expression)
      ? []
      : [modify(`DEFAULT ${to.defaultValue?.expression ?? 'NULL'}`)]),
    ...(same((one) => one.nullable) ? [] : [modify(to.nullable ? 'NULL' : 'NOT NULL')]),
    ...remarks,
  ]
}

/** Runs a DROP and takes it for done when the object is not there: 942, 1418, 2289, 4043, 4080, 12003. */
const drop = (sql: string): string =>
  `BEGIN EXECUTE IMMEDIATE ${quoteText(sql)}; EXCEPTION WHEN OTHERS THEN IF SQLCODE NOT IN (-942, -1418, -2289, -4043, -4080, -12003) THEN RAISE; END IF; END;`

function routineWord({ kind, signature }: Routine): string {
  return signature?.endsWith(' BODY') === true ? signature : kind.toUpperCase()
}

export const oracleDefiner: Definer = {
  quoting: 'QUOTE_ALL_OBJECTS',
  losesCase: (name) => /\p{Ll}/u.test(name),
  alterConstraints: true,
  sortTables: false,
  inlineUnique: false,
  caseSensitive: true,
  modifiesWholeColumn: true,
  foreignKeysHoldIndexes: true,
  sameRowsThroughout: undefined,
  pages: false,
  namesPrimaryKey: true,
  columnType,
  isPlainTable: (table) =>
    table.options.length === 0 &&
    table.primaryKey?.definition === undefined &&
    // The change writes a comma between the two, as the original engine does; the documented grammar has none.
    table.columns.every(
      ({ autoIncrement }) => (autoIncrement?.startWith ?? '1') === '1' || (autoIncrement?.incrementBy ?? '1') === '1',
    ),
  table: tableTexts,
  addColumn: (table, column, schemaName) => {
    const name = qualified(schemaName, table)
    return [
      `ALTER TABLE ${name} ADD ${columnText(column)}`,
      ...comment('COLUMN', `${name}.${quote(column.name)}`, column.remarks),
    ]
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
  bytes: (hex) => `HEXTORAW('${hex}')`,
  alterSequence: (one, schemaName) =>
    `ALTER SEQUENCE ${qualified(schemaName, one.name)} INCREMENT BY ${one.incrementBy} MINVALUE ${one.minValue} MAXVALUE ${one.maxValue} ${one.cycle ? 'CYCLE' : 'NOCYCLE'} ${one.cacheSize === '0' ? 'NOCACHE' : `CACHE ${one.cacheSize || '20'}`}`,
  sequenceExtras: () => [],
  portableQuery: (text) => text,
  view: (view, schemaName) => [
    view.definition ?? `CREATE VIEW ${qualified(schemaName, view.name)} AS ${view.query}`,
    ...comment(view.materialized ? 'MATERIALIZED VIEW' : 'TABLE', qualified(schemaName, view.name), view.remarks),
  ],
  dropView: (view, schemaName) =>
    drop(`DROP ${view.materialized ? 'MATERIALIZED ' : ''}VIEW ${qualified(schemaName, view.name)}`),
  routine: ({ definition }) => [definition],
  dropRoutine: (routine, schemaName) => drop(`DROP ${routineWord(routine)} ${qualified(schemaName, routine.name)}`),
  trigger: ({ definition }) => definition,
  dropTrigger: (_relation, { name }, schemaName) => drop(`DROP TRIGGER ${qualified(schemaName, name)}`),
  userType: ({ definition }) => [definition],
  alterType: () => undefined,
  dropType: ({ name }, schemaName) => drop(`DROP TYPE ${qualified(schemaName, name)} FORCE`),
  dropTable: (name, schemaName) => drop(`DROP TABLE ${qualified(schemaName, name)} CASCADE CONSTRAINTS`),
  dropSequence: (name, schemaName) => drop(`DROP SEQUENCE ${qualified(schemaName, name)}`),
}
