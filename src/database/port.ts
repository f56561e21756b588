// The port to a target database: what the engine may ask of it. One folder per database implements it with the same file names.
// Life cycle: open → (execute | transaction)* → close. A session is one physical connection and is used by one caller at a time.
import type { DatabaseFacts, ObjectQuotingStrategy } from '#changelog/model'
import type { Rows, Statement } from '#change/statement'
import type { Span } from '#contract/diagnostic'
import type { Fault } from '#contract/fault'
import type { Capability } from './capability.ts'
import type { Snapshot } from './snapshot/model.ts'

export type SqlValue = string | number | bigint | boolean | Uint8Array | null
/** Values as the driver's text or native form; int8 as text, timestamps as text in session zone. */
export type Row = Readonly<Record<string, unknown>>

export interface StatementResult {
  readonly rows: readonly Row[]
  /** Rows touched; 0 when the statement does not count any. */
  readonly rowsAffected: number
}

export interface TransactionOutcome {
  /** Rows touched by each statement, in order; of those that completed when it failed. */
  readonly rowsAffected: readonly number[]
  /**
   * Absent when all is committed. `statement` counts from 0; the number of statements stands for the commit, and with a fault
   * `database-lost` there nobody knows whether it took place.
   */
  readonly failure?: { readonly statement: number; readonly fault: Fault }
}

export interface LoadOutcome {
  readonly rowsAffected: number
  /** Absent when all rows are in. `part` counts from 0. */
  readonly failure?: { readonly part: number; readonly fault: Fault }
}

/** One physical connection. Errors are Faults whose code says what happened; `databaseCode` keeps SQLSTATE. */
export interface Session {
  /**
   * One statement; without parameters also several, then the rows are those of the last one. Faults: `statement-failed` with
   * the message of the database and, when it told, the position in `sql`; `database-permission`, `database-lost`,
   * `database-in-use`, `timed-out`. `signal` cancels it at the server and rejects with Fault `cancelled`. */
  execute(sql: string, parameters?: readonly SqlValue[], signal?: AbortSignal): Promise<StatementResult>
  /** Several queries without parameters in one round trip, each one statement; the rows of each. Faults as `execute`. Absent where it would save nothing. */
  queries?(texts: readonly string[], signal?: AbortSignal): Promise<readonly (readonly Row[])[]>
  begin(): Promise<void>
  commit(): Promise<void>
  /** Safe to call without a transaction. */
  rollback(): Promise<void>
  /**
   * A whole transaction in as few round trips as the database allows: begin, the statements, commit. Each statement is one as
   * `execute` takes it, without parameters. After a failure the transaction is rolled back. Absent where it would save nothing.
   */
  transaction?(statements: readonly string[], signal?: AbortSignal): Promise<TransactionOutcome>
  /**
   * A whole transaction of statements that the engine itself wrote, in one message; with statements of the user one could hide the
   * next. A rejection leaves it to be rolled back. Absent where it would save nothing.
   */
  commitTogether?(statements: readonly string[]): Promise<void>
  /**
   * The rows of several statements for one table, in the fastest way that the database has, in the open transaction. Undefined when
   * the table or the values are such that it could come to something else than the statements; then nothing was done.
   */
  load?(parts: readonly BulkRows[], signal?: AbortSignal): Promise<LoadOutcome | undefined>
  /** A statement that nobody can interrupt was left behind: it goes on, and holds what it locked, until this process has ended. */
  readonly abandoned?: boolean
  close(): Promise<void>
}

export interface OpenOptions {
  /** JDBC-style: `jdbc:postgresql://host:5432/name?…`, `jdbc:mysql://host:3306/name`, `jdbc:mariadb:…`, `jdbc:sqlserver://host:1433;databaseName=…`, `jdbc:oracle:thin:@//host:1521/service`, `jdbc:sqlite:file`, `jdbc:pglite:folder`, `offline:<database>?…`. */
  readonly url: string
  readonly username: string | undefined
  readonly password: string | undefined
  /** Milliseconds until a connection attempt is a Fault `database-unreachable`. */
  readonly connectTimeout?: number
  readonly defaultSchemaName?: string | undefined
  /** Path of the CA bundle file for TLS, when the URL asks for verification. */
  readonly caFile?: string | undefined
  /** Where relative paths of an offline URL begin; the working directory when absent. */
  readonly folder?: string | undefined
  /**
   * What becomes of a SQLite file that is not there: it is made, which is the default; refused with Fault `database-not-found`; or an
   * empty database in memory stands for it, and `notice` is told.
   */
  readonly absent?: 'make' | 'refuse' | 'pretend'
  /** Told the messages that statements of the user raise (`RAISE NOTICE`), one line each. */
  readonly notice?: ((text: string) => void) | undefined
}

/** An SQL text with the delimiter that a script needs after it (`;`, `GO`, `/`). The text itself has none. */
export interface SqlText {
  readonly sql: string
  readonly endDelimiter: string
  /** The place of a statement of the user that was split off a longer text; absent when that of the change is as near. */
  readonly span?: Span
  /** The same as rows, for a database that has a faster way to take many of them than a statement. */
  readonly bulk?: BulkRows
}

/** Rows for a table; its name and those of the columns as they stand in SQL. */
export interface BulkRows {
  readonly table: string
  readonly columns: readonly string[]
  readonly rows: Rows
}

/** Names of the history tables and where they live. */
export interface HistoryNames {
  readonly schemaName: string | undefined
  readonly changelogTable: string
  readonly lockTable: string
}

/** What a statement is in a script: of a change, of what takes it back, or of the history. */
export type ScriptRole = 'apply' | 'rollback' | 'history'

/** How texts stand in a script, where that is not simply with a `;` after each. */
export interface ScriptForm {
  /** The statement with everything that belongs after it, without the empty line that follows. */
  finish?(sql: string, endDelimiter: string, role: ScriptRole): string
  /** A statement after the header that chooses the database. */
  use?(catalogName: string): string
}

/** A row of the history in a file: texts by the names of the columns in capitals; null is no text at all. */
export type OfflineRow = Readonly<Record<string, string | null>>

/** The history of an offline URL. */
export interface OfflineHistory {
  /** Path of the file as the URL names it. */
  readonly file: string
  /** Which statements for the history go into scripts: none, those for rows, or also the one that makes the table. */
  readonly output: 'none' | 'data_only' | 'all'
  /** Undefined when there is no file yet. */
  read(): Promise<readonly OfflineRow[] | undefined>
  write(rows: readonly OfflineRow[]): Promise<void>
}

/** Held by the session that runs the change; the server drops it when the session dies. */
export interface SessionLock {
  /** It stands in for a lock that could not be had: it proves nothing about the run that a lock row names. */
  readonly isSubstitute?: true
  release(): Promise<void>
}

/** For databases whose DDL no transaction covers: did a statement take effect whose end nobody saw? */
export interface Witness {
  /**
   * Before the statement runs: what it will change and how that is now, at most 255 characters. Undefined when looking at the
   * database afterwards cannot tell.
   */
  before(sql: string): Promise<string | undefined>
  /** Has that changed since? Undefined when the database does not tell any more. */
  changed(text: string): Promise<boolean | undefined>
}

/** Everything dialect-specific that needs no connection. */
export interface Dialect {
  readonly shortName: string
  /** It writes for a server that is there, and not only for a script. */
  readonly live?: boolean
  readonly capability: Capability
  /** SQL for a neutral statement; a Diagnostic-like Fault `changelog-invalid` when the database cannot do it. */
  readonly write: (statement: Statement, quoting: ObjectQuotingStrategy) => readonly SqlText[]
  /**
   * Statements for which a table is copied, and so has to be known. `past` are those that make the schema as it will be by then;
   * `alone` when they will run outside a transaction, where a half of them must not stay. Faults as `write`.
   */
  readonly copy?: {
    needs(statement: Statement): boolean
    write(
      statement: Statement,
      quoting: ObjectQuotingStrategy,
      past: readonly string[],
      alone: boolean,
    ): Promise<readonly SqlText[]>
  }
  /** Where DDL is not transactional: does a transaction cover this statement, so that a rollback undoes it? */
  readonly isCovered?: (sql: string) => boolean
  /** For that version, with a schema written before names that have none; absent where none ever is. */
  readonly prefixed?: (schemaName: string | undefined, productVersion: string) => Dialect
  quoteObject(name: string, quoting: ObjectQuotingStrategy): string
  readonly literal: (value: string | number | boolean | null) => string
  readonly now: string
  /** The time with the zone that `now` is in at its end, as text: `2026-11-21 11:04:07.1+01:00`. `now` itself when absent. */
  readonly nowWithZone?: string
  readonly script?: ScriptForm
  /** `CREATE TABLE` texts of both history tables, exactly as the original engine writes them. */
  createChangelogTable(names: HistoryNames): string
  createLockTable(names: HistoryNames): string
  /** A query for one text over all rows of a table, in whatever order, that differs when they do. Absent where none is quick. */
  digestOfRows?(table: string): string
  /** Name of a history table as it appears in `-sql` output, e.g. `public.databasechangelog`. */
  historyTable(names: HistoryNames, which: 'changelog' | 'lock'): string
}

export interface Database {
  readonly dialect: Dialect
  readonly session: Session
  /** There is no server: the history is in a file, and statements are only written. */
  readonly offline?: OfflineHistory
  /** What is in the database by the file that an offline URL names. */
  readonly recorded?: Snapshot
  readonly url: string
  /** User as the server sees it. */
  readonly user: string
  readonly productName: string
  readonly productVersion: string
  readonly defaultSchemaName: string | undefined
  readonly facts: DatabaseFacts
  /** Does a table exist? Uses one catalog query. */
  hasTable(schemaName: string | undefined, tableName: string): Promise<boolean>
  /** For preconditions and snapshots; one catalog query each. */
  readonly inspect: Inspect
  /** Absent where a transaction covers everything, and where nothing can be told. */
  readonly witness?: Witness
  /** Tries once; undefined when another live session holds it. */
  tryLock(key: string): Promise<SessionLock | undefined>
  close(): Promise<void>
}

export interface Inspect {
  table(schemaName: string | undefined, tableName: string): Promise<boolean>
  view(schemaName: string | undefined, viewName: string): Promise<boolean>
  column(schemaName: string | undefined, tableName: string, columnName: string): Promise<boolean>
  index(
    schemaName: string | undefined,
    tableName: string | undefined,
    indexName: string | undefined,
    columns: readonly string[],
  ): Promise<boolean>
  foreignKey(schemaName: string | undefined, tableName: string | undefined, name: string): Promise<boolean>
  primaryKey(schemaName: string | undefined, tableName: string | undefined, name: string | undefined): Promise<boolean>
  uniqueConstraint(
    schemaName: string | undefined,
    tableName: string,
    name: string | undefined,
    columns: readonly string[],
  ): Promise<boolean>
  sequence(schemaName: string | undefined, sequenceName: string): Promise<boolean>
  /** Types in the words of the database by the lower-case names of the columns; empty when there is no such table. */
  columnTypes?(schemaName: string | undefined, tableName: string): Promise<ReadonlyMap<string, string>>
  /**
   * The statements that make the schema as it is, for `Dialect.copy`. Fault `changelog-invalid` where a table cannot be copied without
   * harm to others.
   */
  statements?(): Promise<readonly string[]>
  /** A canonical, comparable text of the whole schema (tables, columns, keys, indexes, sequences, views, routines) for tests: apply → reverse must give it back. */
  fingerprint(schemaName: string | undefined): Promise<string>
}
