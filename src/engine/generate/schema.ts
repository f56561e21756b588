// The change sets that make a whole snapshot again, in an order in which they can run.
import type { Dialect } from '#database/port'
import { definerFor } from '#database/snapshot/define'
import type { Definer } from '#database/snapshot/definer'
import { objectKey, type Schema, type Snapshot, type Table } from '#database/snapshot/model'
import type { Change } from './change.ts'
import { foreignKeyChange, sequenceChange, viewChanges } from './object.ts'
import { inOrder, type Unit } from './order.ts'
import { type NamingOptions, type Place, placeOf } from './place.ts'
import { tableChanges } from './table.ts'

export interface SchemaOptions extends NamingOptions {
  /** Views are made with OR REPLACE. */
  readonly replaceViews: boolean
  /** In the order of names, kind after kind. */
  readonly skipSorting: boolean
}

interface ChangeUnit extends Unit {
  readonly changes: readonly (readonly Change[])[]
}

/** Each entry is a change set. `rows`: what fills tables before foreign keys and triggers are there. */
export function schemaChanges(
  snapshot: Snapshot,
  dialect: Dialect,
  options: SchemaOptions,
  rows: readonly (readonly Change[])[] = [],
): readonly (readonly Change[])[] {
  const definer = definerFor(dialect.shortName)
  const parts = snapshot.schemas.map((schema) => {
    const isDefault = schema.name === snapshot.defaultSchemaName
    const place = placeOf(
      dialect,
      definer,
      { name: schema.name, catalogName: snapshot.catalogName, isDefault },
      options,
    )
    return { schema, place }
  })
  const needs = needsOf(snapshot)
  const units = parts.flatMap(({ schema, place }) => unitsOf(schema, place, needs, options))
  const ordered = options.skipSorting ? units : inOrder(units)
  return [
    ...ordered.flatMap(({ changes }) => changes),
    ...rows,
    ...parts.flatMap(({ schema, place }) => lastChanges(schema, place, definer)),
  ]
}

/** Dependencies of the catalog, and a table after those that it refers to. */
function needsOf(snapshot: Snapshot): ReadonlyMap<string, readonly string[]> {
  const needs = new Map<string, string[]>()
  const add = (from: string, on: string): void => {
    const list = needs.get(from)
    if (list) list.push(on)
    else needs.set(from, [on])
  }
  for (const { from, on } of snapshot.dependencies) add(from, on)
  for (const { name, tables } of snapshot.schemas) {
    for (const table of tables) {
      const key = objectKey('table', name, table.name)
      const { of } = table.partition ?? {}
      if (of) add(key, objectKey('table', of.schemaName, of.tableName))
      for (const { referencedSchema, referencedTable } of table.foreignKeys) {
        add(key, objectKey('table', referencedSchema, referencedTable))
      }
    }
  }
  return needs
}

/** Types, sequences and routines before tables, and tables before views, unless something needs it otherwise. */
function unitsOf(
  schema: Schema,
  place: Place,
  needs: ReadonlyMap<string, readonly string[]>,
  options: SchemaOptions,
): readonly ChangeUnit[] {
  const { definer } = place
  const unit = (key: string, changes: ChangeUnit['changes']): ChangeUnit => ({
    key,
    needs: tablesInOrder(key, needs.get(key) ?? [], definer),
    changes,
  })
  const keyOf = (kind: Parameters<typeof objectKey>[0], name: string): string => objectKey(kind, schema.name, name)
  return [
    ...schema.types.map((type) =>
      unit(keyOf('type', type.name), place.sql(definer.userType(type, place.sqlSchemaName))),
    ),
    ...schema.sequences.map((one) => unit(keyOf('sequence', one.name), [[sequenceChange(one, place)]])),
    ...schema.routines.map((routine) =>
      unit(
        keyOf('routine', routine.signature === undefined ? routine.name : `${routine.name}(${routine.signature})`),
        place.sql(definer.routine(routine, place.sqlSchemaName)),
      ),
    ),
    ...schema.tables.filter(canBeMade).map((table) => unit(keyOf('table', table.name), tableChanges(table, place))),
    ...schema.views.map((view) => unit(keyOf('view', view.name), viewChanges(view, options.replaceViews, place))),
  ]
}

/** Where tables are made in the order of names, foreign keys do not matter: they come last. */
const tablesInOrder = (key: string, needs: readonly string[], definer: Definer): readonly string[] =>
  definer.sortTables || !key.startsWith('table:') ? needs : needs.filter((need) => !need.startsWith('table:'))

/** A foreign table needs a server that no changelog of ours makes. */
export const canBeMade = (table: Table): boolean => !table.options.includes('FOREIGN')

function lastChanges(schema: Schema, place: Place, definer: Definer): readonly (readonly Change[])[] {
  const { tables, views, sequences } = schema
  const made = tables.filter(canBeMade)
  const triggers = [...made, ...views].flatMap((relation) => relation.triggers)
  return [
    ...sequences.flatMap((one) => place.sql(definer.sequenceExtras(one, place.sqlSchemaName))),
    ...(definer.alterConstraints
      ? made.flatMap((table) => table.foreignKeys.map((key) => [foreignKeyChange(table.name, key, place)]))
      : []),
    ...triggers.flatMap((trigger) => place.sql([definer.trigger(trigger)])),
  ]
}
