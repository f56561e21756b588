// `diff-changelog`: the change sets that make the second database like the first.
import type { Dialect } from '#database/port'
import {
  type Dependency,
  objectKey,
  type Routine,
  type Schema,
  type Sequence,
  type Table,
  type UserType,
} from '#database/snapshot/model'
import { type Change, sqlChange } from '../generate/change.ts'
import { viewChanges } from '../generate/object.ts'
import { inOrder } from '../generate/order.ts'
import { type Place, placeOf } from '../generate/place.ts'
import { canBeMade, schemaChanges, type SchemaOptions } from '../generate/schema.ts'
import type { Diff } from './diff.ts'
import * as kinds from './kind.ts'
import { type Lists, type Partition, partition } from './partition.ts'
import type { Scope } from './scope.ts'
import {
  addedForeignKeys,
  droppedTables,
  freedTables,
  lateTableChanges,
  type Step,
  tableDiffs,
  tableSteps,
} from './table-change.ts'
import { type PlacedView, viewsToRebuild } from './view-change.ts'

type Changes = readonly (readonly Change[])[]

export interface DiffChanges {
  /** Each entry is a change set. */
  readonly changes: Changes
  /** What no change set can mend, one sentence each. */
  readonly notes: readonly string[]
}

/** A pair of schemas with what differs in it. */
interface Part {
  readonly scope: Scope
  readonly place: Place
  readonly tables: Partition<Table>
  readonly sequences: Partition<Sequence>
  readonly routines: Partition<Routine>
  readonly types: Partition<UserType>
  readonly steps: readonly Step[]
  readonly missingTables: readonly Table[]
}

/**
 * In an order in which they can run: what stands in the way goes first, what is new next, what is too much last. Each step is done
 * for all schemas before the next one, as what is in one may need what is in another.
 */
export function diffChanges(diff: Diff, dialect: Dialect, options: SchemaOptions): DiffChanges {
  const parts = partsOf(diff, dialect, options)
  const views = viewsToRebuild(diff, parts.map(touchedBy))
  const placeOfView = ({ scope }: PlacedView): Place => parts.find((part) => part.scope === scope)!.place
  const each = (changes: (part: Part) => Changes): Changes => parts.flatMap(changes)
  const of = (step: keyof Step): Changes => each(({ steps }) => steps.flatMap((one) => one[step] as Changes))
  return {
    notes: parts.flatMap(notesOf),
    changes: [
      ...views.dropped.map((one) => {
        const { definer, sqlSchemaName } = placeOfView(one)
        return [sqlChange(definer.dropView(one.view, sqlSchemaName))]
      }),
      ...of('firstForeignKeys'),
      ...of('first'),
      ...each(changedTypes),
      ...schemaChanges(
        { ...diff.comparison, schemas: parts.map(madeSchema), dependencies: diff.dependencies },
        dialect,
        options,
      ),
      ...of('added'),
      ...of('changed'),
      ...each(changedObjects),
      ...of('constraints'),
      ...of('foreignKeys'),
      ...each(({ missingTables, scope, place }) => addedForeignKeys(missingTables, scope, place)),
      ...of('lastForeignKeys'),
      ...of('last'),
      ...each(({ tables, scope, place }) => freedTables(tables.unexpected, scope, place)),
      ...each(({ tables, place }) => droppedTables(tables.unexpected, place)),
      ...each(droppedObjects),
      ...each(sequenceExtras),
      ...each(({ tables, place }) => lateTableChanges(tables.changed, place)),
      ...madeViews(views.made, diff.dependencies, placeOfView, options),
      ...each(({ missingTables, place }) =>
        missingTables.flatMap((table) => table.triggers.flatMap((one) => place.sql([place.definer.trigger(one)]))),
      ),
      ...of('triggers'),
    ],
  }
}

function partsOf(diff: Diff, dialect: Dialect, options: SchemaOptions): readonly Part[] {
  const parts = diff.scopes.map((scope) => objectsOf(scope, diff, dialect, options))
  const diffs = tableDiffs(parts)
  return parts.map((part, index) => ({
    ...part,
    steps: diffs[index]!.map((one) => tableSteps(one, part.scope, part.place)),
  }))
}

function objectsOf(scope: Scope, { comparison }: Diff, dialect: Dialect, options: SchemaOptions): Omit<Part, 'steps'> {
  const { definer, pair } = scope
  const { name } = pair.comparison
  const isDefault = name === comparison.defaultSchemaName
  const place = placeOf(dialect, definer, { name, catalogName: comparison.catalogName, isDefault }, options)
  const lists = <Item>(pick: (schema: Schema) => readonly Item[]): Lists<Item> => ({
    reference: pick(pair.reference),
    comparison: pick(pair.comparison),
  })
  const tables = partition(
    scope,
    kinds.tableKind(scope),
    lists((schema) => schema.tables),
  )
  return {
    scope,
    place,
    tables,
    sequences: partition(
      scope,
      kinds.sequenceKind(scope),
      lists((schema) => schema.sequences),
    ),
    routines: partition(
      scope,
      kinds.routineKind(),
      lists((schema) => schema.routines),
    ),
    types: partition(
      scope,
      kinds.typeKind(scope),
      lists((schema) => schema.types),
    ),
    missingTables: tables.missing.filter(canBeMade),
  }
}

function touchedBy({ scope, steps, tables }: Part) {
  const names = [...steps.flatMap(({ touched }) => touched), ...tables.unexpected.map(({ name }) => name)]
  return { scope, keys: names.map((name) => objectKey('table', scope.pair.comparison.name, name)) }
}

/** What is new, without that which comes when everything is there. */
function madeSchema({ scope, missingTables, sequences, routines, types }: Part): Schema {
  const { pair, definer } = scope
  return {
    name: pair.comparison.name,
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
}

const alteredType = ({ reference, comparison }: Part['types']['changed'][number], place: Place) =>
  place.definer.alterType(reference, comparison, place.sqlSchemaName)

const notesOf = ({ steps, types, place }: Part): readonly string[] => [
  ...steps.flatMap((step) => step.notes),
  ...types.changed
    .filter((one) => alteredType(one, place) === undefined)
    .map(({ reference }) => `The type ${reference.name} differs in a way that it cannot be changed to.`),
]

const changedTypes = ({ types, place }: Part): Changes =>
  types.changed.flatMap((one) => place.sql(alteredType(one, place) ?? []))

const changedObjects = ({ sequences, routines, place }: Part): Changes => [
  ...sequences.changed.flatMap(({ reference }) =>
    place.sql([place.definer.alterSequence(reference, place.sqlSchemaName)]),
  ),
  ...routines.changed.flatMap(({ reference }) => [
    ...(/^create or replace/i.test(reference.definition)
      ? []
      : place.sql([place.definer.dropRoutine(reference, place.sqlSchemaName)])),
    ...place.sql(place.definer.routine(reference, place.sqlSchemaName)),
  ]),
]

const droppedObjects = ({ sequences, routines, types, place }: Part): Changes => [
  ...sequences.unexpected
    .filter(({ ownedBy }) => ownedBy === undefined)
    .map((one) => [{ name: 'dropSequence', attributes: { ...place.scope, sequenceName: one.name } }]),
  ...routines.unexpected.map((one) => [sqlChange(place.definer.dropRoutine(one, place.sqlSchemaName))]),
  ...types.unexpected.map((one) => [sqlChange(place.definer.dropType(one, place.sqlSchemaName))]),
]

const sequenceExtras = ({ sequences, place }: Part): Changes =>
  [...sequences.missing, ...sequences.changed.map(({ reference }) => reference)].flatMap((one) =>
    place.sql(place.definer.sequenceExtras(one, place.sqlSchemaName)),
  )

function madeViews(
  views: readonly PlacedView[],
  dependencies: readonly Dependency[],
  placeOfView: (view: PlacedView) => Place,
  options: SchemaOptions,
): Changes {
  const units = views.map((placed) => {
    const { view, scope } = placed
    const place = placeOfView(placed)
    const key = objectKey('view', scope.pair.comparison.name, view.name)
    return {
      key,
      needs: dependencies.filter(({ from }) => from === key).map(({ on }) => on),
      changes: [
        ...viewChanges(view, options.replaceViews, place),
        ...view.triggers.flatMap((trigger) => place.sql([place.definer.trigger(trigger)])),
      ],
    }
  })
  return inOrder(units).flatMap(({ changes }) => changes)
}
