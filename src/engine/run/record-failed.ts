// A change set that failed, recorded as run because whoever updates wants it so: a rollback then runs what it says for its way back,
// which takes away what a database without transactional DDL kept of it, and no update tries it again.
import { Fault, type FaultCode } from '#contract/fault'
import { recordText } from '../history/write.ts'
import { deleteJournalText } from '../journal/table.ts'
import type { PlannedStep } from '../plan.ts'
import { messageOf } from './message.ts'
import type { Run } from './shared.ts'
import { rollBackQuietly } from './transaction.ts'

/** A time-out, an administrator's cancel, another session in the way, a right not granted yet: the same statements may do the next time. */
const passing: ReadonlySet<FaultCode> = new Set(['timed-out', 'cancelled', 'database-in-use', 'database-permission'])
/** Deadlocks and what cannot be serialised, as PostgreSQL, MySQL, SQL Server and Oracle tell them. */
const inTheWay: ReadonlySet<string> = new Set(['40P01', '40001', '1213', '1205', 'ORA-00060'])

const mayPass = (cause: unknown): boolean =>
  cause instanceof Fault && (passing.has(cause.code) || inTheWay.has(cause.databaseCode ?? ''))

/** Only what the change set itself did wrong: what would never be tried again must not be what would succeed if it were. */
export async function recordFailed(run: Run, step: PlannedStep, error: unknown): Promise<void> {
  if (!run.recordFailed || step.direction === 'rollback' || step.stop !== undefined) return
  if (!(error instanceof Fault) || error.code !== 'change-set-failed') return
  if (mayPass(error.cause))
    return run.listener.line(
      'It is not recorded as run: what stood in its way may pass, and the next update tries it again.',
    )
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
