// Takes a snapshot of MySQL or MariaDB with a dozen queries, whatever the size.
import { Fault } from '#contract/fault'
import type { Database, Row } from '../port.ts'
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
import { flavourOf } from './flavour.ts'
import * as query from './snapshot-query.ts'
import { routinesOf, sequencesOf, triggerText } from './snapshot-object.ts'
import { foreignKeysOf, indexesOf, partitionOf } from './snapshot-table.ts'
import { columnType, defaultValue, plainExpressions } from './snapshot-type.ts'
import { quoteName } from './quote.ts'
import { literal } from './value.ts'

export const readMysql: SnapshotReader = async (database, schemaNames, signal) => {
  const names = schemaNames ?? (database.defaultSchemaName === undefined ? [] : [database.defaultSchemaName])
  if (names.length === 0) {
    throw new Fault('database-not-found', 'no database is chosen to take a snapshot of', {
      hint: 'Name it at the end of the URL, or with --default-schema-name.',
    })
  }
  const catalog = await readCatalog(database, names, signal)
  const schemas = names.map((name) => schemaOf(name, catalog))
  return {
    database: {
      shortName: database.dialect.shortName,
      productName: database.productName,
      productVersion: database.productVersion,
      url: database.url,
      user: database.user,
    },
    catalogName: database.defaultSchemaName,
    defaultSchemaName: database.defaultSchemaName,
    schemas,
    dependencies: dependenciesOf(schemas),
  } satisfies Snapshot
}

type Rows = readonly Row[]
type ByRelation = ReadonlyMap<string, Rows>

interface Catalog {
  readonly quotedDefaults: boolean
  readonly collations: ReadonlyMap<string, string>
  readonly tables: Rows
  readonly columns: ByRelation
  readonly indexes: ByRelation
  readonly foreignKeys: ByRelation
  readonly foreignKeyRules: ByRelation
  readonly checks: ByRelation
  readonly partitions: ByRelation
  readonly triggers: ByRelation
  readonly views: Rows
  readonly routines: Rows
  readonly parameters: Rows
  readonly sequences: Rows
}

/** Table names are unique only in their schema. */
const relationKey = (row: Row, name = 'relation'): string => `${textOf(row['schema'])}.${textOf(row[name])}`
const byRelation = (rows: Rows): ByRelation => groupBy(rows, (row) => relationKey(row))

async function readCatalog(database: Database, names: readonly string[], signal?: AbortSignal): Promise<Catalog> {
  const list = names.map((name) => literal(name)).join(', ')
  const ask = async (texts: readonly string[]): Promise<readonly Rows[]> =>
    await askAll(
      database.session,
      texts.map((text) => text.replaceAll('$schemas', () => list)),
      signal,
    )
  const flavour = flavourOf(database.productVersion)
  const isMariadb = flavour.shortName === 'mariadb'
  const [schemas = [], tables = [], columns = [], indexes = [], keys = [], rules = [], ...more] = await ask([
    query.schemaQuery,
    query.tableQuery,
    query.columnQuery,
    query.indexQuery.replace('$expression', isMariadb ? 'null' : 'expression'),
    query.foreignKeyQuery,
    query.foreignKeyRuleQuery,
    query.checkQueries[flavour.shortName],
    query.partitionQuery,
    query.triggerQuery,
    query.viewQuery,
    query.routineQuery,
    query.parameterQuery,
  ])
  const [checks = [], partitions = [], triggers = [], views = [], routines = [], parameters = []] = more
  const missing = names.find((name) => !schemas.some((row) => textOf(row['name']).toLowerCase() === name.toLowerCase()))
  if (missing !== undefined) throw new Fault('database-not-found', `the server has no database "${missing}"`)
  const sequences = tables.filter((row) => row['kind'] === 'SEQUENCE')
  return {
    quotedDefaults: isMariadb,
    collations: new Map(schemas.map((row) => [textOf(row['name']), textOf(row['collation'])])),
    tables,
    columns: byRelation(expressions(columns, isMariadb)),
    indexes: byRelation(expressions(indexes, isMariadb)),
    foreignKeys: byRelation(keys),
    foreignKeyRules: byRelation(rules),
    checks: byRelation(expressions(checks, isMariadb)),
    partitions: byRelation(partitions),
    triggers: byRelation(triggers),
    views,
    routines,
    parameters,
    sequences: sequences.length === 0 ? [] : ((await ask([sequenceQuery(sequences)]))[0] ?? []),
  }
}

const expressions = (rows: Rows, isMariadb: boolean): Rows => (isMariadb ? rows : rows.map(plainExpressions))

/** A sequence tells of itself like a table of one row; one statement reads them all. */
function sequenceQuery(sequences: Rows): string {
  const quote = (value: unknown): string => quoteName(textOf(value), 'QUOTE_ALL_OBJECTS')
  return sequences
    .map(
      (row) => `select ${literal(textOf(row['schema']))} as \`schema\`, ${literal(textOf(row['name']))} as name,
    cast(start_value as char) as start, cast(\`increment\` as char) as increment, cast(minimum_value as char) as min,
    cast(maximum_value as char) as max, cast(cache_size as char) as cache, cycle_option as cycle
    from ${quote(row['schema'])}.${quote(row['name'])}`,
    )
    .join(' union all ')
}

function schemaOf(name: string, catalog: Catalog): Schema {
  const here = (row: Row): boolean => textOf(row['schema']).toLowerCase() === name.toLowerCase()
  const relations = catalog.tables.filter(here)
  const isTable = ({ kind }: Row): boolean => kind === 'BASE TABLE' || kind === 'SYSTEM VERSIONED'
  return {
    name,
    tables: relations
      .filter(isTable)
      .map((row) => tableOf(row, catalog))
      .toSorted(byName),
    views: catalog.views
      .filter(here)
      .map((row) => viewOf(row, catalog))
      .toSorted(byName),
    sequences: sequencesOf(catalog.sequences.filter(here)),
    routines: routinesOf(catalog.routines.filter(here), catalog.parameters.filter(here)),
    types: [],
  }
}

function tableOf(row: Row, catalog: Catalog): Table {
  const key = relationKey(row, 'name')
  const name = textOf(row['name'])
  const collation = textOf(row['collation'])
  const checks = catalog.checks.get(key) ?? []
  const { indexes, primaryKey, uniqueConstraints } = indexesOf(name, catalog.indexes.get(key) ?? [])
  return {
    name,
    remarks: optional(row['remarks']),
    tablespace: undefined,
    columns: columnsOf(key, collation, catalog),
    primaryKey,
    uniqueConstraints,
    foreignKeys: foreignKeysOf(catalog.foreignKeys.get(key) ?? [], catalog.foreignKeyRules.get(key) ?? []),
    checks: checks.map((check) => ({
      name: textOf(check['name']),
      ...(check['level'] === 'Column' ? { column: textOf(check['name']) } : {}),
      definition: `CHECK (${textOf(check['clause'])})${check['enforced'] === 'NO' ? ' NOT ENFORCED' : ''}`,
    })),
    indexes,
    triggers: (catalog.triggers.get(key) ?? []).map((trigger) => ({
      name: textOf(trigger['name']),
      definition: triggerText(trigger),
    })),
    partition: partitionOf(catalog.partitions.get(key) ?? []),
    options: optionsOf(row, catalog.collations.get(textOf(row['schema']))),
    definition: undefined,
  }
}

function optionsOf(row: Row, usual: string | undefined): readonly string[] {
  const collation = textOf(row['collation'])
  const options = textOf(row['options'])
    .split(/\s+(?=[\w`]+=)/)
    .map((option) => option.replace(/\bpartitioned\b/i, '').trim())
    .filter((option) => option !== '')
  return [
    ...(row['kind'] === 'SYSTEM VERSIONED' ? ['WITH SYSTEM VERSIONING'] : []),
    ...(row['engine'] === 'InnoDB' ? [] : [`ENGINE=${textOf(row['engine'])}`]),
    ...(collation === usual || collation === '' ? [] : [`COLLATE=${collation}`]),
    ...options,
  ]
}

function columnsOf(key: string, tableCollation: string, catalog: Catalog): readonly Column[] {
  return (catalog.columns.get(key) ?? []).map((row) => {
    const extra = textOf(row['extra'])
    const expression = optional(row['expression'])
    const collation = optional(row['collation'])
    const rest = extra
      .replace(/auto_increment|DEFAULT_GENERATED|(?:STORED|VIRTUAL|PERSISTENT) GENERATED|on update \S+/gi, '')
      .replaceAll(/[\s,]+/g, ' ')
      .trim()
    const counts = /auto_increment/i.test(extra)
    return {
      name: textOf(row['name']),
      type: columnType(row, catalog.quotedDefaults),
      nullable: isTrue(row['nullable']),
      defaultValue: expression === undefined ? defaultValue(row, catalog.quotedDefaults) : undefined,
      generated: expression === undefined ? undefined : { expression, stored: /STORED|PERSISTENT/i.test(extra) },
      autoIncrement: counts ? { startWith: '1', incrementBy: '1', generation: undefined, options: '' } : undefined,
      collation: collation === tableCollation ? undefined : collation,
      ...(rest === '' ? {} : { extra: rest }),
      remarks: optional(row['remarks']),
    }
  })
}

function viewOf(row: Row, catalog: Catalog): View {
  const name = textOf(row['name'])
  const query = textOf(row['query'])
  const check = textOf(row['check_option'])
  const invoker = row['security'] === 'INVOKER' ? 'SQL SECURITY INVOKER ' : ''
  const special = (check !== 'NONE' && check !== '') || invoker !== ''
  const end = check === 'NONE' || check === '' ? '' : ` WITH ${check} CHECK OPTION`
  return {
    name,
    // The server says VIEW in the place of a comment, and so does the original engine.
    remarks: 'VIEW',
    columns: columnsOf(relationKey(row, 'name'), '', catalog).map((column) => ({ ...column, collation: undefined })),
    query,
    definition: special ? `CREATE ${invoker}VIEW ${quoteName(name, 'QUOTE_ALL_OBJECTS')} AS ${query}${end}` : undefined,
    materialized: false,
    indexes: [],
    triggers: [],
  }
}

/** The server writes every name of a query in full, so what a view needs can be read off it. */
function dependenciesOf(schemas: readonly Schema[]): readonly Dependency[] {
  const keys = new Map<string, string>()
  for (const { name: schema, tables, views, routines } of schemas) {
    for (const { name } of tables) keys.set(`${schema}.${name}`, objectKey('table', schema, name))
    for (const { name } of views) keys.set(`${schema}.${name}`, objectKey('view', schema, name))
    for (const { name } of routines) keys.set(`${schema}.${name}`, objectKey('routine', schema, name))
  }
  return schemas.flatMap(({ name: schemaName, views }) =>
    views.flatMap((view) => {
      const from = objectKey('view', schemaName, view.name)
      const pairs = view.query.matchAll(/`((?:[^`]|``)+)`\.`((?:[^`]|``)+)`/g)
      const named = new Set(Array.from(pairs, ([, schema, name]) => `${unquoted(schema)}.${unquoted(name)}`))
      return [...named].flatMap((name) => {
        const on = keys.get(name)
        return on === undefined || on === from ? [] : [{ from, on }]
      })
    }),
  )
}

const unquoted = (name: string | undefined): string => (name ?? '').replaceAll('``', '`')
