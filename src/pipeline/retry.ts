// A run that goes on where an earlier one failed: which stages it keeps as they ended, and which run anew.
import { positiveStatuses } from '#contract/pipeline/status'
import { type Graph, stageOf } from './graph.ts'
import type { NodeState, PipelineState } from './state.ts'

export type Kept = Readonly<Record<string, NodeState>>

/**
 * The nodes of the stages that are done: those before the first that is not, and beside it those that ended well. What was rolled
 * back is not done. `from`: a stage to begin with, which must not come after that; it runs anew even if it was done.
 */
export function keptStages(
  graph: Graph,
  state: PipelineState,
  from: string | undefined,
): { readonly kept: Kept; readonly stages: readonly string[] } | { readonly problem: string } {
  const isDone = (stage: string): boolean => {
    const { status, rollback } = stateOf(state, stage)
    return positiveStatuses.has(status) && rollback === undefined
  }
  const failed = graph.stages.findIndex((batch) => !batch.every(isDone))
  if (failed === -1) return { problem: 'all of its stages are done' }
  const asked = from === undefined ? failed : graph.stages.findIndex((batch) => batch.includes(from))
  if (asked === -1) return { problem: `it has no stage ${from?.slice(0, 128)}` }
  if (asked > failed) return { problem: `a stage before ${from} is not done` }
  const beside = (graph.stages[asked] ?? []).filter(
    (stage) => stage !== from && isDone(stage) && stateOf(state, stage).status !== 'Skipped',
  )
  const stages = [...graph.stages.slice(0, asked).flat(), ...beside]
  const kept = graph.order
    .filter((id) => stages.includes(stageOf(graph, id).id))
    .map((id) => [id, asEnded(stateOf(state, id))] as const)
  return { kept: Object.fromEntries(kept), stages }
}

function stateOf(state: PipelineState, id: string): NodeState {
  const found = state.nodes[id]
  if (!found) throw new Error(`The state has no node ${id}.`)
  return found
}

/** Nothing of it runs, waits or is held; attempts are counted anew because their rows belong to the earlier run. */
function asEnded({ status, reason, fault, output, touched }: NodeState): NodeState {
  return {
    status,
    output,
    attempts: 0,
    tries: 0,
    ...(reason === undefined ? {} : { reason }),
    ...(fault === undefined ? {} : { fault }),
    ...(touched === undefined ? {} : { touched }),
  }
}
