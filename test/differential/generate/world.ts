// What the database holds when the next change runs, as far as the generator knows: objects exist before they are altered.
import type { Dice } from '../dice.ts'
import type { Ground, Type } from './ground.ts'
import type { Change, Column, Format } from './model.ts'

export interface TableColumn {
  name: string
  type: Type
  readonly required: boolean
  readonly generated: boolean
  /** Something else refers to it: key, index, view. */
  bound: boolean
  /** A lookup table was made of it, and a foreign key with it. */
  looked?: boolean
  preset: boolean
  /** As written in createTable or addColumn, to write it again. */
  readonly written: Column
}

export interface Table {
  name: string
  /** Can stand in raw SQL without quotes. */
  readonly plain: boolean
  readonly columns: TableColumn[]
  primaryKey: { readonly name: string | undefined; readonly columns: readonly string[] } | undefined
  /** Of the constraints and indexes: undoing is only possible for tables without. */
  readonly parts: Part[]
  bound: boolean
  rows: number
}

export interface Part {
  readonly kind: 'index' | 'unique' | 'foreign key'
  readonly name: string
  readonly made: Change
}

export interface Sequence {
  readonly name: string
  readonly made: Change
  /** A column takes its values. */
  bound: boolean
}

export interface World {
  readonly dice: Dice
  readonly ground: Ground
  readonly taken: Set<string>
  readonly tables: Table[]
  readonly views: { readonly name: string; readonly made: Change }[]
  readonly sequences: Sequence[]
  readonly files: Record<string, string>
  /** Properties that the root defines. */
  readonly properties: readonly string[]
  counter: number
  /** Of the file that is being filled. */
  format: Format
}

/** Changes and how to undo them; `automatic` when the database can do the inverse without being told. */
export interface Made {
  readonly changes: readonly Change[]
  readonly undo: readonly Change[]
  readonly automatic: boolean
}

export type Operation = (world: World) => Made | undefined

export function copyOf(world: World): World {
  return {
    ...world,
    tables: world.tables.map((table) => ({
      ...table,
      columns: table.columns.map((column) => ({ ...column })),
      parts: [...table.parts],
    })),
    views: [...world.views],
    sequences: world.sequences.map((sequence) => ({ ...sequence })),
  }
}

export function pickTable(world: World, fits: (table: Table) => boolean = () => true): Table | undefined {
  const found = world.tables.filter(fits)
  return found.length === 0 ? undefined : world.dice.pick(found)
}

export function pickColumn(
  world: World,
  table: Table,
  fits: (column: TableColumn) => boolean,
): TableColumn | undefined {
  const found = table.columns.filter(fits)
  return found.length === 0 ? undefined : world.dice.pick(found)
}

export function change(
  type: string,
  attributes: Change['attributes'],
  more: Omit<Change, 'type' | 'attributes'> = {},
): Change {
  return { type, attributes, ...more }
}
