// Barriers: steps in parallel branches that go on together.
import { brokenStatuses, isFinal } from '#contract/pipeline/status'
import type { Draft } from './draft.ts'
import { failStep } from './failure.ts'
import { type Graph, nodeOf, stageOf, type StepNode, withAncestors } from './graph.ts'

export function arriveAtBarrier(draft: Draft, node: StepNode, barrier: string): void {
  draft.change(node.id, { status: 'ResourceWaiting', reason: `waits at the barrier ${barrier} for the others` })
  draft.command({ type: 'start-timer', node: node.id, kind: 'timeout', seconds: node.timeoutSeconds })
}

/** Lets go on whoever waits at a barrier where nobody is missing any more. True when somebody does. */
export function openBarriers(draft: Draft): boolean {
  let opened = false
  for (const [barrier, nodes] of barriersOf(draft.graph)) {
    const waiting = nodes.filter((id) => draft.node(id).status === 'ResourceWaiting')
    if (waiting.length === 0) continue
    const lost = nodes.find((id) => neverComes(draft, id))
    if (lost !== undefined) {
      for (const id of waiting) giveUp(draft, id, `${lost} does not come to the barrier ${barrier}`)
      opened = true
    } else if (nodes.every((id) => waiting.includes(id) || isFinal(draft.node(id).status))) {
      for (const id of waiting) pass(draft, id)
      opened = true
    }
  }
  return opened
}

function barriersOf(graph: Graph): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (const id of graph.order) {
    const node = nodeOf(graph, id)
    if (node.kind !== 'step' || node.work.type !== 'Barrier') continue
    const { barrierRef } = node.work
    found.set(barrierRef, [...(found.get(barrierRef) ?? []), id])
  }
  return found
}

/** Failed, or left out because its stage failed. One that is left out by its `when` is not waited for. */
function neverComes(draft: Draft, id: string): boolean {
  const { status } = draft.node(id)
  if (brokenStatuses.has(status) || status === 'Aborted') return true
  if (status !== 'Skipped') return false
  const stage = draft.node(stageOf(draft.graph, id).id)
  return brokenStatuses.has(stage.status) || stage.status === 'Aborted' || (stage.rollback ?? stage.floor) !== undefined
}

function pass(draft: Draft, id: string): void {
  draft.command({ type: 'stop-timer', node: id, kind: 'timeout' })
  draft.change(id, { status: 'Success', reason: undefined })
}

function giveUp(draft: Draft, id: string, reason: string): void {
  draft.command({ type: 'stop-timer', node: id, kind: 'timeout' })
  failStep(draft, id, { status: 'Failed', failureClass: 'Unknown', reason })
}

/** Two steps that can never be at their barrier at the same time, with the place of the second. */
export function sequentialPair(
  graph: Graph,
): { readonly barrier: string; readonly first: string; readonly second: string } | undefined {
  for (const [barrier, nodes] of barriersOf(graph))
    for (const [index, first] of nodes.entries()) {
      const second = nodes.slice(index + 1).find((other) => !isParallel(graph, first, other))
      if (second !== undefined) return { barrier, first, second }
    }
  return undefined
}

/** In one batch, below different members of it. */
function isParallel(graph: Graph, one: string, other: string): boolean {
  const [mine, theirs] = [withAncestors(graph, one), withAncestors(graph, other)]
  const around = (nodes: typeof mine) => new Map(nodes.map((node) => [node.parent, node.id]))
  const [inMine, inTheirs] = [around(mine), around(theirs)]
  for (const [parent, id] of inMine) {
    const sibling = inTheirs.get(parent)
    if (sibling === undefined || sibling === id) continue
    const holder = parent === null ? undefined : nodeOf(graph, parent)
    const sections = !holder || holder.kind === 'step' ? graph.stages : [...holder.steps, ...holder.rollbackSteps]
    return sections.some((batch) => batch.includes(id) && batch.includes(sibling))
  }
  return false
}
