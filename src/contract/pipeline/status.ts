// Statuses of executions, stages, step groups and steps, and which of them are final, good or broken.
import { z } from 'zod'

/**
 * `Unknown` is ours: a database change was started and its outcome could not be learnt yet. It is never final by itself:
 * it leads to Success, Running (resumed) or InterventionWaiting (a person decides).
 */
export const executionStatusSchema = z.enum([
  'NotStarted',
  'Queued',
  'Running',
  'ResourceWaiting',
  'ApprovalWaiting',
  'InterventionWaiting',
  /** For values that a person gives in the middle of a run. */
  'InputWaiting',
  'Unknown',
  /** Nothing new begins; what runs goes to its end. */
  'Pausing',
  'Paused',
  'Success',
  'IgnoreFailed',
  'Skipped',
  'Failed',
  'Errored',
  'Expired',
  'ApprovalRejected',
  /** It did not begin: a freeze holds it. */
  'AbortedByFreeze',
  'Aborted',
])
export type ExecutionStatus = z.infer<typeof executionStatusSchema>

export const positiveStatuses: ReadonlySet<ExecutionStatus> = new Set<ExecutionStatus>([
  'Success',
  'Skipped',
  'IgnoreFailed',
])
export const brokenStatuses: ReadonlySet<ExecutionStatus> = new Set<ExecutionStatus>([
  'Failed',
  'Errored',
  'Expired',
  'ApprovalRejected',
  'AbortedByFreeze',
])

export function isFinal(status: ExecutionStatus): boolean {
  return status === 'Aborted' || positiveStatuses.has(status) || brokenStatuses.has(status)
}
