// How the status of a stage, group or execution follows from those below it (the parent rule of the compatible product).
import { type ExecutionStatus, isFinal } from '#contract/pipeline/status'

/** The first that is present among the children decides, when not all of them are good. */
const finalOrder = ['Aborted', 'Errored', 'Failed', 'AbortedByFreeze', 'ApprovalRejected', 'Expired'] as const
/** While something is still open: what most needs attention is shown. Waiting for a person before waiting for a machine. */
const openOrder = ['InterventionWaiting', 'Unknown', 'ApprovalWaiting', 'InputWaiting', 'ResourceWaiting'] as const

/** Of a parent whose children are all final. No children at all is a success. */
export function aggregateFinal(children: readonly ExecutionStatus[]): ExecutionStatus {
  const broken = finalOrder.find((status) => children.includes(status))
  if (broken) return broken
  const open = children.find((status) => !isFinal(status))
  if (open) throw new Error(`A child is still ${open}.`)
  return children.includes('IgnoreFailed') ? 'IgnoreFailed' : 'Success'
}

/** Of a parent that has begun and is not done. */
export function aggregateOpen(children: readonly ExecutionStatus[]): ExecutionStatus {
  return openOrder.find((status) => children.includes(status)) ?? 'Running'
}
