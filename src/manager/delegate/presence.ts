// Who polls: notes that delegates are there, tells which process speaks for one, and finds orders for them. One statement for many
// polls, because hundreds of delegates come back with the same breath.
import { sql } from 'kysely'
import { type PollReply, protocolTimes } from '#contract/delegate/protocol'
import { Fault } from '#contract/fault'
import { recordEvent } from '../audit/record.ts'
import type { Call, Protocol } from '../http/handler.ts'
import { joinTokenIsValid } from '../access/join-token.ts'
import type { Executor, Store } from '../store/port.ts'
import { unflushed } from '../store/unflushed.ts'

export type PollBody = Call<Protocol['poll']>['body']

/** A poll as the table sees it. */
export interface Presence {
  readonly delegateId: string
  /** Its own name, in any replica. */
  readonly poll: string
  readonly body: PollBody
}
/** What the match needs to know of a delegate. */
export interface DelegateFacts {
  readonly name: string
  readonly tags: readonly string[]
  readonly organizationId: string | null
  readonly projectId: string | null
}
export type Orders = Pick<PollReply, 'cancels' | 'rotateKeys'>
/** Its process has asked again since: nobody may be there to hear of work. */
export const superseded = 'superseded'

/** Never of a delegate whose join token was taken back: its access token may be remembered for a moment (authenticate.ts). */
const mayPoll = sql<boolean>`exists (select from delegate_token joined
    where joined.id = delegate.token_id and ${joinTokenIsValid})`

/**
 * Notes the polls of processes that already speak for their delegates, and gives the facts by the id of the delegate. Any other
 * has to connect first.
 */
export async function noteSeen(db: Executor, polls: readonly Presence[]): Promise<ReadonlyMap<string, DelegateFacts>> {
  // The last of each delegate, which came last.
  const arrived = new Map(polls.map((presence) => [presence.delegateId, presence]))
  const list = JSON.stringify(
    [...arrived.values()].map(({ delegateId, poll, body }) => ({
      id: delegateId,
      poll,
      instance: body.instance,
      capacity: body.capacity,
      running: body.running.length,
      pressure: body.pressure ?? null,
      pods: body.pods ?? false,
    })),
  )
  const { rows } = await sql<DelegateFacts & { readonly id: string }>`
    with ${unflushed}, arrived as (
      select arrived.* from unflushed, jsonb_to_recordset(${list}::jsonb)
        as arrived (id text, poll text, instance text, capacity integer, running integer, pressure text, pods boolean)
    ), speaking as (
      -- Nobody is waited for, so that no circle of waits can come about; one that is locked connects anew, alone.
      select delegate.id from delegate join arrived on arrived.id = delegate.id
      where delegate.connected and delegate.instance = arrived.instance and ${mayPoll}
      for no key update of delegate skip locked
    )
    update delegate set last_seen_at = now(), capacity = arrived.capacity, running = arrived.running,
      pressure = arrived.pressure, pods = arrived.pods, poll = arrived.poll
    from arrived join speaking on speaking.id = arrived.id where delegate.id = arrived.id
    returning delegate.id, delegate.name, delegate.tags, delegate.organization_id as "organizationId",
      delegate.project_id as "projectId"`.execute(db)
  return new Map(rows.map(({ id, ...facts }) => [id, facts]))
}

/** This process may speak for the delegate: it does already, the one that did is known to be gone, or was silent for too long. */
const maySpeak = ({ instance, replaces }: PollBody) => sql<boolean>`(instance is null or instance = ${instance}
    or instance = ${replaces ?? null}::text or not connected
    or last_seen_at < now() - make_interval(secs => ${protocolTimes.silentSeconds}))`

/** Raises `delegate-duplicate` while another process speaks for it, `unauthenticated` when it was removed or revoked. */
export async function connect(store: Store, { delegateId, body }: Presence): Promise<void> {
  const refused = await store.transaction(async (tx) => {
    const before = await tx
      .selectFrom('delegate')
      .where('id', '=', delegateId)
      .where(mayPoll)
      .select(['name', 'connected', 'instance'])
      .select(maySpeak(body).as('speaks'))
      .forUpdate()
      .executeTakeFirst()
    if (before === undefined) return removed()
    if (!before.speaks) return duplicate(before.instance)
    // Asked again: a statement that waited for the lock still sees the token as it was before it was revoked.
    const { numUpdatedRows } = await tx
      .updateTable('delegate')
      .set({ connected: true, instance: body.instance, last_seen_at: sql<Date>`now()` })
      .where('id', '=', delegateId)
      .where(mayPoll)
      .executeTakeFirst()
    if (numUpdatedRows === 0n) return removed()
    if (before.connected) return undefined
    const actor = { type: 'delegate', name: before.name } as const
    await recordEvent(tx, { actor, body: { type: 'delegate.connected', delegate: before.name } })
    return undefined
  })
  if (refused !== undefined) throw refused
}

interface OrderRow {
  readonly poll: string
  readonly newest: boolean
  readonly instance: string | null
  readonly allowed: boolean
  readonly rotate: boolean
  readonly cancels: readonly { readonly attempt: string; readonly graceSeconds: number }[]
}

/**
 * What each of these polls has to be told besides offers: orders, or the fault that ends it, because revoking disconnects at once and so
 * does a twin, or that it is superseded. Those without news are left out.
 */
export async function findOrders<P extends Presence>(
  db: Executor,
  polls: readonly P[],
): Promise<ReadonlyMap<P, Orders | Fault | typeof superseded>> {
  const ids = polls.map(({ delegateId }) => delegateId)
  const instances = polls.map(({ body }) => body.instance)
  const names = polls.map(({ poll }) => poll)
  // The delegates to cancel something for come from an index of few rows; only exceptions travel.
  const { rows } = await sql<OrderRow>`
    select polled.poll, coalesce(delegate.poll = polled.poll, false) as newest, delegate.instance,
      coalesce(${mayPoll}, false) as allowed,
      coalesce(delegate.key_rotation_asked, false) as rotate, coalesce(cancels.list, '[]') as cancels
    from unnest(${ids}::text[], ${instances}::text[], ${names}::text[]) as polled (delegate, instance, poll)
    left join delegate on delegate.id = polled.delegate
    left join (
      select delegate_id, jsonb_agg(jsonb_build_object('attempt', id, 'graceSeconds', coalesce(cancel_grace_seconds, 0))) as list
      from attempt where state in ('accepted', 'started') and cancel_requested_at is not null group by delegate_id
    ) cancels on cancels.delegate_id = polled.delegate
    where delegate.id is null or not ${mayPoll} or delegate.instance is distinct from polled.instance
      or delegate.poll is distinct from polled.poll or delegate.key_rotation_asked
      or cancels.list is not null`.execute(db)
  const byPoll = new Map(rows.map((row) => [row.poll, row]))
  const news = new Map<P, Orders | Fault | typeof superseded>()
  for (const poll of polls) {
    const row = byPoll.get(poll.poll)
    if (row === undefined) continue
    if (!row.allowed) news.set(poll, removed())
    else if (row.instance !== poll.body.instance) news.set(poll, duplicate(row.instance))
    else if (!row.newest) news.set(poll, superseded)
    else if (row.rotate || row.cancels.length > 0) news.set(poll, { cancels: [...row.cancels], rotateKeys: row.rotate })
  }
  return news
}

/** Gone at once instead of after `silentSeconds`; its steps go on. */
export async function leave(store: Store, { delegateId, body }: Omit<Presence, 'poll'>): Promise<void> {
  await store.transaction(async (tx) => {
    const row = await tx
      .updateTable('delegate')
      .set({ connected: false, instance: null, pressure: null })
      .where('id', '=', delegateId)
      .where('connected', '=', true)
      .where('instance', '=', body.instance)
      .returning('name')
      .executeTakeFirst()
    if (row === undefined) return
    const actor = { type: 'delegate', name: row.name } as const
    await recordEvent(tx, { actor, body: { type: 'delegate.lost', delegate: row.name } })
  })
}

function duplicate(other: string | null): Fault {
  const who = other === null ? '' : ` (instance ${other})`
  return new Fault('delegate-duplicate', `Another process with the keys of this delegate is connected${who}.`)
}

function removed(): Fault {
  return new Fault('unauthenticated', 'This delegate was removed, or its token was revoked.')
}
