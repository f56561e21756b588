// `rollback`: undoes what a tag, a number or a date says, one change set after the other, under the lock.
import type { EngineContext, RollbackTarget } from './context.ts'
import { checkDigest } from './digest.ts'
import { areSameRows } from './history/row.ts'
import { readHistory } from './history/table.ts'
import { refuseUndecided } from './journal/interrupted.ts'
import { settledJournal } from './journal/settle.ts'
import { underLock } from './lock/acquire.ts'
import { planRollbackFrom, type RollbackScript } from './plan-rollback.ts'
import type { Plan, ProgressListener } from './plan.ts'
import { runPlan } from './run/run.ts'
import { removeMarkers } from './tag.ts'

export interface RollbackOptions {
  /** Refuse with Fault `plan-changed` unless the plan made under the lock has this digest. */
  readonly approvedDigest?: string
  /** Run instead of what the change sets say; their rows go all the same. */
  readonly script?: RollbackScript
}

export interface RollbackResult {
  readonly plan: Plan
  readonly rolledBack: number
  readonly rowsAffected: number
}

/** Faults as `update`, and `tag-not-found`, `rollback-impossible` before anything ran. */
export async function rollback(
  context: EngineContext,
  target: RollbackTarget,
  options: RollbackOptions,
  listener: ProgressListener,
  signal?: AbortSignal,
): Promise<RollbackResult> {
  // Before the lock, so that what cannot be done touches nothing at all.
  const history = await readHistory(context, signal)
  const early = await planRollbackFrom(context, history, target, options, signal)
  checkDigest(early, options.approvedDigest)
  return await underLock(
    context,
    async () => {
      const now = await readHistory(context, signal)
      const unchanged = areSameRows(now.rows, history.rows)
      const plan = unchanged ? early : await planRollbackFrom(context, now, target, options, signal)
      checkDigest(plan, options.approvedDigest)
      const journal = await settledJournal(context, signal)
      refuseUndecided(journal)
      const totals = await runPlan(context, plan, { order: 0, journal }, listener, signal)
      if ('tag' in target) await removeMarkers(context, target.tag, signal)
      return { plan, rolledBack: totals.done, rowsAffected: totals.rowsAffected }
    },
    signal,
  )
}
