// Constraints and indexes of PostgreSQL tables from their catalog rows.
import type { Row } from '../port.ts'
import { isTrue, numberOf, optional, textOf } from '../snapshot/group.ts'
import type { Check, ForeignKey, Index, IndexColumn, PrimaryKey, Trigger, UniqueConstraint } from '../snapshot/model.ts'
import { quoteName } from './quote.ts'

/** Names of columns of a relation by their number, and of relations of other schemas, too. */
export type ColumnNames = (relation: string, number: number) => string

/** As the functions of the catalog write names. Where a key word makes a difference, the whole definition is kept; no harm. */
export const written = (name: string): string => (/^[a-z_][a-z0-9_$]*$/.test(name) ? name : quoteAlways(name))
const quoteAlways = (name: string): string => quoteName(name, 'QUOTE_ALL_OBJECTS')
const list = (names: readonly string[]): string => names.map(written).join(', ')

const rules: Readonly<Record<string, string>> = {
  a: 'NO ACTION',
  r: 'RESTRICT',
  c: 'CASCADE',
  n: 'SET NULL',
  d: 'SET DEFAULT',
}

/** `{1,2}` */
const numbersOf = (value: unknown): readonly number[] =>
  textOf(value)
    .replaceAll(/[{}]/g, '')
    .split(/[, ]/)
    .filter((part) => part !== '')
    .map(Number)

const columnsOf = (row: Row, names: ColumnNames): readonly string[] =>
  numbersOf(row['columns']).map((number) => names(textOf(row['relation']), number))

/** Undefined when the plain form says it all. */
const unless = (plain: string, row: Row): string | undefined => {
  const definition = optional(row['definition'])
  return definition === plain ? undefined : definition
}

export function primaryKey(row: Row, names: ColumnNames, tablespace: string | undefined): PrimaryKey {
  const columns = columnsOf(row, names)
  return {
    name: textOf(row['name']),
    columns,
    indexName: optional(row['index_name']),
    tablespace,
    definition: unless(`PRIMARY KEY (${list(columns)})`, row),
  }
}

export function uniqueConstraint(row: Row, names: ColumnNames, index: Index | undefined): UniqueConstraint {
  const columns = columnsOf(row, names)
  return {
    name: textOf(row['name']),
    columns,
    indexName: optional(row['index_name']),
    tablespace: index?.tablespace,
    deferrable: isTrue(row['deferrable']),
    initiallyDeferred: isTrue(row['deferred']),
    clustered: index?.clustered ?? false,
    definition: unless(`UNIQUE (${list(columns)})${times(row)}`, row),
  }
}

const times = (row: Row): string =>
  `${isTrue(row['deferrable']) ? ' DEFERRABLE' : ''}${isTrue(row['deferred']) ? ' INITIALLY DEFERRED' : ''}`

export function foreignKey(row: Row, names: ColumnNames): ForeignKey {
  const columns = columnsOf(row, names)
  const referenced = textOf(row['referenced'])
  const referencedColumns = numbersOf(row['referenced_columns']).map((number) => names(referenced, number))
  const onDelete = rules[textOf(row['on_delete'])] ?? 'NO ACTION'
  const onUpdate = rules[textOf(row['on_update'])] ?? 'NO ACTION'
  const referencedTable = textOf(row['referenced_table'])
  const actions = [
    onUpdate === 'NO ACTION' ? '' : ` ON UPDATE ${onUpdate}`,
    onDelete === 'NO ACTION' ? '' : ` ON DELETE ${onDelete}`,
  ].join('')
  const end = `(${list(referencedColumns)})${actions}${times(row)}${isTrue(row['validated']) ? '' : ' NOT VALID'}`
  const start = `FOREIGN KEY (${list(columns)}) REFERENCES `
  const definition = textOf(row['definition'])
  const plain = [referencedTable, `${textOf(row['referenced_schema'])}.${referencedTable}`].some((name) => {
    const shown = name.split('.').map(written).join('.')
    return definition === `${start}${shown}${end}`
  })
  return {
    name: textOf(row['name']),
    columns,
    referencedSchema: optional(row['referenced_schema']),
    referencedTable,
    referencedColumns,
    onDelete,
    onUpdate,
    deferrable: isTrue(row['deferrable']),
    initiallyDeferred: isTrue(row['deferred']),
    validated: isTrue(row['validated']),
    definition: plain ? undefined : definition,
  }
}

export const check = (row: Row): Check => ({ name: textOf(row['name']), definition: textOf(row['definition']) })

export const trigger = (row: Row): Trigger => ({
  name: textOf(row['name']),
  definition: textOf(row['definition']),
})

export function index(row: Row, names: ColumnNames, shownTable: string): Index {
  const name = textOf(row['name'])
  const columns = indexColumns(row, names)
  const method = textOf(row['method'])
  const unique = isTrue(row['unique'])
  const keys = columns.filter((column) => !column.included).map(keyText)
  const more = columns.filter((column) => column.included).map((column) => written(column.name))
  const include = more.length === 0 ? '' : ` INCLUDE (${more.join(', ')})`
  const plain = `CREATE ${unique ? 'UNIQUE ' : ''}INDEX ${written(name)} ON ${shownTable} USING ${method} (${keys.join(', ')})${include}`
  return {
    name,
    unique,
    columns,
    clustered: isTrue(row['clustered']),
    method,
    tablespace: optional(row['tablespace']),
    backsConstraint: isTrue(row['backs']),
    definition: unless(plain, row),
  }
}

const keyText = ({ name, computed, descending }: IndexColumn): string =>
  `${computed ? name : written(name)}${descending ? ' DESC' : ''}`

function indexColumns(row: Row, names: ColumnNames): readonly IndexColumn[] {
  const numbers = numbersOf(row['columns'])
  const options = numbersOf(row['options'])
  const keys = numberOf(row['keys']) ?? numbers.length
  const texts = row['texts'] ? (JSON.parse(textOf(row['texts'])) as readonly string[]) : []
  return numbers.map((number, place) => ({
    name: number === 0 ? (texts[place] ?? '') : names(textOf(row['relation']), number),
    computed: number === 0,
    descending: ((options[place] ?? 0) & 1) === 1,
    included: place >= keys,
  }))
}
