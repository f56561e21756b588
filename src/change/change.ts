// What a change type is: attributes, validation, statements, inverse and checksum fields. One file per change type.
import type { ChangelogNode } from '#changelog/node'
import type { FileSource } from '#changelog/source'
import type { Diagnostic, Span } from '#contract/diagnostic'
import type { Statement } from './statement.ts'

/** Everything that lowering a change may look at besides the change itself. */
export interface ChangeContext {
  /** `postgresql`, `sqlite`, … */
  readonly dbms: string
  readonly files: FileSource
  /** Physical path of the file that the change stands in, for `relativeToChangelogFile`. */
  readonly changelogPath: string
  /** Expands `${…}` with the properties in force at the change; sqlFile, createView path and the like need it late. */
  readonly expand: (text: string) => string
}

/**
 * A parsed change: its type, its attributes as typed data, its place. `Attributes` is a readonly interface of each type's own
 * file.
 */
export interface Change<Attributes = unknown> {
  readonly type: ChangeType<Attributes>
  readonly attributes: Attributes
  readonly node: ChangelogNode
  readonly span: Span
}

/** The five questions that every change type answers. */
export interface ChangeType<Attributes = unknown> {
  /** Case-sensitive name in changelogs, for example `createTable`. */
  readonly name: string
  /** Reads and checks attributes; unknown attributes are warnings with position, missing ones errors. */
  parse(
    node: ChangelogNode,
    dbms: string,
  ): { readonly attributes: Attributes | undefined; readonly diagnostics: readonly Diagnostic[] }
  /** Neutral statements in order. Reads files through the context only. */
  statements(attributes: Attributes, context: ChangeContext): Promise<readonly Statement[]>
  /** Changes that undo it, in the order to run; a text says why there are none. */
  inverse(attributes: Attributes): readonly ChangelogNode[] | string
}
