// Notifications over the API: what was sent, what was given up, sending it again, and dropping it.
import { sql } from 'kysely'
import type { NotificationOut } from '#contract/api/notification'
import { Fault } from '#contract/fault'
import { recordEvent } from '../audit/record.ts'
import { milliseconds } from '../entity/change.ts'
import { findProject, missing } from '../entity/scope.ts'
import type { ApiHandlers, Caller } from '../http/handler.ts'
import type { Store, StoreTransaction } from '../store/port.ts'

const columns = [
  'id',
  'pipeline',
  'execution_id',
  'rule',
  'event',
  'node_id',
  'status',
  'method',
  'destination',
  'state',
  'tries',
  'error',
  'next_at',
  'created_at',
  'updated_at',
] as const
interface Row {
  readonly id: string
  readonly pipeline: string
  readonly execution_id: string
  readonly rule: string
  readonly event: string
  readonly node_id: string | null
  readonly status: string
  readonly method: string
  readonly destination: string
  readonly state: string
  readonly tries: number
  readonly error: string | null
  readonly next_at: Date
  readonly created_at: Date
  readonly updated_at: Date
}
const states = { open: 'waiting', done: 'delivered', dead: 'dead' } as const
const stored = { waiting: 'open', delivered: 'done', dead: 'dead' } as const

export type NotificationNames = 'listNotifications' | 'retryNotification' | 'dropNotification'

export function notificationHandlers(store: Store): ApiHandlers<NotificationNames> {
  return {
    listNotifications: async ({ params, query }) => {
      const scope = await findProject(store.db, params)
      const { state, pipeline, execution, search_term: term, page, limit } = query
      const from = store.db
        .selectFrom('notification')
        .where('project_id', '=', scope.id)
        .$if(state !== undefined, (rows) => rows.where('state', '=', stored[state ?? 'dead']))
        .$if(pipeline !== undefined, (rows) => rows.where('pipeline', '=', pipeline ?? ''))
        .$if(execution !== undefined, (rows) => rows.where('execution_id', '=', execution ?? ''))
        .$if(Boolean(term), (rows) =>
          rows.where(sql<boolean>`strpos(lower(rule || ' ' || destination), lower(${term ?? ''})) > 0`),
        )
      const { total } = await from.select(sql<string>`count(*)`.as('total')).executeTakeFirstOrThrow()
      const rows = await from
        .select(columns)
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
        .offset(page * limit)
        .execute()
      return { total: Number(total), rows: rows.map(shown) }
    },

    retryNotification: ({ params, caller }) =>
      store.transaction(async (tx) => {
        const { scope, row } = await lockDead(tx, params)
        if (row.tries === 0)
          throw new Fault('conflict', `It can never be sent: ${row.error ?? ''}`, {
            hint: 'Correct the rule of the pipeline; later runs use it.',
          })
        await recordEvent(tx, told(scope.id, row, caller, 'notification.retried'))
        const after = await tx
          .updateTable('notification')
          .set({ state: 'open', tries: 0, next_at: sql`now()`, updated_at: sql`now()` })
          .where('id', '=', row.id)
          .returning(columns)
          .executeTakeFirstOrThrow()
        return shown(after)
      }),

    dropNotification: ({ params, caller }) =>
      store.transaction(async (tx) => {
        const { scope, row } = await lockDead(tx, params)
        await recordEvent(tx, told(scope.id, row, caller, 'notification.dropped'))
        await tx.deleteFrom('notification').where('id', '=', row.id).execute()
        return null
      }),
  }
}

type Params = { readonly org: string; readonly project: string; readonly notification: string }
/** Raises `not-found`, and `conflict` when it was not given up. */
async function lockDead(tx: StoreTransaction, params: Params) {
  const scope = await findProject(tx, params)
  const row: Row | undefined = await tx
    .selectFrom('notification')
    .where('project_id', '=', scope.id)
    .where('id', '=', params.notification)
    .select(columns)
    .forUpdate()
    .executeTakeFirst()
  if (!row) throw missing('Notification', params.notification)
  if (row.state !== 'dead') throw new Fault('conflict', `The notification was not given up; it is ${shown(row).state}.`)
  return { scope, row }
}

const told = (
  projectId: string,
  { id: notification, rule, execution_id: executionId }: Row,
  { actor, sourceAddress }: Caller,
  type: 'notification.retried' | 'notification.dropped',
) => ({ actor, sourceAddress, projectId, executionId, body: { type, notification, rule } })

function shown(row: Row): NotificationOut {
  return {
    id: row.id,
    pipeline: row.pipeline,
    execution: row.execution_id,
    rule: row.rule,
    event: row.event,
    node: row.node_id,
    status: row.status,
    method: row.method,
    destination: row.destination,
    state: states[row.state as keyof typeof states],
    tries: row.tries,
    error: row.error,
    nextTryAt: row.state === 'open' ? milliseconds(row.next_at) : null,
    createdAt: milliseconds(row.created_at),
    updatedAt: milliseconds(row.updated_at),
  }
}
