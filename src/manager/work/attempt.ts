// An attempt as observers see it, from its row; and why a write to it is refused.
import { type RawBuilder, sql } from 'kysely'
import type { StepSpec } from '#contract/delegate/step-spec'
import { Fault } from '#contract/fault'
import type { EventInput } from '../audit/record.ts'
import type { Actor } from '#contract/event/live'
import type { Executor, StoreTransaction } from '../store/port.ts'
import type { AttemptRecord } from './port.ts'

export const attemptColumns = [
  'attempt.id',
  'attempt.execution_id',
  'attempt.node_id',
  'attempt.project_id',
  'attempt.number',
  'attempt.fence',
  'attempt.spec',
  'attempt.delegate_id',
] as const

export interface AttemptRow {
  readonly id: string
  readonly execution_id: string | null
  readonly node_id: string
  readonly project_id: string
  readonly number: number
  readonly fence: string
  readonly spec: unknown
  readonly delegate_id: string | null
}

export function toAttemptRecord(row: AttemptRow): AttemptRecord {
  return {
    id: row.id,
    executionId: row.execution_id,
    nodeId: row.node_id,
    projectId: row.project_id,
    number: row.number,
    fence: row.fence,
    // Checked by whoever enqueued it.
    spec: row.spec as StepSpec,
    delegateId: row.delegate_id,
  }
}

export function attemptStateEvent(actor: Actor, attempt: AttemptRecord, state: string, delegate?: string): EventInput {
  return {
    actor,
    projectId: attempt.projectId,
    executionId: attempt.executionId ?? undefined,
    body: {
      type: 'attempt.state',
      attempt: attempt.id,
      node: attempt.nodeId,
      state,
      fence: attempt.fence,
      ...(delegate === undefined ? {} : { delegate }),
    },
  }
}

/** The columns that `toAttemptRecord` reads, for statements that are written out. */
export const recordColumns = sql.raw(
  ['id', 'execution_id', 'node_id', 'project_id', 'number', 'fence', 'spec', 'delegate_id']
    .map((column) => `attempt.${column}`)
    .join(', '),
)

/** The insert of `attemptStateEvent` as a part of the statement that changes the state: it spares the two busiest a round trip. */
export function noteState(
  source: string,
  actor: Actor,
  state: string,
  delegate?: RawBuilder<unknown>,
): RawBuilder<unknown> {
  return sql`insert into event (at, actor_type, actor_name, project_id, execution_id, type, body)
    select clock_timestamp(), ${actor.type}, ${actor.name}, project_id, execution_id, 'attempt.state',
      jsonb_strip_nulls(jsonb_build_object('type', 'attempt.state', 'attempt', id, 'node', node_id, 'state', ${state}::text,
        'fence', fence::text, 'delegate', ${delegate ?? sql.lit(null)}::text)) from ${sql.table(source)}`
}

/** The execution of an attempt, if it has one, locked, for statements that change the attempt (port.ts, lock order). */
export function lockedExecution(attemptId: string): RawBuilder<unknown> {
  return sql`locked as materialized (
      select id from execution where id = (select execution_id from attempt where id = ${attemptId}) for update
    )`
}

/** Condition on an attempt: `locked` holds its execution, or there is none to hold. */
export const isLocked = (attempt: string): RawBuilder<boolean> => {
  const execution = sql.ref(`${attempt}.execution_id`)
  return sql<boolean>`(${execution} is null or ${execution} in (select id from locked))`
}

/** An attempt whose row, and before it the row of its execution, is locked until the end of the transaction. */
export interface LockedAttempt extends AttemptRow {
  readonly state: 'queued' | 'accepted' | 'started' | 'finished' | 'unknown'
  readonly changing: boolean
  readonly outcome: string | null
  readonly event_seq: number
  readonly cancel_requested_at: Date | null
  readonly lease_over: boolean
  readonly delegate_selectors: readonly string[]
}

/** Locks in the order that port.ts asks for, in one round trip: the execution is locked before the join can give a row. */
export async function lockAttempt(tx: StoreTransaction, id: string): Promise<LockedAttempt | undefined> {
  const { rows } = await sql<LockedAttempt>`
    with ${lockedExecution(id)}
    select a.id, a.execution_id, a.node_id, a.project_id, a.number, a.fence, a.spec, a.delegate_id, a.delegate_selectors, a.state, a.changing,
      a.outcome, a.event_seq, a.cancel_requested_at, a.lease_until < now() as lease_over
    from attempt a where a.id = ${id} and ${isLocked('a')} for update of a`.execute(tx)
  return rows[0]
}

/** The same for a write under `fence`. Raises `stale-fence`, and `attempt-gone` when the attempt does not exist. */
export async function lockFenced(tx: StoreTransaction, id: string, fence: string): Promise<LockedAttempt> {
  const row = await lockAttempt(tx, id)
  if (row === undefined || row.fence !== fence) throw refuse(id, fence, row)
  return row
}

/** The same for a write that only a running attempt takes. */
export async function lockRunning(tx: StoreTransaction, id: string, fence: string): Promise<LockedAttempt> {
  const row = await lockFenced(tx, id, fence)
  if (row.state !== 'accepted' && row.state !== 'started') throw refuse(id, fence, row)
  return row
}

/** The fault for a write under `fence` that no row took. */
export async function refusal(db: Executor, attemptId: string, fence: string): Promise<Fault> {
  const row = await db
    .selectFrom('attempt')
    .where('id', '=', attemptId)
    .select(['state', 'fence', 'outcome'])
    .executeTakeFirst()
  return refuse(attemptId, fence, row)
}

/**
 * Why an attempt does not take a write: it is not there, has another fence, or is over. A state that would have taken it means
 * that somebody changed it in between; then the caller tries again.
 */
export function refuse(
  attemptId: string,
  fence: string,
  row: { readonly state: string; readonly fence: string; readonly outcome: string | null } | undefined,
): Fault {
  if (row === undefined) return new Fault('attempt-gone', `There is no attempt ${attemptId}.`)
  if (row.fence !== fence) {
    const message = `The attempt ${attemptId} has the fence ${row.fence}; ${fence} is not valid any more.`
    return new Fault('stale-fence', message)
  }
  switch (row.state) {
    case 'finished':
      return new Fault('attempt-gone', `The attempt ${attemptId} has ended with outcome ${row.outcome}.`)
    case 'unknown': {
      const message = `The attempt ${attemptId} was given up, because its lease was not renewed in time.`
      return new Fault('attempt-gone', message)
    }
    default:
      return new Fault('conflict', `The attempt ${attemptId} is ${row.state}.`)
  }
}
