// Keys and indexes of tables of SQL Server from their catalog rows.
import type { Row } from '../port.ts'
import { groupBy, isTrue, optional, textOf } from '../snapshot/group.ts'
import type { ForeignKey, Index, PrimaryKey, UniqueConstraint } from '../snapshot/model.ts'
import { bracketed } from './quote.ts'

export interface TableIndexes {
  readonly indexes: readonly Index[]
  readonly primaryKey: PrimaryKey | undefined
  readonly uniqueConstraints: readonly UniqueConstraint[]
}

/** `table` as SQL names it; `spaceOf`: the file group of an index, if it is not the default one. */
export function indexesOf(
  table: string,
  rows: readonly Row[],
  spaceOf: (row: Row) => string | undefined,
): TableIndexes {
  const groups = [...groupBy(rows, 'name').values()]
  const parts = groups.map((group) => ({ group, index: indexOf(table, group, spaceOf) }))
  const kind = (name: string) => parts.filter(({ group }) => isTrue(group[0]?.[name]))
  const [key] = kind('is_primary')
  return {
    indexes: parts.map(({ index }) => index),
    primaryKey: key && {
      name: key.index.name,
      columns: key.index.columns.map(({ name }) => name),
      indexName: key.index.name,
      tablespace: key.index.tablespace,
      // A key is clustered unless it says otherwise.
      definition:
        key.index.clustered && isPlain(key.index)
          ? undefined
          : `PRIMARY KEY ${key.index.clustered ? 'CLUSTERED' : 'NONCLUSTERED'} (${keysOf(key.index)})`,
    },
    uniqueConstraints: kind('is_constraint').map(({ index }) => ({
      name: index.name,
      columns: index.columns.map(({ name }) => name),
      indexName: index.name,
      tablespace: index.tablespace,
      deferrable: false,
      initiallyDeferred: false,
      clustered: index.clustered,
      definition:
        !index.clustered && isPlain(index)
          ? undefined
          : `UNIQUE ${index.clustered ? 'CLUSTERED' : 'NONCLUSTERED'} (${keysOf(index)})`,
    })),
  }
}

const isPlain = ({ columns }: Index): boolean => columns.every(({ descending }) => !descending)
const keysOf = ({ columns }: Pick<Index, 'columns'>): string =>
  columns
    .filter(({ included }) => !included)
    .map(({ name, descending }) => `${bracketed(name)}${descending ? ' DESC' : ''}`)
    .join(', ')

function indexOf(table: string, rows: readonly Row[], spaceOf: (row: Row) => string | undefined): Index {
  const [first = {}] = rows
  const name = textOf(first['name'])
  const kind = Number(textOf(first['kind']))
  const isStore = kind === 5 || kind === 6
  const columns = rows.map((row) => ({
    name: textOf(row['column_name']),
    computed: false,
    descending: isTrue(row['descending']),
    included: isTrue(row['included']) && !isStore,
  }))
  const filter = optional(first['filter'])
  const clustered = kind === 1 || kind === 5
  const unique = isTrue(first['is_unique'])
  const backsConstraint = isTrue(first['is_primary']) || isTrue(first['is_constraint'])
  const stored = columns.filter(({ included }) => included).map((column) => bracketed(column.name))
  const space = first['space_type'] === 'PS' ? undefined : spaceOf(first)
  const isSpecial = !backsConstraint && (isStore || filter !== undefined || stored.length > 0)
  const words = [unique ? 'UNIQUE' : '', clustered ? 'CLUSTERED' : '', isStore ? 'COLUMNSTORE' : ''].filter(
    (word) => word !== '',
  )
  const keys = kind === 5 ? '' : ` (${keysOf({ columns })})`
  const end = [
    ...(stored.length === 0 ? [] : [`INCLUDE (${stored.join(', ')})`]),
    ...(filter === undefined ? [] : [`WHERE ${filter}`]),
    ...(space === undefined ? [] : [`ON ${bracketed(space)}`]),
  ]
  return {
    name,
    unique,
    columns,
    clustered,
    method: isStore ? 'columnstore' : undefined,
    tablespace: space,
    backsConstraint,
    definition: isSpecial
      ? [`CREATE ${[...words, 'INDEX'].join(' ')} ${bracketed(name)} ON ${table}${keys}`, ...end].join(' ')
      : undefined,
  }
}

export function foreignKeysOf(rows: readonly Row[]): readonly ForeignKey[] {
  return [...groupBy(rows, 'name').entries()].map(([name, parts]) => {
    const [first] = parts
    return {
      name,
      columns: parts.map((part) => textOf(part['column_name'])),
      referencedSchema: textOf(first?.['referenced_schema']),
      referencedTable: textOf(first?.['referenced']),
      referencedColumns: parts.map((part) => textOf(part['other'])),
      onDelete: textOf(first?.['on_delete']).replaceAll('_', ' '),
      onUpdate: textOf(first?.['on_update']).replaceAll('_', ' '),
      deferrable: false,
      initiallyDeferred: false,
      validated: !isTrue(first?.['not_trusted']),
      definition: undefined,
    }
  })
}
