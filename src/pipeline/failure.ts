// What follows from a failure: its class, the strategy that applies (step before group before stage), and what that does.
import type { FaultCode, FaultRecord } from '#contract/fault'
import type { ExecutionStatus } from '#contract/pipeline/status'
import { type FailureAction, type FailureClass, isDatabaseWork, type SimpleAction } from './document.ts'
import type { Draft } from './draft.ts'
import { formatDuration } from './duration.ts'
import { beginEnding } from './ending.ts'
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
}
export function classify(fault: FaultRecord | undefined): FailureClass {
  return (fault && classes[fault.code]) ?? 'Unknown'
}

/** Settles a step as failed and does what its failure strategy says. `byPerson`: nobody is asked a second time. */
export function failStep(draft: Draft, id: string, failure: Failure, byPerson = false): void {
  const node = nodeOf(draft.graph, id)
  const stage = draft.node(stageOf(draft.graph, id).id)
  // What happens to the stage is decided already: the step only takes its place in it.
  const decided = draft.ending || (!node.rollback && (stage.rollback || stage.floor))
  if (decided) return settle(draft, id, failure)
  const action = chooseAction(draft.graph, node, failure.failureClass, byPerson)
  if (action.type !== 'ManualIntervention') return applyAction(draft, id, failure, action.type)
  const { timeoutSeconds, onTimeout } = action
  intervene(draft, id, failure, { onTimeout, waits: formatDuration(timeoutSeconds) })
  draft.command({ type: 'start-timer', node: id, kind: 'intervention', seconds: timeoutSeconds })
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
    case 'MarkAsFailure':
      return settle(draft, id, failure)
    case 'StageRollback':
      settle(draft, id, failure)
      return wantRollback(draft, stageOf(draft.graph, id).id)
    case 'Abort':
      settle(draft, id, failure)
      return beginEnding(draft, { as: 'Aborted', reason: `the failure strategy of ${id} says Abort` })
  }
}

/** What runs in parallel goes on to its end; what has not begun does not, and then the rollback sections run. */
export function wantRollback(draft: Draft, stage: string): void {
  draft.change(stage, { rollback: 'wanted' })
  const forward = descendants(draft.graph, stage).filter((node) => !node.rollback)
  draft.skip(forward, 'not run: the stage is rolled back')
}

/** The first entry that matches at the nearest level that has one. */
export function chooseAction(
  graph: Graph,
  node: GraphNode,
  failureClass: FailureClass,
  byPerson: boolean,
): FailureAction {
  const levels = withAncestors(graph, node.id).filter((level) => !node.rollback || level.rollback)
  const mayWait = !byPerson && node.kind === 'step' && isDatabaseWork(node.work)
  for (const level of levels) {
    const entry = level.failureStrategies.find(
      ({ errors, action }) =>
        (errors.includes(failureClass) || errors.includes('AllErrors')) &&
        !(byPerson && action.type === 'ManualIntervention'),
    )
    if (!entry) continue
    const { action } = entry
    // A rollback that fails cannot be rolled back; and only work on a database can be tried again by a person.
    const meaningless =
      action.type === 'StageRollback' ? node.rollback : action.type === 'ManualIntervention' && !mayWait
    return meaningless ? { type: 'MarkAsFailure' } : action
  }
  const none = levels.every((level) => level.failureStrategies.length === 0)
  return { type: none && !node.rollback && hasRollback(graph, node.id) ? 'StageRollback' : 'MarkAsFailure' }
}

/** Whoever writes rollbackSteps and no strategy at all means them to run. */
function hasRollback(graph: Graph, id: string): boolean {
  return descendants(graph, stageOf(graph, id).id).some((node) => node.rollback)
}
