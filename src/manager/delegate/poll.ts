// The long poll: offers and cancels for one delegate. Woken by a hint; a look at the table every moment is the truth.
import { sql } from 'kysely'
import type { PollReply } from '#contract/delegate/protocol'
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

export function pollHandler({ store, hub }: ProtocolDependencies): ProtocolHandlers['poll'] {
  return async ({ body, caller, signal }) => {
    const id = caller.delegate?.id ?? ''
    const deadline = performance.now() + body.holdSeconds * 1000
    await noteSeen(store, id, body)
    for (;;) {
      const mark = hub.mark('sluice_work')
      const reply = await look(store, id, body.freeSlots)
      const left = deadline - performance.now()
      if (reply.offers.length > 0 || reply.cancels.length > 0 || left <= 0 || signal.aborted) return reply
      await hub.changed('sluice_work', mark, Math.min(left, lookEvery), signal)
    }
  }
}

async function look(store: Store, delegateId: string, freeSlots: number): Promise<PollReply> {
  const cancels = await findCancels(store, delegateId)
  const offers = freeSlots > 0 ? await offerAttempts(store.db, delegateId, freeSlots) : []
  return { offers: [...offers], cancels, drain: false, nextInMilliseconds: cancels.length > 0 ? afterCancels : 0 }
}

/** One query that also finds out whether the delegate may still poll: revoking disconnects at once. */
async function findCancels(store: Store, delegateId: string): Promise<PollReply['cancels']> {
  const { rows } = await sql<{ attempt: string | null; grace: number | null }>`
    select attempt.id as attempt, attempt.cancel_grace_seconds as grace
    from delegate join delegate_token joined on joined.id = delegate.token_id and ${joinTokenIsValid}
    left join attempt on attempt.delegate_id = delegate.id and attempt.state in ('accepted', 'started')
      and attempt.cancel_requested_at is not null
    where delegate.id = ${delegateId}`.execute(store.db)
  if (rows.length === 0) throw new Fault('unauthenticated', 'This delegate was removed, or its token was revoked.')
  return rows.flatMap(({ attempt, grace }) => (attempt === null ? [] : [{ attempt, graceSeconds: grace ?? 0 }]))
}

/** Never of a delegate whose join token was taken back: its access token may be remembered for a moment (authenticate.ts). */
async function noteSeen(store: Store, id: string, body: Call<Protocol['poll']>['body']): Promise<void> {
  const mayPoll = sql<boolean>`exists (select from delegate_token joined
    where joined.id = delegate.token_id and ${joinTokenIsValid})`
  const seen = { last_seen_at: sql<Date>`now()`, capacity: body.capacity, running: body.running.length }
  const { numUpdatedRows } = await store.db
    .updateTable('delegate')
    .set(seen)
    .where('id', '=', id)
    .where('connected', '=', true)
    .where(mayPoll)
    .executeTakeFirst()
  if (numUpdatedRows > 0n) return
  await store.transaction(async (tx) => {
    const row = await tx
      .updateTable('delegate')
      .set({ ...seen, connected: true })
      .where('id', '=', id)
      .where('connected', '=', false)
      .where(mayPoll)
      .returning('name')
      .executeTakeFirst()
    if (row === undefined) return
    const actor = { type: 'delegate', name: row.name } as const
    await recordEvent(tx, { actor, body: { type: 'delegate.connected', delegate: row.name } })
  })
}
