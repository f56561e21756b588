// What was decided about each delivery and each time of a schedule, so that a user sees why nothing started.
import { sql } from 'kysely'
import type { TriggerEvent, TriggerEventStatus } from '#contract/api/trigger'
import type { WebhookProvider } from '#pipeline/trigger/document'
import type { ReadEvent } from '#pipeline/trigger/event'
import { findProject } from '../entity/scope.ts'
import type { ApiHandlers } from '../http/handler.ts'
import type { Executor, Store } from '../store/port.ts'
import type { TriggerRow } from './row.ts'

/** Events are kept so long, and what was delivered is known again by its id so long. */
const eventDays = 30
const deliveryDays = 7

export type Summary = Readonly<Record<string, string | number | boolean>>

export interface Decision {
  readonly id: string
  readonly delivery: string
  readonly source: WebhookProvider | 'Scheduled'
  readonly status: TriggerEventStatus
  readonly reason: string
  readonly execution?: string
  readonly summary: Summary
  /** Absent: no trigger was meant; then the project that the address names. */
  readonly trigger?: TriggerRow
  readonly projectId?: string
  /** Of a trigger that may be no more. */
  readonly names?: { readonly pipeline: string; readonly trigger: string }
}

export async function recordDecision(db: Executor, decision: Decision): Promise<void> {
  const { id, delivery, source, status, reason, execution, summary, trigger, projectId, names } = decision
  await db
    .insertInto('trigger_event')
    .values({
      id,
      delivery,
      source,
      status,
      reason: reason.slice(0, 2048),
      execution_id: execution ?? null,
      summary: JSON.stringify(summary),
      project_id: trigger?.project_id ?? projectId ?? null,
      trigger_id: trigger?.id ?? null,
      pipeline: trigger?.pipeline ?? names?.pipeline ?? null,
      trigger: trigger?.identifier ?? names?.trigger ?? null,
      received_at: sql<Date>`clock_timestamp()`,
    })
    .execute()
}

const LONGEST = 256

/** What people recognise a delivery by. */
export function summaryOf(event: ReadEvent, sourceAddress: string): Summary {
  const told = 'ignored' in event ? {} : event
  const fields = Object.entries(told).flatMap(([key, value]) => {
    if (key === 'provider' || key === 'changedFiles') return []
    return [[key, typeof value === 'string' ? storable(value).slice(0, LONGEST) : (value as number | boolean)]]
  })
  return { ...(Object.fromEntries(fields) as Summary), sourceAddress }
}

const storable = (text: string): string => text.replaceAll('\0', '\uFFFD').replace(/\p{Surrogate}/gu, '\uFFFD')

export function historyHandlers(store: Store): ApiHandlers<'listTriggerEvents'> {
  return {
    listTriggerEvents: async ({ params, query }) => {
      const scope = await findProject(store.db, params)
      const { pipeline, trigger, delivery, search_term: term, page, limit } = query
      const from = store.db
        .selectFrom('trigger_event')
        .where('project_id', '=', scope.id)
        .$if(pipeline !== undefined, (rows) => rows.where('pipeline', '=', pipeline ?? ''))
        .$if(trigger !== undefined, (rows) => rows.where('trigger', '=', trigger ?? ''))
        .$if(delivery !== undefined, (rows) => rows.where('delivery', '=', delivery ?? ''))
        .$if(Boolean(term), (rows) =>
          rows.where(sql<boolean>`strpos(lower(trigger || ' ' || reason), lower(${term ?? ''})) > 0`),
        )
      const { total } = await from.select(sql<string>`count(*)`.as('total')).executeTakeFirstOrThrow()
      const rows = await from
        .selectAll()
        .orderBy('received_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
        .offset(page * limit)
        .execute()
      return {
        total: Number(total),
        rows: rows.map((row) => ({
          id: row.id,
          delivery: row.delivery,
          pipeline: row.pipeline,
          trigger: row.trigger,
          source: row.source as TriggerEvent['source'],
          status: row.status as TriggerEventStatus,
          reason: row.reason,
          execution: row.execution_id,
          summary: row.summary as TriggerEvent['summary'],
          receivedAt: row.received_at.getTime(),
        })),
      }
    },
  }
}

/** Takes away what is older than it is kept. */
export async function forgetOldEvents(db: Executor): Promise<void> {
  const older = (column: string, days: number) =>
    sql<boolean>`${sql.ref(column)} < now() - make_interval(days => ${days})`
  await db.deleteFrom('trigger_event').where(older('received_at', eventDays)).execute()
  // A signature over the bytes alone never ends, so that what started a run is known by its bytes as long as the trigger is there.
  await db
    .deleteFrom('trigger_delivery')
    .where(older('seen_at', deliveryDays))
    .where('key', 'not like', 'body:%')
    .execute()
  await sql`delete from replaced_run r where not exists (select 1 from execution e where e.id = r.execution_id)`.execute(
    db,
  )
}
