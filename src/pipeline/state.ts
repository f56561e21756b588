// The state of a run as plain data: it lives in a row between two events. What the machine is told (events) and what it wants (commands).
import type { ProgramWork } from '#contract/delegate/program-work'
import type { FinishBody } from '#contract/delegate/protocol'
import type { FaultRecord } from '#contract/fault'
import type { ExecutionStatus } from '#contract/pipeline/status'
import type { ApproverInput, CloneStep, DatabaseWork, FailureClass, SimpleAction } from './document.ts'
import type { LaterApply } from './graph.ts'
import type { FactPath } from './locate.ts'

/** Facts of the run that expressions can read; set once. */
export type Facts = Readonly<Record<FactPath, string | number>> & {
  /** What the trigger told, when one started the run: branch, commit, payload, … */
  readonly trigger?: Readonly<Record<string, unknown>>
}

export type Output = Readonly<Record<string, unknown>>

/** What runs for a node right now. `number` is that of the attempt. */
export interface LiveAttempt {
  readonly number: number
  readonly kind: 'work' | 'reconcile'
  /** For `reconcile`: the number of the attempt that was lost. */
  readonly lost?: number
  readonly started: boolean
  /** Why it was asked to stop, if it was. */
  readonly cancel?: CancelCause
}
export type CancelCause = 'aborted' | 'timed-out' | 'stage-timed-out'

export interface NodeState {
  readonly status: ExecutionStatus
  /** One sentence: what it waits for, or why it is as it is. */
  readonly reason?: string
  readonly fault?: FaultRecord
  readonly output: Output
  /** Attempts so far, looking into lost ones included; the number of the latest. */
  readonly attempts: number
  /** Attempts at the work itself since a person last decided about it. */
  readonly tries: number
  readonly live?: LiveAttempt
  /** Did an attempt ever begin to touch the target? Then an output that is missing is no proof that nothing happened. */
  readonly touched?: boolean
  /** How often a failure strategy had it tried again. */
  readonly retries?: number
  /** What was given for the inputs that its step asked for, by their keys. */
  readonly inputs?: Readonly<Record<string, string>>
  /** Stages: it waits for what its variables ask for. */
  readonly asks?: true
  /** Was an attempt ever lost while it worked? */
  readonly lostOnce?: boolean
  /** While it waits for intervention: what it would be without one, and what happens when nobody comes. */
  readonly pending?: {
    readonly status: ExecutionStatus
    readonly failureClass: FailureClass
    readonly onTimeout?: SimpleAction
    /** It could not even be found out what this attempt did: a retry looks into it first. */
    readonly lost?: number
  }
  /** Stages: are the instances that it changes asked for, or its own until it ends? */
  readonly hold?: 'wanted' | 'held'
  /** Stages and groups: is a rollback wanted, or under way? */
  readonly rollback?: 'wanted' | 'running'
  /** Containers: the status is at least this, whatever the children say. */
  readonly floor?: ExecutionStatus
}

/** The run is being ended before its end: nothing new starts. */
export interface Ending {
  readonly as: 'Aborted' | 'Expired'
  readonly reason: string
}

export interface PipelineState {
  readonly version: 1
  readonly status: ExecutionStatus
  readonly facts: Facts
  readonly ending?: Ending
  /** Nothing new begins until somebody says so: who wanted that, and why. */
  readonly paused?: string
  /** A strategy says PipelineRollback: the step whose failure is the reason. */
  readonly rollback?: string
  readonly nodes: Readonly<Record<string, NodeState>>
}

export type TimerKind = 'timeout' | 'wait' | 'intervention' | 'retry'

/** How an attempt ended, as it was reported or found out. */
export type AttemptResult = Pick<FinishBody, 'outcome' | 'output' | 'fault' | 'reconcile'>
export type InterventionAction = 'Retry' | 'MarkAsFailure' | 'MarkAsSuccess'

export type PipelineEvent =
  | { readonly type: 'attempt-accepted'; readonly node: string; readonly number: number }
  | { readonly type: 'attempt-started'; readonly node: string; readonly number: number }
  | { readonly type: 'attempt-requeued'; readonly node: string; readonly number: number }
  | { readonly type: 'attempt-ended'; readonly node: string; readonly number: number; readonly result: AttemptResult }
  /** What became known while it works, and must not be lost with it. */
  | { readonly type: 'attempt-output'; readonly node: string; readonly number: number; readonly output: Output }
  /** The attempt that was wanted cannot even be described: a missing instance, an unsuitable connector. */
  | { readonly type: 'attempt-impossible'; readonly node: string; readonly number: number; readonly fault: FaultRecord }
  | {
      readonly type: 'approval-decided'
      readonly node: string
      readonly decision: 'APPROVED' | 'REJECTED'
      /** Who decided and how, as a sentence. */
      readonly reason: string
      /** What the approvers gave. */
      readonly inputs?: Readonly<Record<string, string>>
    }
  /** Checked values for what a step asks for, by their keys. */
  | { readonly type: 'inputs-given'; readonly node: string; readonly inputs: Readonly<Record<string, string>> }
  /** The mail of a step was taken by the mail server, or given up. `number`: of the mail of that node. */
  | { readonly type: 'mail-settled'; readonly node: string; readonly number: number; readonly fault?: FaultRecord }
  /** `node` is `''` for the run itself. */
  | { readonly type: 'timer'; readonly node: string; readonly kind: TimerKind }
  | {
      readonly type: 'resolve'
      readonly node: string
      readonly action: InterventionAction
      readonly by: string
      readonly reason: string
    }
  /** What a stage or a Queue step asked for is its own now. */
  | { readonly type: 'hold-granted'; readonly node: string }
  | { readonly type: 'hold-delayed'; readonly node: string }
  /** A freeze holds the stage: it does not begin. */
  | { readonly type: 'hold-refused'; readonly node: string; readonly reason: string }
  | { readonly type: 'pause'; readonly by: string; readonly reason?: string }
  | { readonly type: 'resume-run' }
  | { readonly type: 'abort'; readonly by: string; readonly reason?: string }

/** What a delegate is asked to do. Of work on a database the manager adds the entities. */
export type AttemptedWork = DatabaseWork | ResolvedProgram
/** A clone names its connector still. */
export type ResolvedProgram = Exclude<ProgramWork, { readonly type: 'GitClone' }> | CloneStep

export type Command =
  /** Enqueue the work. `repeats`: the number of the lost attempt whose very work is run again. */
  | {
      readonly type: 'run-step'
      readonly node: string
      readonly number: number
      readonly work: AttemptedWork
      readonly timeoutSeconds: number
      readonly delegateSelectors: readonly string[]
      readonly repeats?: number
      /** Known from an earlier attempt of the node: where a rollback goes back to. */
      readonly preStartTag?: string
    }
  /** Enqueue a look into history and journal for the lost attempt. */
  | { readonly type: 'reconcile'; readonly node: string; readonly number: number; readonly lost: number }
  | {
      readonly type: 'cancel-attempt'
      readonly node: string
      readonly number: number
      readonly reason: string
    }
  | {
      readonly type: 'request-approval'
      readonly node: string
      readonly message: string
      readonly minimumCount: number
      readonly disallowPipelineExecutor: boolean
      readonly userGroups: readonly string[]
      readonly disallowedUsers: readonly string[]
      readonly inputs: readonly ApproverInput[]
      readonly rejectsOlder: boolean
      /** `at`: milliseconds since 1970. */
      readonly automatic?: { readonly at: number; readonly comments: string }
      readonly callbackId?: string
      readonly timeoutSeconds: number
      /** Applies after it with their targets resolved: what the approval decides about. */
      readonly applies: readonly LaterApply[]
    }
  /** Ask for instances, or for a key, that only one run has at a time; granted in the order of the requests. */
  | {
      readonly type: 'request-hold'
      readonly node: string
      readonly targets: readonly { readonly dbSchema: string; readonly dbInstance: string }[]
      readonly key?: string
    }
  | { readonly type: 'release-hold'; readonly node: string }
  | { readonly type: 'send-mail'; readonly node: string; readonly number: number; readonly mail: StepMail }
  /** It is of no use any more: nobody waits for it. */
  | { readonly type: 'drop-mail'; readonly node: string }
  | { readonly type: 'close-approval'; readonly node: string; readonly status: 'EXPIRED' | 'ABORTED' }
  | { readonly type: 'start-timer'; readonly node: string; readonly kind: TimerKind; readonly seconds: number }
  | { readonly type: 'stop-timer'; readonly node: string; readonly kind: TimerKind }

/** Everything resolved: addresses and references of user groups. */
export interface StepMail {
  readonly subject: string
  readonly text: string
  /** Where the author wrote HTML: the values in it are escaped. */
  readonly html?: string
  readonly to: readonly string[]
  readonly cc: readonly string[]
  readonly toUserGroups: readonly string[]
  readonly ccUserGroups: readonly string[]
}

export interface Transition {
  readonly state: PipelineState
  readonly commands: readonly Command[]
}
