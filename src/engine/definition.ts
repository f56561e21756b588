// A change set on its own, in YAML, whatever form its file has: what is kept of it when it was deployed.
import { stringify } from 'yaml'
import { fullContext } from '#changelog/context'
import type { ChangeSet } from '#changelog/model'
import type { ChangelogNode } from '#changelog/node'

type Tree = { [name: string]: unknown }

/** Children whose YAML form stands in a list of another name. */
const lists: Readonly<Record<string, string>> = { column: 'columns', param: 'params' }

function treeOf({ value, children, items }: ChangelogNode): unknown {
  if (items !== undefined) return [...items]
  if (children.length === 0) return value ?? {}
  const tree: Tree = {}
  for (const child of children) {
    const list = lists[child.name]
    if (list !== undefined && child.children.length > 0) append(tree, list, { [child.name]: treeOf(child) })
    else if (Object.hasOwn(tree, child.name)) append(tree, child.name, treeOf(child))
    else tree[child.name] = treeOf(child)
  }
  return value === undefined || value === '' ? tree : { ...tree, value }
}

function append(tree: Tree, name: string, entry: unknown): void {
  const before = tree[name]
  tree[name] = before === undefined ? [entry] : Array.isArray(before) ? [...before, entry] : [before, entry]
}

const changesOf = (nodes: readonly ChangelogNode[]): unknown[] => nodes.map((node) => ({ [node.name]: treeOf(node) }))

/** A changelog with this one change set. Properties have their values; contexts and labels of includes are part of it. */
export function definitionOf(changeSet: ChangeSet): string {
  const { id, author, labels, dbms, comment, rollback, runAlways, runOnChange, runInTransaction } = changeSet
  const context = fullContext(changeSet)
  const tree = {
    id,
    author,
    ...(context === '' ? {} : { contextFilter: context }),
    ...(labels.length === 0 ? {} : { labels: labels.join(',') }),
    ...(dbms.length === 0 ? {} : { dbms: dbms.join(',') }),
    ...(runAlways ? { runAlways } : {}),
    ...(runOnChange ? { runOnChange } : {}),
    ...(runInTransaction ? {} : { runInTransaction }),
    ...(comment === '' ? {} : { comment }),
    changes: changesOf(changeSet.changes),
    ...(rollback === undefined ? {} : { rollback: changesOf(rollback.changes) }),
  }
  return stringify({ databaseChangeLog: [{ changeSet: tree }] }, { aliasDuplicateObjects: false, lineWidth: 0 })
}
