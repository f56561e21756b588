// What follows from a failure: its class, the strategy that applies (step before group before stage), and what that does.
import type { FaultCode, FaultRecord } from '#contract/fault'
import { type ExecutionStatus, isFinal } from '#contract/pipeline/status'
import { type FailureAction, type FailureClass, isAttempted, isChanging, type SimpleAction } from './document.ts'
import type { Draft } from './draft.ts'
import { formatDuration } from './duration.ts'
import { beginEnding } from './ending.ts'
import { isProgramStep } from './program.ts'
import { descendants, type Graph, type GraphNode, nodeOf, stageOf, withAncestors } from './graph.ts'

export interface Failure {
  readonly status: ExecutionStatus
  readonly failureClass: FailureClass
  readonly reason?: string | undefined
  readonly fault?: FaultRecord | undefined
}

const classes: Readonly<Partial<Record<FaultCode, FailureClass>>> = {
  'database-authentication': 'Authentication',
  'source-authentication': 'Authentication',
  unauthenticated: 'Authentication',
  'database-permission': 'Authorization',
  forbidden: 'Authorization',
  'database-unreachable': 'Connectivity',
  'database-lost': 'Connectivity',
  'source-unreachable': 'Connectivity',
  'no-delegate': 'DelegateProvisioning',
  'timed-out': 'Timeout',
  cancelled: 'DelegateRestart',
  'outcome-unknown': 'DelegateRestart',
  'step-died': 'DelegateRestart',
  'precondition-failed': 'Verification',
  'checksum-changed': 'Verification',
  'plan-changed': 'Verification',
  'request-failed': 'Connectivity',
}
export function classify(fault: FaultRecord | undefined): FailureClass {
  return (fault && classes[fault.code]) ?? 'Unknown'
}

/** Settles a step as failed and does what its failure strategy says. `byPerson`: nobody is asked a second time. */
export function failStep(draft: Draft, id: string, failure: Failure, byPerson = false): void {
  const node = nodeOf(draft.graph, id)
  // What happens to the stage or group is decided already: the step only takes its place in it.
  if (isDecided(draft, node)) return settle(draft, id, failure)
  follow(draft, node, failure, chooseAction(draft.graph, node, failure.failureClass, byPerson))
}

/** Has somebody else decided already what becomes of what the step belongs to? */
export function isDecided(draft: Draft, node: GraphNode): boolean {
  if (draft.ending) return true
  if (node.rollback) return false
  return withAncestors(draft.graph, node.id).some(({ id }) => draft.node(id).rollback ?? draft.node(id).floor)
}

function follow(draft: Draft, node: GraphNode, failure: Failure, action: FailureAction): void {
  const { id } = node
  if (action.type === 'ManualIntervention') {
    const { timeoutSeconds, onTimeout } = action
    intervene(draft, id, failure, { onTimeout, waits: formatDuration(timeoutSeconds) })
    return draft.command({ type: 'start-timer', node: id, kind: 'intervention', seconds: timeoutSeconds })
  }
  if (action.type !== 'Retry') return applyAction(draft, id, failure, action.type)
  const done = draft.node(id).retries ?? 0
  if (done >= action.count || !mayRepeat(draft, node, failure)) return follow(draft, node, failure, action.afterwards)
  const seconds = action.intervals[Math.min(done, action.intervals.length - 1)] ?? 60
  const why = failure.reason ?? failure.fault?.message
  draft.change(id, {
    status: 'Queued',
    reason: `is tried again in ${formatDuration(seconds)} (${done + 1} of ${action.count})${why ? `: ${why}` : ''}`,
    fault: failure.fault,
    retries: done + 1,
    tries: 0,
    live: undefined,
    pending: undefined,
  })
  draft.command({ type: 'start-timer', node: id, kind: 'retry', seconds })
}

/** Faults after which nothing of a change can have been done. */
const harmless: ReadonlySet<FaultCode> = new Set([
  'database-unreachable',
  'database-authentication',
  'source-unreachable',
  'source-authentication',
  'no-delegate',
  'secret-unresolved',
])

/** A change of a database is repeated without a person only when it is certain that none of it was done. */
function mayRepeat(draft: Draft, node: GraphNode, { fault }: Failure): boolean {
  if (node.kind !== 'step') return false
  if (node.type === 'Email') return true
  if (!isAttempted(node.work)) return false
  const { touched, lostOnce } = draft.node(node.id)
  // A script that was lost may still be at work.
  if (!isChanging(node.work)) return !(isProgramStep(node.work) && lostOnce)
  return !lostOnce && (!touched || (fault !== undefined && harmless.has(fault.code)))
}

function settle(draft: Draft, id: string, failure: Failure): void {
  const { status, reason, fault } = failure
  draft.change(id, { status, reason, fault, live: undefined, pending: undefined })
}

/** Leaves the step waiting for a person. Without `strategy` it waits without end: the outcome in the database is not clear. */
export function intervene(
  draft: Draft,
  id: string,
  failure: Failure,
  strategy?: { readonly onTimeout: SimpleAction; readonly waits: string },
): void {
  const { status, failureClass, fault } = failure
  const limit = strategy ? ` (${strategy.onTimeout} after ${strategy.waits})` : ''
  const why = failure.reason ?? fault?.message
  draft.change(id, {
    status: 'InterventionWaiting',
    reason: `waits for a person to decide${limit}${why ? `: ${why}` : ''}`,
    fault,
    live: undefined,
    pending: { status, failureClass, ...(strategy ? { onTimeout: strategy.onTimeout } : {}) },
  })
}

export function applyAction(draft: Draft, id: string, failure: Failure, action: SimpleAction): void {
  switch (action) {
    case 'Ignore':
      return settle(draft, id, { ...failure, status: 'IgnoreFailed' })
    case 'MarkAsSuccess': {
      const why = failure.reason ?? failure.fault?.message
      const reason = `failed, and its failure strategy says MarkAsSuccess${why ? `: ${why}` : ''}`
      return settle(draft, id, { ...failure, status: 'Success', reason })
    }
    case 'MarkAsFailure':
      return settle(draft, id, failure)
    case 'StepGroupRollback':
      settle(draft, id, failure)
      return wantRollback(draft, groupOrStage(draft.graph, id))
    case 'StageRollback':
      settle(draft, id, failure)
      return wantRollback(draft, stageOf(draft.graph, id).id)
    case 'PipelineRollback':
      settle(draft, id, failure)
      return wantPipelineRollback(draft, id)
    case 'Abort':
      settle(draft, id, failure)
      return beginEnding(draft, { as: 'Aborted', reason: `the failure strategy of ${id} says Abort` })
  }
}

/** The nearest group around a step; its stage when it stands in none. */
function groupOrStage(graph: Graph, id: string): string {
  const group = withAncestors(graph, id).find((level) => level.kind === 'group')
  return group?.id ?? stageOf(graph, id).id
}

/** What runs in parallel goes on to its end; what has not begun does not, and then the rollback sections run. */
export function wantRollback(draft: Draft, container: string): void {
  if (draft.node(container).rollback === undefined) draft.change(container, { rollback: 'wanted' })
  const forward = descendants(draft.graph, container).filter((node) => !node.rollback)
  const what = nodeOf(draft.graph, container).kind === 'group' ? 'group' : 'stage'
  draft.skip(forward, `not run: the ${what} is rolled back`)
}

/** No stage begins any more; those that work go to their end or roll back, and then all that began are rolled back. */
export function wantPipelineRollback(draft: Draft, id: string): void {
  draft.rollback ??= id
  for (const stage of draft.graph.stages.flat()) {
    const { status } = draft.node(stage)
    if (status === 'NotStarted') draft.skipWithin(stage, 'not run: the pipeline is rolled back')
    else if (!isFinal(status)) wantRollback(draft, stage)
  }
}

/**
 * The first entry that matches at the nearest level that has one. An approval that was refused is not ignored because somebody
 * ignores AllErrors: the strategy has to name it.
 */
export function chooseAction(
  graph: Graph,
  node: GraphNode,
  failureClass: FailureClass,
  byPerson: boolean,
): FailureAction {
  const levels = withAncestors(graph, node.id).filter((level) => !node.rollback || level.rollback)
  for (const level of levels) {
    const entry = level.failureStrategies.find(
      ({ errors, action }) =>
        (errors.includes(failureClass) || errors.includes('AllErrors')) &&
        !(byPerson && (action.type === 'ManualIntervention' || action.type === 'Retry')),
    )
    if (!entry) continue
    const { action, errors } = entry
    const named = errors.includes(failureClass)
    if (action.type === 'Retry')
      return { ...action, afterwards: sensible(node, action.afterwards, failureClass, named) }
    return sensible(node, action, failureClass, named)
  }
  const none = levels.every((level) => level.failureStrategies.length === 0)
  return { type: none && !node.rollback && hasRollback(graph, node.id) ? 'StageRollback' : 'MarkAsFailure' }
}

/** The action, or MarkAsFailure where it would mean nothing or say what is not true. */
function sensible<T extends Exclude<FailureAction, { readonly type: 'Retry' }>>(
  node: GraphNode,
  action: T,
  failureClass: FailureClass,
  named: boolean,
): T | { readonly type: 'MarkAsFailure' } {
  const rejected = failureClass === 'ApprovalRejection'
  switch (action.type) {
    case 'StepGroupRollback':
    case 'StageRollback':
    case 'PipelineRollback':
      // A rollback that fails cannot be rolled back.
      return node.rollback ? { type: 'MarkAsFailure' } : action
    case 'ManualIntervention':
      // Only work can be tried again by a person; an approval has been decided.
      return node.kind === 'step' && isAttempted(node.work) ? action : { type: 'MarkAsFailure' }
    case 'MarkAsSuccess':
      return rejected || node.kind !== 'step' || isChanging(node.work) ? { type: 'MarkAsFailure' } : action
    case 'Ignore':
      return rejected && !named ? { type: 'MarkAsFailure' } : action
    case 'MarkAsFailure':
    case 'Abort':
      break
  }
  return action
}

/** Whoever writes rollbackSteps and no strategy at all means them to run. */
function hasRollback(graph: Graph, id: string): boolean {
  return descendants(graph, stageOf(graph, id).id).some((node) => node.rollback)
}
