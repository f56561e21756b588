// A generated changelog before it is written as XML, YAML, JSON or formatted SQL.

export type Scalar = string | number | boolean
export type Attributes = Readonly<Record<string, Scalar>>

export interface Column {
  readonly attributes: Attributes
  readonly constraints?: Attributes
}

export interface Change {
  readonly type: string
  readonly attributes: Attributes
  readonly columns?: readonly Column[]
  readonly where?: string
  readonly parameters?: readonly Attributes[]
  /** Text of the element in XML, a key of its own elsewhere. */
  readonly body?: { readonly key: string; readonly text: string }
}

export interface Precondition {
  readonly name: string
  readonly attributes: Attributes
  readonly body?: { readonly key: string; readonly text: string }
  readonly children?: readonly Precondition[]
}

export interface PreconditionContainer {
  readonly attributes: Attributes
  readonly children: readonly Precondition[]
}

export interface SqlModification {
  readonly attributes: Attributes
  readonly visitors: readonly { readonly name: string; readonly attributes: Attributes }[]
}

export interface ChangeSet {
  readonly id: string
  readonly author: string
  readonly attributes: Attributes
  readonly comment?: string
  readonly validCheckSums?: readonly string[]
  readonly preconditions?: PreconditionContainer
  readonly changes: readonly Change[]
  /** Absent: the automatic inverse. An empty list: nothing to do. */
  readonly rollback?: readonly Change[]
  readonly modifications?: readonly SqlModification[]
  /** Instead of changes in formatted SQL; `rollback` are its statements. */
  readonly script?: { readonly sql: string; readonly rollback: readonly string[] }
}

export type Entry =
  | { readonly kind: 'changeSet'; readonly changeSet: ChangeSet }
  | { readonly kind: 'include' | 'includeAll'; readonly attributes: Attributes }

export type Format = 'xml' | 'yaml' | 'json' | 'sql'

export interface ChangelogFile {
  readonly path: string
  readonly format: Format
  readonly attributes: Attributes
  readonly preconditions?: PreconditionContainer
  readonly properties: readonly Attributes[]
  readonly entries: readonly Entry[]
  readonly crlf: boolean
  readonly byteOrderMark: boolean
}

export interface Generated {
  readonly seed: number
  readonly root: string
  readonly files: readonly ChangelogFile[]
  /** CSV, SQL and other files that changes read. */
  readonly extras: Readonly<Record<string, string>>
  readonly contexts: string
  readonly labelFilter: string
  /** The history becomes one of version 8 of the checksums before the second update. */
  readonly ages: boolean
  /** Change sets `path::id` whose text changes for the second round, and what they become. */
  readonly edits: Readonly<Record<string, ChangeSet>>
}
