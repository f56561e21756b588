// Walks the graph as far as it can: enters what may run, closes what is done, and runs rollback sections of failed stages.
import { brokenStatuses, type ExecutionStatus, isFinal } from '#contract/pipeline/status'
import { aggregateFinal, aggregateOpen } from './aggregate.ts'
import { openBarriers } from './barrier.ts'
import { beginStep } from './begin.ts'
import type { Batch, FailureAction } from './document.ts'
import { type Draft, valuesOf } from './draft.ts'
import { type ContainerNode, descendants, type Graph, type GraphNode, nodeOf, stageOf, withAncestors } from './graph.ts'
import { isHeldUp, releaseStage, requestInstances } from './hold.ts'
import { asksForInputs, waitsForInputs } from './late-input.ts'
import { resolveCondition } from './resolve.ts'

/** Called after every event; does nothing when nothing has become possible. */
export function walk(draft: Draft): void {
  do walkOnce(draft)
  while (openBarriers(draft))
}

function walkOnce(draft: Draft): void {
  const done = walkSequence(draft, draft.graph.stages) && walkPipelineRollback(draft)
  if (done) for (const stage of draft.graph.stages.flat()) draft.skip(descendants(draft.graph, stage), nothingToUndo)
  const stages = draft.statuses(draft.graph.stages.flat())
  const floor = draft.ending ? [draft.ending.as] : []
  draft.status = done ? aggregateFinal([...stages, ...floor]) : openStatus(draft, stages)
}

function openStatus(draft: Draft, stages: readonly ExecutionStatus[]): ExecutionStatus {
  if (draft.paused === undefined) return aggregateOpen(stages)
  const works = draft.graph.order.some((id) => {
    const { status, live } = draft.node(id)
    return (
      nodeOf(draft.graph, id).kind === 'step' && (live !== undefined || (status !== 'NotStarted' && !isFinal(status)))
    )
  })
  return works ? 'Pausing' : 'Paused'
}

const nothingToUndo = 'not run: there was nothing to roll back'

/** Is every node of every batch final? */
function walkSequence(draft: Draft, batches: readonly Batch<string>[]): boolean {
  for (const batch of batches) {
    // What ends at once makes room for the next iteration of a loop.
    do {
      enterBatch(draft, batch)
      for (const id of batch) walkInto(draft, nodeOf(draft.graph, id))
    } while (batch.some((id) => mayEnter(draft, batch, id)))
    if (!batch.every((id) => isFinal(draft.node(id).status))) return false
  }
  return true
}

function enterBatch(draft: Draft, batch: Batch<string>): void {
  for (const id of batch) if (mayEnter(draft, batch, id)) enter(draft, nodeOf(draft.graph, id))
}

function mayEnter(draft: Draft, batch: Batch<string>, id: string): boolean {
  // A rollback that has begun is not held up: half rolled back is worse than late.
  const { rollback } = nodeOf(draft.graph, id)
  if (draft.paused !== undefined && !rollback) return false
  return draft.node(id).status === 'NotStarted' && hasRoom(draft, batch, nodeOf(draft.graph, id))
}

/** Iterations of one loop that have begun and not ended stay below its limit. */
function hasRoom(draft: Draft, batch: Batch<string>, { iteration }: GraphNode): boolean {
  if (iteration?.limit === undefined) return true
  const busy = batch.filter((id) => {
    const { status } = draft.node(id)
    return nodeOf(draft.graph, id).iteration?.of === iteration.of && status !== 'NotStarted' && !isFinal(status)
  })
  return busy.length < iteration.limit
}

/** Stages that began, the latest first. True when nothing is left to do. */
function walkPipelineRollback(draft: Draft): boolean {
  const { rollback } = draft
  if (rollback === undefined || draft.ending) return true
  for (const stage of draft.graph.stages.flat().toReversed()) {
    const node = nodeOf(draft.graph, stage)
    const undone = draft.node(stage).rollback === 'running'
    const begun = descendants(draft.graph, stage).some((other) => !other.rollback && hasBegun(draft, other))
    if (node.kind === 'step' || (undone && isFinal(draft.node(stage).status)) || !begun) continue
    const batches = rollbackBatches(draft, node)
    if (batches.length === 0) continue
    const reason = `is rolled back because of ${rollback}`
    if (!undone) draft.change(stage, { rollback: 'running', reason })
    if (!walkSequence(draft, batches)) {
      showOpen(draft, node)
      return false
    }
    close(draft, node)
  }
  return true
}

function enter(draft: Draft, node: GraphNode): void {
  const obstacle = whyNot(draft, node)
  if (obstacle !== undefined) return draft.skipWithin(node.id, obstacle)
  if (node.kind === 'step') return beginStep(draft, node)
  if (node.kind === 'stage' && waitsForInputs(draft, node)) return draft.change(node.id, { asks: true })
  openContainer(draft, node)
}

/** Also the way of a stage that has been given what it asked for. */
export function openContainer(draft: Draft, node: ContainerNode): void {
  draft.change(node.id, { status: 'Running' })
  if (node.kind === 'stage') requestInstances(draft, node)
  if (node.timeoutSeconds !== undefined)
    draft.command({ type: 'start-timer', node: node.id, kind: 'timeout', seconds: node.timeoutSeconds })
}

/** Why a node does not run, by its `when`; undefined when it does. */
function whyNot(draft: Draft, node: GraphNode): string | undefined {
  const above = node.kind === 'stage' ? 'pipeline' : 'stage'
  const failed =
    node.kind === 'stage' ? pipelineFailed(draft, node) : stageFailed(draft, stageOf(draft.graph, node.id), node)
  // A rollback section runs because the stage failed; its steps need no `when` to say so.
  const on = node.when?.on ?? (node.rollback ? 'All' : 'Success')
  if (on === 'Success' && failed) return `not run: the ${above} has failed`
  if (on === 'Failure' && !failed) return `not run: it runs only after a failure of the ${above}`
  const condition = node.when?.condition
  if (condition !== undefined && !resolveCondition(valuesOf(draft), node.id, condition))
    return `not run: its condition is not met: ${condition.slice(0, 256)}`
  return undefined
}

const isBroken = (status: ExecutionStatus): boolean => brokenStatuses.has(status) || status === 'Aborted'

function pipelineFailed(draft: Draft, node: GraphNode): boolean {
  return draft.graph.stages
    .flat()
    .filter((id) => !isSpared(nodeOf(draft.graph, id), node))
    .some((id) => isBroken(draft.node(id).status))
}

/** A loop with RunAll goes on whatever became of its other iterations. */
function isSpared(failed: GraphNode, node: GraphNode): boolean {
  const { iteration } = node
  return iteration?.onFailure === 'RunAll' && failed.parent === node.parent && failed.iteration?.of === iteration.of
}

function stageFailed(draft: Draft, stage: ContainerNode, node: GraphNode): boolean {
  const { rollback, floor } = draft.node(stage.id)
  if (rollback !== undefined || (floor !== undefined && isBroken(floor))) return true
  const forward = descendants(draft.graph, stage.id).filter((other) => other.kind === 'step' && !other.rollback)
  return forward.some(
    (other) =>
      isBroken(draft.node(other.id).status) &&
      !withAncestors(draft.graph, other.id).some((level) => isSpared(level, node)),
  )
}

function walkInto(draft: Draft, node: GraphNode): void {
  const { status } = draft.node(node.id)
  if (node.kind === 'step' || status === 'NotStarted' || isFinal(status) || isHeldUp(draft, node.id)) return
  if (asksForInputs(draft, node.id)) return
  const forwardDone = walkSequence(draft, node.steps)
  if (forwardDone && rollsBack(draft, node)) {
    if (draft.node(node.id).rollback !== 'running') draft.change(node.id, { rollback: 'running' })
    if (!walkSequence(draft, rollbackBatches(draft, node))) return showOpen(draft, node)
  }
  if (!forwardDone) return showOpen(draft, node)
  close(draft, node)
}

function rollsBack(draft: Draft, node: ContainerNode): boolean {
  return draft.node(node.id).rollback !== undefined
}

/** Does any failure strategy of the pipeline say so? */
function rollsPipelineBack({ nodes }: Graph): boolean {
  const says = (action: FailureAction): boolean =>
    action.type === 'PipelineRollback' ||
    (action.type === 'ManualIntervention' && action.onTimeout === 'PipelineRollback') ||
    (action.type === 'Retry' && says(action.afterwards))
  return [...nodes.values()].some((node) => node.failureStrategies.some(({ action }) => says(action)))
}

function showOpen(draft: Draft, node: ContainerNode): void {
  const below = descendants(draft.graph, node.id).filter((other) => other.kind === 'step')
  const status = aggregateOpen(draft.statuses(below.map((other) => other.id)))
  draft.change(node.id, { status })
}

/** Groups inside that have begun, the latest first, then the container's own section in its order. */
function rollbackBatches(draft: Draft, container: ContainerNode): readonly Batch<string>[] {
  const groups = descendants(draft.graph, container.id)
    .filter((node): node is ContainerNode => node.kind === 'group')
    .filter((group) => !group.rollback && group.rollbackSteps.length > 0)
    .filter((group) => descendants(draft.graph, group.id).some((node) => !node.rollback && hasBegun(draft, node)))
    .toReversed()
  return [...groups.flatMap((group) => group.rollbackSteps), ...container.rollbackSteps]
}

function hasBegun(draft: Draft, node: GraphNode): boolean {
  const { status } = draft.node(node.id)
  return node.kind === 'step' && status !== 'NotStarted' && status !== 'Skipped'
}

function close(draft: Draft, node: ContainerNode): void {
  const { floor } = draft.node(node.id)
  if (node.kind === 'stage') {
    releaseStage(draft, node)
    // A rollback of the whole pipeline may still come to its rollback sections.
    const inside = descendants(draft.graph, node.id)
    const later = draft.node(node.id).rollback === undefined && rollsPipelineBack(draft.graph)
    draft.skip(later ? inside.filter((other) => !other.rollback) : inside, nothingToUndo)
    if (node.timeoutSeconds !== undefined || draft.node(node.id).asks)
      draft.command({ type: 'stop-timer', node: node.id, kind: 'timeout' })
  }
  const undone = rollsBack(draft, node) ? rollbackBatches(draft, node) : []
  const children = draft.statuses([...node.steps, ...undone].flat())
  const status = floor === 'IgnoreFailed' ? floor : aggregateFinal([...children, ...(floor ? [floor] : [])])
  draft.change(node.id, { status })
}
