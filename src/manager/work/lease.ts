// Renews leases and tells steps to stop. A lease is the database's time until which nobody else may take the attempt.
import { sql } from 'kysely'
import { protocolTimes } from '#contract/delegate/protocol'
import type { Executor, StoreTransaction } from '../store/port.ts'
import { unflushed } from '../store/unflushed.ts'
import { type AttemptRow, lockRunning, refusal } from './attempt.ts'

interface LeaseRow {
  readonly lease_until: Date | null
  readonly cancel_requested_at: Date | null
  readonly cancel_reason: string | null
  readonly cancel_grace_seconds: number | null
}
export interface LeaseReply {
  readonly lockedUntil: number
  readonly cancel?: { readonly graceSeconds: number; readonly reason: string }
}

const leaseColumns = ['lease_until', 'cancel_requested_at', 'cancel_reason', 'cancel_grace_seconds'] as const
const nextLease = sql<Date>`now() + make_interval(secs => ${protocolTimes.leaseSeconds})`

function toLeaseReply(row: LeaseRow): LeaseReply {
  const lockedUntil = row.lease_until?.getTime() ?? 0
  if (row.cancel_requested_at === null) return { lockedUntil }
  return { lockedUntil, cancel: { graceSeconds: row.cancel_grace_seconds ?? 0, reason: row.cancel_reason ?? '' } }
}

/**
 * Raises `stale-fence` or `attempt-gone`. One that a crash of the store forgets is like one that did not arrive: the next comes long
 * before the lease is over.
 */
export async function renewLease(db: Executor, attemptId: string, fence: string): Promise<LeaseReply> {
  const { rows } = await sql<LeaseRow>`
    with ${unflushed}
    update attempt set lease_until = ${nextLease} from unflushed
    where id = ${attemptId} and fence = ${fence} and state in ('accepted', 'started')
    returning ${sql.join(leaseColumns.map((column) => sql.ref(column)))}`.execute(db)
  const [row] = rows
  if (row === undefined) throw await refusal(db, attemptId, fence)
  return toLeaseReply(row)
}

/**
 * From now on a lost lease makes a changing attempt unknown. Marked even when it shall be cancelled: a step that did not heed
 * the answer would otherwise be repeated. `first` is false when the answer to an earlier call did not get through.
 */
export async function startAttempt(
  tx: StoreTransaction,
  attemptId: string,
  fence: string,
): Promise<{ readonly attempt: AttemptRow; readonly lease: LeaseReply; readonly first: boolean }> {
  const attempt = await lockRunning(tx, attemptId, fence)
  const row = await tx
    .updateTable('attempt')
    .set({ state: 'started', started_at: sql`coalesce(started_at, now())`, lease_until: nextLease })
    .where('id', '=', attemptId)
    .returning(leaseColumns)
    .executeTakeFirstOrThrow()
  return { attempt, lease: toLeaseReply(row), first: attempt.state === 'accepted' }
}
