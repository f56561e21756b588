// Starts an execution: a number, a snapshot of the document, its nodes, and the first transition of the machine.
import { sql } from 'kysely'
import type { TriggerType } from '#contract/api/execution'
import { Fault } from '#contract/fault'
import type { PipelineDocument } from '#pipeline/document'
import { startNotice } from '#pipeline/notification/event'
import { buildGraph } from '#pipeline/graph'
import { begin } from '#pipeline/machine'
import type { Kept } from '#pipeline/retry'
import type { Facts } from '#pipeline/state'
import type { TriggerFacts } from '#pipeline/trigger/fact'
import { recordEvent } from '../audit/record.ts'
import { findProject, missing } from '../entity/scope.ts'
import { checkStart } from '../freeze/hold.ts'
import type { Caller } from '../http/handler.ts'
import { requestNotices } from '../notify/request.ts'
import type { Executor, StoreTransaction } from '../store/port.ts'
import type { Carry } from './advance.ts'
import { type GivenInputs, prepare } from './prepare.ts'
import { type Run, withoutOutputs } from './run.ts'
import { insertNodes } from './save.ts'

/** A number of a pipeline that no other run will have. */
export interface ReservedNumber {
  readonly pipelineId: string
  readonly number: number
}

/**
 * Takes a number before the transaction of a start, because the lock on the pipeline would let starts of one pipeline only follow each
 * other. A start that is refused afterwards leaves its number unused. Undefined: there is no such pipeline.
 */
export async function reserveNumber(
  db: Executor,
  { org, project, pipeline }: Pick<StartInput, 'org' | 'project' | 'pipeline'>,
): Promise<ReservedNumber | undefined> {
  const { rows } = await sql<ReservedNumber>`update pipeline set last_number = last_number + 1
    from project join organization on organization.id = project.organization_id
    where pipeline.project_id = project.id and organization.identifier = ${org} and project.identifier = ${project}
      and pipeline.identifier = ${pipeline}
    returning pipeline.id::text as "pipelineId", last_number as number`.execute(db)
  return rows[0]
}

export interface StartInput {
  readonly org: string
  readonly project: string
  readonly pipeline: string
  readonly notes: string | undefined
  readonly given: GivenInputs
  /** Why it passes over the freezes that its starter may pass over. */
  readonly overrideFreeze?: string | undefined
  readonly caller: Caller
  /** Absent: it takes the next one, and other starts of the pipeline wait for the end of this transaction. */
  readonly reserved?: ReservedNumber | undefined
  /** Absent: somebody started it. */
  readonly trigger?: StartTrigger | undefined
}

export interface StartTrigger {
  readonly id: string
  readonly type: TriggerType
  readonly facts: TriggerFacts
  /** What it is about: runs of one trigger with the same subject replace each other. */
  readonly subject: string | null
}

/** Gives the id of the execution. Raises `not-found`, `frozen`, `forbidden`, and `invalid-input` when the stored document is not valid (any more). */
export async function startExecution(
  { createId }: { readonly createId: () => string },
  tx: StoreTransaction,
  carry: Carry,
  input: StartInput,
): Promise<string> {
  return createRun({ createId }, tx, carry, {
    ...input,
    document: async (row, facts) => ({ ...(await prepare(tx, row, input.given, facts)), yaml: row.yaml }),
  })
}

interface RunDocument {
  /** What is run, as it is stored. */
  readonly document: unknown
  readonly inputs: unknown
  readonly yaml: string
  readonly kept?: Kept
}
interface RunInput extends Omit<StartInput, 'given' | 'trigger'> {
  /** Without a type somebody goes on with what it started. */
  readonly trigger?: (Pick<StartTrigger, 'facts' | 'subject'> & { id: string | null; type?: TriggerType }) | undefined
  readonly document: (
    pipeline: { readonly id: string; readonly identifier: string; readonly yaml: string },
    facts: Facts,
  ) => Promise<RunDocument>
  readonly retriedFrom?: string
  /** Called when its rows are there and nothing has begun. */
  readonly beforeFirst?: (execution: string) => Promise<void>
}

const pipelineColumns = ['id', 'identifier', 'name', 'yaml', sql<Date>`clock_timestamp()`.as('now')] as const

async function numberedPipeline(
  tx: StoreTransaction,
  projectId: string,
  { pipeline, reserved }: Pick<StartInput, 'pipeline' | 'reserved'>,
) {
  if (reserved) {
    const row = await tx
      .selectFrom('pipeline')
      .where('id', '=', reserved.pipelineId)
      .where('project_id', '=', projectId)
      .where('identifier', '=', pipeline)
      .select(pipelineColumns)
      .executeTakeFirst()
    // Deleted meanwhile, and maybe made anew: then the number is that of another one.
    if (row) return { ...row, last_number: reserved.number }
  }
  // The lock on the pipeline gives each run its own number.
  const row = await tx
    .updateTable('pipeline')
    .set({ last_number: sql`last_number + 1` })
    .where('project_id', '=', projectId)
    .where('identifier', '=', pipeline)
    .returning([...pipelineColumns, 'last_number'])
    .executeTakeFirst()
  if (!row) throw missing('Pipeline', pipeline)
  return row
}

/** A run of any document. Gives its id. */
export async function createRun(
  { createId }: { readonly createId: () => string },
  tx: StoreTransaction,
  carry: Carry,
  input: RunInput,
): Promise<string> {
  const { caller, trigger } = input
  if (!caller.principal) throw new Fault('forbidden', 'Only a user or a service account can start an execution.')
  const { kind, email, name } = caller.principal
  const scope = await findProject(tx, input)
  const row = await numberedPipeline(tx, scope.id, input)
  const triggerType: TriggerType = trigger?.type ?? (caller.actor.type === 'api-key' ? 'API' : 'MANUAL')
  const id = createId()
  const facts: Facts = {
    'pipeline.executionId': id,
    'pipeline.sequenceId': row.last_number,
    'pipeline.startTs': row.now.getTime(),
    'pipeline.triggerType': triggerType,
    'pipeline.triggeredBy.name': name,
    'pipeline.triggeredBy.email': email,
    'org.identifier': input.org,
    'project.identifier': input.project,
    ...(trigger ? { trigger: trigger.facts } : {}),
  }
  const { document, inputs, yaml, kept } = await input.document(row, facts)
  // The graph that every later event will be given, so that there is no second way to it.
  const graph = buildGraph(JSON.parse(JSON.stringify(document)) as PipelineDocument)
  const first = begin(graph, facts, kept)
  const idle = { status: 'NotStarted', output: {}, attempts: 0, tries: 0 } as const
  const nodes = Object.fromEntries(graph.order.map((node) => [node, idle]))
  const run: Run = {
    id,
    projectId: scope.id,
    org: input.org,
    project: input.project,
    pipeline: row.identifier,
    number: row.last_number,
    graph,
    state: { ...first.state, status: 'Running', nodes },
  }
  const override = await checkStart(tx, run, caller, input.overrideFreeze)
  await tx
    .insertInto('execution')
    .values({
      id,
      project_id: scope.id,
      pipeline_id: row.id,
      pipeline: row.identifier,
      pipeline_name: row.name,
      number: row.last_number,
      status: 'Running',
      yaml,
      document: JSON.stringify(document),
      state: JSON.stringify(withoutOutputs(run.state)),
      trigger_type: triggerType,
      triggered_by: email,
      triggered_by_name: name,
      ...(kind === 'user' ? { user_id: caller.principal.id } : { service_account_id: caller.principal.id }),
      notes: input.notes ?? null,
      retried_from: input.retriedFrom ?? null,
      inputs: JSON.stringify(inputs),
      freeze_override: override === undefined ? null : JSON.stringify(override),
      started_at: row.now,
      ...(facts.trigger ? { trigger: JSON.stringify(facts.trigger) } : {}),
      ...(trigger ? { trigger_id: trigger.id, trigger_subject: trigger.subject } : {}),
    })
    .execute()
  await insertNodes(tx, run)
  await input.beforeFirst?.(id)
  const cause = { actor: caller.actor, sourceAddress: caller.sourceAddress }
  const place = { ...cause, projectId: scope.id, executionId: id }
  await recordEvent(tx, { ...place, body: { type: 'execution.status', status: 'Running', pipeline: row.identifier } })
  await requestNotices(tx, run, [startNotice])
  await carry(tx, run, first, cause)
  return id
}
