// What differs between two snapshots: what is missing, unexpected or changed in the second, seen from the first.
import { definerFor } from '#database/snapshot/define'
import type { Column, Dependency, Schema, Snapshot, Table, View } from '#database/snapshot/model'
import type { ObjectTypeName } from '../snapshot/object-type.ts'
import type { Owner, Selection } from '../snapshot/select.ts'
import * as kinds from './kind.ts'
import { type FieldDifference, type Kind, type Lists, partition } from './partition.ts'
import type { SchemaPair, Scope } from './scope.ts'
import { withSchemaNames } from '../snapshot/rename.ts'

export interface DiffItem {
  readonly type: ObjectTypeName
  readonly state: 'missing' | 'unexpected' | 'changed'
  readonly name: string
  /** The table or view that it is a part of. */
  readonly owner: Owner | undefined
  /** As the text output shows it. */
  readonly title: string
  /** Empty unless changed. */
  readonly differences: readonly FieldDifference[]
}

export interface Diff {
  readonly reference: Snapshot
  readonly comparison: Snapshot
  readonly scopes: readonly Scope[]
  /** Of the reference, in the names of the comparison. */
  readonly dependencies: readonly Dependency[]
  /** Sorted by name. */
  readonly items: readonly DiffItem[]
}

export interface DiffOptions {
  /** The position of a column counts. No change set could mend it, so that a diff changelog is better made without. */
  readonly columnOrder: boolean
}

/** Schemas are paired in the order of both lists. Only objects of the selection count. Fault `not-offered`. */
export function diffOf(
  reference: Snapshot,
  comparison: Snapshot,
  selection: Selection,
  options: DiffOptions = { columnOrder: false },
): Diff {
  const { shortName } = comparison.database
  const definer = definerFor(shortName)
  const pairs = reference.schemas.flatMap((schema, index) => {
    const other = comparison.schemas[index]
    return other === undefined ? [] : [{ schema, other }]
  })
  const names = new Map(pairs.map(({ schema, other }) => [schema.name ?? '', other.name ?? '']))
  const renamed = withSchemaNames(reference, names)
  const scopes = pairs.map(({ schema, other }, index) => {
    const pair = { reference: renamed.schemas[index]!, referenceName: schema.name, comparison: other }
    return { pair, definer, selection, shortName, ...options }
  })
  const items = scopes.flatMap(schemaItems)
  const { dependencies } = renamed
  return { reference, comparison, scopes, dependencies, items: items.toSorted(byNameAndTitle) }
}

const byNameAndTitle = (a: DiffItem, b: DiffItem): number => compare(a.name, b.name) || compare(a.title, b.title)
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function itemsOf<Item>(scope: Scope, kind: Kind<Item>, lists: Lists<Item>): readonly DiffItem[] {
  const { missing, unexpected, changed } = partition(scope, kind, lists)
  const { referenceName, comparison } = scope.pair
  const itemOf = (
    item: Item,
    state: DiffItem['state'],
    schemaName: string | undefined,
    differences: readonly FieldDifference[] = [],
  ): DiffItem => ({
    type: kind.type(item),
    state,
    name: kind.name(item),
    owner: kind.owner,
    title: kind.title(item, schemaName),
    differences,
  })
  return [
    ...missing.map((item) => itemOf(item, 'missing', referenceName)),
    ...unexpected.map((item) => itemOf(item, 'unexpected', comparison.name)),
    ...changed.map((one) => itemOf(one.reference, 'changed', referenceName, one.differences)),
  ]
}

function schemaItems(scope: Scope): readonly DiffItem[] {
  const lists = listsOf<Schema>(scope.pair)
  return [
    ...itemsOf(
      scope,
      kinds.tableKind(scope),
      lists(({ tables }) => tables),
    ),
    ...pairsOf(
      scope,
      kinds.tableKind(scope),
      lists(({ tables }) => tables),
    ).flatMap((pair) => tableItems(scope, pair)),
    ...itemsOf(
      scope,
      kinds.viewKind(scope),
      lists(({ views }) => views),
    ),
    ...pairsOf(
      scope,
      kinds.viewKind(scope),
      lists(({ views }) => views),
    ).flatMap((pair) => viewItems(scope, pair)),
    ...itemsOf(
      scope,
      kinds.sequenceKind(scope),
      lists(({ sequences }) => sequences),
    ),
    ...itemsOf(
      scope,
      kinds.routineKind(),
      lists(({ routines }) => routines),
    ),
    ...itemsOf(
      scope,
      kinds.typeKind(scope),
      lists(({ types }) => types),
    ),
  ]
}

interface Pair<Item> {
  readonly reference: Item | undefined
  readonly comparison: Item | undefined
}

/** The parts of both sides; those of a side that is not there are none. */
function listsOf<Whole>({ reference, comparison }: Pair<Whole>) {
  return <Item>(pick: (whole: Whole) => readonly Item[]): Lists<Item> => ({
    reference: reference ? pick(reference) : [],
    comparison: comparison ? pick(comparison) : [],
  })
}

/** Relations on one side only, too: all that is in them is on one side only. */
function pairsOf<Item>(scope: Scope, kind: Kind<Item>, lists: Lists<Item>): readonly Pair<Item>[] {
  const every = { ...scope, selection: { ...scope.selection, includes: () => true } }
  const { missing, unexpected, both } = partition(every, kind, lists)
  return [
    ...missing.map((reference) => ({ reference, comparison: undefined })),
    ...unexpected.map((comparison) => ({ reference: undefined, comparison })),
    ...both.map(([reference, comparison]) => ({ reference, comparison })),
  ]
}

function tableItems(scope: Scope, pair: Pair<Table>): readonly DiffItem[] {
  const owner: Owner = { type: 'table', name: (pair.reference ?? pair.comparison)?.name ?? '' }
  const lists = listsOf(pair)
  return [
    ...itemsOf(
      scope,
      kinds.columnKind(scope, owner, scope.columnOrder ? placesOf(pair) : undefined),
      lists(({ columns }) => columns),
    ),
    ...itemsOf(
      scope,
      kinds.primaryKeyKind(scope, owner),
      lists(({ primaryKey }) => (primaryKey ? [primaryKey] : [])),
    ),
    ...itemsOf(
      scope,
      kinds.uniqueKind(scope, owner),
      lists(({ uniqueConstraints }) => uniqueConstraints),
    ),
    ...itemsOf(
      scope,
      kinds.foreignKeyKind(scope, owner),
      lists(({ foreignKeys }) => foreignKeys),
    ),
    ...itemsOf(
      scope,
      kinds.checkKind(scope, owner),
      lists(({ checks }) => checks),
    ),
    ...itemsOf(
      scope,
      kinds.indexKind(scope, owner),
      lists(({ indexes }) => indexes),
    ),
    ...itemsOf(
      scope,
      kinds.triggerKind(scope, owner),
      lists(({ triggers }) => triggers),
    ),
  ]
}

function viewItems(scope: Scope, pair: Pair<View>): readonly DiffItem[] {
  const owner: Owner = { type: 'view', name: (pair.reference ?? pair.comparison)?.name ?? '' }
  const lists = listsOf(pair)
  return [
    ...itemsOf(
      scope,
      kinds.columnKind(scope, owner, scope.columnOrder ? placesOf(pair) : undefined),
      lists(({ columns }) => columns),
    ),
    ...itemsOf(
      scope,
      kinds.indexKind(scope, owner),
      lists(({ indexes }) => indexes),
    ),
    ...itemsOf(
      scope,
      kinds.triggerKind(scope, owner),
      lists(({ triggers }) => triggers),
    ),
  ]
}

/** Counted from 1. */
function placesOf({ reference, comparison }: Pair<Table | View>): ReadonlyMap<Column, number> {
  const numbered = (columns: readonly Column[] = []) => columns.map((column, index) => [column, index + 1] as const)
  return new Map([...numbered(reference?.columns), ...numbered(comparison?.columns)])
}

export type { SchemaPair }
