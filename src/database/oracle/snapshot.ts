// Takes a snapshot of Oracle with a dozen queries, whatever the size. Written from the vendor's documentation of its dictionary
// and not verified on a server.
import { Fault } from '#contract/fault'
import type { Row } from '../port.ts'
import { byName, groupBy, optional, textOf } from '../snapshot/group.ts'
import {
  type Column,
  type Dependency,
  objectKey,
  type Schema,
  type Snapshot,
  type Table,
  type Trigger,
  type View,
} from '../snapshot/model.ts'
import type { SnapshotReader } from '../snapshot/reader.ts'
import { quoteName } from './quote.ts'
import { routineOf, sequenceOf, type Source, sourcesOf, typeOfUser } from './snapshot-object.ts'
import * as query from './snapshot-query.ts'
import * as part from './snapshot-table.ts'
import { autoIncrement, columnType, defaultValue } from './snapshot-type.ts'
import { literal } from './value.ts'

type Rows = readonly Row[]
type ByRelation = ReadonlyMap<string, Rows>

interface Catalog {
  readonly tablespace: string | undefined
  readonly tables: Rows
  readonly columns: ByRelation
  readonly constraints: ByRelation
  readonly columnsOf: part.ConstraintColumns
  readonly indexes: ByRelation
  readonly sequences: Rows
  readonly views: Rows
  readonly materialized: Rows
  readonly sources: readonly Source[]
  readonly triggers: ByRelation
}

/** Table names are unique only in their schema. */
const keyOf = (schema: unknown, name: unknown): string => `${textOf(schema)}.${textOf(name)}`
const byRelation = (rows: Rows, schema = 'schema'): ByRelation =>
  groupBy(rows, (row) => keyOf(row[schema], row['relation']))

export const readOracle: SnapshotReader = async (database, schemaNames, signal) => {
  const names = schemaNames ?? (database.defaultSchemaName === undefined ? [] : [database.defaultSchemaName])
  // A name without quotes is in capitals; one that is not found so may have been made in quotes.
  const list = [...new Set(names.flatMap((name) => [name, name.toUpperCase()]))].map((name) => literal(name)).join(', ')
  const rows = async (sql: string): Promise<Rows> =>
    (await database.session.execute(sql.replaceAll('$schemas', list), [], signal)).rows
  const found = await rows(query.schemaQuery)
  const shown = names.map((name) => {
    const all = found.map((row) => textOf(row['name']))
    const match = all.find((one) => one === name) ?? all.find((one) => one === name.toUpperCase())
    if (match !== undefined) return match
    throw new Fault('database-not-found', `the database has no user "${name}"`, {
      hint: 'Correct the name; a schema of Oracle is a user.',
    })
  })
  const constraintColumns = groupBy(await rows(query.constraintColumnQuery), (row) =>
    keyOf(row['schema'], row['constraint_name']),
  )
  const catalog: Catalog = {
    tablespace: optional(found[0]?.['tablespace']),
    tables: await rows(query.tableQuery),
    columns: byRelation(await rows(query.columnQuery)),
    constraints: byRelation(await rows(query.constraintQuery)),
    columnsOf: (schema, name) =>
      (constraintColumns.get(`${schema}.${name}`) ?? []).map((row) => textOf(row['column_name'])),
    indexes: byRelation(await rows(query.indexQuery)),
    sequences: await rows(query.sequenceQuery),
    views: await rows(query.viewQuery),
    materialized: await rows(query.materializedViewQuery),
    sources: sourcesOf(await rows(query.sourceQuery)),
    triggers: byRelation(await rows(query.triggerQuery), 'relation_schema'),
  }
  const { productName, productVersion, url, user, dialect, defaultSchemaName } = database
  return {
    database: { shortName: dialect.shortName, productName, productVersion, url, user },
    catalogName: defaultSchemaName,
    defaultSchemaName,
    schemas: shown.map((name) => schemaOf(name, catalog)),
    dependencies: dependenciesOf(await rows(query.dependencyQuery)),
  } satisfies Snapshot
}

function schemaOf(name: string, catalog: Catalog): Schema {
  const here = (row: Row): boolean => row['schema'] === name
  const sources = catalog.sources.filter(({ schema }) => schema === name)
  return {
    name,
    tables: catalog.tables
      .filter(here)
      .map((row) => tableOf(row, catalog))
      .toSorted(byName),
    views: [
      ...catalog.views.filter(here).map((row) => viewOf(row, catalog)),
      ...catalog.materialized.filter(here).map((row) => materializedOf(row, catalog)),
    ].toSorted(byName),
    sequences: catalog.sequences.filter(here).map(sequenceOf),
    routines: sources.flatMap(routineOf),
    types: sources.flatMap(typeOfUser),
  }
}

function tableOf(row: Row, catalog: Catalog): Table {
  const key = keyOf(row['schema'], row['name'])
  const name = textOf(row['name'])
  const constraints = catalog.constraints.get(key) ?? []
  const ofKind = (kind: string): Rows => constraints.filter((one) => one['kind'] === kind)
  const [primary] = ofKind('P')
  const backing = new Set([...ofKind('P'), ...ofKind('U')].map((one) => textOf(one['index_name'])))
  const tablespaceOf = (one: Row): string | undefined => unlessUsual(one, catalog)
  const rows = catalog.indexes.get(key) ?? []
  const indexes = part.indexesOf(quoteName(name, 'QUOTE_ALL_OBJECTS', true), rows, backing, tablespaceOf)
  const spaceOf = (one: Row) => indexes.find((index) => index.name === one['index_name'])?.tablespace
  return {
    name,
    remarks: optional(row['remarks']),
    tablespace: unlessUsual(row, catalog),
    columns: columnsOf(key, catalog),
    primaryKey: primary && part.primaryKeyOf(primary, catalog.columnsOf, spaceOf(primary)),
    uniqueConstraints: ofKind('U').map((one) => part.uniqueConstraintOf(one, catalog.columnsOf, spaceOf(one))),
    foreignKeys: ofKind('R').map((one) => part.foreignKeyOf(one, catalog.columnsOf)),
    checks: ofKind('C')
      .filter((one) => !part.isNotNull(one))
      .map(part.checkOf),
    indexes,
    triggers: triggersOf(key, catalog),
    partition: undefined,
    options: [
      ...(row['temporary'] === 'Y' ? [`GLOBAL TEMPORARY ${textOf(row['duration'])}`] : []),
      ...(row['partitioned'] === 'YES' ? ['PARTITIONED'] : []),
      ...(row['organization'] === 'IOT' ? ['ORGANIZATION INDEX'] : []),
    ],
    definition: undefined,
  }
}

/** The tablespace, unless it is the one that the user has anyway. */
function unlessUsual(row: Row, { tablespace }: Catalog): string | undefined {
  const name = optional(row['tablespace'])
  return name === tablespace ? undefined : name
}

function triggersOf(relation: string, { triggers, sources }: Catalog): readonly Trigger[] {
  return (triggers.get(relation) ?? []).flatMap((row) => {
    const name = textOf(row['name'])
    const source = sources.find((one) => one.kind === 'TRIGGER' && one.name === name && one.schema === row['schema'])
    return source === undefined ? [] : [{ name, definition: source.text }]
  })
}

function columnsOf(relation: string, catalog: Catalog): readonly Column[] {
  return (catalog.columns.get(relation) ?? []).map((row) => {
    const isComputed = row['computed'] === 'YES'
    return {
      name: textOf(row['name']),
      type: columnType(row),
      nullable: row['nullable'] === 'Y',
      defaultValue: isComputed ? undefined : defaultValue(row),
      generated: isComputed ? { expression: textOf(row['default_value']).trim(), stored: false } : undefined,
      autoIncrement: autoIncrement(row),
      collation: undefined,
      remarks: optional(row['remarks']),
    }
  })
}

function viewOf(row: Row, catalog: Catalog): View {
  const name = textOf(row['name'])
  const text = textOf(row['query']).trim()
  const shown = quoteName(name, 'QUOTE_ALL_OBJECTS', true)
  return {
    name,
    remarks: optional(row['remarks']),
    columns: columnsOf(keyOf(row['schema'], name), catalog),
    query: text,
    definition: row['read_only'] === 'Y' ? `CREATE VIEW ${shown} AS ${text} WITH READ ONLY` : undefined,
    materialized: false,
    indexes: [],
    triggers: triggersOf(keyOf(row['schema'], name), catalog),
  }
}

function materializedOf(row: Row, catalog: Catalog): View {
  const name = textOf(row['name'])
  const key = keyOf(row['schema'], name)
  const text = textOf(row['query']).trim()
  const shown = quoteName(name, 'QUOTE_ALL_OBJECTS', true)
  const refresh = `REFRESH ${textOf(row['refresh_method'])} ON ${textOf(row['refresh_mode'])}`
  const end = row['refresh_method'] === 'NEVER' ? 'NEVER REFRESH' : refresh
  return {
    name,
    remarks: optional(row['remarks']),
    columns: columnsOf(key, catalog),
    query: text,
    definition: `CREATE MATERIALIZED VIEW ${shown} ${end} AS ${text}`,
    materialized: true,
    indexes: part
      .indexesOf(shown, catalog.indexes.get(key) ?? [], new Set(), (one) => unlessUsual(one, catalog))
      // The server makes one for the rows themselves.
      .filter((index) => !index.name.startsWith('I_SNAP$_')),
    triggers: [],
  }
}

function dependenciesOf(rows: Rows): readonly Dependency[] {
  const key = (schema: unknown, name: unknown, kind: unknown): string | undefined => {
    const [owner, object] = [textOf(schema), textOf(name)]
    switch (textOf(kind)) {
      case 'TABLE':
        return objectKey('table', owner, object)
      case 'VIEW':
      case 'MATERIALIZED VIEW':
        return objectKey('view', owner, object)
      case 'SEQUENCE':
        return objectKey('sequence', owner, object)
      case 'TYPE':
        return objectKey('type', owner, object)
      case 'FUNCTION':
      case 'PROCEDURE':
      case 'PACKAGE':
        return objectKey('routine', owner, object)
      case 'PACKAGE BODY':
      case 'TYPE BODY':
        return objectKey('routine', owner, `${object}(${textOf(kind)})`)
      default:
        return undefined
    }
  }
  return rows.flatMap((row) => {
    const from = key(row['schema'], row['name'], row['kind'])
    const on = key(row['needed_schema'], row['needed'], row['needed_kind'])
    return from === undefined || on === undefined || from === on ? [] : [{ from, on }]
  })
}
