// Reconcile: after an attempt was lost, reads lock, journal and history of the target and says what is true.
import type { TargetWork } from '#contract/delegate/step-spec'
import { Fault } from '#contract/fault'
import { type LostWork, reconcile, type Verdict } from '#engine/reconcile'
import { tagExists } from '#engine/tag'
import { extentOf } from './apply.ts'
import type { WorkContext, WorkResult } from './context.ts'
import { postState } from './output.ts'
import { rollbackTarget } from './rollback.ts'

export type Reconcile = Extract<TargetWork, { type: 'Reconcile' }>

function lostWork(work: Reconcile): LostWork {
  if (work.lostWork === 'DBSchemaRollback') return { type: 'rollback', target: rollbackTarget(work) }
  const { tag, testRollback = false } = work
  return { type: 'update', ...extentOf(work), testRollback, ...(tag === undefined ? {} : { tag }) }
}

async function judge({ work, engine, signal }: WorkContext<Reconcile>): Promise<Verdict> {
  try {
    return await reconcile(engine, lostWork(work), signal)
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'changelog-locked') throw error
    // The lost attempt may still be at work: nobody can say how it ends before it did.
    return { verdict: 'unclear', explanation: `The lock is still held: ${error.message}` }
  }
}

export async function reconcileLost(context: WorkContext<Reconcile>): Promise<WorkResult> {
  const { work, engine, line, masking, signal } = context
  const { verdict, explanation } = await judge(context)
  line(`Attempt ${work.lostAttempt} was lost; what it left is ${verdict}: ${explanation}`)
  await postState(context, signal)
  const tagged = work.preStartTag !== undefined && (await tagExists(engine, work.preStartTag, signal))
  return {
    output: tagged ? { preStartTag: work.preStartTag } : {},
    reconcile: { verdict, explanation: masking.text(explanation).slice(0, 16_384) },
  }
}
