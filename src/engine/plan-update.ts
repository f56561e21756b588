// Plans an update: which change sets run, in order, with the very statements.
import { Fault } from '#contract/fault'
import type { EngineContext } from './context.ts'
import type { Plan } from './plan.ts'
import type { UpdateOptions } from './update.ts'

/** Reads the history and validates. Changes nothing. Faults as `update` before anything ran, but for the lock. */
export async function planUpdate(
  _context: EngineContext,
  _options: Pick<UpdateOptions, 'count' | 'toTag'> = {},
  _signal?: AbortSignal,
): Promise<Plan> {
  throw new Fault('not-offered', 'It is being written.')
}
