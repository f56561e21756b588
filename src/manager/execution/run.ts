// A run as it stands in its rows, locked for one change: document snapshot, graph, and the state of the machine.
import type { PipelineDocument } from '#pipeline/document'
import { buildGraph, type Graph } from '#pipeline/graph'
import type { NodeState, Output, PipelineState } from '#pipeline/state'
import type { TriggerFacts } from '#pipeline/trigger/fact'
import type { Executor, StoreTransaction } from '../store/port.ts'

export interface Run {
  readonly id: string
  readonly projectId: string
  readonly org: string
  readonly project: string
  readonly pipeline: string
  readonly number: number
  readonly graph: Graph
  readonly state: PipelineState
}

/**
 * What `execution.state` holds: the machine's state, but outputs, which stand in the rows of their nodes, and what the trigger told,
 * which never changes and may be large.
 */
type StoredState = Omit<PipelineState, 'nodes'> & {
  readonly nodes: Readonly<Record<string, Omit<NodeState, 'output'>>>
}

/** Locks the row of the execution until the end of the transaction; undefined when it does not exist. */
export async function lockRun(tx: StoreTransaction, id: string): Promise<Run | undefined> {
  const locked = await tx.selectFrom('execution').where('id', '=', id).select('id').forUpdate().executeTakeFirst()
  return locked ? readRun(tx, id) : undefined
}

async function readRun(db: Executor, id: string): Promise<Run | undefined> {
  const row = await db
    .selectFrom('execution')
    .innerJoin('project', 'project.id', 'execution.project_id')
    .innerJoin('organization', 'organization.id', 'project.organization_id')
    .where('execution.id', '=', id)
    .select([
      'execution.id',
      'execution.project_id',
      'execution.pipeline',
      'execution.number',
      'document',
      'state',
      'trigger',
    ])
    .select(['organization.identifier as org', 'project.identifier as project'])
    .executeTakeFirst()
  if (!row) return undefined
  const { org, project, pipeline, number } = row
  const stored = row.state as StoredState
  const facts = row.trigger === null ? stored.facts : { ...stored.facts, trigger: row.trigger as TriggerFacts }
  const state = withOutputs({ ...stored, facts }, await readOutputs(db, id))
  return {
    id,
    projectId: row.project_id,
    org,
    project,
    pipeline,
    number,
    graph: buildGraph(row.document as PipelineDocument),
    state,
  }
}

async function readOutputs(db: Executor, id: string): Promise<ReadonlyMap<string, Output>> {
  const rows = await db
    .selectFrom('execution_node')
    .where('execution_id', '=', id)
    .select(['node_id', 'output'])
    .execute()
  return new Map(rows.map((row) => [row.node_id, row.output as Output]))
}

function withOutputs(stored: StoredState, outputs: ReadonlyMap<string, Output>): PipelineState {
  const nodes = Object.entries(stored.nodes).map(([id, node]) => [id, { ...node, output: outputs.get(id) ?? {} }])
  return { ...stored, nodes: Object.fromEntries(nodes) as PipelineState['nodes'] }
}

export function withoutOutputs(state: PipelineState): StoredState {
  const nodes = Object.entries(state.nodes).map(([id, node]) => {
    const { output: _output, ...rest } = node
    return [id, rest]
  })
  const { trigger: _trigger, ...facts } = state.facts
  return { ...state, facts, nodes: Object.fromEntries(nodes) as StoredState['nodes'] }
}
