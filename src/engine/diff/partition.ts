// Sorts the objects of two schemas into missing, unexpected and changed.
import type { ObjectTypeName } from '../snapshot/object-type.ts'
import type { Owner } from '../snapshot/select.ts'
import type { ComparedFields } from './field.ts'
import type { Scope } from './scope.ts'

export interface FieldDifference {
  readonly field: string
  readonly reference: string | undefined
  readonly comparison: string | undefined
}

/** What is asked of one kind of object. */
export interface Kind<Item> {
  readonly owner: Owner | undefined
  readonly type: (item: Item) => ObjectTypeName
  readonly name: (item: Item) => string
  readonly title: (item: Item, schemaName: string | undefined) => string
  /** Objects with the same key are the same object. */
  readonly key: (item: Item) => string
  readonly fields: (item: Item) => ComparedFields
}

export interface Lists<Item> {
  readonly reference: readonly Item[]
  readonly comparison: readonly Item[]
}

export interface Changed<Item> {
  readonly reference: Item
  readonly comparison: Item
  readonly differences: readonly FieldDifference[]
}

export interface Partition<Item> {
  readonly missing: readonly Item[]
  readonly unexpected: readonly Item[]
  readonly changed: readonly Changed<Item>[]
  /** On both sides, changed or not, selected or not. */
  readonly both: readonly (readonly [reference: Item, comparison: Item])[]
}

export function partition<Item>({ selection }: Scope, kind: Kind<Item>, lists: Lists<Item>): Partition<Item> {
  const others = new Map(lists.comparison.map((item) => [kind.key(item), item]))
  const missing: Item[] = []
  const both: (readonly [Item, Item])[] = []
  for (const item of lists.reference) {
    const key = kind.key(item)
    const other = others.get(key)
    if (other === undefined) missing.push(item)
    else both.push([item, other])
    others.delete(key)
  }
  const isSelected = (item: Item): boolean => selection.includes(kind.type(item), kind.name(item), kind.owner)
  return {
    missing: missing.filter(isSelected),
    unexpected: [...others.values()].filter(isSelected),
    changed: both.flatMap(([reference, comparison]) => {
      const differences = fieldDifferences(kind.fields(reference), kind.fields(comparison))
      return differences.length === 0 || !isSelected(reference) ? [] : [{ reference, comparison, differences }]
    }),
    both,
  }
}

function fieldDifferences(reference: ComparedFields, comparison: ComparedFields): readonly FieldDifference[] {
  const fields = [...new Set([...Object.keys(reference), ...Object.keys(comparison)])].toSorted()
  return fields.flatMap((field) =>
    reference[field] === comparison[field]
      ? []
      : [{ field, reference: reference[field], comparison: comparison[field] }],
  )
}
