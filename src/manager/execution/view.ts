// Executions and their nodes as the API shows them.
import { sql } from 'kysely'
import { type ExecutionNode, type ExecutionSummary, triggerTypeSchema } from '#contract/api/execution'
import { faultRecordSchema } from '#contract/fault-schema'
import { executionStatusSchema } from '#contract/pipeline/status'
import { readWanted } from './late-input.ts'
import type { Executor } from '../store/port.ts'

/** What started it, while it is there. */
const triggerName = sql<string | null>`execution.trigger ->> 'identifier'`.as('trigger_identifier')

export const summaryColumns = [
  'execution.id',
  'execution.number',
  'execution.pipeline',
  'execution.pipeline_name',
  'execution.status',
  'execution.trigger_type',
  'execution.triggered_by',
  'execution.triggered_by_name',
  triggerName,
  'execution.notes',
  'execution.created_at',
  'execution.started_at',
  'execution.ended_at',
] as const

export interface SummaryRow {
  readonly id: string
  readonly number: number
  readonly pipeline: string
  readonly pipeline_name: string
  readonly status: string
  readonly trigger_type: string
  readonly triggered_by: string
  readonly triggered_by_name: string
  readonly trigger_identifier: string | null
  readonly notes: string | null
  readonly created_at: Date
  readonly started_at: Date | null
  readonly ended_at: Date | null
}

const milliseconds = (time: Date | null): number | null => time?.getTime() ?? null

export function showSummary(row: SummaryRow): ExecutionSummary {
  return {
    id: row.id,
    number: row.number,
    pipeline: row.pipeline,
    pipelineName: row.pipeline_name,
    status: executionStatusSchema.parse(row.status),
    triggeredBy: {
      type: triggerTypeSchema.parse(row.trigger_type),
      identifier: row.triggered_by,
      name: row.triggered_by_name,
      ...(row.trigger_identifier === null ? {} : { trigger: row.trigger_identifier }),
    },
    ...(row.notes === null ? {} : { notes: row.notes }),
    createdAt: row.created_at.getTime(),
    startedAt: milliseconds(row.started_at),
    endedAt: milliseconds(row.ended_at),
  }
}

export async function readNodes(db: Executor, execution: string): Promise<ExecutionNode[]> {
  const rows = await db
    .selectFrom('execution_node as node')
    .leftJoin('plan', (join) =>
      join.onRef('plan.execution_id', '=', 'node.execution_id').onRef('plan.node_id', '=', 'node.node_id'),
    )
    .leftJoin('approval', 'approval.id', 'node.approval_id')
    .where('node.execution_id', '=', execution)
    .selectAll('node')
    .select('plan.digest as plan_digest')
    .select(sql<boolean>`coalesce(jsonb_array_length(approval.plan_digests) > 0, false)`.as('shows_plans'))
    .orderBy('node.position')
    .execute()
  // A stage in which only a step waits shows the same status.
  const waiting = rows.filter((row) => row.status === 'InputWaiting').map((row) => row.node_id)
  const asking = waiting.filter((id) => !waiting.some((other) => other.startsWith(`${id}.`)))
  const wanted = await readWanted(db, execution, asking)
  return rows.map((row) => ({
    id: row.node_id,
    parent: row.parent_id,
    kind: row.kind as ExecutionNode['kind'],
    type: row.type,
    identifier: row.identifier,
    name: row.name,
    rollback: row.rollback,
    status: executionStatusSchema.parse(row.status),
    ...(row.status_reason ? { statusReason: row.status_reason } : {}),
    startedAt: milliseconds(row.started_at),
    endedAt: milliseconds(row.ended_at),
    ...(row.db_schema === null ? {} : { dbSchema: row.db_schema }),
    ...(row.db_instance === null ? {} : { dbInstance: row.db_instance }),
    output: row.output as ExecutionNode['output'],
    ...(row.fault === null ? {} : { fault: faultRecordSchema.parse(row.fault) }),
    attempt: row.attempt_id,
    attempts: row.attempts,
    approval: row.approval_id,
    hasPlan: row.plan_digest !== null || row.shows_plans,
    ...(wanted.has(row.node_id) ? { inputs: wanted.get(row.node_id) ?? [] } : {}),
  }))
}
