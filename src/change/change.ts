// What a change type is: attributes, validation, statements, inverse and checksum fields. One file per change type.
import type { ChangelogNode } from '#changelog/node'
import type { FileSource } from '#changelog/source'
import type { Diagnostic, Span } from '#contract/diagnostic'
import type { PrintedObject } from './serialise.ts'
import type { Statement, TableName } from './statement.ts'

/** Everything that lowering a change may look at besides the change itself. */
export interface ChangeContext {
  /** `postgresql`, `sqlite`, … */
  readonly dbms: string
  readonly files: FileSource
  /** Physical path of the file that the change stands in, for `relativeToChangelogFile`. */
  readonly changelogPath: string
  /** Expands `${…}` with the properties in force at the change; sqlFile, createView path and the like need it late. */
  readonly expand: (text: string) => string
  /** Of files whose change names none; UTF-8 when absent. */
  readonly encoding?: string
  /**
   * Types of the columns of a table by their lower-case names, as the database will have them when the change runs; undefined
   * for a table that is not known. Absent when nobody asked the database.
   */
  readonly columnTypes?: (table: TableName) => Promise<ReadonlyMap<string, string> | undefined>
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

/**
 * Which engine's checksum. Version 9 since 4.22, version 8 for 3.5 … 4.21. The rest are the places where engines of the same
 * version disagree (recorded with 4.4.0, 4.28.0 and 4.33.0).
 */
export interface ChecksumForm {
  readonly version: 8 | 9
  /** 4.33.0 alone hashes an extra line for `valueDate`. */
  readonly rawDateValue: boolean
  /** Engines before 4.31 hash a sequence of `insert` without the schema of the table. */
  readonly insertSequenceSchema: boolean
  /** 4.28 takes a date with an offset for an expression. */
  readonly offsetDates: boolean
  /** Version 8 of createProcedure: 4.28 leaves the comment out, 4.4 knows the text only as `procedureBody`. */
  readonly procedure: 'text-and-comment' | 'text' | 'named-body'
}

/** The questions that every change type answers. */
export interface ChangeType<Attributes = unknown> {
  /** Case-sensitive name in changelogs, for example `createTable`. */
  readonly name: string
  /** What it does may be another thing each time: it depends on files or on the database. Scripts say so. */
  readonly volatile: boolean
  /** Reads and checks attributes; unknown attributes are warnings with position, missing ones errors. */
  parse(
    node: ChangelogNode,
    dbms: string,
  ): { readonly attributes: Attributes; readonly diagnostics: readonly Diagnostic[] }
  /** Neutral statements in order. Reads files through the context only. */
  statements(attributes: Attributes, context: ChangeContext, span: Span): Promise<readonly Statement[]>
  /** Changes that undo it, in the order to run; a text says why there are none. */
  inverse(attributes: Attributes, dbms: string, span: Span): readonly ChangelogNode[] | string
  /** Names of databases that the change itself is limited to (`dbms` of sql, insert …), as written; undefined = all. */
  dbmsFilter(attributes: Attributes): string | undefined
  /** Attribute name and text of those that DESCRIPTION in the history may show. */
  named(attributes: Attributes): readonly (readonly [name: string, text: string])[]
  /** The attributes in the form that is hashed. */
  print(attributes: Attributes, form: ChecksumForm): PrintedObject
  /** `<version>:<md5>` of the change alone: of its printed attributes, or for some types of more or less than these. */
  checksum(attributes: Attributes, form: ChecksumForm, context: ChangeContext): Promise<string>
}
