// The changes that make a table like another, sorted into the steps of a whole diff changelog.
import {
  type Check,
  type Column,
  type ForeignKey,
  type Index,
  objectKey,
  type PrimaryKey,
  type Table,
  type Trigger,
  type UniqueConstraint,
} from '#database/snapshot/model'
import { type Change, sqlChange } from '../generate/change.ts'
import { columnOfChange } from '../generate/column.ts'
import { foreignKeyChange } from '../generate/object.ts'
import type { Place } from '../generate/place.ts'
import { addPrimaryKey, indexChange, uniqueChange } from '../generate/table.ts'
import type { Owner } from '../snapshot/select.ts'
import { columnChanges } from './column-change.ts'
import * as kinds from './kind.ts'
import { type Changed, type Lists, type Partition, partition } from './partition.ts'
import type { Scope } from './scope.ts'

type Changes = readonly (readonly Change[])[]

/** In the order in which they run. */
export interface Step {
  /** Takes away what stands in the way: foreign keys of all tables before anything that they need. */
  readonly firstForeignKeys: Changes
  readonly first: Changes
  readonly added: Changes
  readonly changed: Changes
  readonly constraints: Changes
  readonly foreignKeys: Changes
  /** Takes away what is too much, in the same order. */
  readonly lastForeignKeys: Changes
  readonly last: Changes
  readonly triggers: Changes
  /** Names of tables whose columns change or go. */
  readonly touched: readonly string[]
  readonly notes: readonly string[]
}

export interface TableDiff {
  readonly reference: Table
  readonly comparison: Table
  readonly columns: Partition<Column>
  readonly primaryKey: Partition<PrimaryKey>
  readonly unique: Partition<UniqueConstraint>
  readonly foreignKeys: Partition<ForeignKey>
  readonly checks: Partition<Check>
  readonly indexes: Partition<Index>
  readonly triggers: Partition<Trigger>
  /** Keys that others refer to and that are dropped on the way: their foreign keys go and come back. */
  readonly freed: readonly ForeignKey[]
  /** Too much, and in the way already at the beginning. */
  readonly blocking: readonly ForeignKey[]
}

/** Tables that are on both sides, in all schemas: a key may be referred to from another one. */
export function tableDiffs(
  schemas: readonly { readonly scope: Scope; readonly tables: Partition<Table> }[],
): readonly (readonly TableDiff[])[] {
  const all = schemas.map(({ scope, tables }) => ({
    scope,
    diffs: tables.both.map(([reference, comparison]) => tableDiff(scope, reference, comparison)),
  }))
  const rekeyed = new Set(
    all.flatMap(({ scope, diffs }) =>
      diffs
        .filter((diff) => losesKeys(diff) || holds(scope, diff))
        .map(({ comparison }) => objectKey('table', scope.pair.comparison.name, comparison.name)),
    ),
  )
  return all.map(({ scope, diffs }) => withFreedKeys(scope, diffs, rekeyed))
}

function withFreedKeys(scope: Scope, diffs: readonly TableDiff[], rekeyed: ReadonlySet<string>): readonly TableDiff[] {
  const schemaName = scope.pair.comparison.name
  return diffs.map((diff) => {
    const inTheWay = ({ referencedSchema, referencedTable }: ForeignKey): boolean =>
      holds(scope, diff) || rekeyed.has(objectKey('table', referencedSchema ?? schemaName, referencedTable))
    return {
      ...diff,
      freed: diff.foreignKeys.both
        .filter(([reference, comparison]) => inTheWay(comparison) && !isChanged(diff.foreignKeys, reference))
        .map(([reference]) => reference),
      blocking: diff.foreignKeys.unexpected.filter(inTheWay),
    }
  })
}

/** Keys that foreign keys may refer to. */
const losesKeys = ({ primaryKey, unique }: TableDiff): boolean =>
  [primaryKey, unique].some(({ changed, unexpected }) => changed.length + unexpected.length > 0)

/** Indexes are dropped that foreign keys of the table, or to it, may hold on to. */
const holds = ({ definer }: Scope, { primaryKey, unique, indexes }: TableDiff): boolean =>
  definer.foreignKeysHoldIndexes && [primaryKey, unique, indexes].some(({ changed }) => changed.length > 0)

const isChanged = <Item>({ changed }: Partition<Item>, item: Item): boolean =>
  changed.some(({ reference }) => reference === item)

function tableDiff(scope: Scope, reference: Table, comparison: Table): TableDiff {
  const owner: Owner = { type: 'table', name: reference.name }
  const lists = <Item>(pick: (table: Table) => readonly Item[]): Lists<Item> => ({
    reference: pick(reference),
    comparison: pick(comparison),
  })
  return {
    reference,
    comparison,
    columns: partition(
      scope,
      kinds.columnKind(scope, owner),
      lists((table) => table.columns),
    ),
    primaryKey: partition(
      scope,
      kinds.primaryKeyKind(scope, owner),
      lists((table) => (table.primaryKey ? [table.primaryKey] : [])),
    ),
    unique: partition(
      scope,
      kinds.uniqueKind(scope, owner),
      lists((table) => table.uniqueConstraints),
    ),
    foreignKeys: partition(
      scope,
      kinds.foreignKeyKind(scope, owner),
      lists((table) => table.foreignKeys),
    ),
    checks: partition(
      scope,
      kinds.checkKind(scope, owner),
      lists((table) => table.checks),
    ),
    indexes: partition(
      scope,
      kinds.indexKind(scope, owner),
      lists((table) => table.indexes.filter((one) => !one.backsConstraint)),
    ),
    triggers: partition(
      scope,
      kinds.triggerKind(scope, owner),
      lists((table) => table.triggers),
    ),
    freed: [],
    blocking: [],
  }
}

export function tableSteps(diff: TableDiff, scope: Scope, place: Place): Step {
  return scope.definer.alterConstraints ? alterSteps(diff, scope, place) : rebuildSteps(diff, scope, place)
}

const references = <Item>({ missing, changed }: Partition<Item>): readonly Item[] => [
  ...missing,
  ...changed.map(({ reference }) => reference),
]
const comparisons = <Item>(changed: readonly Changed<Item>[]): readonly Item[] =>
  changed.map(({ comparison }) => comparison)

function alterSteps(diff: TableDiff, { definer }: Scope, place: Place): Step {
  const { reference, comparison, columns, primaryKey, unique, foreignKeys, checks, indexes, triggers } = diff
  const { freed, blocking } = diff
  const table = comparison.name
  const drop = dropsOf(table, place)
  return {
    firstForeignKeys: [...comparisons(foreignKeys.changed), ...freed, ...blocking].flatMap(drop.foreignKey),
    first: [
      ...comparisons(triggers.changed).map(drop.trigger),
      ...comparisons(checks.changed).flatMap(drop.check),
      ...comparisons(indexes.changed).map(drop.index),
      ...comparisons(unique.changed).flatMap(drop.unique),
      ...comparisons(primaryKey.changed).map(drop.primaryKey),
    ],
    added: columns.missing.flatMap((column) => addColumn(table, column, place)),
    changed: columns.changed.flatMap((one) => columnChanges(table, one, place)),
    constraints: [
      ...references(primaryKey).map(() => [addPrimaryKey({ ...reference, name: table }, place)]),
      ...references(unique).map((one) => [uniqueChange({ ...reference, name: table }, one, place)]),
      ...references(checks).flatMap((one) => place.sql([definer.addCheck(table, one, place.sqlSchemaName)])),
      ...references(indexes).map((one) => [indexChange(table, one, place)]),
    ],
    foreignKeys: [...references(foreignKeys), ...freed].map((key) => [foreignKeyChange(table, key, place)]),
    lastForeignKeys: foreignKeys.unexpected.filter((key) => !blocking.includes(key)).flatMap(drop.foreignKey),
    last: [
      ...triggers.unexpected.map(drop.trigger),
      ...checks.unexpected.flatMap(drop.check),
      ...indexes.unexpected.map(drop.index),
      ...unique.unexpected.flatMap(drop.unique),
      ...primaryKey.unexpected.map(drop.primaryKey),
      ...columns.unexpected.map(({ name }) => [
        { name: 'dropColumn', attributes: { ...place.table(table), columnName: name } },
      ]),
    ],
    triggers: references(triggers).flatMap((one) => place.sql([definer.trigger(one)])),
    touched: columns.changed.length + columns.unexpected.length > 0 ? [table] : [],
    notes: notesOf(diff),
  }
}

function dropsOf(table: string, place: Place) {
  const { definer, scope } = place
  return {
    trigger: (one: Trigger) => [sqlChange(definer.dropTrigger(table, one, place.sqlSchemaName))],
    check: ({ name }: Check): Changes =>
      name === undefined ? [] : place.sql([definer.dropCheck(table, name, place.sqlSchemaName)]),
    index: ({ name }: Index) => [{ name: 'dropIndex', attributes: { ...place.table(table), indexName: name } }],
    unique: ({ name }: UniqueConstraint): Changes =>
      name === undefined
        ? []
        : [[{ name: 'dropUniqueConstraint', attributes: { ...place.table(table), constraintName: name } }]],
    primaryKey: ({ name }: PrimaryKey) => [
      {
        name: 'dropPrimaryKey',
        attributes: { ...place.table(table), constraintName: definer.namesPrimaryKey ? name : undefined },
      },
    ],
    foreignKey: ({ name }: ForeignKey): Changes =>
      name === undefined
        ? []
        : [
            [
              {
                name: 'dropForeignKeyConstraint',
                attributes: {
                  baseTableName: table,
                  baseTableSchemaName: scope['schemaName'],
                  baseTableCatalogName: scope['catalogName'],
                  constraintName: name,
                },
              },
            ],
          ],
  }
}

function addColumn(table: string, column: Column, place: Place): Changes {
  const written = columnOfChange(column, place.definer, {})
  if (written === undefined) return place.sql(place.definer.addColumn(table, column, place.sqlSchemaName))
  return [[{ name: 'addColumn', attributes: place.table(table), columns: [written] }]]
}

const notesOf = ({ reference, comparison }: TableDiff): readonly string[] => {
  const shape = ({ options, partition: one }: Table): string => JSON.stringify([options, one])
  return shape(reference) === shape(comparison)
    ? []
    : [`The table ${reference.name} differs in its options or partitions, which cannot be changed.`]
}

/** Where a table cannot be altered it is made anew, with the rows of the old one. */
function rebuildSteps(diff: TableDiff, { definer }: Scope, place: Place): Step {
  const { reference, comparison, columns, primaryKey, unique, foreignKeys, checks, indexes, triggers } = diff
  const table = comparison.name
  const drop = dropsOf(table, place)
  const addable = columns.missing.every(
    (column) => column.nullable && column.generated === undefined && column.defaultValue === undefined,
  )
  const constraints = [primaryKey, unique, foreignKeys, checks].some(
    ({ missing, unexpected, changed }) => missing.length + unexpected.length + changed.length > 0,
  )
  const rebuilt =
    !addable || constraints || columns.changed.length + columns.unexpected.length > 0 || notesOf(diff).length > 0
  const whole = reference.indexes.filter((index) => !index.backsConstraint)
  return {
    first: rebuilt
      ? []
      : [...comparisons(triggers.changed).map(drop.trigger), ...comparisons(indexes.changed).map(drop.index)],
    added: rebuilt ? [] : columns.missing.flatMap((column) => addColumn(table, column, place)),
    changed: rebuilt ? [definer.rebuildTable(reference, comparison).map(sqlChange)] : [],
    constraints: (rebuilt ? whole : references(indexes)).map((one) => [indexChange(table, one, place)]),
    foreignKeys: [],
    firstForeignKeys: [],
    lastForeignKeys: [],
    last: rebuilt ? [] : [...triggers.unexpected.map(drop.trigger), ...indexes.unexpected.map(drop.index)],
    triggers: (rebuilt ? reference.triggers : references(triggers)).flatMap((one) => place.sql([definer.trigger(one)])),
    // Its views are made anew: one that names a table that is not there would stop the renaming.
    touched: rebuilt ? [table] : [],
    notes: [],
  }
}

export function addedForeignKeys(tables: readonly Table[], { definer }: Scope, place: Place): Changes {
  if (!definer.alterConstraints) return []
  return tables.flatMap((table) => table.foreignKeys.map((key) => [foreignKeyChange(table.name, key, place)]))
}

/** Foreign keys of tables that go, to others that may go before them: then the order of the tables does not matter. */
export function freedTables(tables: readonly Table[], { definer, pair }: Scope, place: Place): Changes {
  if (!definer.alterConstraints) return []
  const names = new Set(tables.map(({ name }) => name))
  const mayGo = ({ referencedSchema, referencedTable }: ForeignKey, table: string): boolean =>
    (referencedSchema ?? pair.comparison.name) === pair.comparison.name
      ? referencedTable !== table && names.has(referencedTable)
      : true
  return tables.flatMap((table) =>
    table.foreignKeys.filter((key) => mayGo(key, table.name)).flatMap(dropsOf(table.name, place).foreignKey),
  )
}

export function droppedTables(tables: readonly Table[], place: Place): Changes {
  const names = new Set(tables.map(({ name }) => name))
  // A part goes with the whole.
  const whole = tables.filter(({ partition: one }) => one?.of === undefined || !names.has(one.of.tableName))
  return whole.map(({ name }) => [{ name: 'dropTable', attributes: place.table(name) }])
}

/** Remarks of tables. */
export const lateTableChanges = (changed: readonly Changed<Table>[], place: Place): Changes =>
  changed
    .filter(({ differences }) => differences.some(({ field }) => field === 'remarks'))
    .map(({ reference, comparison }) => [
      { name: 'setTableRemarks', attributes: { ...place.table(comparison.name), remarks: reference.remarks ?? '' } },
    ])
