// What every command of the engine works with: an open database with its history tables, and mostly a changelog that was read.
import type { ChecksumForm } from '#change/change'
import type { Changelog, ChangeSet } from '#changelog/model'
import type { ReadSettings } from '#changelog/reading'
import type { FileSource } from '#changelog/source'
import type { Diagnostic } from '#contract/diagnostic'
import type { Database, HistoryNames, OpenOptions } from '#database/port'

/** How long to wait for the lock that another run holds, and how often to look. Milliseconds. */
export interface LockWait {
  readonly patience: number
  readonly interval: number
}

export interface TargetOptions {
  readonly connection: OpenOptions
  /** Names other than DATABASECHANGELOG, DATABASECHANGELOGLOCK in the default schema. */
  readonly history?: Partial<HistoryNames>
  /** Who works, for LOCKEDBY: `host (address)`, see `describeHost`. */
  readonly host: string
  /** Identity of this run, for example the attempt; marks the lock row as ours. `[A-Za-z0-9._-]{1,64}`. */
  readonly run: string
  /** Epoch milliseconds. */
  readonly clock: () => number
  /** Lines for the log: what a person who watches wants to know. */
  readonly log: (line: string) => void
  /** Default: 5 minutes, every second. */
  readonly lockWait?: LockWait
  /** Write the default schema before names of objects that have none. Default true, as in Liquibase. */
  readonly outputDefaultSchema?: boolean
  /** Scripts have no statements for history and lock tables. Default false. */
  readonly suppressHistorySql?: boolean
  /** A view that replaces another is dropped first. Default false. */
  readonly alwaysDropInsteadOfReplace?: boolean
  /** Told every statement before it is sent. */
  readonly onStatement?: (sql: string) => void
}

/** An open database, enough for commands that need no changelog: tag, history, locks. */
export interface TargetContext {
  readonly database: Database
  readonly names: HistoryNames
  readonly host: string
  readonly run: string
  readonly clock: () => number
  readonly log: (line: string) => void
  readonly lockWait: LockWait
  readonly suppressHistorySql: boolean
  /** DEPLOYMENT_ID of all rows of this run: the last ten digits of the epoch milliseconds at its start. */
  readonly deploymentId: string
  close(): Promise<void>
}

export interface ChangelogOptions {
  readonly files: FileSource
  /** Root changelog, a path of `files`. */
  readonly changelogFile: string
  /** Comma list or expression; empty runs every context. */
  readonly contexts?: string
  /** Expression; empty runs every label. */
  readonly labelFilter?: string
  /** Properties from outside (`-Dname=value`, substitute properties); they win over those of the changelog. */
  readonly parameters?: Readonly<Record<string, string>>
  /** Variables of the process that changelogs may refer to; none when absent. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** `parameter.name` of a settings file: the changelog's own properties come after them. */
  readonly defaults?: Readonly<Record<string, string>>
  /**
   * MD5SUM is written as 4.33.0 alone writes it: with a line for each `valueDate`. Both forms are accepted from the history,
   * whichever is written. Default false.
   */
  readonly rawDateValue?: boolean
  /** How strictly the changelog is read; Liquibase's defaults when absent. */
  readonly reading?: Partial<ReadSettings>
}

export type EngineOptions = TargetOptions & ChangelogOptions

/** A target with the changelog that is meant for it. */
export interface EngineContext extends TargetContext {
  readonly files: FileSource
  readonly changelog: Changelog
  readonly contexts: string
  readonly labelFilter: string
  /** Of change sets with one identity the first counts; otherwise they are an error. */
  readonly allowDuplicates: boolean
  /** In which form MD5SUM is written. */
  readonly checksumForm: ChecksumForm
  /** Of files that do not say theirs. */
  readonly fileEncoding: string
  /** Warnings that reading found; errors are a Fault `changelog-invalid` of `openContext`. */
  readonly warnings: readonly Diagnostic[]
  readonly expanderFor: (changeSet: Pick<ChangeSet, 'span' | 'id' | 'author'>) => (text: string) => string
}

/** What to roll back to. `date`: epoch milliseconds. */
export type RollbackTarget =
  | { readonly tag: string; readonly tagVersion?: 'NEWEST' | 'OLDEST' }
  | { readonly count: number }
  | { readonly date: number }
