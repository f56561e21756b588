// Where a value stands in a pipeline: a path of field names, with stages, groups, steps and variables by their own names, so that
// the same place is found in an input set that holds only a part of the document.
import { isMap, isScalar, isSeq, type Node, type Pair } from 'yaml'

export type Path = readonly string[]

/** Called for every value that is no mapping and no list of mappings. `holder`: the pair or list that it can be replaced in. */
export type Visit = (path: Path, value: Node, replace: (other: Node) => void) => void

const wrappers: ReadonlySet<string> = new Set(['stage', 'step', 'stepGroup'])

/** Visits every scalar below the node. */
export function visitScalars(node: Node | null | undefined, path: Path, visit: Visit): void {
  if (isMap(node)) {
    for (const pair of node.items as Pair<Node, Node | null>[]) {
      const { value } = pair
      if (!value) continue
      const next = [...path, String(isScalar(pair.key) ? pair.key.value : '')]
      if (isScalar(value)) visit(next, value, (other) => void (pair.value = other))
      else visitScalars(value, next, visit)
    }
  } else if (isSeq(node)) {
    node.items.forEach((item, index) => {
      if (isScalar(item)) visit([...path, String(index)], item, (other) => void (node.items[index] = other))
      else visitItem(item as Node, path, index, visit)
    })
  }
}

/** `parallel` is no level of its own: a stage is found by its identifier, wherever it stands. */
function visitItem(item: Node, path: Path, index: number, visit: Visit): void {
  const inner = unwrapped(item)
  if (inner?.name === 'parallel') visitScalars(inner.value, path, visit)
  else if (inner) visitScalars(inner.value, [...path, nameOf(inner.value) ?? String(index)], visit)
  else visitScalars(item, [...path, nameOf(item) ?? String(index)], visit)
}

function unwrapped(item: Node): { readonly name: string; readonly value: Node } | undefined {
  if (!isMap(item) || item.items.length !== 1) return undefined
  const [pair] = item.items as Pair<Node, Node | null>[]
  const name = pair && isScalar(pair.key) ? String(pair.key.value) : ''
  return pair?.value && (wrappers.has(name) || name === 'parallel') ? { name, value: pair.value } : undefined
}

function nameOf(node: Node): string | undefined {
  if (!isMap(node)) return undefined
  const name = node.get('identifier') ?? node.get('name')
  return typeof name === 'string' ? name : undefined
}

/** The value at the path; a list or mapping is given whole. */
export function valueAt(root: Node | null | undefined, path: Path): Node | undefined {
  let found: readonly Node[] = root ? [root] : []
  for (const name of path) found = found.flatMap((node) => childrenOf(node, name))
  return found[0]
}

function childrenOf(node: Node, name: string): readonly Node[] {
  if (isMap(node)) {
    const value = node.get(name, true) as Node | undefined
    return value ? [value] : []
  }
  if (!isSeq(node)) return []
  return (node.items as Node[]).flatMap((item, index) => {
    const inner = unwrapped(item)
    if (inner?.name === 'parallel') return childrenOf(inner.value, name)
    const value = inner?.value ?? item
    return (nameOf(value) ?? String(index)) === name ? [value] : []
  })
}
