// Inputs that are asked for when their step begins (`<+input>.executionInput()`): the step waits for the values.
import type { LateInput, Work } from './document.ts'
import type { Draft } from './draft.ts'
import { chooseAction, failStep } from './failure.ts'
import { formatDuration } from './duration.ts'
import { type Graph, nodeOf, type StepNode } from './graph.ts'
import type { PipelineEvent } from './state.ts'

/** How a late input stands in the document of a run: as an expression that its step gives the value of. */
export const lateExpression = (key: string): string => `<+executionInput.${key}>`

/** What the step asks for, in document order. */
export function lateInputsOf({ pipeline }: Graph, work: Work): readonly LateInput[] {
  const { lateInputs = [] } = pipeline
  if (lateInputs.length === 0) return []
  const text = JSON.stringify(work)
  return lateInputs.filter(({ key }) => text.includes(lateExpression(key)))
}

/** True when the step has to wait; what it waits for is asked once, however often it is tried. */
export function waitsForInputs(draft: Draft, node: StepNode): boolean {
  const wanted = lateInputsOf(draft.graph, node.work)
  if (wanted.length === 0 || draft.node(node.id).inputs !== undefined) return false
  const names = wanted.map(({ name }) => name).join(', ')
  draft.change(node.id, { status: 'InputWaiting', reason: `waits for ${names}` })
  draft.command({ type: 'start-timer', node: node.id, kind: 'timeout', seconds: node.timeoutSeconds })
  return true
}

/** True when the step may begin now. The values have been checked. */
export function onInputs(draft: Draft, event: Extract<PipelineEvent, { readonly type: 'inputs-given' }>): boolean {
  const node = nodeOf(draft.graph, event.node)
  if (node.kind !== 'step' || draft.node(node.id).status !== 'InputWaiting') return false
  draft.command({ type: 'stop-timer', node: node.id, kind: 'timeout' })
  draft.change(node.id, { inputs: event.inputs, reason: undefined })
  return true
}

/** Nobody gave them in time. True when the step may begin with the defaults, because its failure strategy says so. */
export function onInputsLate(draft: Draft, node: StepNode): boolean {
  const wanted = lateInputsOf(draft.graph, node.work)
  const action = chooseAction(draft.graph, node, 'InputTimeoutError', false)
  const hasAll = wanted.every((input) => input.default !== undefined)
  if ('withDefaults' in action && hasAll) {
    draft.change(node.id, { inputs: Object.fromEntries(wanted.map((one) => [one.key, one.default ?? ''])) })
    return true
  }
  const reason = `its inputs were not given within ${formatDuration(node.timeoutSeconds)}`
  failStep(draft, node.id, { status: 'Expired', failureClass: 'InputTimeoutError', reason })
  return false
}
