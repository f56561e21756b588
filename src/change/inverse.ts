// Builds the nodes of changes that undo others.
import type { ChangelogNode } from '#changelog/node'
import type { Span } from '#contract/diagnostic'

/** A change with attributes; undefined ones are left out. It has the place of the change that it undoes. */
export function changeNode(
  name: string,
  attributes: Readonly<Record<string, string | undefined>>,
  span: Span,
): ChangelogNode {
  const children: ChangelogNode[] = []
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value !== undefined) children.push({ name: attribute, value, children: [], span })
  }
  return { name, value: undefined, children, span }
}
