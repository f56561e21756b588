// Hints to all replicas, sent when the transaction commits. They carry no data: a poll is the truth.
import { sql } from 'kysely'
import type { Notify } from './port.ts'

export const notify: Notify = async (tx, channel) => {
  await sql`select pg_notify(${channel}, '')`.execute(tx)
}
