// What has to be tidied from time to time: delegates that went silent, logs that nobody continues, tokens that are over.
import { sql } from 'kysely'
import { protocolTimes } from '#contract/delegate/protocol'
import { recordEvents, systemActor } from '../audit/record.ts'
import type { Store } from '../store/port.ts'
import { notify } from '../store/notify.ts'

/** A step repeats the end of its log for half a minute; then nobody will. */
const logSeconds = 120

export async function markLostDelegates(store: Store): Promise<void> {
  const silent = sql<boolean>`connected and last_seen_at < now() - make_interval(secs => ${protocolTimes.silentSeconds})`
  const found = await store.db.selectFrom('delegate').where(silent).select('id').limit(1).execute()
  if (found.length === 0) return
  await store.transaction(async (tx) => {
    const lost = await tx
      .updateTable('delegate')
      .set({ connected: false, running: 0 })
      .where(silent)
      .returning('name')
      .execute()
    await recordEvents(
      tx,
      lost.map(({ name }) => ({ actor: systemActor, body: { type: 'delegate.lost', delegate: name } })),
    )
  })
}

/** Ends the streams of attempts that are over and whose step has stopped sending, so that readers see the end. */
export async function closeAbandonedLogs(store: Store): Promise<void> {
  const abandoned = sql<boolean>`not closed and updated_at < now() - make_interval(secs => ${logSeconds})
    and exists (select 1 from attempt where attempt.id = log_stream.attempt_id and attempt.state in ('finished', 'unknown')
      and attempt.finished_at < now() - make_interval(secs => ${logSeconds}))`
  const found = await store.db.selectFrom('log_stream').where(abandoned).select('attempt_id').limit(1).execute()
  if (found.length === 0) return
  await store.transaction(async (tx) => {
    await tx.updateTable('log_stream').set({ closed: true, updated_at: sql`now()` }).where(abandoned).execute()
    notify(tx, 'sluice_log')
  })
}

/** An unknown attempt whose execution has ended was decided about, one way or another. */
export async function settleDecidedAttempts(store: Store): Promise<void> {
  await store.db
    .updateTable('attempt')
    .set({ state: 'finished' })
    .where('state', '=', 'unknown')
    .where(sql<boolean>`exists (select 1 from execution where execution.id = execution_id and ended_at is not null)`)
    .execute()
}

export async function removeExpiredTokens(store: Store): Promise<void> {
  const isOver = sql<boolean>`expires_at < now()`
  await store.db.deleteFrom('delegate_access_token').where(isOver).execute()
  await store.db.deleteFrom('used_assertion').where(isOver).execute()
  await store.db.deleteFrom('attempt_token').where(isOver).execute()
}
