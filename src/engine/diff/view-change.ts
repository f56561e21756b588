// Which views have to be dropped and made again, so that what they stand on can be changed.
import { objectKey, type View } from '#database/snapshot/model'
import type { Diff } from './diff.ts'
import * as kinds from './kind.ts'
import { partition } from './partition.ts'
import type { Scope } from './scope.ts'

/** A view with the pair of schemas that it belongs to. */
export interface PlacedView {
  readonly scope: Scope
  readonly view: View
}

export interface ViewsToRebuild {
  /** Those of the comparison, dependent ones first. */
  readonly dropped: readonly PlacedView[]
  /** Those of the reference that are missing then. */
  readonly made: readonly PlacedView[]
}

/** Of one pair of schemas: the keys of tables whose columns are changed or dropped, and of tables that are dropped. */
export interface ScopeTouched {
  readonly scope: Scope
  readonly keys: readonly string[]
}

export function viewsToRebuild(diff: Diff, touched: readonly ScopeTouched[]): ViewsToRebuild {
  const changed = new Set(
    diff.items
      .filter(({ owner, type, state }) => (type === 'view' && state === 'changed') || owner?.type === 'view')
      .map(({ owner, name }) => owner?.name ?? name),
  )
  const sides = touched.map(({ scope, keys }) => {
    const { reference, comparison } = scope.pair
    const views = partition(scope, kinds.viewKind(scope), { reference: reference.views, comparison: comparison.views })
    const inTheWay = [...comparison.views.filter(({ name }) => changed.has(name)), ...views.unexpected]
    return { scope, missing: views.missing, start: [...keys, ...inTheWay.map(({ name }) => keyOf(scope, name))] }
  })
  const reached = dependentsOf(
    sides.flatMap(({ start }) => start),
    diff.comparison.dependencies,
  )
  const byKey = new Map(
    sides.flatMap(({ scope }) =>
      scope.pair.comparison.views.map((view) => [keyOf(scope, view.name), { scope, view }] as const),
    ),
  )
  const dropped = reached.flatMap((key) => byKey.get(key) ?? [])
  const made = sides.flatMap(({ scope, missing }) => {
    const nameOf = kinds.viewKind(scope).key
    const names = new Set(dropped.filter((one) => one.scope === scope).map(({ view }) => nameOf(view)))
    const again = scope.pair.reference.views.filter((view) => names.has(nameOf(view)) && !missing.includes(view))
    return [...missing, ...again].map((view) => ({ scope, view }))
  })
  return { dropped, made }
}

const keyOf = (scope: Scope, name: string): string => objectKey('view', scope.pair.comparison.name, name)

/** With the start itself; each after everything that stands on it. */
function dependentsOf(start: readonly string[], dependencies: Diff['comparison']['dependencies']): readonly string[] {
  const dependents = new Map<string, string[]>()
  for (const { from, on } of dependencies) {
    if (!from.startsWith('view:')) continue
    dependents.set(on, [...(dependents.get(on) ?? []), from])
  }
  const done = new Set<string>()
  const ordered: string[] = []
  const visit = (key: string): void => {
    if (done.has(key)) return
    done.add(key)
    for (const next of dependents.get(key) ?? []) visit(next)
    ordered.push(key)
  }
  for (const key of start) visit(key)
  return ordered
}
