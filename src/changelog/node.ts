// The neutral tree that every structured format becomes: XML attributes and YAML map entries are both children.
import type { Span } from '#contract/diagnostic'

/**
 * One element of a changelog. `value` is the text of a scalar, already in the form that the original engine would see
 * (YAML `10.50` is `10.5`, booleans `true`/`false`); absent when the element has no text of its own. Child names keep their
 * case; look-ups ignore it. `span` covers the element in the user's file.
 */
export interface ChangelogNode {
  readonly name: string
  readonly value: string | undefined
  readonly children: readonly ChangelogNode[]
  readonly span: Span
}
