// Takes a snapshot of SQL Server with a dozen queries, whatever the size. Written from the vendor's documentation of its catalog
// and not verified on a server.
import { Fault } from '#contract/fault'
import type { Row } from '../port.ts'
import { byName, groupBy, isTrue, optional, textOf } from '../snapshot/group.ts'
import {
  type Column,
  type Dependency,
  objectKey,
  type Routine,
  type Schema,
  type Sequence,
  type Snapshot,
  type Table,
  type UserType,
  type View,
} from '../snapshot/model.ts'
import type { SnapshotReader } from '../snapshot/reader.ts'
import { unicode } from './naming.ts'
import { bracketed } from './quote.ts'
import * as query from './snapshot-query.ts'
import { foreignKeysOf, indexesOf } from './snapshot-table.ts'
import { columnType, defaultValue, typeOf, withoutParentheses } from './snapshot-type.ts'

type Rows = readonly Row[]
type ById = ReadonlyMap<string, Rows>

interface Catalog {
  readonly collation: string | undefined
  readonly filegroup: string | undefined
  readonly tables: Rows
  readonly columns: ById
  readonly indexes: ById
  readonly foreignKeys: ById
  readonly checks: ById
  readonly sequences: Rows
  readonly modules: Rows
  readonly types: Rows
}

export const readSqlServer: SnapshotReader = async (database, schemaNames, signal) => {
  const names = schemaNames ?? [database.defaultSchemaName ?? 'dbo']
  const list = names.map((name) => unicode(name)).join(', ')
  const rows = async (sql: string): Promise<Rows> =>
    (await database.session.execute(sql.replaceAll('$schemas', list), [], signal)).rows
  const found = await rows(query.schemaQuery)
  const shown = names.map((name) => {
    const row = found.find((one) => textOf(one['name']).toLowerCase() === name.toLowerCase())
    if (row !== undefined) return textOf(row['name'])
    throw new Fault('database-not-found', `the database has no schema "${name}"`, {
      hint: 'Create the schema, or correct its name.',
    })
  })
  const catalog: Catalog = {
    collation: optional(found[0]?.['collation']),
    filegroup: optional(found[0]?.['filegroup_name']),
    tables: await rows(query.tableQuery),
    columns: groupBy(await rows(query.columnQuery), 'id'),
    indexes: groupBy(await rows(query.indexQuery), 'id'),
    foreignKeys: groupBy(await rows(query.foreignKeyQuery), 'id'),
    checks: groupBy(await rows(query.checkQuery), 'id'),
    sequences: await rows(query.sequenceQuery),
    modules: await rows(query.moduleQuery),
    types: await rows(query.typeQuery),
  }
  const dependencies = dependenciesOf(await rows(query.dependencyQuery), catalog)
  const { productName, productVersion, url, user, dialect } = database
  return {
    database: { shortName: dialect.shortName, productName, productVersion, url, user },
    catalogName: optional(found[0]?.['catalog_name']),
    defaultSchemaName: database.defaultSchemaName,
    schemas: shown.map((name) => schemaOf(name, catalog)),
    dependencies,
  } satisfies Snapshot
}

function schemaOf(name: string, catalog: Catalog): Schema {
  const here = (row: Row): boolean => row['schema_name'] === name
  const modules = catalog.modules.filter(here)
  return {
    name,
    tables: catalog.tables
      .filter(here)
      .map((row) => tableOf(row, catalog))
      .toSorted(byName),
    views: modules
      .filter(({ kind }) => kind === 'V')
      .map((row) => viewOf(row, catalog))
      .toSorted(byName),
    sequences: catalog.sequences.filter(here).map(sequenceOf),
    routines: modules.filter(({ kind }) => kind !== 'V' && kind !== 'TR').map(routineOf),
    types: catalog.types.filter(here).map(typeOfUser),
  }
}

function tableOf(row: Row, catalog: Catalog): Table {
  const id = textOf(row['id'])
  const name = textOf(row['name'])
  const schemaName = textOf(row['schema_name'])
  return {
    name,
    remarks: optional(row['remarks']),
    tablespace: spaceOf(row, catalog),
    columns: columnsOf(id, catalog),
    ...indexesOf(`${bracketed(schemaName)}.${bracketed(name)}`, catalog.indexes.get(id) ?? [], (one) =>
      spaceOf(one, catalog),
    ),
    foreignKeys: foreignKeysOf(catalog.foreignKeys.get(id) ?? []),
    checks: (catalog.checks.get(id) ?? []).map((check) => ({
      name: textOf(check['name']),
      definition: `CHECK (${withoutParentheses(textOf(check['definition']))})`,
    })),
    triggers: triggersOf(id, catalog),
    partition: undefined,
    options: [
      ...(row['space_type'] === 'PS' ? ['PARTITIONED'] : []),
      ...(Number(textOf(row['temporal'])) > 0 ? ['TEMPORAL'] : []),
      ...(isTrue(row['in_memory']) ? ['MEMORY_OPTIMIZED'] : []),
    ],
    definition: undefined,
  }
}

/** The file group, unless it is the default one. */
function spaceOf(row: Row, { filegroup }: Catalog): string | undefined {
  const name = optional(row['space_name'])
  return name === filegroup ? undefined : name
}

const triggersOf = (id: string, { modules }: Catalog): Table['triggers'] =>
  modules
    .filter((one) => one['kind'] === 'TR' && textOf(one['parent']) === id)
    .map((one) => ({ name: textOf(one['name']), definition: textOf(one['definition']).trim() }))

function columnsOf(id: string, catalog: Catalog): readonly Column[] {
  return (catalog.columns.get(id) ?? []).map((row) => {
    const expression = optional(row['expression'])
    const collation = optional(row['collation'])
    const seed = optional(row['seed'])
    const extra = [
      ...(isTrue(row['is_rowguid']) ? ['ROWGUIDCOL'] : []),
      ...(isTrue(row['is_sparse']) ? ['SPARSE'] : []),
    ]
    return {
      name: textOf(row['name']),
      type: columnType(row),
      nullable: isTrue(row['nullable']),
      defaultValue: defaultValue(row),
      generated:
        expression === undefined
          ? undefined
          : { expression: withoutParentheses(expression), stored: isTrue(row['persisted']) },
      autoIncrement:
        seed === undefined
          ? undefined
          : { startWith: seed, incrementBy: textOf(row['increment']), generation: undefined, options: '' },
      collation: collation === catalog.collation ? undefined : collation,
      ...(extra.length === 0 ? {} : { extra: extra.join(' ') }),
      remarks: optional(row['remarks']),
    }
  })
}

/** `CREATE VIEW name AS`, without anything that a changelog could not say. */
const plainView =
  /^\s*create\s+(?:or\s+alter\s+)?view\s+(?:(?:\[[^\]]+\]|"[^"]+"|\w+)\s*\.\s*)?(?:\[[^\]]+\]|"[^"]+"|\w+)\s+as\s+/i

function viewOf(row: Row, catalog: Catalog): View {
  const id = textOf(row['id'])
  const name = textOf(row['name'])
  const text = textOf(row['definition']).trim()
  const head = plainView.exec(text)
  const special = head === null || /\bwith\s+check\s+option\s*;?$/i.test(text)
  const { indexes } = indexesOf(
    `${bracketed(textOf(row['schema_name']))}.${bracketed(name)}`,
    catalog.indexes.get(id) ?? [],
    (one) => spaceOf(one, catalog),
  )
  return {
    name,
    remarks: optional(row['remarks']),
    columns: columnsOf(id, catalog),
    query: head === null ? text : text.slice(head[0].length),
    definition: special ? text : undefined,
    materialized: false,
    indexes,
    triggers: triggersOf(id, catalog),
  }
}

function sequenceOf(row: Row): Sequence {
  const cached = isTrue(row['is_cached'])
  return {
    name: textOf(row['name']),
    dataType: textOf(row['type_name']),
    startValue: textOf(row['start_value']),
    incrementBy: textOf(row['increment']),
    minValue: textOf(row['minimum']),
    maxValue: textOf(row['maximum']),
    // Cached without a size is what the server chooses.
    cacheSize: cached ? textOf(row['cache_size']) : '0',
    cycle: isTrue(row['is_cycling']),
    ownedBy: undefined,
    remarks: undefined,
  }
}

const routineOf = (row: Row): Routine => ({
  kind: row['kind'] === 'P' ? 'procedure' : 'function',
  name: textOf(row['name']),
  signature: undefined,
  definition: textOf(row['definition']).trim(),
  remarks: optional(row['remarks']),
})

function typeOfUser(row: Row): UserType {
  const name = textOf(row['name'])
  const shown = `${bracketed(textOf(row['schema_name']))}.${bracketed(name)}`
  const definition = `CREATE TYPE ${shown} FROM ${typeOf(row)}${isTrue(row['nullable']) ? '' : ' NOT NULL'}`
  return { kind: 'domain', name, definition, remarks: undefined }
}

function dependenciesOf(rows: Rows, { tables, modules }: Catalog): readonly Dependency[] {
  const keys = new Map<string, string>()
  for (const row of tables)
    keys.set(textOf(row['id']), objectKey('table', textOf(row['schema_name']), textOf(row['name'])))
  for (const row of modules) {
    if (row['kind'] === 'TR') continue
    const kind = row['kind'] === 'V' ? 'view' : 'routine'
    keys.set(textOf(row['id']), objectKey(kind, textOf(row['schema_name']), textOf(row['name'])))
  }
  return rows.flatMap((row) => {
    const from = keys.get(textOf(row['id']))
    const on = keys.get(textOf(row['needs']))
    return from === undefined || on === undefined || from === on ? [] : [{ from, on }]
  })
}
