// Ends an attempt, once. Repeating the same report is harmless.
import { sql } from 'kysely'
import type { FinishBody } from '#contract/delegate/protocol'
import type { FaultRecord } from '#contract/fault'
import type { Actor } from '#contract/event/live'
import { recordEvent } from '../audit/record.ts'
import { notify } from '../store/notify.ts'
import type { StoreTransaction } from '../store/port.ts'
import { type AttemptRow, attemptColumns, attemptStateEvent, refusal, toAttemptRecord } from './attempt.ts'
import type { AttemptEnd, AttemptObserver } from './port.ts'

export const stepDied: FaultRecord = {
  code: 'step-died',
  message: 'The step ended without a report before it could change anything.',
}

/**
 * What an end means, given what the attempt could have done. Unknown is only what was started and changes something: any other
 * step that died has left nothing behind and may simply be repeated.
 */
export function judgeEnd(
  end: AttemptEnd,
  attempt: { readonly changing: boolean; readonly started: boolean },
): AttemptEnd {
  if (end.outcome !== 'unknown' || (attempt.changing && attempt.started)) return end
  return { ...end, outcome: 'failure', fault: end.fault ?? stepDied }
}

/** The caller holds the locks of execution and attempt. */
export async function endAttempt(
  tx: StoreTransaction,
  attemptId: string,
  end: AttemptEnd,
  actor: Actor,
  observers: readonly AttemptObserver[],
): Promise<void> {
  const state = end.outcome === 'unknown' ? 'unknown' : 'finished'
  const row: AttemptRow = await tx
    .updateTable('attempt')
    .set({
      state,
      outcome: end.outcome,
      output: JSON.stringify(end.output),
      fault: end.fault === undefined ? null : JSON.stringify(end.fault),
      reconcile: end.reconcile === undefined ? null : JSON.stringify(end.reconcile),
      finished_at: sql`now()`,
      lease_until: null,
    })
    .where('id', '=', attemptId)
    .returning(attemptColumns)
    .executeTakeFirstOrThrow()
  const attempt = toAttemptRecord(row)
  await recordEvent(tx, attemptStateEvent(actor, attempt, state))
  for (const observer of observers) await observer.ended?.(tx, attempt, end)
  // The instance is free for the next attempt in the queue.
  await notify(tx, 'sluice_work')
}

/**
 * A report of the step, or of the delegate whose child process died. Gives false when the same was reported before.
 * Raises `stale-fence`, and `attempt-gone` when it has ended otherwise.
 */
export async function reportEnd(
  tx: StoreTransaction,
  attemptId: string,
  report: Pick<FinishBody, 'fence'> & AttemptEnd,
  actor: Actor,
  observers: readonly AttemptObserver[],
): Promise<boolean> {
  const row = await tx
    .selectFrom('attempt')
    .where('id', '=', attemptId)
    .where('fence', '=', report.fence)
    .select(['state', 'outcome', 'changing'])
    .forUpdate()
    .executeTakeFirst()
  if (row === undefined) throw await refusal(tx, attemptId, report.fence)
  const { outcome, output, fault, reconcile } = report
  const end = judgeEnd(
    { outcome, output, fault, reconcile },
    { changing: row.changing, started: row.state === 'started' },
  )
  if (row.state === 'accepted' || row.state === 'started') {
    await endAttempt(tx, attemptId, end, actor, observers)
    return true
  }
  const isRepeated =
    row.outcome === outcome || (row.state === 'finished' && outcome === 'unknown' && row.outcome === 'failure')
  if (isRepeated) return false
  throw await refusal(tx, attemptId, report.fence)
}
