// `update-testing-rollback`: update, undo what that update did, and update again, to prove that the rollbacks work.
import { Fault } from '#contract/fault'
import type { EngineContext } from './context.ts'
import { historyKey } from './history/row.ts'
import { ensureHistoryTable, type History, nextOrder, readHistory } from './history/table.ts'
import { refuseUndecided } from './journal/interrupted.ts'
import { settledJournal } from './journal/settle.ts'
import { underLock } from './lock/acquire.ts'
import { planRollbackOfRows } from './plan-rollback.ts'
import { planUpdateFrom } from './plan-update.ts'
import type { Plan, ProgressListener } from './plan.ts'
import { runPlan, type Totals } from './run/run.ts'
import { ensureTag } from './tag.ts'
import { checkApproved, tagResult, type UpdateOptions } from './update.ts'

export interface TestedUpdate {
  /** The plan of each of the two updates, and what became of it. */
  readonly updates: readonly { readonly plan: Plan; readonly totals: Totals }[]
  readonly rolledBack: number
  /** The tag on the newest row before the first change, when `preStartTag` was asked for. */
  readonly preStartTag: string | undefined
}

/**
 * All of it under one lock. Refused with Fault `rollback-impossible` before anything ran when a change set cannot be undone; the
 * original engine finds out in the middle. A change set that ran before and runs again is not undone: nobody knows how it was.
 */
export async function updateTestingRollback(
  context: EngineContext,
  options: Pick<UpdateOptions, 'toTag' | 'approvedDigest' | 'preStartTag' | 'onAnchor' | 'tag' | 'tagAlways'>,
  listener: ProgressListener,
  signal?: AbortSignal,
): Promise<TestedUpdate> {
  const history = await readHistory(context, signal)
  const early = await planUpdateFrom(context, history, options, signal)
  await checkApproved(context, history, early, options, signal)
  checkReversible(early)
  return await underLock(
    context,
    async () => {
      const untagged = await readHistory(context, signal)
      const plan = await planUpdateFrom(context, untagged, options, signal)
      await checkApproved(context, untagged, plan, options, signal)
      checkReversible(plan)
      const journal = await settledJournal(context, signal)
      refuseUndecided(journal)
      await ensureHistoryTable(context, signal)
      const { preStartTag: wanted } = options
      const preStartTag = wanted === undefined ? undefined : await ensureTag(context, untagged, wanted, signal)
      if (preStartTag !== undefined) options.onAnchor?.(preStartTag)
      const before = preStartTag === undefined ? untagged : await readHistory(context, signal)
      const first = await runPlan(context, plan, { order: nextOrder(before), journal }, listener, signal)
      const rolledBack = await undo(context, before, listener, signal)
      const between = await readHistory(context, signal)
      const again = await planUpdateFrom(context, between, options, signal)
      const second = await runPlan(context, again, { order: nextOrder(between), journal: [] }, listener, signal)
      await tagResult(context, options, first.done + first.markedRan > 0, signal)
      const updates = [
        { plan, totals: first },
        { plan: again, totals: second },
      ]
      return { updates, rolledBack, preStartTag }
    },
    signal,
  )
}

async function undo(
  context: EngineContext,
  before: History,
  listener: ProgressListener,
  signal?: AbortSignal,
): Promise<number> {
  const old = new Set(before.rows.map((row) => historyKey(row.fileName, row.id, row.author)))
  const now = await readHistory(context, signal)
  const isNew = (row: { fileName: string; id: string; author: string }): boolean =>
    !old.has(historyKey(row.fileName, row.id, row.author))
  const plan = await planRollbackOfRows(context, now, isNew, signal)
  return (await runPlan(context, plan, { order: 0, journal: [] }, listener, signal)).done
}

function checkReversible(plan: Plan): void {
  const stuck = plan.steps.filter((step) => step.irreversible !== undefined)
  if (stuck.length === 0) return
  const subject = stuck.length === 1 ? 'One change set' : `${stuck.length} change sets`
  throw new Fault('rollback-impossible', `${subject} cannot be rolled back, so nothing was run.`, {
    diagnostics: stuck.map(({ changeSet, irreversible }) => ({
      code: 'engine/no-inverse',
      severity: 'error',
      message: irreversible ?? '',
      span: changeSet.span,
      fix: 'Add a rollback block to the change set; an empty one says that nothing has to be undone.',
    })),
  })
}
