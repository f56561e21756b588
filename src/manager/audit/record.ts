// Writes events: one row in the transaction of the change that it tells of. Audit, live feed and outbox in one.
import { sql } from 'kysely'
import type { Actor, EventBody } from '#contract/event/live'
import type { StoreTransaction } from '../store/port.ts'
import { notify } from '../store/notify.ts'

export interface EventInput {
  readonly actor: Actor
  readonly sourceAddress?: string | undefined
  readonly projectId?: string | undefined
  readonly executionId?: string | undefined
  /** Without secrets: it is shown to people and kept. */
  readonly body: EventBody
}

/** The manager itself as an actor: timers, sweepers, the pipeline machine. */
export const systemActor: Actor = { type: 'system', name: 'system' }

/**
 * Writes the event and the hint that wakes the live streams, both when the transaction commits.
 *
 * Events of one execution get growing ids in commit order only because their writers hold the row lock of that execution
 * (see work/port.ts, lock order); a live stream reads by `id >` and would otherwise pass over a smaller id that commits later.
 */
export async function recordEvent(tx: StoreTransaction, event: EventInput): Promise<void> {
  await recordEvents(tx, [event])
}

/** Several events in one statement, in the order given. */
export async function recordEvents(tx: StoreTransaction, events: readonly EventInput[]): Promise<void> {
  if (events.length === 0) return
  await tx
    .insertInto('event')
    .values(
      events.map((event) => ({
        // The time of the statement and not of the transaction, which may have waited for a lock.
        at: sql<Date>`clock_timestamp()`,
        actor_type: event.actor.type,
        actor_name: event.actor.name,
        source_address: event.sourceAddress ?? null,
        project_id: event.projectId ?? null,
        execution_id: event.executionId ?? null,
        type: event.body.type,
        body: JSON.stringify(event.body),
      })),
    )
    .execute()
  await notify(tx, 'sluice_event')
}
