// The changes that make a table again, with its constraints and indexes; its foreign keys are made later.
import type { Index, Table, UniqueConstraint } from '#database/snapshot/model'
import { type Change, sqlChange } from './change.ts'
import { columnOfChange, isPlainName, keyIsInOrder } from './column.ts'
import type { Place } from './place.ts'

/** Each entry is a change set of its own. */
export function tableChanges(table: Table, place: Place): readonly (readonly Change[])[] {
  const { definer } = place
  const created = createTable(table, place)
  if (created === undefined) {
    const made = place.sql(definer.table(table, place.sqlSchemaName))
    return [...made, ...indexesOf(table).map((index) => [indexChange(table.name, index, place)])]
  }
  return [
    [created],
    ...(table.primaryKey && !keyIsInOrder(table) ? [[addPrimaryKey(table, place)]] : []),
    ...table.uniqueConstraints.filter((one) => !isInline(one, place)).map((one) => [uniqueChange(table, one, place)]),
    ...table.checks.flatMap((check) => place.sql([definer.addCheck(table.name, check, place.sqlSchemaName)])),
    ...indexesOf(table).map((index) => [indexChange(table.name, index, place)]),
  ]
}

const isInline = ({ columns, definition }: UniqueConstraint, { definer }: Place): boolean =>
  definer.inlineUnique && columns.length === 1 && definition === undefined

const indexesOf = (table: Table): readonly Index[] => table.indexes.filter((index) => !index.backsConstraint)

function createTable(table: Table, place: Place): Change | undefined {
  const { definer } = place
  if (!definer.isPlainTable(table)) return undefined
  if (!definer.alterConstraints && !keyIsInOrder(table)) return undefined
  const { primaryKey } = table
  const inTable = keyIsInOrder(table) && primaryKey !== undefined
  const columns = table.columns.map((column) => {
    const isKey = inTable && primaryKey.columns.includes(column.name)
    const key = {
      primaryKey: 'true',
      primaryKeyName: definer.namesPrimaryKey ? primaryKey?.name : undefined,
      primaryKeyTablespace: place.tablespace(primaryKey?.tablespace),
    }
    const unique = table.uniqueConstraints.find((one) => isInline(one, place) && one.columns[0] === column.name)
    const own = unique ? { unique: 'true', uniqueConstraintName: unique.name } : {}
    return columnOfChange(column, definer, { ...(isKey ? key : {}), ...own })
  })
  const known = columns.filter((column) => column !== undefined)
  if (known.length < columns.length || known.length === 0) return undefined
  return {
    name: 'createTable',
    attributes: {
      ...place.table(table.name),
      remarks: table.remarks,
      tablespace: place.tablespace(table.tablespace),
    },
    columns: known,
  }
}

export function addPrimaryKey(table: Table, place: Place): Change {
  const { primaryKey } = table
  if (primaryKey === undefined) throw new Error(`${table.name} has no primary key`)
  const { name, columns, definition } = primaryKey
  if (definition !== undefined || !columns.every(isPlainName)) {
    const text = definition ?? `PRIMARY KEY (${place.quotedList(columns)})`
    return sqlChange(place.definer.addConstraint(table.name, name, text, place.sqlSchemaName))
  }
  return {
    name: 'addPrimaryKey',
    attributes: {
      ...place.table(table.name),
      columnNames: columns.join(', '),
      constraintName: place.definer.namesPrimaryKey ? name : undefined,
      tablespace: place.tablespace(primaryKey.tablespace),
    },
  }
}

export function uniqueChange(table: Table, one: UniqueConstraint, place: Place): Change {
  const { name, columns, definition } = one
  if (definition !== undefined || !columns.every(isPlainName)) {
    const text = definition ?? `UNIQUE (${place.quotedList(columns)})`
    return sqlChange(place.definer.addConstraint(table.name, name, text, place.sqlSchemaName))
  }
  return {
    name: 'addUniqueConstraint',
    attributes: {
      ...place.table(table.name),
      columnNames: columns.join(', '),
      constraintName: name,
      deferrable: one.deferrable ? 'true' : undefined,
      initiallyDeferred: one.initiallyDeferred ? 'true' : undefined,
      tablespace: place.tablespace(one.tablespace),
    },
  }
}

export function indexChange(relation: string, index: Index, place: Place): Change {
  const isPlain = index.columns.every(({ name, computed }) => computed || isPlainName(name))
  if (index.definition !== undefined || !isPlain) {
    return sqlChange(place.definer.index(relation, index, place.sqlSchemaName))
  }
  return {
    name: 'createIndex',
    attributes: {
      ...place.table(relation),
      indexName: index.name,
      unique: index.unique ? 'true' : undefined,
      using: index.method,
      tablespace: place.tablespace(index.tablespace),
    },
    columns: index.columns.map(({ name, computed, descending, included }) => ({
      attributes: {
        name,
        computed: computed ? 'true' : undefined,
        descending: descending ? 'true' : undefined,
        included: included ? 'true' : undefined,
      },
    })),
  }
}
