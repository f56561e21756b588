// Which notifications follow from a change of a run: compares two states, and asks the rules.
import { brokenStatuses, type ExecutionStatus, isFinal, positiveStatuses } from '#contract/pipeline/status'
import { type Graph, type GraphNode, nodeOf, stageOf } from '../graph.ts'
import type { PipelineState } from '../state.ts'
import type { EventFilter, NotificationEvent, NotificationRule } from './rule.ts'

export interface Notice {
  readonly event: NotificationEvent
  /** Absent: the run itself. */
  readonly node?: string
  readonly status: ExecutionStatus
}

export const startNotice: Notice = { event: 'PipelineStart', status: 'Running' }

/** What happened between the two states, in the order of the pipeline, the end of the run last. */
export function noticesOf(graph: Graph, before: PipelineState, after: PipelineState): readonly Notice[] {
  const notices: Notice[] = []
  for (const id of graph.order) {
    const [from, to] = [before.nodes[id]?.status ?? 'NotStarted', after.nodes[id]?.status ?? 'NotStarted']
    if (from === to) continue
    const events = nodeOf(graph, id).kind === 'stage' ? stageEvents(from, to) : stepEvents(graph, id, to)
    notices.push(...events.map((event) => ({ event, node: id, status: to })))
  }
  const events = before.status === after.status ? [] : pipelineEvents(before.status, after.status)
  return [...notices, ...events.map((event) => ({ event, status: after.status }))]
}

function stageEvents(from: ExecutionStatus, to: ExecutionStatus): NotificationEvent[] {
  const events: NotificationEvent[] = []
  const begins = from === 'NotStarted' && to !== 'Skipped' && to !== 'AbortedByFreeze'
  if (begins) events.push('StageStart')
  if (to !== 'Skipped' && positiveStatuses.has(to)) events.push('StageSuccess')
  if (brokenStatuses.has(to)) events.push('StageFailed')
  return events
}

function stepEvents(graph: Graph, id: string, to: ExecutionStatus): NotificationEvent[] {
  if (nodeOf(graph, id).kind !== 'step') return []
  if (to === 'ApprovalWaiting' || to === 'InterventionWaiting') return ['WaitingForUserAction']
  return brokenStatuses.has(to) ? ['StepFailed'] : []
}

/** An aborted run has ended; somebody wanted it, so it has not failed. */
function pipelineEvents(from: ExecutionStatus, to: ExecutionStatus): NotificationEvent[] {
  if (to === 'Paused') return ['PipelinePaused']
  if (!isFinal(to)) return from === 'Paused' ? ['PipelineResumed'] : []
  if (positiveStatuses.has(to)) return ['PipelineSuccess', 'PipelineEnd']
  return brokenStatuses.has(to) ? ['PipelineFailed', 'PipelineEnd'] : ['PipelineEnd']
}

/** Is the rule about this? */
export function wants(graph: Graph, rule: NotificationRule, notice: Notice): boolean {
  return rule.enabled && rule.events.some((filter) => matches(graph, filter, notice))
}

function matches(graph: Graph, { type, stages, steps }: EventFilter, { event, node }: Notice): boolean {
  if (type !== 'AllEvents' && type !== event) return false
  if (node === undefined) return true
  const found = nodeOf(graph, node)
  const inStage = stages.length === 0 || isNamed(stageOf(graph, node), stages)
  return inStage && (found.kind !== 'step' || steps.length === 0 || isNamed(found, steps))
}

/** By its identifier, its path, or the identifier of the loop that it is an iteration of. */
const isNamed = ({ identifier, id, iteration }: GraphNode, names: readonly string[]): boolean =>
  [identifier, id, iteration?.of].some((name) => name !== undefined && names.includes(name))
