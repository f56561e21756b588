// A change set that failed, recorded as run because whoever updates wants it so: a rollback then runs what it says for its way back,
// which takes away what a database without transactional DDL kept of it, and no update tries it again.
import { Fault } from '#contract/fault'
import { recordText } from '../history/write.ts'
import { deleteJournalText } from '../journal/table.ts'
import type { PlannedStep } from '../plan.ts'
import { messageOf } from './message.ts'
import type { Run } from './shared.ts'
import { rollBackQuietly } from './transaction.ts'

/** Only what the change set itself did wrong: after a lost connection or a cancel nobody says that it ran. */
export async function recordFailed(run: Run, step: PlannedStep, error: unknown): Promise<void> {
  const isItsOwn = error instanceof Fault && error.code === 'change-set-failed' && step.stop === undefined
  if (!run.recordFailed || step.direction === 'rollback' || !isItsOwn) return
  const { context, listener, progress } = run
  const { path: fileName, id, author } = step.changeSet
  const row = { ...step, execType: step.row ? 'RERAN' : 'MARK_RAN' } as const
  const texts = [recordText(context, row, progress.order)]
  if (!step.transactional && step.statements.length > 0)
    texts.push(deleteJournalText(context, { fileName, id, author, direction: step.direction }))
  const { session } = context.database
  try {
    await session.begin()
    for (const text of texts) await session.execute(text)
    await session.commit()
  } catch (failure) {
    await rollBackQuietly(run)
    return listener.line(`The change set that failed could not be recorded as run: ${messageOf(failure)}`)
  }
  progress.order += 1
  const left = step.transactional ? 'nothing of it was left in the database' : 'what was left of it stays'
  listener.line(`It is recorded as run, as the step asks for: ${left}, and it is not tried again.`)
}
