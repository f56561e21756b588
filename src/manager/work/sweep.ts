// Looks after leases that ran out. A started database change is never queued again: its outcome becomes unknown.
import { sql } from 'kysely'
import { protocolTimes } from '#contract/delegate/protocol'
import type { FaultRecord } from '#contract/fault'
import { recordEvent, systemActor } from '../audit/record.ts'
import { notify } from '../store/notify.ts'
import type { Executor, Store, StoreTransaction } from '../store/port.ts'
import { attemptColumns, attemptStateEvent, lockAttempt, toAttemptRecord } from './attempt.ts'
import { endAttempt, judgeEnd } from './finish.ts'
import type { AttemptEnd, AttemptObserver } from './port.ts'

/** Accepts that ended without a start. More of them mean that the step cannot be started at all. */
const acceptsBeforeFailure = 5
const sweepLimit = 100

/**
 * Gives all running steps a fresh lease. Called when a manager starts, and when it could not sweep for a while: lease time counts
 * only while a manager was there to renew it.
 */
export async function extendLeases(db: Executor): Promise<void> {
  await db
    .updateTable('attempt')
    .set({
      lease_until: sql<Date>`greatest(lease_until, now() + make_interval(secs => ${protocolTimes.leaseSeconds}))`,
    })
    .where('state', 'in', ['accepted', 'started'])
    .execute()
}

/** Ends or queues again what nobody renewed; several replicas may do it at the same time. Gives the number of attempts. */
export async function sweepLeases(store: Store, observers: readonly AttemptObserver[]): Promise<number> {
  const lost = await store.db
    .selectFrom('attempt')
    .where(sql<boolean>`state in ('accepted', 'started') and lease_until < now()`)
    .select('id')
    .orderBy('lease_until')
    .limit(sweepLimit)
    .execute()
  let swept = 0
  for (const { id } of lost) {
    if (await store.transaction((tx) => sweepOne(tx, id, observers))) swept += 1
  }
  return swept
}

async function sweepOne(tx: StoreTransaction, id: string, observers: readonly AttemptObserver[]): Promise<boolean> {
  const row = await lockAttempt(tx, id)
  // Renewed, ended or swept by another replica since it was found.
  if (row === undefined || !row.lease_over || (row.state !== 'accepted' && row.state !== 'started')) return false
  const started = row.state === 'started'
  const isCancelled = row.cancel_requested_at !== null
  if (!started && !isCancelled && Number(row.fence) < 2 * acceptsBeforeFailure - 1) {
    await requeue(tx, id, observers)
    return true
  }
  const mayHaveChanged = started && row.changing
  const lost: AttemptEnd = { outcome: 'unknown', output: {}, fault: leaseLost(mayHaveChanged) }
  const end: AttemptEnd =
    isCancelled && !mayHaveChanged
      ? { outcome: 'cancelled', output: {} }
      : judgeEnd(lost, { changing: row.changing, started })
  await endAttempt(tx, row, end, systemActor, observers)
  return true
}

async function requeue(tx: StoreTransaction, id: string, observers: readonly AttemptObserver[]): Promise<void> {
  const row = await tx
    .updateTable('attempt')
    .set({
      state: 'queued',
      // The delegate that had it may be alive: whatever it still sends must be refused.
      fence: sql`fence + 1`,
      delegate_id: null,
      delegate_instance: null,
      lease_until: null,
      offered_until: null,
      accepted_at: null,
      run_at: sql`now()`,
    })
    .where('id', '=', id)
    .returning(attemptColumns)
    .executeTakeFirstOrThrow()
  const attempt = toAttemptRecord(row)
  await recordEvent(tx, attemptStateEvent(systemActor, attempt, 'queued'))
  for (const observer of observers) await observer.requeued?.(tx, attempt)
  notify(tx, 'sluice_work')
}

function leaseLost(mayHaveChanged: boolean): FaultRecord {
  const seconds = protocolTimes.leaseSeconds
  return mayHaveChanged
    ? {
        code: 'outcome-unknown',
        message: `Nothing was heard of the step for ${seconds} s. What it has done is read from the target before anything else runs.`,
      }
    : { code: 'step-died', message: `Nothing was heard of the step for ${seconds} s. It had not changed anything.` }
}
