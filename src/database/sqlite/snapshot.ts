// Takes a snapshot of SQLite with four queries and the texts of its tables.
import type { Row } from '../port.ts'
import { byName, groupBy, isTrue, optional, textOf } from '../snapshot/group.ts'
import type { Column, ForeignKey, Index, Snapshot, Table, Trigger, View } from '../snapshot/model.ts'
import type { SnapshotReader } from '../snapshot/reader.ts'
import { columnType, defaultValue } from './snapshot-type.ts'
import { type NamedConstraint, readTableText, type TableText } from './table-text.ts'
import { isWord, tokensOf } from './token.ts'

/** Tables behind virtual tables come and go with them. */
const objectQuery = `
  select m.type, m.name, m.tbl_name, m.sql from sqlite_master m
  left join pragma_table_list l on l.schema = 'main' and l.name = m.name and m.type = 'table'
  where m.name not like 'sqlite\\_%' escape '\\' and coalesce(l.type, '') <> 'shadow'
  order by m.name`
const columnQuery = `
  select m.name as relation, x.cid, x.name, x.type, x."notnull" as not_null, x.dflt_value, x.pk, x.hidden
  from sqlite_master m, pragma_table_xinfo(m.name) x
  where m.type in ('table', 'view') and x.hidden <> 1 order by m.name, x.cid`
const foreignKeyQuery = `
  select m.name as relation, f.id, f.seq, f."table" as referenced, f."from" as own, f."to" as other, f.on_update, f.on_delete
  from sqlite_master m, pragma_foreign_key_list(m.name) f
  where m.type = 'table' order by m.name, f.id desc, f.seq`
const indexQuery = `
  select m.name as relation, i.name, i."unique" as is_unique, i.origin, i.partial, s.sql, x.seqno, x.name as column, x.desc, x.coll, x.cid
  from sqlite_master m, pragma_index_list(m.name) i
  left join sqlite_master s on s.type = 'index' and s.name = i.name, pragma_index_xinfo(i.name) x
  where m.type = 'table' and x.key = 1 order by m.name, i.name, x.seqno`

interface Catalog {
  readonly columns: ReadonlyMap<string, readonly Row[]>
  readonly foreignKeys: ReadonlyMap<string, readonly Row[]>
  readonly indexes: ReadonlyMap<string, readonly Row[]>
  readonly triggers: ReadonlyMap<string, readonly Row[]>
}

export const readSqlite: SnapshotReader = async (database, _schemaNames, signal) => {
  const rows = async (sql: string): Promise<readonly Row[]> => (await database.session.execute(sql, [], signal)).rows
  const objects = await rows(objectQuery)
  const ofType = (type: string): readonly Row[] => objects.filter((row) => row['type'] === type)
  const catalog: Catalog = {
    columns: groupBy(await rows(columnQuery), 'relation'),
    foreignKeys: groupBy(await rows(foreignKeyQuery), 'relation'),
    indexes: groupBy(await rows(indexQuery), 'relation'),
    triggers: groupBy(ofType('trigger'), 'tbl_name'),
  }
  return {
    database: {
      shortName: database.dialect.shortName,
      productName: database.productName,
      productVersion: database.productVersion,
      url: database.url,
      user: database.user,
    },
    catalogName: undefined,
    defaultSchemaName: undefined,
    schemas: [
      {
        name: undefined,
        tables: ofType('table').map((row) => tableOf(row, catalog)),
        views: ofType('view').map((row) => viewOf(row, catalog)),
        sequences: [],
        routines: [],
        types: [],
      },
    ],
    // SQLite looks at names only when they are used; anything can be made in any order, and foreign keys are part of their table.
    dependencies: [],
  } satisfies Snapshot
}

function tableOf(row: Row, catalog: Catalog): Table {
  const name = textOf(row['name'])
  const sql = textOf(row['sql'])
  const text = readTableText(sql)
  const columns = catalog.columns.get(name) ?? []
  const indexes = indexesOf(name, catalog)
  const isVirtual = /^\s*create\s+virtual\b/i.test(sql)
  return {
    name,
    remarks: undefined,
    tablespace: undefined,
    columns: columns.map((column) => columnOf(column, text)),
    primaryKey: primaryKeyOf(columns, text, indexes),
    uniqueConstraints: uniqueConstraintsOf(text, indexes),
    foreignKeys: foreignKeysOf(catalog.foreignKeys.get(name) ?? [], text),
    checks: text.constraints
      .filter(({ kind }) => kind === 'check')
      .map((one) => ({ name: one.name, definition: one.text })),
    indexes,
    triggers: triggersOf(name, catalog),
    partition: undefined,
    options: isVirtual ? ['VIRTUAL'] : text.options,
    definition: sql,
  }
}

function columnOf(row: Row, text: TableText): Column {
  const name = textOf(row['name'])
  const type = columnType(textOf(row['type']))
  const written = text.columns.find((column) => column.name.toLowerCase() === name.toLowerCase())
  const expression = optional(row['dflt_value'])
  return {
    name,
    type,
    nullable: !isTrue(row['not_null']),
    defaultValue: expression === undefined ? undefined : defaultValue(expression, type),
    generated: written?.generated,
    autoIncrement: written?.autoIncrement
      ? { startWith: '1', incrementBy: '1', generation: undefined, options: '' }
      : undefined,
    collation: written?.collation,
    remarks: undefined,
  }
}

const namesOf = (constraint: NamedConstraint | undefined): string => (constraint?.columns ?? []).join(',')

function primaryKeyOf(rows: readonly Row[], text: TableText, indexes: readonly OriginIndex[]): Table['primaryKey'] {
  const keys = rows.filter((row) => Number(row['pk']) > 0).toSorted((a, b) => Number(a['pk']) - Number(b['pk']))
  if (keys.length === 0) return undefined
  return {
    name: text.constraints.find(({ kind }) => kind === 'primary')?.name,
    columns: keys.map((row) => textOf(row['name'])),
    indexName: indexes.find(({ origin }) => origin === 'pk')?.name,
    tablespace: undefined,
    definition: undefined,
  }
}

function uniqueConstraintsOf(text: TableText, indexes: readonly OriginIndex[]): Table['uniqueConstraints'] {
  const written = text.constraints.filter(({ kind }) => kind === 'unique')
  return indexes
    .filter(({ origin }) => origin === 'u')
    .map((index) => {
      const columns = index.columns.map((column) => column.name)
      const named = written.find((one) => namesOf(one) === columns.join(',').toLowerCase())
      return {
        name: named?.name,
        columns,
        indexName: index.name,
        tablespace: undefined,
        deferrable: false,
        initiallyDeferred: false,
        clustered: false,
        definition: undefined,
      }
    })
}

function foreignKeysOf(rows: readonly Row[], text: TableText): readonly ForeignKey[] {
  const written = text.constraints.filter(({ kind }) => kind === 'foreign')
  return [...groupBy(rows, 'id').values()].map((parts) => {
    const [first] = parts
    const columns = parts.map((part) => textOf(part['own']))
    const named = written.find((one) => namesOf(one) === columns.join(',').toLowerCase())
    const words = named?.text.toUpperCase() ?? ''
    const deferrable = /(?<!NOT\s+)\bDEFERRABLE\b/.test(words)
    return {
      name: named?.name,
      columns,
      referencedSchema: undefined,
      referencedTable: textOf(first?.['referenced']),
      // Without columns the primary key is meant.
      referencedColumns: parts.map((part) => textOf(part['other'])).filter((column) => column !== ''),
      onDelete: textOf(first?.['on_delete']),
      onUpdate: textOf(first?.['on_update']),
      deferrable,
      initiallyDeferred: deferrable && /INITIALLY\s+DEFERRED/.test(words),
      validated: true,
      definition: undefined,
    }
  })
}

type OriginIndex = Index & { readonly origin: string }

function indexesOf(table: string, catalog: Catalog): readonly OriginIndex[] {
  const found = [...groupBy(catalog.indexes.get(table) ?? [], 'name').entries()].map(([name, parts]) => {
    const [first] = parts
    const columns = parts.map((part) => ({
      name: textOf(part['column']),
      computed: Number(part['cid']) < 0,
      descending: isTrue(part['desc']),
      included: false,
    }))
    const plain = !isTrue(first?.['partial']) && columns.every((column) => !column.computed) && !hasCollation(parts)
    return {
      name,
      unique: isTrue(first?.['is_unique']),
      columns,
      clustered: false,
      method: undefined,
      tablespace: undefined,
      backsConstraint: textOf(first?.['origin']) !== 'c',
      definition: plain ? undefined : optional(first?.['sql']),
      origin: textOf(first?.['origin']),
    }
  })
  return found.toSorted(byName)
}

/** Named in the index itself; that of the column would be the same again. */
const hasCollation = (parts: readonly Row[]): boolean => /\bcollate\b/i.test(textOf(parts[0]?.['sql']))

const triggersOf = (relation: string, catalog: Catalog): readonly Trigger[] =>
  (catalog.triggers.get(relation) ?? []).map((row) => ({ name: textOf(row['name']), definition: textOf(row['sql']) }))

function viewOf(row: Row, catalog: Catalog): View {
  const name = textOf(row['name'])
  const sql = textOf(row['sql'])
  const tokens = tokensOf(sql)
  const as = tokens.findIndex((token) => isWord(token, 'AS'))
  const hasColumnList = tokens.slice(0, as).some((token) => token.kind === 'group')
  return {
    name,
    remarks: undefined,
    columns: (catalog.columns.get(name) ?? []).map((column) =>
      columnOf(column, { columns: [], constraints: [], options: [] }),
    ),
    query: sql.slice(tokens[as]?.end ?? 0).trim(),
    definition: hasColumnList ? sql : undefined,
    materialized: false,
    indexes: [],
    triggers: triggersOf(name, catalog),
  }
}
