// All change types by name, and the one way from a node of a changelog to a typed change.
import type { ChangelogNode } from '#changelog/node'
import type { Diagnostic } from '#contract/diagnostic'
import type { Change, ChangeType } from './change.ts'
import { suggest } from './suggest.ts'

const all: readonly ChangeType[] = []

export const changeTypes: ReadonlyMap<string, ChangeType> = new Map(all.map((type) => [type.name, type]))

/** Names as changelogs write them; case matters. */
export const changeTypeNames: ReadonlySet<string> = new Set(changeTypes.keys())

export interface ParsedChange {
  /** Absent when it cannot be used; then `diagnostics` has errors. */
  readonly change: Change | undefined
  readonly diagnostics: readonly Diagnostic[]
}

/** Reads one change of a change set. `dbms` is the short name of the database that it is read for. */
export function parseChange(node: ChangelogNode, dbms: string): ParsedChange {
  const type = changeTypes.get(node.name)
  if (!type) return { change: undefined, diagnostics: [unknownType(node)] }
  const { attributes, diagnostics } = type.parse(node, dbms)
  if (attributes === undefined) return { change: undefined, diagnostics }
  return { change: { type, attributes, node, span: node.span }, diagnostics }
}

function unknownType(node: ChangelogNode): Diagnostic {
  const near = suggest(node.name, changeTypeNames)
  return {
    code: 'change/unknown-type',
    severity: 'error',
    message: `there is no change type "${node.name}"`,
    span: node.span,
    fix:
      near === undefined
        ? 'Use a change type that Sluice knows, or write the change as sql.'
        : `Did you mean "${near}"?`,
  }
}
