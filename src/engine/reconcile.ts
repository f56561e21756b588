// After an attempt was lost: reads lock, journal and history and says what is true.
import { Fault } from '#contract/fault'
import type { EngineContext, RollbackTarget } from './context.ts'

export type LostWork =
  /** `tag`: what the lost update should have left on the newest row. */
  { readonly type: 'update'; readonly tag?: string } | { readonly type: 'rollback'; readonly target: RollbackTarget }

export interface Verdict {
  /** complete: all is done · resumable: what is missing has not begun · unclear: something began and cannot be judged. */
  readonly verdict: 'complete' | 'resumable' | 'unclear'
  readonly explanation: string
}

/** Changes nothing but a lock row that a dead run of ours left. Waits for the lock as long as `lockWait` says. */
export async function reconcile(_context: EngineContext, _lost: LostWork, _signal?: AbortSignal): Promise<Verdict> {
  throw new Fault('not-offered', 'It is being written.')
}
