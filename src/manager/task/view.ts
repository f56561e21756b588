// Tasks as the API shows them: the row says what was asked for, the row of the attempt with the same id how it stands.
import { sql } from 'kysely'
import type { Task, TaskKind, TaskStatus, TaskSummary } from '#contract/api/task'
import { faultRecordSchema } from '#contract/fault-schema'
import { showConsidered } from '../delegate/considered.ts'
import type { Executor } from '../store/port.ts'
import { considerDelegates } from '../work/considered.ts'
import { findBlocker, explainWaiting } from '../work/waiting.ts'

/** The reason for which a task is stopped when its time is over; it makes the difference to one that somebody stopped. */
export const expiredReason = 'The task has taken longer than its time limit.'

export interface TaskRow {
  readonly id: string
  readonly kind: string
  readonly connector: string | null
  readonly db_schema: string | null
  readonly db_instance: string | null
  readonly reference: string | null
  readonly asked_by: string
  readonly asked_by_name: string
  readonly deadline: Date
  readonly created_at: Date
  readonly has_plan: boolean
  readonly state: string
  readonly outcome: string | null
  readonly output: unknown
  readonly fault: unknown
  readonly cancel_reason: string | null
  readonly accepted_at: Date | null
  readonly finished_at: Date | null
  readonly delegate_id: string | null
  readonly delegate: string | null
  readonly delegate_selectors: unknown
}

export const selectTasks = (db: Executor) =>
  db
    .selectFrom('task')
    .innerJoin('attempt', 'attempt.id', 'task.id')
    .leftJoin('delegate', 'delegate.id', 'attempt.delegate_id')

export const taskColumns = [
  'task.id',
  'task.kind',
  'task.connector',
  'task.db_schema',
  'task.db_instance',
  'task.reference',
  'task.asked_by',
  'task.asked_by_name',
  'task.deadline',
  'task.created_at',
  'attempt.state',
  'attempt.outcome',
  'attempt.output',
  'attempt.fault',
  'attempt.cancel_reason',
  'attempt.accepted_at',
  'attempt.finished_at',
  'attempt.delegate_id',
  'attempt.delegate_selectors',
  'delegate.name as delegate',
] as const
export const hasPlan = sql<boolean>`task.plan is not null`.as('has_plan')

export function statusOf(row: Pick<TaskRow, 'state' | 'outcome' | 'fault' | 'cancel_reason'>): TaskStatus {
  if (row.state === 'queued') return 'queued'
  if (row.state === 'accepted' || row.state === 'started') return 'running'
  if (row.outcome === 'success') return 'succeeded'
  if (row.outcome === 'cancelled') return row.cancel_reason === expiredReason ? 'expired' : 'aborted'
  if (row.outcome === 'failure') {
    return (row.fault as { code?: string } | null)?.code === 'timed-out' ? 'expired' : 'failed'
  }
  return 'unknown'
}

export function showSummary(row: TaskRow): TaskSummary {
  return {
    id: row.id,
    kind: row.kind as TaskKind,
    status: statusOf(row),
    ...(row.connector === null ? {} : { connector: row.connector }),
    ...(row.db_schema === null ? {} : { dbSchema: row.db_schema }),
    ...(row.db_instance === null ? {} : { dbInstance: row.db_instance }),
    ...(row.reference === null ? {} : { reference: row.reference }),
    askedBy: { identifier: row.asked_by, name: row.asked_by_name },
    createdAt: row.created_at.getTime(),
    startedAt: row.accepted_at?.getTime() ?? null,
    endedAt: row.finished_at?.getTime() ?? null,
    deadline: row.deadline.getTime(),
    ...(row.delegate === null ? {} : { delegate: row.delegate }),
    ...(row.fault === null ? {} : { fault: faultRecordSchema.parse(row.fault) }),
  }
}

/** With the delegates that were considered, as they stand now. */
export async function showTask(db: Executor, row: TaskRow): Promise<Task> {
  const delegates = await considerDelegates(db, row.id)
  const selectors = row.delegate_selectors as readonly string[]
  const reason = row.state === 'queued' ? explainWaiting(selectors, delegates, await findBlocker(db, row.id)) : null
  return {
    ...showSummary(row),
    ...(reason === null ? {} : { statusReason: reason }),
    output: (row.output ?? {}) as Task['output'],
    hasPlan: row.has_plan,
    considered: showConsidered(delegates, row),
  }
}
