// Executions for the clients of the platform services: lists with their stages, one run with its graph, its inputs, interrupts.
import { sql } from 'kysely'
import type { ExecutionSummary } from '#contract/api/execution'
import { Fault } from '#contract/fault'
import { faultRecordSchema } from '#contract/fault-schema'
import { executionStatusSchema } from '#contract/pipeline/status'
import { listQueryOf } from '#contract/platform'
import { inputTemplate } from '#pipeline/read/input-template'
import type { StartInputs } from '#pipeline/read/pipeline'
import { readPage } from '../entity/list.ts'
import { findProject, missing, projectInQuery } from '../entity/scope.ts'
import type { ApiHandlers } from '../http/handler.ts'
import type { Executor, Store } from '../store/port.ts'
import { logPrefix } from '../log/prefix.ts'
import { listColumns } from './handlers.ts'
import { type ShownNode, showGraph, showPlatformSummary } from './platform-view.ts'
import { showSummary, summaryColumns } from './view.ts'

type Names =
  | 'platformListExecutions'
  | 'platformGetExecution'
  | 'platformGetExecutionInputs'
  | 'platformInterruptExecution'
type Own = ApiHandlers<'getExecution' | 'abortExecution' | 'pauseExecution' | 'resumeExecution'>

const waiting = ['ResourceWaiting', 'ApprovalWaiting', 'InterventionWaiting', 'InputWaiting']

export function platformExecutionHandlers(store: Store, account: string, own: Own): ApiHandlers<Names> {
  return {
    platformListExecutions: async ({ query, body, caller }) => {
      const place = projectInQuery(query)
      const project = await findProject(store.db, place)
      const statuses = [...(query.status ?? '').split(',').filter((one) => one !== ''), ...(body.status ?? [])]
      const wanted = statuses.flatMap((one) => (one === 'Waiting' ? waiting : one))
      const mine = query.myDeployments === 'true' ? (caller.principal?.email ?? '') : undefined
      const { pipelineIdentifier: pipeline } = query
      const from = store.db
        .selectFrom('execution')
        .where('project_id', '=', project.id)
        .$if(Boolean(pipeline), (rows) => rows.where('execution.pipeline', '=', pipeline ?? ''))
        .$if(wanted.length > 0, (rows) => rows.where('execution.status', 'in', wanted))
        .$if(mine !== undefined, (rows) => rows.where('execution.triggered_by', '=', mine ?? ''))
      const asked = listQueryOf({ ...query, searchTerm: query.searchTerm ?? body.pipelineName ?? undefined })
      const { rows, total } = await readPage(
        from,
        asked,
        listColumns,
        (some) => some.select(summaryColumns),
        showSummary,
      )
      const told = await readStages(store.db, rows)
      return {
        rows: rows.map((run) => {
          const { stages = [], fault } = told.get(run.id) ?? {}
          return showPlatformSummary(place, run, stages, fault)
        }),
        total,
      }
    },

    platformGetExecution: async (call) => {
      const place = projectInQuery(call.query)
      const { nodes, ...run } = await own.getExecution({ ...call, params: { ...place, ...call.params }, query: {} })
      const stages = nodes.filter(({ kind }) => kind === 'stage')
      const fault = nodes.find((node) => node.fault)?.fault?.message
      const withGraph = call.query.renderFullBottomGraph !== 'false'
      return {
        pipelineExecutionSummary: showPlatformSummary(place, run, stages, fault),
        executionGraph: withGraph ? showGraph(run, nodes, (node) => logPrefix(account, run, node)) : null,
        representationStrategy: 'camelCase' as const,
      }
    },

    platformGetExecutionInputs: async ({ params, query }) => {
      const project = await findProject(store.db, projectInQuery(query))
      const row = await store.db
        .selectFrom('execution')
        .where('id', '=', params.execution)
        .where('project_id', '=', project.id)
        .select(['yaml', 'inputs'])
        .executeTakeFirst()
      if (!row) throw missing('Execution', params.execution)
      const start = row.inputs as StartInputs
      const names = start.sets.map(({ file }) => file.replace(/\.yaml$/, ''))
      return {
        inputSetYaml: inputTemplate(row.yaml, start) ?? null,
        inputSetTemplateYaml: inputTemplate(row.yaml) ?? null,
        // What was given at the start itself is no set of its own.
        inputSetDetails: names.filter((name) => name !== 'inputs').map((name) => ({ identifier: name, name })),
      }
    },

    platformInterruptExecution: async (call) => {
      const { interruptType: type } = call.query
      const { execution } = call.params
      const given = { ...call, params: { ...projectInQuery(call.query), execution }, query: {}, body: {} }
      if (type === 'AbortAll' || type === 'Abort') await own.abortExecution(given)
      else if (type === 'Pause') await own.pauseExecution(given)
      else if (type === 'Resume') await own.resumeExecution({ ...given, body: undefined })
      else
        throw new Fault('not-offered', `Interrupting an execution with ${type} is not offered.`, {
          hint: 'Abort, pause or resume it; a step that waits for a decision has its own endpoint, nodes/{node}/resolve.',
        })
      return { planExecutionId: execution, type }
    },
  }
}

interface Told {
  readonly stages: ShownNode[]
  fault?: string
}

/** The stages of each run in their order, and the first fault of a step. */
async function readStages(db: Executor, runs: readonly ExecutionSummary[]): Promise<ReadonlyMap<string, Told>> {
  if (runs.length === 0) return new Map()
  const rows = await db
    .selectFrom('execution_node')
    .where(
      'execution_id',
      'in',
      runs.map(({ id }) => id),
    )
    .where(sql<boolean>`(kind = 'stage' or fault is not null)`)
    .select([
      'execution_id',
      'node_id',
      'kind',
      'type',
      'identifier',
      'name',
      'status',
      'started_at',
      'ended_at',
      'fault',
    ])
    .orderBy('position')
    .execute()
  const told = new Map<string, Told>()
  for (const row of rows) {
    const run = told.get(row.execution_id) ?? { stages: [] }
    told.set(row.execution_id, run)
    if (row.fault !== null) run.fault ??= faultRecordSchema.parse(row.fault).message
    if (row.kind === 'stage')
      run.stages.push({
        id: row.node_id,
        parent: null,
        kind: 'stage',
        type: row.type,
        identifier: row.identifier,
        name: row.name,
        status: executionStatusSchema.parse(row.status),
        startedAt: row.started_at?.getTime() ?? null,
        endedAt: row.ended_at?.getTime() ?? null,
      })
  }
  return told
}
