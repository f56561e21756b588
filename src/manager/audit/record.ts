// Writes events: one row in the transaction of the change that it tells of. Audit, live feed and outbox in one.
import { CompiledQuery, type RawBuilder, sql } from 'kysely'
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

/** Traffic of steps and delegates, which the audit trail would drown in; everything else that happens is in it. */
const unaudited = ['attempt.state', 'node.status', 'log.committed', 'delegate.connected', 'delegate.lost']
const auditedText = (type: string, body: string): string =>
  `(${type} <> all (array[${unaudited.map((name) => `'${name}'`).join(', ')}])
    and not (${type} = 'change-set.state' and ${body} ->> 'phase' = 'started'))`

/** Condition on an event: it is in the audit trail. */
export function isAudited(type: RawBuilder<unknown>, body: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`(${type} <> all (${unaudited}::text[])
    and not (${type} = 'change-set.state' and ${body} ->> 'phase' = 'started'))`
}

/**
 * One text for any number of events, so that it is prepared once: every change of state writes at least one. The time is that of
 * the statement and not of the transaction, which may have waited for a lock.
 */
const insertEvents = `
  with written as (insert into event (at, actor_type, actor_name, source_address, project_id, execution_id, type, body)
  select clock_timestamp(), actor_type, actor_name, source_address, project_id, execution_id, type, body
  from rows from (jsonb_to_recordset($1::jsonb) as (actor_type text, actor_name text, source_address text,
    project_id bigint, execution_id text, type text, body jsonb)) with ordinality as event
    (actor_type, actor_name, source_address, project_id, execution_id, type, body, place)
  order by place returning id, type, body)
  insert into audit_pending (event_id) select id from written where ${auditedText('type', 'body')}`

/**
 * Writes the event; the hint that wakes the live streams goes out when the transaction has committed.
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
  const rows = events.map((event) => ({
    actor_type: event.actor.type,
    actor_name: event.actor.name,
    source_address: event.sourceAddress,
    project_id: event.projectId,
    execution_id: event.executionId,
    type: event.body.type,
    body: event.body,
  }))
  await tx.executeQuery(CompiledQuery.raw(insertEvents, [JSON.stringify(rows)]))
  notify(tx, 'sluice_event')
}
