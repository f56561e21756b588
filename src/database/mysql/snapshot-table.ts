// Keys, indexes and partitions of tables of MySQL and MariaDB from their catalog rows.
import type { Row } from '../port.ts'
import { groupBy, isTrue, optional, textOf } from '../snapshot/group.ts'
import type { ForeignKey, Index, Partition, PrimaryKey, UniqueConstraint } from '../snapshot/model.ts'
import { quoteName } from './quote.ts'

const quote = (name: string): string => quoteName(name, 'QUOTE_ALL_OBJECTS')

export interface TableIndexes {
  readonly indexes: readonly Index[]
  readonly primaryKey: PrimaryKey | undefined
  readonly uniqueConstraints: readonly UniqueConstraint[]
}

/** Every unique index is a unique constraint to the server; one that a constraint cannot say (lengths, directions) is only an index here. */
export function indexesOf(table: string, rows: readonly Row[]): TableIndexes {
  const indexes = [...groupBy(rows, 'name').entries()].map(([name, parts]) => indexOf(table, name, parts))
  const columnsOf = (index: Index): readonly string[] => index.columns.map((column) => column.name)
  const key = indexes.find(({ name }) => name === 'PRIMARY')
  return {
    indexes,
    primaryKey: key && {
      name: 'PRIMARY',
      columns: columnsOf(key),
      indexName: 'PRIMARY',
      tablespace: undefined,
      definition: key.definition === undefined ? undefined : `PRIMARY KEY (${keyTexts(rows, 'PRIMARY')})`,
    },
    uniqueConstraints: indexes
      .filter((index) => index.backsConstraint && index !== key)
      .map((index) => ({
        name: index.name,
        columns: columnsOf(index),
        indexName: index.name,
        tablespace: undefined,
        deferrable: false,
        initiallyDeferred: false,
        clustered: false,
        definition: undefined,
      })),
  }
}

const keyTexts = (rows: readonly Row[], name: string): string =>
  rows
    .filter((row) => row['name'] === name)
    .map(keyText)
    .join(', ')

function keyText(row: Row): string {
  const expression = optional(row['expression'])
  const direction = row['direction'] === 'D' ? ' DESC' : ''
  if (expression !== undefined) return `(${expression})${direction}`
  const length = optional(row['length'])
  return `${quote(textOf(row['column']))}${length === undefined ? '' : `(${length})`}${direction}`
}

function indexOf(table: string, name: string, parts: readonly Row[]): Index {
  const method = textOf(parts[0]?.['method'])
  const isUnique = !isTrue(parts[0]?.['non_unique'])
  const hasDirection = parts.some((part) => part['direction'] === 'D')
  const isPlain = method === 'BTREE' && parts.every((part) => !part['length'] && !part['expression'])
  const isConstraint = name === 'PRIMARY' || (isUnique && isPlain && !hasDirection)
  const kind = method === 'FULLTEXT' || method === 'SPATIAL' ? `${method} ` : isUnique ? 'UNIQUE ' : ''
  const using = method === 'HASH' ? ' USING HASH' : ''
  const keys = parts.map((part) => keyText(kind === 'SPATIAL ' ? { ...part, length: null } : part)).join(', ')
  return {
    name,
    unique: isUnique,
    columns: parts.map((part) => ({
      name: optional(part['expression']) ?? textOf(part['column']),
      computed: optional(part['expression']) !== undefined,
      descending: part['direction'] === 'D',
      included: false,
    })),
    clustered: false,
    method: isPlain ? undefined : method,
    tablespace: undefined,
    backsConstraint: isConstraint,
    definition:
      isPlain && !(name === 'PRIMARY' && hasDirection)
        ? undefined
        : `CREATE ${kind}INDEX ${quote(name)}${using} ON ${quote(table)} (${keys})`,
  }
}

/** `rules`: what the keys of the same table do when what they refer to changes. */
export function foreignKeysOf(rows: readonly Row[], rules: readonly Row[]): readonly ForeignKey[] {
  return [...groupBy(rows, 'name').entries()].map(([name, parts]) => {
    const [first] = parts
    const rule = rules.find((row) => textOf(row['name']) === name)
    return {
      name,
      columns: parts.map((part) => textOf(part['column'])),
      referencedSchema: textOf(first?.['referenced_schema']),
      referencedTable: textOf(first?.['referenced']),
      referencedColumns: parts.map((part) => textOf(part['other'])),
      onDelete: textOf(rule?.['on_delete']),
      onUpdate: textOf(rule?.['on_update']),
      deferrable: false,
      initiallyDeferred: false,
      validated: true,
      definition: undefined,
    }
  })
}

export function partitionOf(rows: readonly Row[]): Partition | undefined {
  const [first] = rows
  if (first === undefined) return undefined
  const method = textOf(first['method'])
  const parts = [...groupBy(rows, 'name').entries()].map(([name, [part]]) => {
    const description = textOf(part?.['description'])
    if (method.startsWith('RANGE')) {
      const bound = description === 'MAXVALUE' ? description : `(${description})`
      return `PARTITION ${quote(name)} VALUES LESS THAN ${bound}`
    }
    if (method.startsWith('LIST')) {
      return `PARTITION ${quote(name)} ${description === 'DEFAULT' ? description : `VALUES IN (${description})`}`
    }
    return `PARTITION ${quote(name)}`
  })
  const submethod = optional(first['submethod'])
  const count = rows.filter((row) => row['name'] === first['name']).length
  const sub =
    submethod === undefined
      ? ''
      : ` SUBPARTITION BY ${submethod} (${textOf(first['subexpression'])}) SUBPARTITIONS ${count}`
  const by = `${method} (${textOf(first['expression'])})${sub} (${parts.join(', ')})`
  return { by, of: undefined }
}
