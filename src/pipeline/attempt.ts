// What attempts report and what follows: success, failure, a stop, or a lost outcome that has to be found out first.
import { canBeLookedInto, type HttpStep, isChanging, isDatabaseWork } from './document.ts'
import { type Draft, valuesOf } from './draft.ts'
import { formatDuration } from './duration.ts'
import { beginStep, knownAnchor, resolveWork } from './begin.ts'
import { classify, failStep, type Failure, intervene } from './failure.ts'
import { nodeOf, stageOf, type StepNode, withAncestors } from './graph.ts'
import type { FaultRecord } from '#contract/fault'
import { isProgramStep, judgeAnswer } from './program.ts'
import type { AttemptResult, LiveAttempt, NodeState, Output, PipelineEvent } from './state.ts'

/** So often something is tried without asking a person. */
const MOST_TRIES = 3
/** The step keeps its own time; the manager only steps in when that did not happen. Seconds. */
const GRACE = 60

type AttemptEvent = Extract<PipelineEvent, { readonly type: `attempt-${string}` }>

/** Ignores what is not about the attempt that is under way. */
export function onAttempt(draft: Draft, event: AttemptEvent): void {
  const node = nodeOf(draft.graph, event.node)
  const state = draft.node(event.node)
  const { live } = state
  if (node.kind !== 'step' || !live || live.number !== event.number) return
  switch (event.type) {
    case 'attempt-accepted':
      if (live.kind === 'work' && state.status === 'Queued') draft.change(node.id, { status: 'Running' })
      return
    case 'attempt-started':
      return started(draft, node, live)
    case 'attempt-requeued':
      if (live.kind === 'work') draft.change(node.id, { status: 'Queued' })
      return
    case 'attempt-ended':
      draft.command({ type: 'stop-timer', node: node.id, kind: 'timeout' })
      if (live.kind === 'reconcile') return reconciled(draft, node, live, event.result)
      return ended(draft, node, live, event.result)
    case 'attempt-output':
      return draft.change(node.id, { output: mergeOutput(state, event.output) })
    case 'attempt-impossible':
      return impossible(draft, node, live, event.fault)
  }
}

function started(draft: Draft, node: StepNode, live: LiveAttempt): void {
  if (live.started) return
  draft.change(node.id, { live: { ...live, started: true } })
  if (live.kind !== 'work') return
  draft.change(node.id, { touched: true, ...(live.cancel ? {} : { status: 'Running', reason: undefined }) })
  draft.command({ type: 'start-timer', node: node.id, kind: 'timeout', seconds: node.timeoutSeconds + GRACE })
}

function ended(draft: Draft, node: StepNode, live: LiveAttempt, result: AttemptResult): void {
  draft.change(node.id, { output: mergeOutput(draft.node(node.id), result.output) })
  const { fault } = result
  switch (result.outcome) {
    case 'success':
      return node.work.type === 'Http' ? answered(draft, node, node.work) : succeed(draft, node.id)
    case 'failure': {
      if (live.cancel && fault?.code === 'cancelled') return stopped(draft, node, live, fault)
      // The queue's word for: lost, and certainly without any effect.
      if (fault?.code === 'step-died') return tryAgain(draft, node, live, fault)
      const status = fault?.code === 'timed-out' ? 'Expired' : 'Failed'
      return failStep(draft, node.id, { status, failureClass: classify(fault), fault })
    }
    case 'cancelled':
      return stopped(draft, node, live, fault)
    case 'unknown':
      // Before it said that it would open the target it had not touched it.
      if (canBeLookedInto(node.type) && live.started) return lookInto(draft, node, live, live.number)
      if (mayHaveActed(node) && live.started) return gone(draft, node, live, fault)
      return tryAgain(draft, node, live, fault)
  }
}

/** A clone is made anew, whatever became of the one before. */
const mayHaveActed = ({ work }: StepNode): boolean =>
  isChanging(work) || (isProgramStep(work) && work.type !== 'GitClone')

function answered(draft: Draft, node: StepNode, work: HttpStep): void {
  const found = judgeAnswer(valuesOf(draft), node.id, work)
  if ('problem' in found)
    return failStep(draft, node.id, { status: 'Failed', failureClass: 'Verification', reason: found.problem })
  const { outputVariables } = found
  draft.change(node.id, { output: { ...draft.node(node.id).output, outputVariables } })
  succeed(draft, node.id)
}

/** Nobody can look into what a script or a command did, and it is never begun again by itself. */
function gone(draft: Draft, node: StepNode, live: LiveAttempt, fault: FaultRecord | undefined): void {
  draft.change(node.id, { lostOnce: true })
  const reason = `its outcome is not known${fault ? `: ${fault.message}` : ''}`
  if (draft.ending ?? live.cancel) return stopped(draft, node, live, fault ?? unknown(reason), reason)
  const lost = fault ?? unknown(reason)
  failStep(draft, node.id, { status: 'Failed', failureClass: classify(lost), reason, fault: lost })
}

/** The anchor of the first attempt of a step stays: it is the state before the step changed anything. */
function mergeOutput(state: NodeState, next: Output): Output {
  const { preStartTag } = state.output
  return { ...state.output, ...next, ...(preStartTag === undefined ? {} : { preStartTag }) }
}

function succeed(draft: Draft, id: string, reason?: string): void {
  draft.change(id, { status: 'Success', reason, fault: undefined, live: undefined, pending: undefined })
}

/** Ended because it was told to, or because its delegate stopped it. */
function stopped(draft: Draft, node: StepNode, live: LiveAttempt, fault?: FaultRecord, explanation?: string): void {
  const said = explanation ? `: ${explanation}` : ''
  const set = (status: 'Aborted' | 'Expired', reason: string) =>
    draft.change(node.id, { status, reason: `${reason}${said}`, fault, live: undefined, pending: undefined })
  if (draft.ending) return set(draft.ending.as, draft.ending.reason)
  switch (live.cancel) {
    case 'stage-timed-out':
      return set('Expired', 'the stage took too long')
    case 'timed-out': {
      const reason = `took longer than ${formatDuration(node.timeoutSeconds)}${said}`
      return failStep(draft, node.id, { status: 'Expired', failureClass: 'Timeout', reason, fault })
    }
    case 'aborted':
      return set('Aborted', 'the execution was aborted')
    case undefined: {
      const reason = `was stopped by its delegate${said}`
      return failStep(draft, node.id, { status: 'Failed', failureClass: 'DelegateRestart', reason, fault })
    }
  }
}

/** May work that was lost go on without a person? Not when the run, the stage or the attempt was told to stop. */
function mayGoOn(draft: Draft, node: StepNode, live: LiveAttempt): boolean {
  const stage = draft.node(stageOf(draft.graph, node.id).id)
  if (draft.ending || live.cancel || stage.floor) return false
  return node.rollback || withAncestors(draft.graph, node.id).every(({ id }) => draft.node(id).rollback === undefined)
}

/** Nothing was changed by it, so it may simply run again. */
function tryAgain(draft: Draft, node: StepNode, live: LiveAttempt, fault: FaultRecord | undefined): void {
  if (mayGoOn(draft, node, live) && draft.node(node.id).tries < MOST_TRIES) return runAgain(draft, node, live.number)
  if (live.cancel || draft.ending) return stopped(draft, node, live, fault)
  const reason = `was lost ${draft.node(node.id).tries} times without a report`
  failStep(draft, node.id, { status: 'Failed', failureClass: classify(fault ?? unknown(reason)), reason, fault })
}

/** The very work of the attempt `repeats`, as the next attempt. */
function runAgain(draft: Draft, node: StepNode, repeats: number, reason?: string): void {
  const { attempts, tries } = draft.node(node.id)
  // Its expressions had values when it first ran, and what they read does not change any more.
  const resolved = isDatabaseWork(node.work) ? resolveWork(valuesOf(draft), node.id, node.work) : undefined
  if (!resolved || 'unresolved' in resolved) return beginStep(draft, node)
  const { work } = resolved
  const number = attempts + 1
  const live = { number, kind: 'work', started: false } as const
  draft.change(node.id, { status: 'Queued', reason, attempts: number, tries: tries + 1, live })
  const { timeoutSeconds, delegateSelectors } = node
  const rest = { timeoutSeconds, delegateSelectors, repeats, ...knownAnchor(draft, node.id) }
  draft.command({ type: 'run-step', node: node.id, number, work, ...rest })
}

const unknown = (message: string): FaultRecord => ({ code: 'outcome-unknown', message })

function lookInto(draft: Draft, node: StepNode, live: LiveAttempt | undefined, lost: number): void {
  const number = draft.node(node.id).attempts + 1
  const next = { number, kind: 'reconcile', lost, started: false } as const
  draft.change(node.id, {
    status: 'Unknown',
    reason: 'its outcome is not known: the history and journal of the database are being read',
    attempts: number,
    pending: undefined,
    lostOnce: true,
    live: live?.cancel ? { ...next, cancel: live.cancel } : next,
  })
  draft.command({ type: 'reconcile', node: node.id, number, lost })
}

function reconciled(draft: Draft, node: StepNode, live: LiveAttempt, result: AttemptResult): void {
  draft.change(node.id, { output: mergeOutput(draft.node(node.id), result.output) })
  const found = result.outcome === 'success' ? result.reconcile : undefined
  if (!found) return notFoundOut(draft, node, live, result)
  const { explanation } = found
  const fault = unknown(explanation)
  switch (found.verdict) {
    case 'complete':
      return succeed(draft, node.id, `was found complete after its report was lost: ${explanation}`)
    case 'resumable':
      if (mayGoOn(draft, node, live)) {
        if (draft.node(node.id).tries < MOST_TRIES)
          return runAgain(draft, node, live.lost ?? live.number, `goes on after it was lost: ${explanation}`)
        const reason = `was lost ${MOST_TRIES} times: ${explanation}`
        return intervene(draft, node.id, { status: 'Failed', failureClass: 'Unknown', reason, fault })
      }
      if (draft.ending || live.cancel) return stopped(draft, node, live, fault, explanation)
      return failStep(draft, node.id, { status: 'Failed', failureClass: 'Unknown', reason: explanation, fault })
    case 'unclear':
      if (draft.ending) return stopped(draft, node, live, fault, `its outcome is not clear: ${explanation}`)
      return intervene(draft, node.id, { status: 'Failed', failureClass: 'Unknown', reason: explanation, fault })
  }
}

/** The look itself failed or was lost. It changes nothing, so it is repeated, but not for ever. */
function notFoundOut(draft: Draft, node: StepNode, live: LiveAttempt, result: AttemptResult): void {
  const lost = live.lost ?? live.number
  const cancelled = result.outcome === 'cancelled' && draft.ending
  if (!cancelled && live.number - lost < MOST_TRIES) return lookInto(draft, node, live, lost)
  const why = result.fault ? `: ${result.fault.message}` : ''
  undecided(draft, node, live, lost, `its outcome could not be found out${why}`)
}

function undecided(draft: Draft, node: StepNode, live: LiveAttempt, lost: number, reason: string): void {
  const fault = unknown(reason)
  if (draft.ending) return stopped(draft, node, live, fault, reason)
  const failure: Failure = { status: 'Failed', failureClass: 'Unknown', reason, fault }
  intervene(draft, node.id, failure)
  const { pending } = draft.node(node.id)
  if (pending) draft.change(node.id, { pending: { ...pending, lost } })
}

function impossible(draft: Draft, node: StepNode, live: LiveAttempt, fault: FaultRecord): void {
  if (live.kind === 'reconcile') return undecided(draft, node, live, live.lost ?? live.number, fault.message)
  if (draft.ending) return stopped(draft, node, live, fault)
  const status = fault.code === 'frozen' ? 'AbortedByFreeze' : 'Errored'
  failStep(draft, node.id, { status, failureClass: classify(fault), reason: fault.message, fault })
}

/** May the person's Retry be carried out? It starts something, so not where nothing may start any more. */
export function mayRetry(draft: Draft, node: StepNode): boolean {
  return mayGoOn(draft, node, { number: 0, kind: 'work', started: false })
}

/** A person decides about a step that waits for intervention. */
export function onResolve(draft: Draft, event: Extract<PipelineEvent, { readonly type: 'resolve' }>): void {
  const node = nodeOf(draft.graph, event.node)
  const { status, pending } = draft.node(event.node)
  if (node.kind !== 'step' || status !== 'InterventionWaiting') return
  if (event.action === 'Retry' && !mayRetry(draft, node)) return
  draft.command({ type: 'stop-timer', node: node.id, kind: 'intervention' })
  const because = `by ${event.by}: ${event.reason}`
  switch (event.action) {
    case 'MarkAsSuccess':
      return succeed(draft, node.id, `marked as success ${because}`)
    case 'MarkAsFailure': {
      const { fault } = draft.node(node.id)
      const reason = `marked as failed ${because}`
      return failStep(draft, node.id, { status: 'Failed', failureClass: 'UserMarkedFailure', reason, fault }, true)
    }
    case 'Retry':
      draft.change(node.id, { tries: 0 })
      // Without a verdict it is still not known what the lost attempt did: that is looked at first.
      if (pending?.lost !== undefined) return lookInto(draft, node, undefined, pending.lost)
      return beginStep(draft, node)
  }
}
