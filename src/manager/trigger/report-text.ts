// What is told of a run: its status, and the SQL of each instance as its preview steps showed it.
import { sql } from 'kysely'
import { type ExecutionStatus, executionStatusSchema } from '#contract/pipeline/status'
import type { Executor } from '../store/port.ts'

export interface RunReport {
  readonly id: string
  readonly org: string
  readonly project: string
  readonly pipeline: string
  readonly pipelineName: string
  readonly number: number
  readonly status: ExecutionStatus
  readonly trigger: string
  readonly plans: readonly PlanReport[]
}
export interface PlanReport {
  readonly dbSchema: string
  readonly dbInstance: string
  readonly changeSets: number
  readonly sql: string
}

/** Characters of SQL that are read for one instance; a comment holds no more. */
const MOST_SQL = 100_000

/** Without `withSql` no plans: the SQL of a run may be megabytes, and it is looked at every few seconds. */
export async function readRunReport(db: Executor, id: string, withSql: boolean): Promise<RunReport> {
  const row = await db
    .selectFrom('execution')
    .innerJoin('project', 'project.id', 'execution.project_id')
    .innerJoin('organization', 'organization.id', 'project.organization_id')
    .where('execution.id', '=', id)
    .select(['pipeline', 'pipeline_name', 'number', 'status'])
    .select(['organization.identifier as org', 'project.identifier as project'])
    .select(sql<string | null>`execution.trigger ->> 'identifier'`.as('trigger'))
    .executeTakeFirstOrThrow()
  const plans = await db
    .selectFrom('plan')
    .innerJoin('execution_node as node', (join) =>
      join.onRef('node.execution_id', '=', 'plan.execution_id').onRef('node.node_id', '=', 'plan.node_id'),
    )
    .where('plan.execution_id', '=', id)
    .$if(!withSql, (select) => select.limit(0))
    .orderBy('node.position')
    .select(['node.db_schema', 'node.db_instance'])
    .select(sql<number>`jsonb_array_length(plan.payload -> 'changeSets')`.as('count'))
    .select(sql<string>`left(plan.payload ->> 'sql', ${MOST_SQL})`.as('sql'))
    .execute()
  return {
    id,
    org: row.org,
    project: row.project,
    pipeline: row.pipeline,
    pipelineName: row.pipeline_name,
    number: row.number,
    status: executionStatusSchema.parse(row.status),
    trigger: row.trigger ?? '',
    plans: plans.map((plan) => ({
      dbSchema: plan.db_schema ?? '',
      dbInstance: plan.db_instance ?? '',
      changeSets: plan.count,
      sql: plan.sql,
    })),
  }
}

interface Frame {
  readonly marker: string
  readonly url: string | undefined
  readonly commit: string
  /** Characters. */
  readonly longest: number
}

/** Markdown. What does not fit is cut, and that is said. */
export function commentOf(run: RunReport, { marker, url, commit, longest }: Frame): string {
  const number = url === undefined ? `Run ${run.number}` : `[Run ${run.number}](${url})`
  const head = `${marker}\n\n### ${run.pipelineName}: ${run.status}\n\n${number} at ${commit.slice(0, 10)}\n`
  const each = Math.floor((longest - head.length) / Math.max(1, run.plans.length)) - 300
  return [head, ...run.plans.map((plan) => sectionOf(plan, each))].join('\n').slice(0, longest)
}

function sectionOf({ dbSchema, dbInstance, changeSets, sql: text }: PlanReport, longest: number): string {
  const title = `#### ${dbSchema} / ${dbInstance}: ${changeSets} change ${changeSets === 1 ? 'set' : 'sets'}`
  if (changeSets === 0) return `${title}\n`
  const shown = text.slice(0, Math.max(0, longest))
  const rest =
    shown.length < text.length
      ? `\nThe SQL is longer than a comment may be: ${shown.length} characters are shown.\n`
      : ''
  // Longer than any that the SQL holds.
  const fence = '`'.repeat(Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length)) + 1)
  return `${title}\n\n${fence}sql\n${shown.trimEnd()}\n${fence}\n${rest}`
}
