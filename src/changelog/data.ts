// Maps, lists and scalars as YAML and JSON hold them, and the rules by which they become the neutral tree.
import type { Span } from '#contract/diagnostic'
import { doubt, problem, type Report } from './finding.ts'
import { changelogLimits } from './limit.ts'
import type { ChangelogNode } from './node.ts'
import { didYouMean } from '#contract/spelling'

export type Data = DataScalar | DataMap | DataList

export interface DataScalar {
  readonly kind: 'scalar'
  /** Undefined is null. */
  readonly text: string | undefined
  readonly valueSpan?: Span | undefined
  readonly valueIndent?: number | undefined
  readonly span: Span
}
export interface DataEntry {
  readonly key: string
  readonly keySpan: Span
  readonly value: Data
}
export interface DataMap {
  readonly kind: 'map'
  readonly entries: readonly DataEntry[]
  readonly span: Span
}
export interface DataList {
  readonly kind: 'list'
  readonly items: readonly Data[]
  readonly span: Span
}

/** Of several entries with one key the last wins, at the place of the first, as in the maps of Java; the others are reported. */
export function uniqueEntries(entries: readonly DataEntry[], report: Report): readonly DataEntry[] {
  const byKey = new Map<string, DataEntry>()
  for (const entry of entries) {
    const earlier = byKey.get(entry.key)
    if (earlier) {
      const message = `The key ${JSON.stringify(entry.key)} stands here again in line ${entry.keySpan.line}; only that one counts.`
      report(doubt('duplicate-key', message, earlier.keySpan, 'Remove one of the two.'))
    }
    byKey.set(entry.key, entry)
  }
  return [...byKey.values()]
}

/** The `databaseChangeLog` of a document as a tree; undefined when there is none, which is then reported. */
export function changelogOf(data: Data, report: Report): ChangelogNode | undefined {
  const fix = 'Begin the file with "databaseChangeLog:" and let each change set begin with "- changeSet:".'
  if (data.kind !== 'map') {
    report(problem('not-a-changelog', 'The file does not hold a map with the key databaseChangeLog.', data.span, fix))
    return undefined
  }
  const entry = data.entries.find(({ key }) => key === 'databaseChangeLog')
  if (entry === undefined) {
    const near = data.entries.find(({ key }) => didYouMean(key, ['databaseChangeLog']) !== '') ?? data.entries[0]
    const found = near ? ` It has ${JSON.stringify(near.key)}; names are case-sensitive.` : ''
    report(problem('not-a-changelog', `The key databaseChangeLog is missing.${found}`, near?.keySpan ?? data.span, fix))
    return undefined
  }
  const { value, keySpan } = entry
  if (value.kind === 'scalar' && value.text === undefined) {
    return { name: 'databaseChangeLog', value: undefined, children: [], span: keySpan }
  }
  if (value.kind !== 'list') {
    report(problem('not-a-changelog', 'databaseChangeLog does not hold a list of entries.', keySpan, fix))
    return undefined
  }
  for (const item of value.items) {
    if (item.kind === 'map' || (item.kind === 'scalar' && item.text === undefined)) continue
    report(doubt('ignored-entry', 'This entry of databaseChangeLog has no name and is ignored.', item.span, fix))
  }
  return treeOf(entry, report)
}

function treeOf(entry: DataEntry, report: Report): ChangelogNode | undefined {
  if (sizeOf(entry.value, new Map()) <= changelogLimits.nodes) return toNode(entry, report)
  const message = `The file has more than ${changelogLimits.nodes} nodes when its aliases are followed.`
  report(problem('too-large', message, entry.keySpan, 'Split the file, or repeat less with aliases.'))
  return undefined
}

/** How many nodes the tree will have. What aliases share is counted each time but looked at once. */
function sizeOf(data: Data, known: Map<Data, number>): number {
  const counted = known.get(data)
  if (counted !== undefined) return counted
  let size = 1
  if (data.kind === 'map') for (const entry of data.entries) size += sizeOf(entry.value, known)
  if (data.kind === 'list') for (const item of data.items) size += sizeOf(item, known)
  known.set(data, size)
  return size
}

function toNode(entry: DataEntry, report: Report): ChangelogNode {
  const { key, keySpan, value: data } = entry
  const span = around(keySpan, data.span)
  if (data.kind === 'scalar') {
    const { text, valueSpan, valueIndent } = data
    return {
      name: key,
      value: text,
      children: [],
      span,
      ...(valueSpan ? { valueSpan } : {}),
      ...(valueIndent ? { valueIndent } : {}),
    }
  }
  const maps = data.kind === 'map' ? [data] : data.items.filter((item) => item.kind === 'map')
  const children = maps.flatMap((map) => map.entries.map((child) => toNode(child, report)))
  const items = data.kind === 'map' ? [] : scalarsOf(data, key, report)
  return {
    name: key,
    value: items.length > 1 ? `[${items.join(', ')}]` : items[0],
    children,
    span,
    ...(items.length > 1 ? { items } : {}),
  }
}

function scalarsOf(list: DataList, key: string, report: Report): readonly string[] {
  const scalars: string[] = []
  for (const item of list.items) {
    if (item.kind === 'list') {
      const message = `A list directly inside the list ${JSON.stringify(key)} is ignored.`
      report(doubt('ignored-entry', message, item.span, 'Remove one level of "- ".'))
    } else if (item.kind === 'scalar' && item.text !== undefined) scalars.push(item.text)
  }
  return scalars
}

/** From the key to the end of its value; a value that an alias took from elsewhere does not count. */
function around(key: Span, value: Span): Span {
  const end = { line: value.endLine ?? value.line, column: value.endColumn ?? value.column }
  const after = value.line > key.line || (value.line === key.line && value.column >= key.column)
  return after ? { ...key, endLine: end.line, endColumn: end.column } : key
}
