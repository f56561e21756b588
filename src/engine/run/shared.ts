// What the steps of one running update or rollback share.
import type { EngineContext } from '../context.ts'
import type { JournalRow } from '../journal/table.ts'
import type { ProgressListener, StepResult } from '../plan.ts'
import type { Announced } from './announce.ts'

export interface Run {
  readonly context: EngineContext
  readonly listener: ProgressListener
  readonly signal: AbortSignal | undefined
  /** Left by an earlier run. */
  readonly journal: readonly JournalRow[]
  /** A change set that fails gets its row all the same, and the run ends there. */
  readonly recordFailed: boolean
  /** How far the run has come. */
  readonly progress: Progress
}

export interface Progress {
  /** ORDEREXECUTED of the next row. Counts up only with rows that are written: a change set that failed leaves no gap. */
  order: number
  announced: Announced | undefined
}

/** What became of one step. */
export interface StepOutcome {
  readonly status: StepResult['status']
  readonly rowsAffected: number
  /** Why it was skipped, or what failed when failOnError is false. */
  readonly message?: string
}
