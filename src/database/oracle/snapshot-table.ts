// Keys and indexes of tables of Oracle from their catalog rows.
import type { Row } from '../port.ts'
import { groupBy, optional, textOf } from '../snapshot/group.ts'
import type { Check, ForeignKey, Index, PrimaryKey, UniqueConstraint } from '../snapshot/model.ts'
import { quoteName } from './quote.ts'

const quote = (name: string): string => quoteName(name, 'QUOTE_ALL_OBJECTS', true)

/** Columns of a constraint in order, by its schema and name. */
export type ConstraintColumns = (schemaName: string, name: string) => readonly string[]

const isDeferrable = (row: Row): boolean => row['deferrable'] === 'DEFERRABLE'
const isDeferred = (row: Row): boolean => row['deferred'] === 'DEFERRED'
const columnsOf = (row: Row, columns: ConstraintColumns): readonly string[] =>
  columns(textOf(row['schema']), textOf(row['name']))

function times(row: Row): string {
  const when = `${isDeferrable(row) ? ' DEFERRABLE' : ''}${isDeferred(row) ? ' INITIALLY DEFERRED' : ''}`
  return `${when}${row['status'] === 'DISABLED' ? ' DISABLE' : ''}`
}

export function primaryKeyOf(row: Row, columns: ConstraintColumns, tablespace: string | undefined): PrimaryKey {
  const names = columnsOf(row, columns)
  const end = times(row)
  return {
    name: textOf(row['name']),
    columns: names,
    indexName: optional(row['index_name']),
    tablespace,
    definition: end === '' ? undefined : `PRIMARY KEY (${names.map(quote).join(', ')})${end}`,
  }
}

export function uniqueConstraintOf(
  row: Row,
  columns: ConstraintColumns,
  tablespace: string | undefined,
): UniqueConstraint {
  const names = columnsOf(row, columns)
  const end = row['status'] === 'DISABLED' ? times(row) : ''
  return {
    name: textOf(row['name']),
    columns: names,
    indexName: optional(row['index_name']),
    tablespace,
    deferrable: isDeferrable(row),
    initiallyDeferred: isDeferred(row),
    clustered: false,
    definition: end === '' ? undefined : `UNIQUE (${names.map(quote).join(', ')})${end}`,
  }
}

/** There is no ON UPDATE. */
export const foreignKeyOf = (row: Row, columns: ConstraintColumns): ForeignKey => ({
  name: textOf(row['name']),
  columns: columnsOf(row, columns),
  referencedSchema: textOf(row['referenced_schema']),
  referencedTable: textOf(row['referenced']),
  referencedColumns: columns(textOf(row['key_owner']), textOf(row['key_name'])),
  onDelete: textOf(row['on_delete']),
  onUpdate: 'NO ACTION',
  deferrable: isDeferrable(row),
  initiallyDeferred: isDeferred(row),
  validated: row['validated'] === 'VALIDATED',
  definition: undefined,
})

/** NOT NULL of a column is kept as a check, too. */
export const isNotNull = (row: Row): boolean => /^"(?:[^"]|"")+" IS NOT NULL$/.test(textOf(row['condition']).trim())

export const checkOf = (row: Row): Check => ({
  name: textOf(row['name']),
  definition: `CHECK (${textOf(row['condition']).trim()})${times(row)}`,
})

/** `backing`: names of indexes that stand behind keys. */
export function indexesOf(
  table: string,
  rows: readonly Row[],
  backing: ReadonlySet<string>,
  tablespaceOf: (row: Row) => string | undefined,
): readonly Index[] {
  return [...groupBy(rows, 'name').entries()].map(([name, parts]) => {
    const first = parts[0] ?? {}
    const kind = textOf(first['kind'])
    const columns = parts.map(columnOf)
    const unique = first['uniqueness'] === 'UNIQUE'
    const reverse = kind.endsWith('/REV') ? ' REVERSE' : ''
    const word = unique ? 'UNIQUE ' : kind.includes('BITMAP') ? 'BITMAP ' : ''
    const isSpecial = reverse !== '' || kind.includes('BITMAP') || columns.some(({ computed }) => computed)
    const keys = columns.map((one) => `${one.computed ? one.name : quote(one.name)}${one.descending ? ' DESC' : ''}`)
    return {
      name,
      unique,
      columns,
      clustered: false,
      method: kind.includes('BITMAP') ? 'bitmap' : undefined,
      tablespace: tablespaceOf(first),
      backsConstraint: backing.has(name),
      definition: isSpecial
        ? `CREATE ${word}INDEX ${quote(name)} ON ${table} (${keys.join(', ')})${reverse}`
        : undefined,
    }
  })
}

/** A column that runs backwards is kept as an expression of its name. */
function columnOf(row: Row): Index['columns'][number] {
  const descending = row['direction'] === 'DESC'
  const expression = optional(row['expression'])?.trim()
  const named = expression === undefined ? undefined : /^"([^"]+)"$/.exec(expression)?.[1]
  return {
    name: named ?? expression ?? textOf(row['column_name']),
    computed: expression !== undefined && named === undefined,
    descending,
    included: false,
  }
}
