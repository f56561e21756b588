// What time does to tasks: those that nobody takes expire, and old ones are forgotten.
import { sql } from 'kysely'
import { Fault, toFaultRecord } from '#contract/fault'
import { systemActor } from '../audit/record.ts'
import type { Store } from '../store/port.ts'
import { lockAttempt } from '../work/attempt.ts'
import { considerDelegates } from '../work/considered.ts'
import { endAttempt } from '../work/finish.ts'
import type { AttemptObserver, RequestCancel } from '../work/port.ts'
import { explainWaiting, findBlocker } from '../work/waiting.ts'
import { expiredReason } from './view.ts'

const mostAtOnce = 100
/** A running step ends itself when its time is over; this is for one that does not. */
const graceSeconds = 30
/** Days. The newest snapshot of an instance stays, because it is what the API shows. */
export const taskDays = 30

/** Ends what is too late. Any number of replicas may do it. Gives how many it has ended or asked to stop. */
export async function expireTasks(
  store: Store,
  observers: readonly AttemptObserver[],
  requestCancel: RequestCancel,
): Promise<number> {
  const late = await store.db
    .selectFrom('task')
    .innerJoin('attempt', 'attempt.id', 'task.id')
    .where(sql<boolean>`(state = 'queued' and deadline < now()) or (state in ('accepted', 'started')
      and cancel_requested_at is null and deadline < now() - make_interval(secs => ${graceSeconds}))`)
    .select(['task.id', 'kind'])
    .limit(mostAtOnce)
    .execute()
  for (const { id, kind } of late)
    await store.transaction(async (tx) => {
      const row = await lockAttempt(tx, id)
      if (row?.state === 'accepted' || row?.state === 'started')
        return requestCancel(tx, id, { reason: expiredReason, graceSeconds })
      if (row?.state !== 'queued') return
      const delegates = await considerDelegates(tx, id)
      const why = explainWaiting(row.delegate_selectors, delegates, await findBlocker(tx, id))
      const fault = new Fault('timed-out', `No delegate has taken the ${kind} in time. ${why ?? ''}`.trim(), {
        hint: 'Start a delegate that matches scope and selectors and reaches the address, then ask again.',
      })
      const end = { outcome: 'failure', output: {}, fault: toFaultRecord(fault) } as const
      await endAttempt(tx, row, end, systemActor, observers)
    })
  return late.length
}

/** With their logs and results. Gives how many. */
export async function forgetOldTasks(store: Store): Promise<number> {
  const { rows } = await sql`
    delete from attempt where execution_id is null and id in (
      select id from task where created_at < now() - make_interval(days => ${taskDays})
        and id not in (select distinct on (db_instance_id) task_id from snapshot where complete
          order by db_instance_id, created_at desc)
      order by created_at limit ${mostAtOnce})
    returning id`.execute(store.db)
  return rows.length
}
