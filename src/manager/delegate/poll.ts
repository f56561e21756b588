// The long poll: offers and cancels for one delegate. Woken by a hint; a look at the table every moment is the truth.
import { sql } from 'kysely'
import { type PollReply, protocolTimes } from '#contract/delegate/protocol'
import { Fault } from '#contract/fault'
import { recordEvent } from '../audit/record.ts'
import type { Call, ProtocolHandlers } from '../http/handler.ts'
import type { Store } from '../store/port.ts'
import type { Protocol } from '../http/handler.ts'
import { offerAttempts } from '../work/claim.ts'
import { joinTokenIsValid } from '../access/join-token.ts'
import type { ProtocolDependencies } from './dependency.ts'

/** Milliseconds between two looks when no hint comes. */
const lookEvery = 1500
/** Milliseconds until the next poll, when this one brought cancels: they stay until the attempts have ended. */
const afterCancels = 1000

type Poll = Call<Protocol['poll']>['body']

export function pollHandler({ store, hub }: ProtocolDependencies): ProtocolHandlers['poll'] {
  return async ({ body, caller, signal }) => {
    const id = caller.delegate?.id ?? ''
    const deadline = performance.now() + body.holdSeconds * 1000
    if (body.leaving) return leave(store, id, body)
    await noteSeen(store, id, body)
    for (;;) {
      const mark = hub.mark('sluice_work')
      const reply = await look(store, id, body)
      const left = deadline - performance.now()
      const isNews = reply.offers.length > 0 || reply.cancels.length > 0 || reply.rotateKeys
      if (isNews || left <= 0 || signal.aborted) return reply
      await hub.changed('sluice_work', mark, Math.min(left, lookEvery), signal)
    }
  }
}

async function look(store: Store, delegateId: string, { freeSlots, instance }: Poll): Promise<PollReply> {
  const { cancels, rotateKeys } = await findOrders(store, delegateId, instance)
  const offers = freeSlots > 0 ? await offerAttempts(store.db, delegateId, freeSlots) : []
  const nextInMilliseconds = cancels.length > 0 ? afterCancels : 0
  return { offers: [...offers], cancels, drain: false, nextInMilliseconds, rotateKeys }
}

/** One query that also finds out whether the delegate may still poll: revoking disconnects at once, and so does a twin. */
async function findOrders(
  store: Store,
  delegateId: string,
  instance: string,
): Promise<Pick<PollReply, 'cancels' | 'rotateKeys'>> {
  const { rows } = await sql<{
    attempt: string | null
    grace: number | null
    instance: string | null
    rotate: boolean
  }>`
    select attempt.id as attempt, attempt.cancel_grace_seconds as grace, delegate.instance,
      delegate.key_rotation_asked as rotate
    from delegate join delegate_token joined on joined.id = delegate.token_id and ${joinTokenIsValid}
    left join attempt on attempt.delegate_id = delegate.id and attempt.state in ('accepted', 'started')
      and attempt.cancel_requested_at is not null
    where delegate.id = ${delegateId}`.execute(store.db)
  const [first] = rows
  if (first === undefined) throw new Fault('unauthenticated', 'This delegate was removed, or its token was revoked.')
  if (first.instance !== instance) throw duplicate(first.instance)
  const cancels = rows.flatMap(({ attempt, grace }) =>
    attempt === null ? [] : [{ attempt, graceSeconds: grace ?? 0 }],
  )
  return { cancels, rotateKeys: first.rotate }
}

function duplicate(other: string | null): Fault {
  const who = other === null ? '' : ` (instance ${other})`
  return new Fault('delegate-duplicate', `Another process with the keys of this delegate is connected${who}.`)
}

/** Never of a delegate whose join token was taken back: its access token may be remembered for a moment (authenticate.ts). */
const mayPoll = sql<boolean>`exists (select from delegate_token joined
    where joined.id = delegate.token_id and ${joinTokenIsValid})`

/** This process may speak for the delegate: it does already, the one that did is known to be gone, or was silent for too long. */
const maySpeak = ({ instance, replaces }: Poll) => sql<boolean>`(instance is null or instance = ${instance}
    or instance = ${replaces ?? null}::text or not connected
    or last_seen_at < now() - make_interval(secs => ${protocolTimes.silentSeconds}))`

async function noteSeen(store: Store, id: string, body: Poll): Promise<void> {
  const { instance, capacity, running } = body
  const pressure = body.pressure ?? null
  const seen = {
    last_seen_at: sql<Date>`now()`,
    instance,
    capacity,
    running: running.length,
    pressure,
    pods: body.pods ?? false,
  }
  const { numUpdatedRows } = await store.db
    .updateTable('delegate')
    .set(seen)
    .where('id', '=', id)
    .where('connected', '=', true)
    .where('instance', '=', instance)
    .where(mayPoll)
    .executeTakeFirst()
  if (numUpdatedRows > 0n) return
  const isRefused = await store.transaction(async (tx) => {
    const before = await tx
      .selectFrom('delegate')
      .where('id', '=', id)
      .where(mayPoll)
      .select(['name', 'connected', 'instance'])
      .select(maySpeak(body).as('speaks'))
      .forUpdate()
      .executeTakeFirst()
    // Removed or revoked: the look that follows says so.
    if (before === undefined) return undefined
    if (!before.speaks) return before.instance
    await tx
      .updateTable('delegate')
      .set({ ...seen, connected: true })
      .where('id', '=', id)
      .execute()
    if (before.connected) return undefined
    const actor = { type: 'delegate', name: before.name } as const
    await recordEvent(tx, { actor, body: { type: 'delegate.connected', delegate: before.name } })
    return undefined
  })
  if (isRefused !== undefined) throw duplicate(isRefused)
}

/** Gone at once instead of after `silentSeconds`; its steps go on. */
async function leave(store: Store, id: string, { instance }: Poll): Promise<PollReply> {
  await store.transaction(async (tx) => {
    const row = await tx
      .updateTable('delegate')
      .set({ connected: false, instance: null, pressure: null })
      .where('id', '=', id)
      .where('connected', '=', true)
      .where('instance', '=', instance)
      .returning('name')
      .executeTakeFirst()
    if (row === undefined) return
    const actor = { type: 'delegate', name: row.name } as const
    await recordEvent(tx, { actor, body: { type: 'delegate.lost', delegate: row.name } })
  })
  return { offers: [], cancels: [], drain: false, nextInMilliseconds: 0, rotateKeys: false }
}
