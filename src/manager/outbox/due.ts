// Rows that say what is to be sent: found by any number of replicas, and claimed by one.
import { sql } from 'kysely'
import type { Executor } from '../store/port.ts'
import { lease } from './retry.ts'

/** Tables with the columns id, state (`open`, `done`, `dead`) and next_at. */
type Outbox = 'git_report' | 'notification'

const MOST_AT_ONCE = 20

/**
 * What is due by the database's clock, the oldest first, side by side: a receiver that is slow keeps nobody else waiting, and one
 * that cannot be looked at is told in the log. Gives how many were sent, well or not; `send` says whether it did.
 */
export async function sendDue(
  db: Executor,
  table: Outbox,
  send: (id: string) => Promise<boolean>,
  log: (line: string) => void,
): Promise<number> {
  const { rows } = await sql<{ id: string }>`select id::text as id from ${sql.table(table)}
    where state = 'open' and next_at <= now() order by next_at limit ${MOST_AT_ONCE}`.execute(db)
  const tried = await Promise.all(
    rows.map(({ id }) =>
      send(id).catch((error: unknown) => {
        log(`The ${table} ${id} could not be looked at: ${(error as Error).message}`)
        return false
      }),
    ),
  )
  return tried.filter(Boolean).length
}

/** Whoever moves the time on sends it; if that one dies, it is due again when the lease is over. False: somebody else has it. */
export async function claimDue(db: Executor, table: Outbox, id: string): Promise<boolean> {
  const { rows } = await sql`update ${sql.table(table)} set next_at = now() + make_interval(secs => ${lease})
    where id = ${id} and state = 'open' and next_at <= now() returning id`.execute(db)
  return rows.length > 0
}
