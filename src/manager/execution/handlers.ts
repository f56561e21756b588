// Executions over the API: start, list, read, abort, decide about a step, and the plans of a node.
import type { PlanPayload } from '#contract/change-set'
import type { EventBody } from '#contract/event/live'
import { Fault } from '#contract/fault'
import { isFinal } from '#contract/pipeline/status'
import { interventionActions } from '#pipeline/machine'
import { type PlanReference, readPlan } from '../approval/plan.ts'
import { recordEvent } from '../audit/record.ts'
import { readPage } from '../entity/list.ts'
import { findProject, missing, projectInQuery } from '../entity/scope.ts'
import type { ApiHandlers, Caller } from '../http/handler.ts'
import type { Executor, StoreTransaction } from '../store/port.ts'
import type { Advance, Carry, Cause } from './advance.ts'
import type { ExecutionDependencies } from './dependency.ts'
import { retryExecution } from './retry.ts'
import { lockRun, type Run } from './run.ts'
import { reserveNumber, startExecution } from './start.ts'
import { checkInputs, withInputs } from './late-input.ts'
import { checkGiver } from './right.ts'
import { readNodes, showSummary, summaryColumns } from './view.ts'

type Names =
  | 'executePipeline'
  | 'listExecutions'
  | 'getExecution'
  | 'retryExecution'
  | 'retryPlatformExecution'
  | 'abortExecution'
  | 'pauseExecution'
  | 'resumeExecution'
  | 'resolveNode'
  | 'giveInputs'
  | 'getPlan'

interface RetryBody {
  readonly stage?: string | undefined
  readonly notes?: string | undefined
  readonly override_freeze?: string | undefined
}

export function executionHandlers(
  dependencies: ExecutionDependencies,
  { advance, carry }: { readonly advance: Advance; readonly carry: Carry },
): ApiHandlers<Names> {
  const { store } = dependencies
  const retry = (
    params: Parameters<typeof findExecution>[1],
    { stage, notes, override_freeze: overrideFreeze }: RetryBody,
    caller: Caller,
  ) =>
    store.transaction(async (tx) => {
      const { id: before } = await findExecution(tx, params)
      const earlier = await lockRun(tx, before)
      if (!earlier) throw missing('Execution', before)
      const id = await retryExecution(dependencies, tx, carry, { earlier, stage, notes, overrideFreeze, caller })
      return { id, status: await statusOf(tx, id) }
    })
  return {
    executePipeline: async ({ params, body, caller }) => {
      const reserved = await reserveNumber(store.db, params)
      return store.transaction(async (tx) => {
        const { notes, override_freeze: overrideFreeze } = body
        const id = await startExecution(dependencies, tx, carry, {
          ...params,
          reserved,
          notes,
          given: body,
          overrideFreeze,
          caller,
        })
        return { execution_details: { execution_id: id, status: await statusOf(tx, id) } }
      })
    },

    listExecutions: async ({ params, query }) => {
      const project = await findProject(store.db, params)
      const { pipeline } = query
      const from = store.db
        .selectFrom('execution')
        .where('project_id', '=', project.id)
        .$if(pipeline !== undefined, (rows) => rows.where('execution.pipeline', '=', pipeline ?? ''))
      return readPage(from, query, listColumns, (rows) => rows.select(summaryColumns), showSummary)
    },

    getExecution: async ({ params }) => {
      const { id } = await findExecution(store.db, params)
      const row = await store.db
        .selectFrom('execution')
        .where('id', '=', id)
        .select([...summaryColumns, 'yaml'])
        .executeTakeFirst()
      if (!row) throw missing('Execution', id)
      // The nodes after the status: they are at least as new, so an execution that is over never shows one that is not.
      return { ...showSummary(row), pipelineYaml: row.yaml, nodes: await readNodes(store.db, id) }
    },

    retryExecution: async ({ params, body, caller }) => {
      const { id, status } = await retry(params, body, caller)
      return { execution_details: { execution_id: id, status } }
    },

    retryPlatformExecution: async ({ params, query, request, caller }) => {
      // Some clients write that there is nothing to say.
      if (!/^\s*(?:\{\s*\}\s*)?$/.test(await request.text()))
        throw new Fault('invalid-input', 'A run that is gone on from keeps its inputs.', {
          hint: 'Send an empty body; start the pipeline to give other inputs.',
        })
      const body = { stage: query.retryStages, notes: query.notesForPipelineExecution }
      const { id, status } = await retry({ ...params, ...projectInQuery(query) }, body, caller)
      return { planExecution: { uuid: id, status } }
    },

    abortExecution: ({ params, body, caller }) =>
      store.transaction(async (tx) => {
        const run = await lockOpen(tx, params)
        const reason = body.reason ? { reason: body.reason } : {}
        await record(tx, run, caller, { type: 'execution.abort', pipeline: run.pipeline, ...reason })
        await advance(tx, run.id, { type: 'abort', by: nameOf(caller), ...reason }, causeOf(caller))
        return null
      }),

    pauseExecution: ({ params, body, caller }) =>
      store.transaction(async (tx) => {
        const run = await lockOpen(tx, params)
        if (run.state.ending) throw new Fault('conflict', `The execution is being ended: ${run.state.ending.reason}.`)
        const reason = body.reason ? { reason: body.reason } : {}
        await advance(tx, run.id, { type: 'pause', by: nameOf(caller), ...reason }, causeOf(caller))
        return null
      }),

    resumeExecution: ({ params, caller }) =>
      store.transaction(async (tx) => {
        const run = await lockOpen(tx, params)
        if (run.state.paused === undefined) throw new Fault('conflict', 'The execution is not paused.')
        await advance(tx, run.id, { type: 'resume-run' }, causeOf(caller))
        return null
      }),

    resolveNode: ({ params, body, caller }) =>
      store.transaction(async (tx) => {
        const run = await lockOpen(tx, params)
        const { node } = params
        const { action, reason } = body
        if (!run.graph.nodes.has(node)) throw missing('Node', node)
        refuseUnless(run, node, action)
        const given = reason ? { reason } : {}
        await record(tx, run, caller, { type: 'node.resolved', node, action, ...given, pipeline: run.pipeline })
        await advance(tx, run.id, { type: 'resolve', node, action, by: nameOf(caller), reason }, causeOf(caller))
        return null
      }),

    giveInputs: ({ params, body, caller }) =>
      store.transaction(async (tx) => {
        const run = await lockOpen(tx, params)
        const inputs = checkInputs(run, params.node, body.inputs)
        const { node } = params
        await checkGiver(tx, withInputs(run, node, inputs), node, caller.grants)
        const names = Object.keys(inputs)
        await record(tx, run, caller, { type: 'node.inputs', node, inputs: names, pipeline: run.pipeline })
        await advance(tx, run.id, { type: 'inputs-given', node, inputs }, causeOf(caller))
        return null
      }),

    getPlan: async ({ params }) => {
      const { id } = await findExecution(store.db, params)
      return readPlans(store.db, id, params.node)
    },
  }
}

export const listColumns = {
  id: 'execution.id',
  identifier: 'execution.pipeline',
  name: 'execution.pipeline_name',
  created: 'execution.created_at',
  updated: 'execution.created_at',
}

async function findExecution(
  db: Executor,
  params: { readonly org: string; readonly project: string; readonly execution: string },
): Promise<{ readonly id: string }> {
  const project = await findProject(db, params)
  const row = await db
    .selectFrom('execution')
    .where('id', '=', params.execution)
    .where('project_id', '=', project.id)
    .select('id')
    .executeTakeFirst()
  if (!row) throw missing('Execution', params.execution)
  return row
}

async function statusOf(tx: StoreTransaction, id: string) {
  const row = await tx.selectFrom('execution').where('id', '=', id).select(summaryColumns).executeTakeFirstOrThrow()
  return showSummary(row).status
}

async function lockOpen(tx: StoreTransaction, params: Parameters<typeof findExecution>[1]): Promise<Run> {
  const { id } = await findExecution(tx, params)
  const run = await lockRun(tx, id)
  if (!run) throw missing('Execution', id)
  if (isFinal(run.state.status)) throw new Fault('conflict', `The execution has ended: ${run.state.status}.`)
  return run
}

function refuseUnless(run: Run, node: string, action: 'Retry' | 'MarkAsFailure' | 'MarkAsSuccess'): void {
  const possible = interventionActions(run.graph, run.state, node)
  if (possible.includes(action)) return
  const status = run.state.nodes[node]?.status ?? 'NotStarted'
  throw new Fault(
    'conflict',
    possible.length === 0
      ? `The step ${node} does not wait for a decision; it is ${status}.`
      : `${action} is not possible any more, because nothing new may start in this stage; possible are ${possible.join(', ')}.`,
  )
}

const nameOf = ({ user, actor }: Caller): string => user?.name ?? actor.name
/** What a person told the run, where no status that the audit trail has would show it. */
const record = (tx: StoreTransaction, run: Run, caller: Caller, body: EventBody): Promise<void> =>
  recordEvent(tx, { ...causeOf(caller), projectId: run.projectId, executionId: run.id, body })

const causeOf = ({ actor, sourceAddress }: Caller): Cause => ({ actor, sourceAddress })

type ShownPlan = PlanPayload & { readonly dbSchema: string; readonly dbInstance: string; readonly node: string }

/** Of a preview step its own plan; of an approval those that it shows. */
async function readPlans(db: Executor, execution: string, node: string): Promise<ShownPlan[]> {
  const row = await db
    .selectFrom('execution_node')
    .leftJoin('approval', 'approval.id', 'execution_node.approval_id')
    .where('execution_node.execution_id', '=', execution)
    .where('execution_node.node_id', '=', node)
    .select(['db_schema', 'db_instance', 'plan_digests'])
    .executeTakeFirst()
  if (!row) throw missing('Node', node)
  const own = { node, dbSchema: row.db_schema ?? '', dbInstance: row.db_instance ?? '' }
  const shown = (row.plan_digests as PlanReference[] | null) ?? [own]
  const plans: ShownPlan[] = []
  for (const { node: from, dbSchema, dbInstance } of shown) {
    const plan = await readPlan(db, execution, from)
    if (plan) plans.push({ ...plan, dbSchema, dbInstance, node: from })
  }
  return plans
}
