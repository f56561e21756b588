// `changelog-sync` and `mark-next-changeset-ran`: record change sets as ran without running them, for a database that already
// has what they make.
import type { EngineContext } from './context.ts'
import { checkDigest } from './digest.ts'
import { ensureHistoryTable, nextOrder, readHistory } from './history/table.ts'
import { recordText } from './history/write.ts'
import { underLock } from './lock/acquire.ts'
import { planUpdateFrom } from './plan-update.ts'
import type { Plan } from './plan.ts'
import type { UpdateOptions } from './update.ts'

/** All rows in one transaction: either the whole changelog is taken over or nothing. `count: 1` marks the next one only. */
export async function changelogSync(
  context: EngineContext,
  options: Pick<UpdateOptions, 'count' | 'toTag' | 'approvedDigest'> = {},
  signal?: AbortSignal,
): Promise<Plan> {
  return await underLock(
    context,
    async () => {
      const before = await readHistory(context, signal)
      const plan = await planUpdateFrom(context, before, { ...options, recordOnly: true }, signal)
      checkDigest(plan, options.approvedDigest)
      await ensureHistoryTable(context, signal)
      await record(context, plan, nextOrder(before), signal)
      return plan
    },
    signal,
  )
}

async function record(context: EngineContext, plan: Plan, firstOrder: number, signal?: AbortSignal): Promise<void> {
  const { session } = context.database
  await session.begin()
  try {
    for (const [index, step] of plan.steps.entries()) {
      await session.execute(recordText(context, step, firstOrder + index), [], signal)
    }
    await session.commit()
  } catch (error) {
    await session.rollback()
    throw error
  }
}
