// What a status looks like and is called: one tone, one word for people. Never colour alone.
import type { z } from 'zod'
import type { approvalStatusSchema } from '#contract/api/approval'
import type { TaskStatus } from '#contract/api/task'
import type { ChangeSetDeploymentStatus } from '#contract/change-set'
import type { ExecutionStatus } from '#contract/pipeline/status'

/** `good` done, `bad` broken, `wait` a person or a resource is awaited, `run` under way, `calm` nothing to see. */
export type Tone = 'good' | 'bad' | 'wait' | 'run' | 'calm'
export type StatusIcon =
  | 'check'
  | 'cross'
  | 'clock'
  | 'turn'
  | 'hand'
  | 'dash'
  | 'skip'
  | 'stop'
  | 'question'
  | 'undo'
  | 'ring'
export interface StatusLook {
  readonly tone: Tone
  readonly icon: StatusIcon
  readonly label: string
}

const look = (tone: Tone, icon: StatusIcon, label: string): StatusLook => ({ tone, icon, label })

const executionLooks: Readonly<Record<ExecutionStatus, StatusLook>> = {
  NotStarted: look('calm', 'ring', 'Not started'),
  Queued: look('calm', 'clock', 'Queued'),
  Running: look('run', 'turn', 'Running'),
  ResourceWaiting: look('wait', 'clock', 'Waiting for its turn'),
  ApprovalWaiting: look('wait', 'hand', 'Waiting for approval'),
  InterventionWaiting: look('wait', 'question', 'Waiting for a decision'),
  InputWaiting: look('wait', 'hand', 'Waiting for inputs'),
  Unknown: look('wait', 'question', 'Outcome unknown'),
  Pausing: look('wait', 'clock', 'Pausing'),
  Paused: look('wait', 'hand', 'Paused'),
  Success: look('good', 'check', 'Success'),
  IgnoreFailed: look('good', 'check', 'Failure ignored'),
  Skipped: look('calm', 'skip', 'Skipped'),
  Failed: look('bad', 'cross', 'Failed'),
  Errored: look('bad', 'cross', 'Errored'),
  Expired: look('bad', 'clock', 'Expired'),
  ApprovalRejected: look('bad', 'cross', 'Rejected'),
  AbortedByFreeze: look('bad', 'stop', 'Held by a freeze'),
  Aborted: look('calm', 'stop', 'Aborted'),
}

const changeSetLooks: Readonly<Record<ChangeSetDeploymentStatus, StatusLook>> = {
  Successfully_Deployed: look('good', 'check', 'Deployed'),
  Not_Deployed: look('calm', 'ring', 'Not deployed'),
  Deployment_Failed: look('bad', 'cross', 'Failed'),
  Rolled_Back: look('wait', 'undo', 'Rolled back'),
}

const approvalLooks: Readonly<Record<z.output<typeof approvalStatusSchema>, StatusLook>> = {
  WAITING: look('wait', 'hand', 'Waiting'),
  APPROVED: look('good', 'check', 'Approved'),
  REJECTED: look('bad', 'cross', 'Rejected'),
  EXPIRED: look('bad', 'clock', 'Expired'),
  ABORTED: look('calm', 'stop', 'Aborted'),
}

const taskLooks: Readonly<Record<TaskStatus, StatusLook>> = {
  queued: look('calm', 'clock', 'Queued'),
  running: look('run', 'turn', 'Running'),
  succeeded: look('good', 'check', 'Success'),
  failed: look('bad', 'cross', 'Failed'),
  unknown: look('wait', 'question', 'Outcome unknown'),
  expired: look('bad', 'clock', 'Expired'),
  aborted: look('calm', 'stop', 'Aborted'),
}

export const taskLook = (status: TaskStatus): StatusLook => taskLooks[status]
export const executionLook = (status: ExecutionStatus): StatusLook => executionLooks[status]
export const approvalLook = (status: z.output<typeof approvalStatusSchema>): StatusLook => approvalLooks[status]
/** No status: no run has reported this change set for this instance yet. */
export const changeSetLook = (status: ChangeSetDeploymentStatus | undefined): StatusLook =>
  status ? changeSetLooks[status] : look('calm', 'dash', 'Not reported')
/** Not deployed, and the changelog does not want it there. */
export const excludedLook: StatusLook = look('calm', 'dash', 'Excluded')
/** A change set that a step is working on right now. */
export const workingLook: StatusLook = look('run', 'turn', 'In progress')
export const changeSetStatuses = Object.keys(changeSetLooks) as ChangeSetDeploymentStatus[]
