// Takes a snapshot of PostgreSQL with a dozen queries, all in one message of one read-only transaction.
import { Fault } from '#contract/fault'
import type { Database, Row, Session } from '../port.ts'
import { askAll } from '../snapshot/ask.ts'
import { byName, groupBy, isTrue, optional, textOf } from '../snapshot/group.ts'
import {
  type Column,
  type Dependency,
  objectKey,
  type Schema,
  type Snapshot,
  type Table,
  type View,
} from '../snapshot/model.ts'
import type { SnapshotReader } from '../snapshot/reader.ts'
import { defaultValue } from './snapshot-default.ts'
import { routineOf, sequenceOf, userType } from './snapshot-object.ts'
import * as query from './snapshot-query.ts'
import * as part from './snapshot-table.ts'
import { columnType } from './snapshot-type.ts'

export const readPostgres: SnapshotReader = async (database, schemaNames, signal) => {
  const names = schemaNames ?? [database.defaultSchemaName ?? 'public']
  const catalog = await readCatalog(database, names, signal)
  return {
    database: {
      shortName: database.dialect.shortName,
      productName: database.productName,
      productVersion: database.productVersion,
      url: database.url,
      user: database.user,
    },
    catalogName: catalog.catalogName,
    defaultSchemaName: database.defaultSchemaName,
    schemas: names.map((name) => schemaOf(name, catalog)),
    dependencies: dependenciesOf(catalog),
  } satisfies Snapshot
}

interface Catalog {
  readonly catalogName: string | undefined
  readonly defaultSchemaName: string | undefined
  readonly tables: readonly Row[]
  readonly columns: ReadonlyMap<string, readonly Row[]>
  readonly constraints: ReadonlyMap<string, readonly Row[]>
  readonly indexes: ReadonlyMap<string, readonly Row[]>
  readonly triggers: ReadonlyMap<string, readonly Row[]>
  /** By relation and number of the column that they serve. */
  readonly identities: ReadonlyMap<string, Row>
  readonly sequences: readonly Row[]
  readonly routines: readonly Row[]
  readonly types: readonly Row[]
  readonly dependencies: readonly Row[]
  readonly columnName: part.ColumnNames
}

async function readCatalog(database: Database, names: readonly string[], signal?: AbortSignal): Promise<Catalog> {
  const { session } = database
  await session.begin()
  try {
    const found = await askCatalog(session, names, signal)
    for (const name of names) {
      if (found.schemas.some((row) => row['name'] === name)) continue
      throw new Fault('database-not-found', `the database has no schema "${name}"`, {
        hint: 'Create the schema, or correct its name; letter case counts.',
      })
    }
    return {
      catalogName: optional(found.schemas[0]?.['catalog']),
      defaultSchemaName: database.defaultSchemaName,
      tables: found.tables,
      columns: groupBy(found.columns, 'relation'),
      constraints: groupBy(found.constraints, 'relation'),
      indexes: groupBy(found.indexes, 'relation'),
      triggers: groupBy(found.triggers, 'relation'),
      identities: identitiesOf(found.sequences),
      sequences: found.sequences.filter((row) => row['kind'] !== 'i'),
      routines: found.routines,
      types: found.types,
      dependencies: found.dependencies,
      columnName: namesOf([...found.columns, ...found.referenced]),
    }
  } finally {
    await session.rollback()
  }
}

const catalogQueries = {
  schemas:
    'select n.nspname::text as name, current_database()::text as catalog from pg_catalog.pg_namespace n where n.nspname = any($1::text[])',
  columns: query.columnQuery,
  referenced: query.referencedColumnQuery,
  sequences: query.sequenceQuery,
  tables: query.tableQuery,
  constraints: query.constraintQuery,
  indexes: query.indexQuery,
  triggers: query.triggerQuery,
  routines: query.routineQuery,
  types: query.typeQuery,
  dependencies: query.dependencyQuery,
}

async function askCatalog(
  session: Session,
  names: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Readonly<Record<keyof typeof catalogQueries, readonly Row[]>>> {
  const schemas = arrayLiteral(names)
  const texts = [
    'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY',
    // Compiling a catalog query takes longer (0.4 s) than all of them; PostgreSQL 10 has no such setting.
    "select set_config(name, 'off', true) from pg_catalog.pg_settings where name = 'jit'",
    ...Object.values(catalogQueries).map((text) => text.replaceAll('$1', () => schemas)),
  ]
  const answers = await askAll(session, texts, signal)
  const rows = Object.keys(catalogQueries).map((name, index) => [name, answers[index + 2] ?? []])
  return Object.fromEntries(rows) as Record<keyof typeof catalogQueries, readonly Row[]>
}

/** Written so that it means the same whatever the server takes a backslash for. */
function arrayLiteral(names: readonly string[]): string {
  const array = `{${names.map((name) => `"${name.replaceAll(/["\\]/g, '\\$&')}"`).join(',')}}`
  return `E'${array.replaceAll(/['\\]/g, (mark) => mark + mark)}'`
}

function identitiesOf(sequences: readonly Row[]): ReadonlyMap<string, Row> {
  const serving = sequences.filter((row) => row['kind'] === 'i')
  return new Map(serving.map((row) => [`${textOf(row['relation'])}.${textOf(row['number'])}`, row]))
}

function namesOf(columns: readonly Row[]): part.ColumnNames {
  const names = new Map(
    columns.map((row) => [`${textOf(row['relation'])}.${textOf(row['number'])}`, textOf(row['name'])]),
  )
  return (relation, number) => names.get(`${relation}.${number}`) ?? ''
}

function schemaOf(name: string, catalog: Catalog): Schema {
  const here = (row: Row): boolean => row['schema'] === name
  const isDefault = name === catalog.defaultSchemaName
  const relations = catalog.tables.filter(here)
  const isView = (row: Row): boolean => row['kind'] === 'v' || row['kind'] === 'm'
  return {
    name,
    tables: relations
      .filter((row) => !isView(row))
      .map((row) => tableOf(row, catalog))
      .toSorted(byName),
    views: relations
      .filter(isView)
      .map((row) => viewOf(row, catalog))
      .toSorted(byName),
    sequences: catalog.sequences.filter(here).map(sequenceOf),
    routines: catalog.routines.filter(here).map((row) => routineOf(row, isDefault)),
    types: catalog.types.filter(here).map((row) => userType(row, isDefault)),
  }
}

/** As `pg_get_indexdef` writes it. */
function shownName(row: Row, catalog: Catalog): string {
  const name = part.written(textOf(row['name']))
  const only = row['kind'] === 'p' ? 'ONLY ' : ''
  const schema = textOf(row['schema'])
  return `${only}${schema === catalog.defaultSchemaName ? name : `${part.written(schema)}.${name}`}`
}

function tableOf(row: Row, catalog: Catalog): Table {
  const id = textOf(row['id'])
  const constraints = catalog.constraints.get(id) ?? []
  const ofKind = (...kinds: readonly string[]): readonly Row[] =>
    constraints.filter((constraint) => kinds.includes(textOf(constraint['kind'])))
  const indexes = (catalog.indexes.get(id) ?? []).map((index) =>
    part.index(index, catalog.columnName, shownName(row, catalog)),
  )
  const indexNamed = (constraint: Row) => indexes.find((index) => index.name === constraint['index_name'])
  const [key] = ofKind('p')
  return {
    name: textOf(row['name']),
    remarks: optional(row['remarks']),
    tablespace: optional(row['tablespace']),
    columns: columnsOf(id, catalog),
    primaryKey: key && part.primaryKey(key, catalog.columnName, indexNamed(key)?.tablespace),
    uniqueConstraints: ofKind('u').map((one) => part.uniqueConstraint(one, catalog.columnName, indexNamed(one))),
    foreignKeys: ofKind('f').map((one) => part.foreignKey(one, catalog.columnName)),
    checks: ofKind('c', 'x').map(part.check),
    indexes,
    triggers: (catalog.triggers.get(id) ?? []).map(part.trigger),
    partition: partitionOf(row),
    options: optionsOf(row),
    definition: undefined,
  }
}

function partitionOf(row: Row): Table['partition'] {
  const by = optional(row['divided'])
  const bound = optional(row['bound'])
  if (by === undefined && bound === undefined) return undefined
  const of = { schemaName: optional(row['parent_schema']), tableName: textOf(row['parent']), bound: bound ?? '' }
  return { by, of: bound === undefined ? undefined : of }
}

function optionsOf(row: Row): readonly string[] {
  const inherits = row['parent'] && !row['bound'] ? [`INHERITS (${part.written(textOf(row['parent']))})`] : []
  return [
    ...(row['kind'] === 'f' ? ['FOREIGN'] : []),
    ...(row['persistence'] === 'u' ? ['UNLOGGED'] : []),
    ...inherits,
    ...(row['options'] ? [`WITH (${textOf(row['options'])})`] : []),
  ]
}

function viewOf(row: Row, catalog: Catalog): View {
  const id = textOf(row['id'])
  const materialized = row['kind'] === 'm'
  const name = shownName(row, catalog)
  const query = textOf(row['query']).trim()
  const options = row['options'] ? ` WITH (${textOf(row['options'])})` : ''
  const special = materialized || options !== ''
  return {
    name: textOf(row['name']),
    remarks: optional(row['remarks']),
    columns: columnsOf(id, catalog),
    query,
    definition: special ? `CREATE ${materialized ? 'MATERIALIZED ' : ''}VIEW ${name}${options} AS ${query}` : undefined,
    materialized,
    indexes: (catalog.indexes.get(id) ?? []).map((index) => part.index(index, catalog.columnName, name)),
    triggers: (catalog.triggers.get(id) ?? []).map(part.trigger),
  }
}

const columnsOf = (relation: string, catalog: Catalog): readonly Column[] =>
  (catalog.columns.get(relation) ?? []).map((row) => columnOf(row, catalog))

function columnOf(row: Row, catalog: Catalog): Column {
  const expression = optional(row['default_value'])
  const generated = textOf(row['generated'])
  const identity = catalog.identities.get(`${textOf(row['relation'])}.${textOf(row['number'])}`)
  const collation = optional(row['collation'])
  const schema = textOf(row['collation_schema'])
  return {
    name: textOf(row['name']),
    type: columnType(row),
    nullable: isTrue(row['nullable']),
    defaultValue:
      expression === undefined || generated !== ''
        ? undefined
        : defaultValue(expression, textOf(row['type_name']), textOf(row['type_kind'])),
    generated: expression !== undefined && generated !== '' ? { expression, stored: generated === 's' } : undefined,
    autoIncrement: identity && {
      startWith: textOf(identity['start']),
      incrementBy: textOf(identity['increment']),
      generation: row['identity'] === 'a' ? 'ALWAYS' : 'BY DEFAULT',
      options: identityOptions(identity),
    },
    collation: collation && [schema, collation].map((name) => `"${name.replaceAll('"', '""')}"`).join('.'),
    remarks: optional(row['remarks']),
  }
}

/** Bounds that a sequence of the type has anyway are left out. */
function identityOptions(row: Row): string {
  const top: Readonly<Record<string, string>> = {
    smallint: '32767',
    integer: '2147483647',
    bigint: '9223372036854775807',
  }
  const down = textOf(row['increment']).startsWith('-')
  return [
    !down && row['min'] !== '1' ? `MINVALUE ${textOf(row['min'])}` : '',
    !down && row['max'] !== top[textOf(row['type'])] ? `MAXVALUE ${textOf(row['max'])}` : '',
    down ? `MINVALUE ${textOf(row['min'])} MAXVALUE ${textOf(row['max'])}` : '',
    row['cache'] === '1' ? '' : `CACHE ${textOf(row['cache'])}`,
    isTrue(row['cycle']) ? 'CYCLE' : '',
  ]
    .filter((text) => text !== '')
    .join(' ')
}

function dependenciesOf(catalog: Catalog): readonly Dependency[] {
  const keys = new Map<string, string>()
  const add = (rows: readonly Row[], keyOf: (row: Row) => string): void => {
    for (const row of rows) keys.set(textOf(row['id']), keyOf(row))
  }
  add(catalog.tables, (row) => {
    const kind = row['kind'] === 'v' || row['kind'] === 'm' ? 'view' : 'table'
    return objectKey(kind, textOf(row['schema']), textOf(row['name']))
  })
  add(catalog.sequences, (row) => objectKey('sequence', textOf(row['schema']), textOf(row['name'])))
  add(catalog.routines, (row) =>
    objectKey('routine', textOf(row['schema']), `${textOf(row['name'])}(${textOf(row['arguments'])})`),
  )
  add(catalog.types, (row) => objectKey('type', textOf(row['schema']), textOf(row['name'])))
  return catalog.dependencies.flatMap((row) => {
    const from = keys.get(textOf(row['id']))
    const on = keys.get(textOf(row['needs']))
    // A sequence that a column owns needs the column only to be dropped with it; the default of the column needs the sequence.
    if (from === undefined || on === undefined || from === on || from.startsWith('sequence:')) return []
    return [{ from, on }]
  })
}
