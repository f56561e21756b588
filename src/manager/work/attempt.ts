// An attempt as observers see it, from its row; and why a write to it is refused.
import { sql } from 'kysely'
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
  readonly execution_id: string
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
    executionId: attempt.executionId,
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

/** Locks the execution that an attempt belongs to: always before the attempt itself (port.ts, lock order). */
export async function lockExecutionOf(tx: StoreTransaction, attemptId: string): Promise<void> {
  await sql`select 1 from execution
    where id = (select execution_id from attempt where id = ${attemptId}) for update`.execute(tx)
}

/**
 * The fault for a write under `fence` that no row took: the attempt is not there, has another fence, or is over.
 * A state that would have taken it means that somebody changed it in between; then the caller tries again.
 */
export async function refusal(db: Executor, attemptId: string, fence: string): Promise<Fault> {
  const row = await db
    .selectFrom('attempt')
    .where('id', '=', attemptId)
    .select(['state', 'fence', 'outcome'])
    .executeTakeFirst()
  if (row === undefined) return new Fault('attempt-gone', `There is no attempt ${attemptId}.`)
  if (row.fence !== fence) {
    return new Fault(
      'stale-fence',
      `The attempt ${attemptId} has the fence ${row.fence}; ${fence} is not valid any more.`,
    )
  }
  switch (row.state) {
    case 'finished':
      return new Fault('attempt-gone', `The attempt ${attemptId} has ended with outcome ${row.outcome}.`)
    case 'unknown':
      return new Fault(
        'attempt-gone',
        `The attempt ${attemptId} was given up, because its lease was not renewed in time.`,
      )
    default:
      return new Fault('conflict', `The attempt ${attemptId} is ${row.state}.`)
  }
}
