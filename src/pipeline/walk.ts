// Walks the graph as far as it can: enters what may run, closes what is done, and runs rollback sections of failed stages.
import { brokenStatuses, type ExecutionStatus, isFinal } from '#contract/pipeline/status'
import { aggregateFinal, aggregateOpen } from './aggregate.ts'
import { beginStep, valuesOf } from './begin.ts'
import type { Batch } from './document.ts'
import type { Draft } from './draft.ts'
import { type ContainerNode, descendants, type GraphNode, nodeOf, stageOf } from './graph.ts'
import { resolveCondition } from './resolve.ts'

/** Called after every event; does nothing when nothing has become possible. */
export function walk(draft: Draft): void {
  const done = walkSequence(draft, draft.graph.stages)
  const stages = draft.statuses(draft.graph.stages.flat())
  const floor = draft.ending ? [draft.ending.as] : []
  draft.status = done ? aggregateFinal([...stages, ...floor]) : aggregateOpen(stages)
}

/** Is every node of every batch final? */
function walkSequence(draft: Draft, batches: readonly Batch<string>[]): boolean {
  for (const batch of batches) {
    for (const id of batch) if (draft.node(id).status === 'NotStarted') enter(draft, nodeOf(draft.graph, id))
    for (const id of batch) walkInto(draft, nodeOf(draft.graph, id))
    if (!batch.every((id) => isFinal(draft.node(id).status))) return false
  }
  return true
}

function enter(draft: Draft, node: GraphNode): void {
  const obstacle = whyNot(draft, node)
  if (obstacle !== undefined) return draft.skipWithin(node.id, obstacle)
  if (node.kind === 'step') return beginStep(draft, node)
  draft.change(node.id, { status: 'Running' })
  if (node.timeoutSeconds !== undefined)
    draft.command({ type: 'start-timer', node: node.id, kind: 'timeout', seconds: node.timeoutSeconds })
}

/** Why a node does not run, by its `when`; undefined when it does. */
function whyNot(draft: Draft, node: GraphNode): string | undefined {
  const above = node.kind === 'stage' ? 'pipeline' : 'stage'
  const failed = node.kind === 'stage' ? pipelineFailed(draft) : stageFailed(draft, stageOf(draft.graph, node.id))
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

function pipelineFailed(draft: Draft): boolean {
  return draft.statuses(draft.graph.stages.flat()).some(isBroken)
}

function stageFailed(draft: Draft, stage: ContainerNode): boolean {
  const { rollback, floor } = draft.node(stage.id)
  if (rollback !== undefined || (floor !== undefined && isBroken(floor))) return true
  const forward = descendants(draft.graph, stage.id).filter((node) => node.kind === 'step' && !node.rollback)
  return forward.some((node) => isBroken(draft.node(node.id).status))
}

function walkInto(draft: Draft, node: GraphNode): void {
  if (node.kind === 'step' || isFinal(draft.node(node.id).status)) return
  const forwardDone = walkSequence(draft, node.steps)
  if (forwardDone && rollsBack(draft, node)) {
    if (draft.node(node.id).rollback !== 'running') draft.change(node.id, { rollback: 'running' })
    if (!walkSequence(draft, rollbackBatches(draft, node))) return showOpen(draft, node)
  }
  if (!forwardDone) return showOpen(draft, node)
  close(draft, node)
}

function rollsBack(draft: Draft, node: ContainerNode): boolean {
  return node.kind === 'stage' && draft.node(node.id).rollback !== undefined
}

function showOpen(draft: Draft, node: ContainerNode): void {
  const below = descendants(draft.graph, node.id).filter((other) => other.kind === 'step')
  const status = aggregateOpen(draft.statuses(below.map((other) => other.id)))
  draft.change(node.id, { status })
}

/** Groups that have begun, the latest first, then the stage's own section in its order. */
function rollbackBatches(draft: Draft, stage: ContainerNode): readonly Batch<string>[] {
  const groups = descendants(draft.graph, stage.id)
    .filter((node): node is ContainerNode => node.kind === 'group')
    .filter((group) => !group.rollback && group.rollbackSteps.length > 0)
    .filter((group) => descendants(draft.graph, group.id).some((node) => !node.rollback && hasBegun(draft, node)))
    .toReversed()
  return [...groups.flatMap((group) => group.rollbackSteps), ...stage.rollbackSteps]
}

function hasBegun(draft: Draft, node: GraphNode): boolean {
  const { status } = draft.node(node.id)
  return node.kind === 'step' && status !== 'NotStarted' && status !== 'Skipped'
}

function close(draft: Draft, node: ContainerNode): void {
  const { floor } = draft.node(node.id)
  if (node.kind === 'stage') {
    draft.skip(descendants(draft.graph, node.id), 'not run: there was nothing to roll back')
    if (node.timeoutSeconds !== undefined) draft.command({ type: 'stop-timer', node: node.id, kind: 'timeout' })
  }
  const sections = node.kind === 'stage' ? [...node.steps, ...rollbackBatches(draft, node)] : node.steps
  const children = draft.statuses(sections.flat())
  const status = floor === 'IgnoreFailed' ? floor : aggregateFinal([...children, ...(floor ? [floor] : [])])
  draft.change(node.id, { status })
}
