// What the steps of one running update or rollback share.
import type { EngineContext } from '../context.ts'
import type { JournalRow } from '../journal/table.ts'
import type { ProgressListener, StepResult } from '../plan.ts'

export interface Run {
  readonly context: EngineContext
  readonly listener: ProgressListener
  readonly signal: AbortSignal | undefined
  /** Left by an earlier run. */
  readonly journal: readonly JournalRow[]
  /** ORDEREXECUTED of the next row. */
  readonly order: Order
}

/** Counts up only with rows that are written: a change set that failed leaves no gap. */
export interface Order {
  next: number
}

/** What became of one step. */
export interface StepOutcome {
  readonly status: StepResult['status']
  readonly rowsAffected: number
  /** Why it was skipped, or what failed when failOnError is false. */
  readonly message?: string
}
