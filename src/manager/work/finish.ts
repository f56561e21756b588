// Ends an attempt, once. Repeating the same report is harmless.
import { type RawBuilder, sql } from 'kysely'
import type { FinishBody } from '#contract/delegate/protocol'
import type { FaultRecord } from '#contract/fault'
import type { Actor } from '#contract/event/live'
import { recordEvent } from '../audit/record.ts'
import { notify } from '../store/notify.ts'
import type { StoreTransaction } from '../store/port.ts'
import {
  type AttemptRow,
  attemptStateEvent,
  isLocked,
  type LockedAttempt,
  lockedExecution,
  lockFenced,
  noteState,
  recordColumns,
  refuse,
  toAttemptRecord,
} from './attempt.ts'
import type { AttemptEnd, AttemptObserver, AttemptRecord } from './port.ts'

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

/** Ends an attempt that is locked. */
export async function endAttempt(
  tx: StoreTransaction,
  locked: LockedAttempt,
  end: AttemptEnd,
  actor: Actor,
  observers: readonly AttemptObserver[],
): Promise<void> {
  const state = end.outcome === 'unknown' ? 'unknown' : 'finished'
  await sql`update attempt set ${endValues(state, end)} where id = ${locked.id}`.execute(tx)
  const attempt = toAttemptRecord(locked)
  await recordEvent(tx, attemptStateEvent(actor, attempt, state))
  await tellEnd(tx, attempt, end, observers)
}

function endValues(state: 'finished' | 'unknown', end: AttemptEnd): RawBuilder<unknown> {
  const json = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value))
  return sql`state = ${state}, outcome = ${end.outcome}, output = ${json(end.output)}, fault = ${json(end.fault)},
    reconcile = ${json(end.reconcile)}, finished_at = now(), lease_until = null, waiting_reason = null`
}

async function tellEnd(
  tx: StoreTransaction,
  attempt: AttemptRecord,
  end: AttemptEnd,
  observers: readonly AttemptObserver[],
): Promise<void> {
  for (const observer of observers) await observer.ended?.(tx, attempt, end)
  // The instance is free for the next attempt in the queue.
  notify(tx, 'sluice_work')
}

/** What nearly every report does, in one statement: locks, compares the fence, ends, notes. Undefined: nothing was changed. */
async function endRunning(
  tx: StoreTransaction,
  attemptId: string,
  fence: string,
  end: AttemptEnd,
  actor: Actor,
): Promise<AttemptRecord | undefined> {
  const { rows } = await sql<AttemptRow>`
    with ${lockedExecution(attemptId)}, ended as (
      update attempt set ${endValues('finished', end)}
      where attempt.id = ${attemptId} and ${isLocked('attempt')} and fence = ${fence}
        and state in ('accepted', 'started')
      returning ${recordColumns}
    ), noted as (
      ${noteState('ended', actor, 'finished')}
    )
    select * from ended`.execute(tx)
  notify(tx, 'sluice_event')
  return rows[0] && toAttemptRecord(rows[0])
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
  const { outcome, output, fault, reconcile } = report
  if (outcome !== 'unknown') {
    const told = { outcome, output, fault, reconcile }
    const ended = await endRunning(tx, attemptId, report.fence, told, actor)
    if (ended !== undefined) {
      await tellEnd(tx, ended, told, observers)
      return true
    }
  }
  const row = await lockFenced(tx, attemptId, report.fence)
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
