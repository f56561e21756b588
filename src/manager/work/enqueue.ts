// Puts attempts into the queue, and asks them to stop.
import { sql } from 'kysely'
import { needsOf, podNeedsOf } from '#contract/delegate/capability'
import { changingStepTypes } from '#contract/delegate/step-spec'
import { secretNeeds } from '../secret/reach.ts'
import { recordEvent, systemActor } from '../audit/record.ts'
import { notify } from '../store/notify.ts'
import { attemptColumns, attemptStateEvent, toAttemptRecord } from './attempt.ts'
import type { AttemptEnd, AttemptObserver, Enqueue, RequestCancel } from './port.ts'

export const enqueue: Enqueue = async (tx, input) => {
  const { spec } = input
  const secrets = await secretNeeds(tx, input.projectId, spec)
  const row = await tx
    .insertInto('attempt')
    .values({
      id: spec.attempt,
      execution_id: input.isTask ? null : spec.execution,
      node_id: spec.node,
      project_id: input.projectId,
      number: input.number,
      type: spec.work.type,
      changing: changingStepTypes.has(spec.work.type),
      instance_key: input.instanceKey,
      spec: JSON.stringify(spec),
      delegate_selectors: JSON.stringify(input.delegateSelectors),
      needs: JSON.stringify([...needsOf(spec.work), ...podNeedsOf(spec), ...secrets]),
      state: 'queued',
    })
    .returning(attemptColumns)
    .executeTakeFirstOrThrow()
  await recordEvent(tx, attemptStateEvent(systemActor, toAttemptRecord(row), 'queued'))
  notify(tx, 'sluice_work')
}

const cancelledEnd: AttemptEnd = { outcome: 'cancelled', output: {} }

/** `observers` are told of a queued attempt that ends at once. */
export function createRequestCancel(observers: readonly AttemptObserver[]): RequestCancel {
  return async (tx, attemptId, { reason, graceSeconds }) => {
    const row = await tx
      .updateTable('attempt')
      .set({
        cancel_requested_at: sql`coalesce(cancel_requested_at, now())`,
        cancel_reason: reason,
        cancel_grace_seconds: graceSeconds,
        // Nobody has it yet, so nobody has to be asked.
        outcome: sql`case when state = 'queued' then 'cancelled' else outcome end`,
        finished_at: sql`case when state = 'queued' then now() else finished_at end`,
        waiting_reason: null,
        state: sql`case when state = 'queued' then 'finished' else state end`,
      })
      .where('id', '=', attemptId)
      .where('state', 'in', ['queued', 'accepted', 'started'])
      .returning([...attemptColumns, 'state'])
      .executeTakeFirst()
    if (row === undefined) return
    if (row.state === 'finished') {
      const attempt = toAttemptRecord(row)
      await recordEvent(tx, attemptStateEvent(systemActor, attempt, 'finished'))
      for (const observer of observers) await observer.ended?.(tx, attempt, cancelledEnd)
    }
    notify(tx, 'sluice_work')
  }
}
