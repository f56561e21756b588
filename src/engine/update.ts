// `update`: brings the database to the changelog, one change set after the other, under the lock.
import { Fault } from '#contract/fault'
import type { EngineContext } from './context.ts'
import type { Plan, ProgressListener } from './plan.ts'

export interface UpdateOptions {
  /** At most so many change sets. */
  readonly count?: number
  /** Up to and including the change set that sets this tag. */
  readonly toTag?: string
  /** Refuse with Fault `plan-changed` unless the plan made under the lock has this digest. */
  readonly approvedDigest?: string
  /** Tag to put on the newest row before the first change when it has none; an empty history gets a row for it. */
  readonly preStartTag?: string
  /** Tag to put on the newest row after success. */
  readonly tag?: string
}

export interface UpdateResult {
  /** What was to run; equal to what ran unless a precondition skipped or marked some. */
  readonly plan: Plan
  /** Change sets whose statements ran. */
  readonly ran: number
  readonly markedRan: number
  /** Preconditions with CONTINUE, or failures with failOnError=false. */
  readonly skipped: number
  readonly rowsAffected: number
  /** The tag on the newest row before the first change, when `preStartTag` was asked for. */
  readonly preStartTag: string | undefined
}

/**
 * Faults: `changelog-invalid`, `checksum-changed`, `precondition-failed`, `changelog-locked`, `plan-changed` before anything
 * ran; `change-set-failed`, `cancelled`, `stale-fence`, `outcome-unknown`, `database-lost` with everything before it applied.
 */
export async function update(
  _context: EngineContext,
  _options: UpdateOptions,
  _listener: ProgressListener,
  _signal?: AbortSignal,
): Promise<UpdateResult> {
  throw new Fault('not-offered', 'It is being written.')
}
