// Ends an attempt, once. Repeating the same report is harmless.
import { sql } from 'kysely'
import type { FinishBody } from '#contract/delegate/protocol'
import type { FaultRecord } from '#contract/fault'
import type { Actor } from '#contract/event/live'
import { recordEvent } from '../audit/record.ts'
import { notify } from '../store/notify.ts'
import type { StoreTransaction } from '../store/port.ts'
import { attemptStateEvent, type LockedAttempt, lockFenced, refuse, toAttemptRecord } from './attempt.ts'
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
  // Whoever reported it may have believed that it had begun: the start was written down there and never arrived here.
  return { ...end, outcome: 'failure', fault: end.fault?.code === 'step-died' ? end.fault : stepDied }
}

/** Ends the attempt. The statements do not wait for each other's answers: a finish is what the queue does most. */
export async function endAttempt(
  tx: StoreTransaction,
  locked: LockedAttempt,
  end: AttemptEnd,
  actor: Actor,
  observers: readonly AttemptObserver[],
): Promise<void> {
  const state = end.outcome === 'unknown' ? 'unknown' : 'finished'
  const attempt = toAttemptRecord(locked)
  await Promise.all([writeEnd(tx, locked.id, state, end), recordEvent(tx, attemptStateEvent(actor, attempt, state))])
  for (const observer of observers) await observer.ended?.(tx, attempt, end)
  // The instance is free for the next attempt in the queue.
  notify(tx, 'sluice_work')
}

async function writeEnd(tx: StoreTransaction, id: string, state: string, end: AttemptEnd): Promise<void> {
  const json = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value))
  await sql`update attempt set state = ${state}, outcome = ${end.outcome}, output = ${json(end.output)},
    fault = ${json(end.fault)}, reconcile = ${json(end.reconcile)}, finished_at = now(), lease_until = null,
    waiting_reason = null where id = ${id}`.execute(tx)
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
  const row = await lockFenced(tx, attemptId, report.fence)
  const { outcome, output, fault, reconcile } = report
  const started = row.state === 'started'
  const end = judgeEnd({ outcome, output, fault, reconcile }, { changing: row.changing, started })
  if (row.state === 'accepted' || started) {
    await endAttempt(tx, row, end, actor, observers)
    return true
  }
  const isRepeated =
    row.outcome === outcome || (row.state === 'finished' && outcome === 'unknown' && row.outcome === 'failure')
  if (isRepeated) return false
  throw refuse(attemptId, report.fence, row)
}
