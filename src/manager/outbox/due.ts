// Rows that say what is to be sent: found by any number of replicas, and claimed by one.
import { sql } from 'kysely'
import type { Executor } from '../store/port.ts'
import { lease } from './retry.ts'

/** Tables with the columns id, state (`open`, `done`, `dead`) and next_at. */
type Outbox = 'git_report' | 'notification'

/** Ids of what is due by the database's clock, the oldest first. */
export async function findDue(db: Executor, table: Outbox, most: number): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`select id::text as id from ${sql.table(table)}
    where state = 'open' and next_at <= now() order by next_at limit ${most}`.execute(db)
  return rows.map(({ id }) => id)
}

/** Whoever moves the time on sends it; if that one dies, it is due again when the lease is over. False: somebody else has it. */
export async function claimDue(db: Executor, table: Outbox, id: string): Promise<boolean> {
  const { rows } = await sql`update ${sql.table(table)} set next_at = now() + make_interval(secs => ${lease})
    where id = ${id} and state = 'open' and next_at <= now() returning id`.execute(db)
  return rows.length > 0
}
