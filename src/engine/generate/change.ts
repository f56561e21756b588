// Changes that Sluice writes into changelogs: what every format of changelog is made from.
import type { ChangelogNode } from '#changelog/node'
import type { Span } from '#contract/diagnostic'

/** Undefined attributes are left out. */
export type Attributes = Readonly<Record<string, string | undefined>>

export interface ColumnOfChange {
  readonly attributes: Attributes
  readonly constraints?: Attributes
}

export interface Change {
  readonly name: string
  readonly attributes: Attributes
  readonly columns?: readonly ColumnOfChange[]
  /** A long text: `sql` of a sql change, `selectQuery` of a view. In XML it is the text of the element. */
  readonly text?: { readonly field: string; readonly value: string }
}

export interface ChangeSetToWrite {
  readonly id: string
  readonly author: string
  readonly attributes: Attributes
  readonly changes: readonly Change[]
}

/** One statement, or several that the database takes at once. */
export const sqlChange = (text: string): Change => ({
  name: 'sql',
  attributes: { splitStatements: 'false', stripComments: 'false' },
  text: { field: 'sql', value: text },
})

/** Those that are there, by name, as the original engine writes them. */
export function written(attributes: Attributes): readonly (readonly [name: string, value: string])[] {
  const found = Object.entries(attributes).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, escaped(value)] as const],
  )
  return found.toSorted(([a], [b]) => (a < b ? -1 : 1))
}

/** A text that looks like a property of changelogs must not become one. */
export const escaped = (text: string): string => text.replaceAll('${', '${:')

const nowhere: Span = { file: '', line: 1, column: 1 }

/** As if a changelog had been read; nothing is escaped. */
export function nodeOf(change: Change): ChangelogNode {
  const columns = (change.columns ?? []).map(({ attributes, constraints }) => {
    const node = leafNodes(attributes)
    return branch('column', constraints ? [...node, branch('constraints', leafNodes(constraints))] : node)
  })
  const { text } = change
  const texts = text ? leafNodes({ [text.field]: text.value }) : []
  return branch(change.name, [...leafNodes(change.attributes), ...texts, ...columns])
}

const branch = (name: string, children: readonly ChangelogNode[]): ChangelogNode => ({
  name,
  value: undefined,
  children,
  span: nowhere,
})

const leafNodes = (attributes: Attributes): readonly ChangelogNode[] =>
  Object.entries(attributes).flatMap(([name, value]) =>
    value === undefined ? [] : [{ name, value, children: [], span: nowhere }],
  )
