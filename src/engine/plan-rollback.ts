// Plans a rollback: which rows of the history are undone, newest first, with the very statements.
import { Fault } from '#contract/fault'
import type { EngineContext, RollbackTarget } from './context.ts'
import type { Plan } from './plan.ts'

/** Changes nothing. Faults: `tag-not-found`, `rollback-impossible` with a diagnostic for every change that has no inverse. */
export async function planRollback(
  _context: EngineContext,
  _target: RollbackTarget,
  _signal?: AbortSignal,
): Promise<Plan> {
  throw new Fault('not-offered', 'It is being written.')
}
