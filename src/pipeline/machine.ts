// The machine of a run: (graph, state, event) → (state, commands). Pure: no clock, no randomness, no I/O.
import type { ExecutionStatus } from '#contract/pipeline/status'
import { isFinal } from '#contract/pipeline/status'
import { mayRetry, onAttempt, onResolve } from './attempt.ts'
import { beginStep } from './begin.ts'
import type { FailureClass } from './document.ts'
import { Draft } from './draft.ts'
import { formatDuration } from './duration.ts'
import { onMailSettled } from './email.ts'
import { beginEnding, stopStep } from './ending.ts'
import {
  applyAction,
  chooseAction,
  classify,
  failStep,
  isDecided,
  wantPipelineRollback,
  wantRollback,
} from './failure.ts'
import { type ContainerNode, descendants, type Graph, nodeOf, type StepNode } from './graph.ts'
import type {
  Facts,
  InterventionAction,
  NodeState,
  PipelineEvent,
  PipelineState,
  TimerKind,
  Transition,
} from './state.ts'
import { onDelayed, onGranted, onRefused } from './hold.ts'
import { asksForInputs, onInputs, onInputsLate, takesDefaults, whyLate } from './late-input.ts'
import type { Kept } from './retry.ts'
import { openContainer, walk } from './walk.ts'

/** The first transition of a run. `kept`: nodes of an earlier run that are not run again. */
export function begin(graph: Graph, facts: Facts, kept: Kept = {}): Transition {
  const idle: NodeState = { status: 'NotStarted', output: {}, attempts: 0, tries: 0 }
  const nodes = Object.fromEntries(graph.order.map((id) => [id, kept[id] ?? idle]))
  const draft = new Draft(graph, { version: 1, status: 'Running', facts, nodes })
  const seconds = graph.pipeline.timeoutSeconds
  if (seconds !== undefined) draft.command({ type: 'start-timer', node: '', kind: 'timeout', seconds })
  walk(draft)
  return { state: draft.finish(), commands: draft.commands }
}

/** Events that are late, repeated or about something that is over change nothing: the very same state comes back. */
export function transition(graph: Graph, state: PipelineState, event: PipelineEvent): Transition {
  if (isFinal(state.status) || !concerns(graph, event)) return { state, commands: [] }
  const draft = new Draft(graph, state)
  apply(draft, event)
  walk(draft)
  return { state: draft.finish(), commands: draft.commands }
}

function concerns(graph: Graph, event: PipelineEvent): boolean {
  return !('node' in event) || event.node === '' || graph.nodes.has(event.node)
}

function apply(draft: Draft, event: PipelineEvent): void {
  switch (event.type) {
    case 'attempt-accepted':
    case 'attempt-started':
    case 'attempt-requeued':
    case 'attempt-ended':
    case 'attempt-output':
    case 'attempt-impossible':
      return onAttempt(draft, event)
    case 'resolve':
      return onResolve(draft, event)
    case 'approval-decided':
      return onApproval(draft, event)
    case 'inputs-given':
      if (onInputs(draft, event)) beginAgain(draft, event.node)
      return
    case 'mail-settled':
      return onMailSettled(draft, event)
    case 'timer':
      return onTimer(draft, event.node, event.kind)
    case 'hold-delayed':
      return onDelayed(draft, event.node)
    case 'hold-refused':
      return onRefused(draft, event.node, event.reason)
    case 'hold-granted':
      return onGranted(draft, event.node)
    case 'pause':
      draft.paused ??= `paused by ${event.by}${event.reason ? `: ${event.reason}` : ''}`
      return
    case 'resume-run':
      draft.paused = undefined
      return
    case 'abort': {
      const why = event.reason ? `: ${event.reason}` : ''
      return beginEnding(draft, { as: 'Aborted', reason: `the execution was aborted by ${event.by}${why}` })
    }
  }
}

function beginAgain(draft: Draft, id: string): void {
  const node = nodeOf(draft.graph, id)
  if (node.kind === 'step') beginStep(draft, node)
  else openContainer(draft, node)
}

function onApproval(draft: Draft, event: Extract<PipelineEvent, { readonly type: 'approval-decided' }>): void {
  // A stage that holds it shows the same status; only the step itself can be decided.
  if (nodeOf(draft.graph, event.node).kind !== 'step' || draft.node(event.node).status !== 'ApprovalWaiting') return
  draft.command({ type: 'stop-timer', node: event.node, kind: 'timeout' })
  const { reason } = event
  if (event.inputs) draft.change(event.node, { output: { approverInputs: event.inputs } })
  if (event.decision === 'APPROVED') draft.change(event.node, { status: 'Success', reason })
  else failStep(draft, event.node, { status: 'ApprovalRejected', failureClass: 'ApprovalRejection', reason })
}

function onTimer(draft: Draft, id: string, kind: TimerKind): void {
  if (id === '') {
    const limit = formatDuration(draft.graph.pipeline.timeoutSeconds ?? 0)
    if (!draft.ending) beginEnding(draft, { as: 'Expired', reason: `the pipeline took longer than ${limit}` })
    return
  }
  const node = nodeOf(draft.graph, id)
  if (node.kind !== 'step') return kind === 'timeout' ? onStageTime(draft, node) : undefined
  const { status, pending } = draft.node(id)
  switch (kind) {
    case 'wait':
      if (node.type !== 'Wait' || status !== 'Running') return
      draft.command({ type: 'stop-timer', node: id, kind: 'timeout' })
      return draft.change(id, { status: 'Success', reason: undefined })
    case 'intervention':
      if (status !== 'InterventionWaiting' || pending?.onTimeout === undefined) return
      return nobodyCame(draft, id, draft.node(id))
    case 'retry':
      if (status === 'Queued' && !draft.node(id).live) retryNow(draft, node)
      return
    case 'timeout':
      return expireStep(draft, node, status)
  }
}

/** The time of a retry has come; it is not used when what holds the step is being rolled back meanwhile. */
function retryNow(draft: Draft, node: StepNode): void {
  // It is looked at again after the pause.
  if (draft.paused !== undefined && !node.rollback)
    return draft.command({ type: 'start-timer', node: node.id, kind: 'retry', seconds: 10 })
  if (!isDecided(draft, node)) return beginStep(draft, node)
  const { fault } = draft.node(node.id)
  const reason = 'not tried again: what it belongs to is rolled back'
  failStep(draft, node.id, { status: 'Failed', failureClass: classify(fault), reason, fault })
}

function nobodyCame(draft: Draft, id: string, { pending, fault }: NodeState): void {
  if (pending?.onTimeout === undefined) return
  const { status, failureClass, onTimeout } = pending
  applyAction(draft, id, { status, failureClass, reason: 'nobody intervened in time', fault }, onTimeout)
}

function expireStep(draft: Draft, node: StepNode, status: ExecutionStatus): void {
  const limit = formatDuration(node.timeoutSeconds)
  const reason = `took longer than ${limit}`
  if (draft.node(node.id).live) {
    if (draft.node(node.id).live?.kind === 'work')
      stopStep(draft, node.id, { cause: 'timed-out', as: 'Expired', reason, force: false })
    return
  }
  if (status === 'InputWaiting') return onInputsLate(draft, node) ? beginStep(draft, node) : undefined
  if (status === 'ApprovalWaiting') {
    draft.command({ type: 'close-approval', node: node.id, status: 'EXPIRED' })
    const late = `was not decided within ${limit}`
    return failStep(draft, node.id, { status: 'Expired', failureClass: 'Timeout', reason: late })
  }
  if (status === 'ResourceWaiting') {
    if (node.type === 'Queue') draft.command({ type: 'release-hold', node: node.id })
    return failStep(draft, node.id, {
      status: 'Expired',
      failureClass: 'Timeout',
      reason: `waited longer than ${limit}`,
    })
  }
  if (node.type === 'Email' && status === 'Running') {
    draft.command({ type: 'drop-mail', node: node.id })
    const late = `the mail could not be sent within ${limit}`
    return failStep(draft, node.id, { status: 'Expired', failureClass: 'Timeout', reason: late })
  }
  if (node.type !== 'Wait' || status !== 'Running') return
  draft.command({ type: 'stop-timer', node: node.id, kind: 'wait' })
  failStep(draft, node.id, { status: 'Expired', failureClass: 'Timeout', reason })
}

function onStageTime(draft: Draft, stage: ContainerNode): void {
  if (!asksForInputs(draft, stage.id))
    return expireStage(
      draft,
      stage,
      'Timeout',
      `the stage took longer than ${formatDuration(stage.timeoutSeconds ?? 0)}`,
    )
  if (takesDefaults(draft, stage)) return openContainer(draft, stage)
  expireStage(draft, stage, 'InputTimeoutError', whyLate(stage))
}

/** A rollback that is already wanted or under way is not interrupted: half rolled back is worse than late. */
function expireStage(draft: Draft, stage: ContainerNode, failureClass: FailureClass, reason: string): void {
  const { status, rollback, floor } = draft.node(stage.id)
  if (isFinal(status) || status === 'NotStarted' || rollback !== undefined || floor !== undefined || draft.ending)
    return
  const action = chooseAction(draft.graph, stage, failureClass, true).type
  if (action === 'Abort') return beginEnding(draft, { as: 'Expired', reason })
  draft.change(stage.id, { floor: action === 'Ignore' ? 'IgnoreFailed' : 'Expired', reason })
  const forward = descendants(draft.graph, stage.id).filter((node) => !node.rollback)
  draft.skip(forward, `not run: ${reason}`)
  if (action === 'StageRollback' || action === 'StepGroupRollback') wantRollback(draft, stage.id)
  if (action === 'PipelineRollback') wantPipelineRollback(draft, stage.id)
  for (const node of forward) {
    if (node.kind !== 'step' || isFinal(draft.node(node.id).status)) continue
    stopStep(draft, node.id, { cause: 'stage-timed-out', as: 'Expired', reason, force: false })
  }
}

/** What a person may decide about a node at this moment; empty unless it waits for intervention. */
export function interventionActions(graph: Graph, state: PipelineState, id: string): readonly InterventionAction[] {
  const node = graph.nodes.get(id)
  if (node?.kind !== 'step' || state.nodes[id]?.status !== 'InterventionWaiting' || isFinal(state.status)) return []
  const retry = mayRetry(new Draft(graph, state), node)
  return retry ? ['Retry', 'MarkAsFailure', 'MarkAsSuccess'] : ['MarkAsFailure', 'MarkAsSuccess']
}
