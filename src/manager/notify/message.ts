// What is told: read from the store at the moment of sending, but for what was written down with the event.
import { sql } from 'kysely'
import type { NotificationEvent, NotificationMethod } from '#pipeline/notification/rule'
import type { Executor } from '../store/port.ts'
import type { Detail } from './request.ts'

export interface NotificationRow {
  readonly id: string
  readonly project_id: string
  readonly execution_id: string
  readonly rule: string
  readonly event: NotificationEvent
  readonly node_id: string | null
  readonly status: string
  readonly method: NotificationMethod
  readonly target: unknown
  readonly detail: Detail
  readonly tries: number
  readonly created_at: Date
}

export interface Message {
  readonly id: string
  /** One line. */
  readonly title: string
  /** What people want to know next: name and value. */
  readonly facts: readonly (readonly [string, string])[]
  readonly url: string | undefined
  readonly isBad: boolean
  /** In the form of the compatible product's webhook. */
  readonly eventData: Readonly<Record<string, unknown>>
}

const MOST_PLANS = 10
const bad: ReadonlySet<NotificationEvent> = new Set(['PipelineFailed', 'StageFailed', 'StepFailed'])

export async function readMessage(
  db: Executor,
  row: NotificationRow,
  account: string,
  publicUrl: string | undefined,
): Promise<Message> {
  const run = await readRun(db, row.execution_id)
  const node = row.node_id === null ? undefined : await readNode(db, row.execution_id, row.node_id)
  const { failed, reason } = row.detail
  const failedNode = failed && (await readNode(db, row.execution_id, failed.node))
  const target = failedNode?.instance ?? node?.instance
  const plans = await readPlans(db, row.execution_id, row.event === 'WaitingForUserAction' ? undefined : target)
  const place = `${run.org}/${run.project}`
  const url =
    publicUrl === undefined
      ? undefined
      : `${publicUrl}/orgs/${run.org}/projects/${run.project}/executions/${row.execution_id}`
  const because = failed?.reason ?? reason
  const facts: (readonly [string, string])[] = [
    ['Status', row.status],
    ['Project', place],
    ['Started by', `${run.triggeredBy} (${run.triggerType})`],
  ]
  if (target !== undefined) facts.push(['Instance', target])
  if (failed !== undefined && failed.node !== row.node_id) facts.push(['Failed step', failedNode?.name ?? failed.node])
  if (because !== undefined) facts.push(['Reason', because])
  if (failed?.place !== undefined) facts.push(['At', failed.place])
  for (const { instance, changeSets, digest } of plans)
    facts.push([`SQL of ${instance}`, `${changeSets} change ${changeSets === 1 ? 'set' : 'sets'}, digest ${digest}`])
  return {
    id: row.id,
    title: `${run.name} ${run.number}: ${sentenceOf(row, node?.name)}`,
    facts,
    url,
    isBad: bad.has(row.event),
    eventData: {
      accountIdentifier: account,
      orgIdentifier: run.org,
      projectIdentifier: run.project,
      pipelineIdentifier: run.pipeline,
      pipelineName: run.name,
      planExecutionId: row.execution_id,
      runSequence: run.number,
      ...(url === undefined ? {} : { executionUrl: url }),
      eventType: row.event,
      nodeStatus: row.status,
      ...(node?.kind === 'stage' ? { stageIdentifier: row.node_id, stageName: node.name } : {}),
      ...(node?.kind === 'step' ? { stepIdentifier: row.node_id, stepName: node.name } : {}),
      triggeredBy: { triggerType: run.triggerType, name: run.triggeredBy, email: run.email },
      ...timesOf('start', run.startedAt),
      ...timesOf('end', run.endedAt),
      ...(because === undefined ? {} : { errorMessage: because }),
      moduleInfo: { dbInstance: target, plans },
      notificationId: row.id,
      eventTime: row.created_at.toISOString(),
    },
  }
}

const timesOf = (name: 'start' | 'end', time: Date | null) =>
  time === null ? {} : { [`${name}Time`]: time.toISOString(), [`${name}Ts`]: time.getTime() }

function sentenceOf({ event, status }: NotificationRow, name: string | undefined): string {
  const sentences: Readonly<Record<NotificationEvent, string>> = {
    PipelineStart: 'has started',
    PipelineSuccess: 'has ended well',
    PipelineFailed: 'has failed',
    PipelineEnd: `has ended: ${status}`,
    PipelinePaused: 'is paused',
    PipelineResumed: 'goes on',
    StageStart: `the stage ${name} has begun`,
    StageSuccess: `the stage ${name} is done`,
    StageFailed: `the stage ${name} has failed`,
    StepFailed: `the step ${name} has failed`,
    WaitingForUserAction:
      status === 'ApprovalWaiting' ? `${name} waits for approval` : `${name} waits for somebody to decide`,
  }
  return sentences[event]
}

async function readRun(db: Executor, id: string) {
  const row = await db
    .selectFrom('execution')
    .innerJoin('project', 'project.id', 'execution.project_id')
    .innerJoin('organization', 'organization.id', 'project.organization_id')
    .where('execution.id', '=', id)
    .select(['pipeline', 'pipeline_name as name', 'number', 'trigger_type as triggerType'])
    .select(['triggered_by as email', 'triggered_by_name as triggeredBy'])
    .select(['started_at as startedAt', 'ended_at as endedAt'])
    .select(['organization.identifier as org', 'project.identifier as project'])
    .executeTakeFirstOrThrow()
  return row
}

async function readNode(db: Executor, execution: string, id: string) {
  const row = await db
    .selectFrom('execution_node')
    .where('execution_id', '=', execution)
    .where('node_id', '=', id)
    .select(['name', 'kind', 'db_schema', 'db_instance'])
    .executeTakeFirst()
  if (!row) return undefined
  const { name, kind, db_schema: schema, db_instance: instance } = row
  return { name, kind, instance: schema === null || instance === null ? undefined : `${schema}/${instance}` }
}

/** Of one instance, or of all: what was previewed so far. */
function readPlans(db: Executor, execution: string, only: string | undefined) {
  return db
    .selectFrom('plan')
    .innerJoin('execution_node as node', (join) =>
      join.onRef('node.execution_id', '=', 'plan.execution_id').onRef('node.node_id', '=', 'plan.node_id'),
    )
    .where('plan.execution_id', '=', execution)
    .select(['plan.digest'])
    .select(sql<string>`node.db_schema || '/' || node.db_instance`.as('instance'))
    .select(sql<number>`jsonb_array_length(plan.payload -> 'changeSets')`.as('changeSets'))
    .orderBy('node.position')
    .$if(only !== undefined, (select) =>
      select.where(sql<boolean>`node.db_schema || '/' || node.db_instance = ${only ?? ''}`),
    )
    .limit(MOST_PLANS)
    .execute()
}
