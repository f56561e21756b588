// `diff-changelog`: the change sets that make the second database like the first.
import type { Dialect } from '#database/port'
import type { Dependency, Schema, Snapshot } from '#database/snapshot/model'
import { type Change, sqlChange } from '../generate/change.ts'
import { viewChanges } from '../generate/object.ts'
import { inOrder } from '../generate/order.ts'
import { type Place, placeOf } from '../generate/place.ts'
import { canBeMade, schemaChanges, type SchemaOptions } from '../generate/schema.ts'
import type { Diff } from './diff.ts'
import * as kinds from './kind.ts'
import { type Lists, partition, type Scope } from './partition.ts'
import { addedForeignKeys, droppedTables, lateTableChanges, type Step, tableDiffs, tableSteps } from './table-change.ts'
import { viewsToRebuild } from './view-change.ts'

export interface DiffChanges {
  /** Each entry is a change set. */
  readonly changes: readonly (readonly Change[])[]
  /** What no change set can mend, one sentence each. */
  readonly notes: readonly string[]
}

/** In an order in which they can run: what stands in the way goes first, what is new next, what is too much last. */
export function diffChanges(diff: Diff, dialect: Dialect, options: SchemaOptions): DiffChanges {
  const parts = diff.scopes.map((scope) => scopeChanges(scope, diff, dialect, options))
  return { changes: parts.flatMap(({ changes }) => changes), notes: parts.flatMap(({ notes }) => notes) }
}

function scopeChanges(scope: Scope, diff: Diff, dialect: Dialect, options: SchemaOptions): DiffChanges {
  const { definer, pair } = scope
  const { comparison } = diff
  const isDefault = pair.comparison.name === comparison.defaultSchemaName
  const place = placeOf(
    dialect,
    definer,
    { name: pair.comparison.name, catalogName: comparison.catalogName, isDefault },
    options,
  )
  const lists = <Item>(pick: (schema: Schema) => readonly Item[]): Lists<Item> => ({
    reference: pick(pair.reference),
    comparison: pick(pair.comparison),
  })
  const dependencies = translated(diff.reference.dependencies, pair.referenceName, pair.comparison.name)
  const tables = partition(
    scope,
    kinds.tableKind(scope),
    lists((schema) => schema.tables),
  )
  const sequences = partition(
    scope,
    kinds.sequenceKind(scope),
    lists((schema) => schema.sequences),
  )
  const routines = partition(
    scope,
    kinds.routineKind(),
    lists((schema) => schema.routines),
  )
  const types = partition(
    scope,
    kinds.typeKind(scope),
    lists((schema) => schema.types),
  )
  const steps = tableDiffs(scope, tables).map((one) => tableSteps(one, scope, place))
  const notes: string[] = steps.flatMap((step) => step.notes)
  const views = viewsToRebuild(
    scope,
    diff,
    steps.flatMap(({ touched }) => touched),
    tables.unexpected,
  )

  const missingTables = tables.missing.filter(canBeMade)
  const made: Schema = {
    name: pair.comparison.name,
    // The rest of them comes when everything is there.
    tables: missingTables.map((table) => ({
      ...table,
      foreignKeys: definer.alterConstraints ? [] : table.foreignKeys,
      triggers: [],
    })),
    views: [],
    sequences: sequences.missing.map((one) => ({ ...one, ownedBy: undefined, remarks: undefined })),
    routines: routines.missing,
    types: types.missing,
  }
  const of = (part: keyof Step): readonly (readonly Change[])[] =>
    steps.flatMap((step) => step[part] as readonly (readonly Change[])[])
  const newSnapshot: Snapshot = { ...comparison, schemas: [made], dependencies }
  return {
    notes: [
      ...notes,
      ...types.changed
        .filter((one) => definer.alterType(one.reference, one.comparison, place.sqlSchemaName) === undefined)
        .map(({ reference }) => `The type ${reference.name} differs in a way that it cannot be changed to.`),
    ],
    changes: [
      ...views.dropped.map((view) => [sqlChange(definer.dropView(view, place.sqlSchemaName))]),
      ...of('firstForeignKeys'),
      ...of('first'),
      ...types.changed.flatMap((one) =>
        place.sql(definer.alterType(one.reference, one.comparison, place.sqlSchemaName) ?? []),
      ),
      ...schemaChanges(newSnapshot, dialect, options),
      ...of('added'),
      ...of('changed'),
      ...sequences.changed.flatMap(({ reference }) =>
        place.sql([definer.alterSequence(reference, place.sqlSchemaName)]),
      ),
      ...routines.changed.flatMap(({ reference }) => [
        ...(/^create or replace/i.test(reference.definition)
          ? []
          : place.sql([definer.dropRoutine(reference, place.sqlSchemaName)])),
        ...place.sql(definer.routine(reference, place.sqlSchemaName)),
      ]),
      ...of('constraints'),
      ...of('foreignKeys'),
      ...addedForeignKeys(missingTables, scope, place),
      ...of('lastForeignKeys'),
      ...of('last'),
      ...droppedTables(tables.unexpected, scope, place),
      ...sequences.unexpected
        .filter(({ ownedBy }) => ownedBy === undefined)
        .map((one) => [{ name: 'dropSequence', attributes: { ...place.scope, sequenceName: one.name } }]),
      ...routines.unexpected.map((one) => [sqlChange(definer.dropRoutine(one, place.sqlSchemaName))]),
      ...types.unexpected.map((one) => [sqlChange(definer.dropType(one, place.sqlSchemaName))]),
      ...[...sequences.missing, ...sequences.changed.map(({ reference }) => reference)].flatMap((one) =>
        place.sql(definer.sequenceExtras(one, place.sqlSchemaName)),
      ),
      ...lateTableChanges(tables.changed, place),
      ...madeViews(views.made, dependencies, scope, place, options),
      ...missingTables.flatMap((table) => table.triggers.flatMap((one) => place.sql([definer.trigger(one)]))),
      ...of('triggers'),
    ],
  }
}

/** Keys of the objects of one schema, as if it had the other name. */
const translated = (
  all: readonly Dependency[],
  from: string | undefined,
  to: string | undefined,
): readonly Dependency[] => {
  if (from === to) return all
  const renamed = (key: string): string => key.replace(`:${from ?? ''}.`, `:${to ?? ''}.`)
  return all.map(({ from: one, on }) => ({ from: renamed(one), on: renamed(on) }))
}

function madeViews(
  views: Schema['views'],
  dependencies: readonly Dependency[],
  scope: Scope,
  place: Place,
  options: SchemaOptions,
): readonly (readonly Change[])[] {
  const units = views.map((view) => {
    const key = `view:${scope.pair.comparison.name ?? ''}.${view.name}`
    return {
      key,
      needs: dependencies.filter(({ from }) => from === key).map(({ on }) => on),
      changes: [
        ...viewChanges(view, options.replaceViews, place),
        ...view.triggers.flatMap((trigger) => place.sql([scope.definer.trigger(trigger)])),
      ],
    }
  })
  return inOrder(units).flatMap(({ changes }) => changes)
}
