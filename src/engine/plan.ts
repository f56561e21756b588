// A plan is data: preview, approval and execution all read the same one (ARCHITECTURE section 3).
import type { ChangeSet } from '#changelog/model'
import type { Span } from '#contract/diagnostic'
import type { BulkRows } from '#database/port'
import type { HistoryRow } from './history/row.ts'

/** One statement of a plan: its SQL, and where in the user's files it comes from. */
export interface PlannedStatement {
  readonly sql: string
  readonly endDelimiter: string
  /** The change that it belongs to. */
  readonly span: Span
  /** The rows that `sql` inserts, when it is nothing but rows. */
  readonly bulk?: BulkRows
  /** The first one of a change whose SQL may be another the next time. */
  readonly volatile?: true
}

export interface PlannedStep {
  readonly changeSet: ChangeSet
  readonly direction: 'apply' | 'rollback'
  /** What happens to the history: a new row, an updated one, or one removed. */
  readonly execType: 'EXECUTED' | 'RERAN' | 'MARK_RAN' | 'ROLLED_BACK'
  readonly checksum: string
  readonly description: string
  readonly statements: readonly PlannedStatement[]
  /** What `output` changes print. */
  readonly messages: readonly string[]
  /** What a `stop` change says: the run ends before this change set. */
  readonly stop: string | undefined
  /** All statements and the history row in one transaction. */
  readonly transactional: boolean
  /** The text of a tagDatabase change, which becomes TAG of its row. */
  readonly tag: string | undefined
  /** Why the reverse of an applied change set is impossible, if it is and the plan was made with an eye on that. */
  readonly irreversible: string | undefined
  /** The present row, for RERAN, ROLLED_BACK, and MARK_RAN over an older row. */
  readonly row: HistoryRow | undefined
}

export interface Plan {
  readonly steps: readonly PlannedStep[]
  /** sha-256, hex, over identity, direction and statements of every step in order. */
  readonly digest: string
  /** Rows whose MD5SUM only is brought to the present version; not part of the digest. */
  readonly checksumUpgrades: readonly ChecksumUpgrade[]
  /** Change sets that do not run, with the reason as summaries print it; also those that ran before their filter kept them away. */
  readonly filtered: readonly Filtered[]
  /** How many ran before and need not run again. */
  readonly alreadyRan: number
}

export interface ChecksumUpgrade {
  readonly row: HistoryRow
  readonly checksum: string
  /** How many steps of the plan come first: the original does it when its walk over the changelog comes to the change set. */
  readonly after: number
}

export interface Filtered {
  readonly changeSet: Pick<ChangeSet, 'path' | 'id' | 'author' | 'dbms'>
  readonly reason: FilterReason
  /** It is counted in `alreadyRan` too. */
  readonly alreadyRan?: boolean
}

export type FilterReason =
  | 'Ignored'
  | 'Context mismatch'
  | 'Label mismatch'
  | 'DBMS mismatch'
  | 'After tag'
  | 'After count'

/** Callbacks of a running update or rollback. Awaited, so that what is reported as begun was reported before it began. */
export interface ProgressListener {
  changeSetStarted(step: PlannedStep): Promise<void>
  changeSetFinished(step: PlannedStep, result: StepResult): Promise<void>
  /** A line for the log. */
  line(text: string): void
  /** Asked before each change set: a rejected promise (Fault `stale-fence`, `cancelled`) stops before it. */
  mayContinue(): Promise<void>
}

export interface StepResult {
  readonly status: 'done' | 'failed' | 'skipped' | 'marked-ran'
  /** Milliseconds. */
  readonly duration: number
  readonly error?: string
}
