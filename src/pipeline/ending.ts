// Ends a run, or a stage, before its end: nothing new starts, what runs is asked to stop, and the truth about it is still found out.
import type { Draft } from './draft.ts'
import { isFinal } from '#contract/pipeline/status'
import { nodeOf } from './graph.ts'
import type { CancelCause, Ending } from './state.ts'

/** The second time it no longer waits for what looks into a lost attempt. */
export function beginEnding(draft: Draft, ending: Ending): void {
  const again = draft.ending !== undefined
  if (!again) draft.ending = ending
  draft.paused = undefined
  const { as } = draft.ending ?? ending
  for (const id of draft.graph.order) {
    const { status } = draft.node(id)
    if (status === 'NotStarted')
      draft.change(id, { status: 'Skipped', reason: `not run: ${draft.ending?.reason ?? ending.reason}` })
    else if (isFinal(status)) continue
    else if (nodeOf(draft.graph, id).kind !== 'step') draft.change(id, { floor: as })
    else stopStep(draft, id, { cause: 'aborted', as, reason: ending.reason, force: again })
  }
}

export interface Stop {
  readonly cause: CancelCause
  readonly as: 'Aborted' | 'Expired'
  readonly reason: string
  readonly force: boolean
}

/** Asks a step that is not final to stop; what waits for people or time stops at once. */
export function stopStep(draft: Draft, id: string, stop: Stop): void {
  const state = draft.node(id)
  const { live } = state
  const reason = stop.reason
  if (live) {
    const asked = live.cancel !== undefined
    draft.change(id, { live: { ...live, cancel: live.cancel ?? stop.cause } })
    // A look into a lost attempt changes nothing and tells the truth: it may end by itself.
    if (live.kind === 'reconcile' ? stop.force : !asked) {
      if (live.kind === 'work') draft.change(id, { reason: `is being stopped: ${reason}` })
      draft.command({ type: 'cancel-attempt', node: id, number: live.number, reason })
    }
    return
  }
  if (state.status === 'ApprovalWaiting') {
    draft.command({ type: 'close-approval', node: id, status: stop.as === 'Expired' ? 'EXPIRED' : 'ABORTED' })
    draft.command({ type: 'stop-timer', node: id, kind: 'timeout' })
  } else if (state.status === 'InterventionWaiting') {
    // Only a person can say what is true of an unclear outcome; the time-out of a stage cannot.
    if (state.pending?.onTimeout === undefined && stop.cause === 'stage-timed-out') return
    draft.command({ type: 'stop-timer', node: id, kind: 'intervention' })
  } else {
    const { type } = nodeOf(draft.graph, id)
    if (type === 'Queue') draft.command({ type: 'release-hold', node: id })
    if (type === 'Email' && state.status === 'Running') draft.command({ type: 'drop-mail', node: id })
    for (const kind of ['wait', 'timeout', 'retry'] as const) draft.command({ type: 'stop-timer', node: id, kind })
  }
  const before = state.status === 'InterventionWaiting' && state.reason ? ` (${state.reason})` : ''
  draft.change(id, { status: stop.as, reason: `${reason}${before}`, pending: undefined })
}
