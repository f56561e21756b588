// Inputs that are asked for when their step begins (`<+input>.executionInput()`): the step waits for the values.
import type { LateInput } from './document.ts'
import type { Draft } from './draft.ts'
import { chooseAction, failStep } from './failure.ts'
import { formatDuration } from './duration.ts'
import { partsOf, type Syntax } from './expression/syntax.ts'
import { parseTemplate } from './expression/template.ts'
import { type Graph, type GraphNode, nodeOf, type StepNode } from './graph.ts'
import { locate } from './locate.ts'
import type { PipelineEvent } from './state.ts'
import { variableOf } from './variable.ts'

/** Seconds that a stage without a time limit waits for what it asks for. */
const LONGEST_WAIT = 86_400

/** How a late input stands in the document of a run: as an expression that its step gives the value of. */
export const lateExpression = (key: string): string => `<+executionInput.${key}>`

/** What the step, or the stage, asks for, in document order. */
export function lateInputsOf({ pipeline }: Graph, node: GraphNode): readonly LateInput[] {
  const { lateInputs = [] } = pipeline
  if (lateInputs.length === 0 || node.kind === 'group') return []
  const text = JSON.stringify(node.kind === 'step' ? node.work : node.variables)
  return lateInputs.filter(({ key }) => text.includes(lateExpression(key)))
}

/** Do the texts of a step read what the stage asks for, by whatever variables? Where the stage is another one, too. */
export function readsLateInputs(graph: Graph, { id, work }: StepNode, stage: string): boolean {
  const seen = new Set<string>()
  const reads = (owner: string, text: string): boolean => {
    const template = parseTemplate(text)
    if ('problem' in template) return false
    return template.parts.some((part) => typeof part === 'object' && within(owner, part.syntax))
  }
  const within = (owner: string, syntax: Syntax): boolean => {
    if (syntax.kind !== 'path') return partsOf(syntax).some((part) => within(owner, part))
    const found = locate(graph, owner, syntax.path)
    if ('unknown' in found) return false
    if (found.kind === 'late') return found.node === stage
    if (found.kind !== 'variable') return false
    const key = `${found.owner} ${found.name}`
    if (seen.has(key)) return false
    seen.add(key)
    return reads(found.owner, variableOf(graph, found.owner, found.name)?.value ?? '')
  }
  return textsIn(work).some((text) => reads(id, text))
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

/** True when the step has to wait; what it waits for is asked once, however often it is tried. */
export function waitsForInputs(draft: Draft, node: GraphNode): boolean {
  const wanted = lateInputsOf(draft.graph, node)
  if (wanted.length === 0 || draft.node(node.id).inputs !== undefined) return false
  const names = wanted.map(({ name }) => name).join(', ')
  draft.change(node.id, { status: 'InputWaiting', reason: `waits for ${names}` })
  const seconds = node.timeoutSeconds ?? LONGEST_WAIT
  draft.command({ type: 'start-timer', node: node.id, kind: 'timeout', seconds })
  return true
}

/** A stage that waits for its own inputs: nothing in it begins. One that ends before its time waits no longer. */
export function asksForInputs(draft: Draft, id: string): boolean {
  const { asks, floor, rollback } = draft.node(id)
  return asks === true && !draft.ending && floor === undefined && rollback === undefined
}

/** True when the step may begin now. The values have been checked. */
export function onInputs(draft: Draft, event: Extract<PipelineEvent, { readonly type: 'inputs-given' }>): boolean {
  const node = nodeOf(draft.graph, event.node)
  // A stage shows the same status when only a step in it waits.
  const waits = node.kind === 'step' ? draft.node(node.id).status === 'InputWaiting' : asksForInputs(draft, node.id)
  if (!waits) return false
  draft.command({ type: 'stop-timer', node: node.id, kind: 'timeout' })
  draft.change(node.id, { inputs: event.inputs, reason: undefined, asks: undefined })
  return true
}

/** Nobody gave them in time. True when the step may begin with the defaults, because its failure strategy says so. */
export function onInputsLate(draft: Draft, node: StepNode): boolean {
  if (takesDefaults(draft, node)) return true
  failStep(draft, node.id, { status: 'Expired', failureClass: 'InputTimeoutError', reason: whyLate(node) })
  return false
}

export const whyLate = ({ timeoutSeconds = LONGEST_WAIT }: GraphNode): string =>
  `its inputs were not given within ${formatDuration(timeoutSeconds)}`

/** True when the strategy says so and all inputs have defaults: they are taken. */
export function takesDefaults(draft: Draft, node: GraphNode): boolean {
  const wanted = lateInputsOf(draft.graph, node)
  const action = chooseAction(draft.graph, node, 'InputTimeoutError', false)
  const hasAll = wanted.every((input) => input.default !== undefined)
  if ('withDefaults' in action && hasAll) {
    const inputs = Object.fromEntries(wanted.map((one) => [one.key, one.default ?? '']))
    draft.change(node.id, { inputs, asks: undefined })
    return true
  }
  return false
}
