// A plan is data: preview, approval and execution all read the same one (ARCHITECTURE section 3).
import type { ChangeSet } from '#changelog/model'
import type { PlanPayload } from '#contract/change-set'
import type { Span } from '#contract/diagnostic'

/** One statement of a plan: its SQL, and where in the user's files it comes from. */
export interface PlannedStatement {
  readonly sql: string
  readonly endDelimiter: string
  readonly span: Span
}

export interface PlannedStep {
  readonly changeSet: ChangeSet
  readonly direction: 'apply' | 'rollback'
  /** What happens to the history: a new row, an updated one, or one removed. */
  readonly execType: 'EXECUTED' | 'RERAN' | 'MARK_RAN' | 'ROLLED_BACK'
  readonly checksum: string
  readonly description: string
  readonly statements: readonly PlannedStatement[]
  /** All statements and the history row in one transaction. */
  readonly transactional: boolean
}

export interface Plan {
  readonly steps: readonly PlannedStep[]
  /** sha-256, hex, over identity, direction and statements of every step in order. */
  readonly digest: string
}

/** Callbacks of a running update or rollback. Awaited, so that what is reported as begun was reported before it began. */
export interface ProgressListener {
  changeSetStarted(step: PlannedStep): Promise<void>
  changeSetFinished(
    step: PlannedStep,
    result: {
      readonly status: 'done' | 'failed' | 'skipped' | 'marked-ran'
      readonly duration: number
      readonly error?: string
    },
  ): Promise<void>
  /** A line for the log. */
  line(text: string): void
  /** Asked before each change set: a rejected promise (Fault `stale-fence`, `cancelled`) stops before it. */
  mayContinue(): Promise<void>
}

/** The engine's plan in the form that travels. */
export type ToPayload = (plan: Plan, script: string) => PlanPayload
