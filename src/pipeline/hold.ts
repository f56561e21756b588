// What only one run may have at a time: the instances that a stage changes, and the keys of Queue steps.
import { isFinal } from '#contract/pipeline/status'
import { isChanging } from './document.ts'
import { type Draft, valuesOf } from './draft.ts'
import { type ContainerNode, databaseTarget, descendants, nodeOf, type StepNode } from './graph.ts'
import { resolveText } from './resolve.ts'

interface Target {
  readonly dbSchema: string
  readonly dbInstance: string
}

/** A stage that changes instances asks for all of them at once before it begins: then no two stages wait for each other. */
export function requestInstances(draft: Draft, stage: ContainerNode): void {
  const targets = changedBy(draft, stage)
  if (targets.length === 0) return
  draft.change(stage.id, { hold: 'wanted' })
  draft.command({ type: 'request-hold', node: stage.id, targets })
}

/** Instances whose names are known when the stage begins; the others are kept apart step by step. */
function changedBy(draft: Draft, stage: ContainerNode): readonly Target[] {
  const found = new Map<string, Target>()
  for (const node of descendants(draft.graph, stage.id)) {
    const target = databaseTarget(node)
    if (!target || node.kind !== 'step' || !isChanging(node.work)) continue
    const dbSchema = resolveText(valuesOf(draft), node.id, target.dbSchema)
    const dbInstance = resolveText(valuesOf(draft), node.id, target.dbInstance)
    if ('unresolved' in dbSchema || 'unresolved' in dbInstance) continue
    found.set(`${dbSchema.text}/${dbInstance.text}`, { dbSchema: dbSchema.text, dbInstance: dbInstance.text })
  }
  return [...found.values()]
}

/** Is the stage still waiting for its instances? What ends before its time waits no longer. */
export function isHeldUp(draft: Draft, id: string): boolean {
  const { hold, floor, rollback } = draft.node(id)
  return hold === 'wanted' && !draft.ending && floor === undefined && rollback === undefined
}

export function releaseStage(draft: Draft, stage: ContainerNode): void {
  if (draft.node(stage.id).hold !== undefined) {
    draft.change(stage.id, { hold: undefined })
    draft.command({ type: 'release-hold', node: stage.id })
  }
  for (const node of descendants(draft.graph, stage.id)) {
    const taken = node.kind === 'step' && node.work.type === 'Queue' && node.work.scope === 'Stage'
    if (taken && draft.node(node.id).status === 'Success') draft.command({ type: 'release-hold', node: node.id })
  }
}

export function beginQueue(draft: Draft, node: StepNode, key: string): void {
  draft.change(node.id, { status: 'ResourceWaiting', reason: `waits for the queue ${key}` })
  draft.command({ type: 'request-hold', node: node.id, targets: [], key })
  draft.command({ type: 'start-timer', node: node.id, kind: 'timeout', seconds: node.timeoutSeconds })
}

/** Somebody is before it in the line. */
export function onDelayed(draft: Draft, id: string): void {
  if (draft.node(id).hold !== 'wanted' || isFinal(draft.node(id).status)) return
  draft.change(id, { status: 'ResourceWaiting', reason: 'waits for other runs on its DB instances' })
}

/** A freeze holds what the stage would change: the whole of it does not begin. */
export function onRefused(draft: Draft, id: string, reason: string): void {
  const { status, hold } = draft.node(id)
  if (hold !== 'wanted' || isFinal(status)) return
  draft.change(id, { hold: undefined, floor: 'AbortedByFreeze', reason })
  draft.command({ type: 'release-hold', node: id })
  draft.skip(descendants(draft.graph, id), `not run: ${reason}`)
}

export function onGranted(draft: Draft, id: string): void {
  const node = nodeOf(draft.graph, id)
  const { status, hold } = draft.node(id)
  if (node.kind === 'stage' && hold === 'wanted' && !isFinal(status))
    draft.change(id, { hold: 'held', status: 'Running', reason: undefined })
  if (node.type !== 'Queue' || status !== 'ResourceWaiting') return
  draft.command({ type: 'stop-timer', node: id, kind: 'timeout' })
  draft.change(id, { status: 'Success', reason: undefined })
}
