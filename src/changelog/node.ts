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
  /**
   * Where the first character of `value` stands, if the lines of the value are lines of the file one to one (block scalars,
   * XML text, formatted SQL). Then faults of the database can point at the line inside it.
   */
  readonly valueSpan?: Span
  /** Columns that the reader has cut from each further line of `value` (the indentation of a block scalar). Absent = 0. */
  readonly valueIndent?: number
  /** Only for a YAML or JSON list of several scalars: each of them; `value` is then all of them as `[a, b]`. */
  readonly items?: readonly string[]
}
