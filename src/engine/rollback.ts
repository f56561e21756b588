// `rollback`: undoes what a tag, a number or a date says, one change set after the other, under the lock.
import { Fault } from '#contract/fault'
import type { EngineContext, RollbackTarget } from './context.ts'
import type { Plan, ProgressListener } from './plan.ts'

export interface RollbackOptions {
  /** Refuse with Fault `plan-changed` unless the plan made under the lock has this digest. */
  readonly approvedDigest?: string
}

export interface RollbackResult {
  readonly plan: Plan
  readonly rolledBack: number
  readonly rowsAffected: number
}

/** Faults as `update`, and `tag-not-found`, `rollback-impossible` before anything ran. */
export async function rollback(
  _context: EngineContext,
  _target: RollbackTarget,
  _options: RollbackOptions,
  _listener: ProgressListener,
  _signal?: AbortSignal,
): Promise<RollbackResult> {
  throw new Fault('not-offered', 'It is being written.')
}
