// Which views have to be dropped and made again, so that what they stand on can be changed.
import { objectKey, type Table, type View } from '#database/snapshot/model'
import type { Diff } from './diff.ts'
import * as kinds from './kind.ts'
import { partition, type Scope } from './partition.ts'

export interface ViewsToRebuild {
  /** Those of the comparison, dependent ones first. */
  readonly dropped: readonly View[]
  /** Those of the reference that are missing then. */
  readonly made: readonly View[]
}

/** `touched`: tables whose columns are changed or dropped; `gone`: tables that are dropped. */
export function viewsToRebuild(
  scope: Scope,
  diff: Diff,
  touched: readonly string[],
  gone: readonly Table[],
): ViewsToRebuild {
  const { reference, comparison } = scope.pair
  const views = partition(scope, kinds.viewKind(scope), { reference: reference.views, comparison: comparison.views })
  const nameOf = kinds.viewKind(scope).key
  const changed = new Set(
    diff.items
      .filter(({ owner, type, state }) => (type === 'view' && state === 'changed') || owner?.type === 'view')
      .map(({ owner, name }) => owner?.name ?? name),
  )
  const start = [
    ...[...touched, ...gone.map(({ name }) => name)].map((name) => objectKey('table', comparison.name, name)),
    ...comparison.views
      .filter(({ name }) => changed.has(name))
      .map(({ name }) => objectKey('view', comparison.name, name)),
    ...views.unexpected.map(({ name }) => objectKey('view', comparison.name, name)),
  ]
  const reached = dependentsOf(start, diff.comparison.dependencies)
  const dropped = reached.flatMap((key) => {
    const view = comparison.views.find(({ name }) => objectKey('view', comparison.name, name) === key)
    return view === undefined ? [] : [view]
  })
  const droppedNames = new Set(dropped.map(nameOf))
  const made = reference.views.filter((view) => droppedNames.has(nameOf(view)))
  return { dropped, made: [...views.missing, ...made.filter((view) => !views.missing.includes(view))] }
}

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
