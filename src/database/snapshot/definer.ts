// What changelogs cannot say in changes of their own is said in SQL: what each database offers to write its objects from the model.
import type { Check, Column, ForeignKey, Index, Routine, Sequence, Table, Trigger, UserType, View } from './model.ts'

/** All texts are single statements without a delimiter. `schemaName`: written before names; undefined for the default schema. */
export interface Definer {
  /** `QUOTE_ALL_OBJECTS` where names without quotes lose their case. */
  readonly quoting: 'QUOTE_ALL_OBJECTS' | 'LEGACY'
  /** Would this name, written without quotes where LEGACY has none, become another? */
  readonly losesCase: (name: string) => boolean
  /** Foreign keys can be added to a table that exists; otherwise they are part of it, and so are checks. */
  readonly alterConstraints: boolean
  /** A table that another one refers to must be there first; unique constraints stand in its own change. */
  readonly sortTables: boolean
  /** Unique constraints of one column are written at the column. */
  readonly inlineUnique: boolean
  /** Letter case makes a difference in names of tables and columns. */
  readonly caseSensitive: boolean
  /** A column is changed by writing it anew as a whole. */
  readonly modifiesWholeColumn: boolean
  /** A foreign key holds on to an index on either side, which cannot be dropped before it. */
  readonly foreignKeysHoldIndexes: boolean
  /** What a transaction begins with so that all its reads see one state; undefined where they do anyway. */
  readonly sameRowsThroughout: string | undefined
  /** `LIMIT … OFFSET …` cuts a query into pages. */
  readonly pages: boolean
  /** `ALTER TABLE` that makes an identity column count always or only by default, where there is the difference. */
  readonly setGeneration?: (
    table: string,
    column: string,
    generation: 'ALWAYS' | 'BY DEFAULT',
    schemaName: string | undefined,
  ) => string
  /** Primary keys have names. */
  readonly namesPrimaryKey: boolean
  /** The type as a change writes it; undefined when a change would make another type of it. */
  readonly columnType: (column: Column) => string | undefined
  /** Can `createTable` and what follows it say all of the table? Types and defaults are asked for apart. */
  readonly isPlainTable: (table: Table) => boolean
  /** CREATE TABLE with keys, unique constraints, checks and remarks; foreign keys only where they cannot be added later. */
  readonly table: (table: Table, schemaName: string | undefined) => readonly string[]
  /** ALTER TABLE … ADD of a column, for columns that `addColumn` cannot say. */
  readonly addColumn: (table: string, column: Column, schemaName: string | undefined) => readonly string[]
  /** What makes the column `from` like `to`. */
  readonly modifyColumn: (table: string, to: Column, from: Column, schemaName: string | undefined) => readonly string[]
  /** Makes a table anew with the rows of the old one, where it cannot be altered; its indexes and triggers go. */
  readonly rebuildTable: (to: Table, from: Table) => readonly string[]
  readonly addCheck: (table: string, check: Check, schemaName: string | undefined) => string
  readonly dropCheck: (table: string, name: string, schemaName: string | undefined) => string
  /** From the `definition` of a key or constraint. */
  readonly addConstraint: (
    table: string,
    name: string | undefined,
    definition: string,
    schemaName: string | undefined,
  ) => string
  readonly foreignKey: (table: string, key: ForeignKey, schemaName: string | undefined) => string
  readonly index: (table: string, index: Index, schemaName: string | undefined) => string
  /** A literal of bytes, from hexadecimal digits. */
  readonly bytes: (hex: string) => string
  readonly alterSequence: (sequence: Sequence, schemaName: string | undefined) => string
  /** What makes the sequence go with its column, and its remarks. */
  readonly sequenceExtras: (sequence: Sequence, schemaName: string | undefined) => readonly string[]
  /** A query without the name of the schema that it was read from, where the database writes that before everything. */
  readonly portableQuery: (query: string, schemaName: string | undefined) => string
  readonly view: (view: View, schemaName: string | undefined) => readonly string[]
  readonly dropView: (view: View, schemaName: string | undefined) => string
  /** The first may set something that only the second needs. */
  readonly routine: (routine: Routine, schemaName: string | undefined) => readonly string[]
  readonly dropRoutine: (routine: Routine, schemaName: string | undefined) => string
  readonly trigger: (trigger: Trigger) => string
  readonly dropTrigger: (relation: string, trigger: Trigger, schemaName: string | undefined) => string
  readonly userType: (type: UserType, schemaName: string | undefined) => readonly string[]
  /** Undefined when the one cannot become the other. */
  readonly alterType: (to: UserType, from: UserType, schemaName: string | undefined) => readonly string[] | undefined
  readonly dropType: (type: UserType, schemaName: string | undefined) => string
  /** With all that stands on it, where the database can; no error when it has gone with something else. */
  readonly dropTable: (name: string, schemaName: string | undefined) => string
  readonly dropSequence: (name: string, schemaName: string | undefined) => string
}
