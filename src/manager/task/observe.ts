// What steps of tasks report, kept beside the task: plans and the objects of snapshots. Their state is that of the attempt.
import { sql } from 'kysely'
import type { Payload, SnapshotObject } from '#contract/delegate/payload'
import { subjectOf } from '#contract/delegate/step-spec'
import { recordEvent, systemActor } from '../audit/record.ts'
import { findTarget } from '../state/target.ts'
import type { StoreTransaction } from '../store/port.ts'
import type { AttemptEnd, AttemptObserver, AttemptRecord } from '../work/port.ts'
import { statusOf } from './view.ts'

/** Objects of one snapshot; whoever has more reads the document. */
const mostObjects = 200_000

async function observePayload(tx: StoreTransaction, attempt: AttemptRecord, payload: Payload): Promise<void> {
  if (attempt.executionId !== null) return
  if (payload.kind === 'plan')
    await tx
      .updateTable('task')
      .set({ plan: JSON.stringify(payload.plan) })
      .where('id', '=', attempt.id)
      .execute()
  if (payload.kind === 'snapshot') await keepObjects(tx, attempt, payload.objects, payload.last)
}

/** The same part told again changes nothing. */
async function keepObjects(
  tx: StoreTransaction,
  attempt: AttemptRecord,
  objects: readonly SnapshotObject[],
  last: boolean,
): Promise<void> {
  const instance = await findTarget(tx, attempt)
  if (instance === undefined) return
  await tx
    .insertInto('snapshot')
    .values({ task_id: attempt.id, db_instance_id: instance })
    .onConflict((conflict) => conflict.column('task_id').doNothing())
    .execute()
  await sql`insert into snapshot_object (task_id, type, name, value)
    select ${attempt.id}, type, name, value
    from jsonb_to_recordset(${JSON.stringify(objects)}::jsonb) as told (type text, name text, value jsonb)
    where (select count(*) from snapshot_object where task_id = ${attempt.id}) < ${mostObjects}
    on conflict (task_id, type, name) do nothing`.execute(tx)
  if (!last) return
  const counted = sql<number>`(select count(*) from snapshot_object where task_id = ${attempt.id})`
  await tx.updateTable('snapshot').set({ complete: true, objects: counted }).where('task_id', '=', attempt.id).execute()
}

async function noteEnd(tx: StoreTransaction, attempt: AttemptRecord, end: AttemptEnd): Promise<void> {
  if (attempt.executionId !== null) return
  const task = await tx
    .selectFrom('task')
    .innerJoin('attempt', 'attempt.id', 'task.id')
    .where('task.id', '=', attempt.id)
    .select(['kind', 'cancel_reason'])
    .executeTakeFirst()
  if (!task) return
  const { outcome, fault = null } = end
  const status = statusOf({ state: 'finished', outcome, fault, cancel_reason: task.cancel_reason })
  const subject = subjectOf(attempt.spec.work)
  const body = { type: 'task.status', task: attempt.id, kind: task.kind, subject, status } as const
  await recordEvent(tx, { actor: systemActor, projectId: attempt.projectId, body })
}

export const taskObserver: AttemptObserver = { payload: observePayload, ended: noteEnd }
