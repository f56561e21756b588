// Counts tries in the store, so that nobody can try passwords at machine speed by going from replica to replica.
import { sql } from 'kysely'
import { hashToken } from '../access/token.ts'
import type { Executor } from '../store/port.ts'

export interface TryLimit {
  /** So many tries … */
  readonly tries: number
  /** … in this time; then none until it has passed since the first of them. */
  readonly seconds: number
}

/** Counts one try. Gives the seconds to wait when there were too many. `key` is what is limited; only a hash of it is kept. */
export async function takeTry(db: Executor, key: string, { tries, seconds }: TryLimit): Promise<number | undefined> {
  const window = sql`make_interval(secs => ${seconds})`
  const over = sql<boolean>`kept.started_at <= now() - ${window}`
  const { rows } = await sql<{ tries: number; wait: number }>`
    insert into sign_in_try as kept (key_hash, tries, started_at) values (${hashToken(key)}, 1, now())
    on conflict (key_hash) do update set
      tries = case when ${over} then 1 else least(kept.tries + 1, ${tries} + 1) end,
      started_at = case when ${over} then now() else kept.started_at end
    returning tries, extract(epoch from started_at + ${window} - now())::float8 as wait`.execute(db)
  const row = rows[0]
  return row !== undefined && row.tries > tries ? row.wait : undefined
}

/** Takes one try back, because it was right: only wrong ones count. */
export async function giveTryBack(db: Executor, key: string): Promise<void> {
  await db
    .updateTable('sign_in_try')
    .set({ tries: sql`greatest(tries - 1, 0)` })
    .where('key_hash', '=', hashToken(key))
    .execute()
}

/** Forgets the tries of a key, after one that was right. */
export async function clearTries(db: Executor, key: string): Promise<void> {
  await db.deleteFrom('sign_in_try').where('key_hash', '=', hashToken(key)).execute()
}

/** Takes away what no limit looks at any more. */
export async function forgetOldTries(db: Executor): Promise<void> {
  await db.deleteFrom('sign_in_try').where('started_at', '<', sql<Date>`now() - interval '1 day'`).execute()
}
