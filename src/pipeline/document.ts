// The pipeline document after validation: what a run needs of it, typed. Everything that was not understood was refused before.
import type { CommandName } from '#contract/delegate/command'
import { type HttpWork, isProgramWork, type Shell } from '#contract/delegate/program-work'
import type { PodSettings } from '#contract/delegate/pod-settings'
import type { NotificationRule } from './notification/rule.ts'

/** Elements that run at the same time; most batches hold one. Batches run one after the other. */
export type Batch<T> = readonly T[]

export const failureClasses = [
  'AllErrors',
  'Unknown',
  'Authentication',
  'Authorization',
  'Connectivity',
  'Timeout',
  'Verification',
  'DelegateProvisioning',
  'DelegateRestart',
  'PolicyEvaluationFailure',
  'InputTimeoutError',
  'ApprovalRejection',
  'UserMarkedFailure',
  'InfrastructureFailure',
  'PluginImageFailure',
  'ResourceLimitsFailure',
  'ConfigurationFailure',
  'RetryableTransientFailure',
] as const
/** What a failure strategy can be written for. A failure itself is never of class `AllErrors`. */
export type FailureClass = (typeof failureClasses)[number]

export const simpleActions = [
  'Ignore',
  'MarkAsSuccess',
  'MarkAsFailure',
  'Abort',
  'StepGroupRollback',
  'StageRollback',
  'PipelineRollback',
] as const
export type SimpleAction = (typeof simpleActions)[number]
export interface Intervention {
  readonly type: 'ManualIntervention'
  readonly timeoutSeconds: number
  readonly onTimeout: SimpleAction
}
/** `intervals`: seconds before the first, second, … retry; the last one is used again. */
export interface Retry {
  readonly type: 'Retry'
  readonly count: number
  readonly intervals: readonly number[]
  readonly afterwards: { readonly type: SimpleAction } | Intervention
}
/** `withDefaults`: inputs that nobody gave in time have their defaults. */
export type FailureAction = { readonly type: SimpleAction; readonly withDefaults?: true } | Intervention | Retry

export interface FailureStrategy {
  readonly errors: readonly FailureClass[]
  readonly action: FailureAction
}

/** `on`: the state of the stage (for steps and groups) or of the pipeline (for stages) under which it runs. */
export interface When {
  readonly on: 'Success' | 'Failure' | 'All'
  /** Text of the condition as written; it was parsed once already. */
  readonly condition?: string
}

export interface Variable {
  readonly name: string
  readonly type: 'String' | 'Number' | 'Secret'
  readonly value: string
}

interface LoopCommon {
  /** At most so many iterations at the same time; a text holds an expression. */
  readonly maxConcurrency?: number | string
  readonly nodeName?: string
  /** After a failed iteration: go on with those that wait, or leave them out. */
  readonly onFailure: 'RunAll' | 'SkipQueued'
  /** What expressions inside may read, by root. */
  readonly names: Readonly<Record<'matrix' | 'repeat' | 'strategy', readonly string[]>>
}
/** A list, or the text of an expression that gives one. */
export type ListText = string | readonly unknown[]
/** A loop as it is written. Its values become known when the run starts; then each iteration is a node of its own. */
export type Strategy = LoopCommon &
  (
    | {
        readonly kind: 'matrix'
        readonly axes: Readonly<Record<string, ListText>>
        readonly exclude: readonly Readonly<Record<string, string>>[]
      }
    | {
        readonly kind: 'repeat'
        readonly times?: number | string
        readonly items?: ListText
        readonly partitionSize?: number | string
        readonly start?: number | string
        readonly end?: number | string
        readonly unit: 'Count' | 'Percentage'
      }
    | { readonly kind: 'parallelism'; readonly count: number | string }
  )
/** Which iteration of which loop a node is. */
export interface Iteration {
  /** Identifier of the loop. */
  readonly of: string
  readonly index: number
  readonly total: number
  /** How many may run at the same time. */
  readonly limit?: number
  readonly onFailure: 'RunAll' | 'SkipQueued'
  /** What `<+matrix.…>`, `<+repeat.…>` and `<+strategy.…>` give. */
  readonly values: {
    readonly matrix?: Readonly<Record<string, unknown>>
    readonly repeat?: Readonly<Record<string, unknown>>
    readonly strategy: Readonly<Record<string, unknown>>
  }
}

interface Common {
  readonly identifier: string
  readonly name: string
  readonly when?: When
  readonly failureStrategies: readonly FailureStrategy[]
  readonly strategy?: Strategy
  readonly iteration?: Iteration
}

interface Target {
  readonly dbSchema: string
  /** Empty: the oldest of the schema; only where nothing is changed. */
  readonly dbInstance: string
  /** Instead of those of the DB instance. */
  readonly contexts?: string
  readonly labelFilter?: string
  /** Variables that the changelog may refer to. */
  readonly environment?: Readonly<Record<string, string>>
  /** Of its container, where it is a pod. */
  readonly image?: string
}
/** Exactly one of tag, changeSetCount and date. */
interface RollbackGoal {
  readonly tag?: string
  readonly changeSetCount?: number
  /** What ran after it is undone. */
  readonly date?: string
}
/** `tag`: written to the newest row after success. */
interface Apply extends Target {
  readonly type: 'DBSchemaApply'
  readonly tag?: string
  /** At most so many change sets. */
  readonly count?: number
  /** Up to and including the change set that sets this tag. */
  readonly toTag?: string
  /** What was applied is rolled back and applied again, all in one step. */
  readonly testRollback?: true
  /** A change set that fails is recorded as run; the step fails all the same. */
  readonly recordFailed?: true
  /** The tag is set also when no change set ran. */
  readonly tagAlways?: true
}
/** What a database step does. Texts may still hold expressions. */
export type DatabaseWork =
  | Apply
  | ({ readonly type: 'DBSchemaUpdateSQL' } & Target)
  | ({ readonly type: 'DBSchemaRollback' } & Target & RollbackGoal)
  | ({ readonly type: 'DBSchemaRollbackSQL' } & Target & RollbackGoal)
  | ({
      readonly type: 'DBTestAndPreview'
      /** Base64 of YAML. */
      readonly changeset: string
    } & Target)
  | CommandStep
/** A command of the engine for which there is no step of its own. */
export interface CommandStep extends Target {
  readonly type: 'LiquibaseCommand'
  readonly command: CommandName
  readonly arguments: Readonly<Record<string, string>>
  readonly withoutChangelog?: true
}
/** A value that is asked for when its step begins. */
export interface LateInput {
  /** In `<+executionInput.KEY>`. */
  readonly key: string
  /** Where it stands in its step, for people: `spec.tag`. */
  readonly name: string
  readonly default?: string
  readonly allowed?: readonly string[]
  readonly many?: true
  readonly pattern?: string
}
/** A value that whoever approves gives. */
export interface ApproverInput {
  readonly name: string
  readonly required: boolean
  readonly default?: string
  readonly allowed?: readonly string[]
  readonly many?: true
  readonly pattern?: string
  readonly description?: string
}
export interface ApprovalWork {
  readonly type: 'HarnessApproval'
  readonly message: string
  readonly minimumCount: number
  readonly disallowPipelineExecutor: boolean
  readonly userGroups: readonly string[]
  /** E-mail addresses that may not decide. */
  readonly disallowedUsers?: readonly string[]
  readonly inputs?: readonly ApproverInput[]
  /** An approval of it rejects older ones of the same step that still wait. */
  readonly rejectsOlder?: true
  /** Given by itself at a time: text of a date and time, and of a time zone. */
  readonly automatic?: { readonly time: string; readonly zone: string; readonly comments: string }
  /** What a caller that did not see it being asked for finds it by. */
  readonly callbackId?: string
}
export interface WaitWork {
  readonly type: 'Wait'
  readonly durationSeconds: number
}
/** All steps that name the barrier go on together, once all of them have arrived. */
export interface BarrierWork {
  readonly type: 'Barrier'
  readonly barrierRef: string
}
/** One run at a time holds the key, until its stage or the whole of it has ended. */
export interface QueueWork {
  readonly type: 'Queue'
  readonly key: string
  readonly scope: 'Pipeline' | 'Stage'
}
/** A mail of the manager. Texts may hold expressions. */
export interface EmailWork {
  readonly type: 'Email'
  readonly subject: string
  readonly body: string
  /** Addresses, separated by commas. */
  readonly to: string
  readonly cc: string
  readonly toUserGroups: readonly string[]
  readonly ccUserGroups: readonly string[]
  /** Done as soon as it is handed over; whether it arrives is told by the list of notifications only. */
  readonly fireAndForget?: true
}
/** `variable`: of the shell when the script ends; `name`: how later steps read it. */
export interface OutputVariable {
  readonly name: string
  readonly variable: string
  readonly secret?: true
}
/** Texts may hold expressions and name secrets. */
export interface ScriptStep {
  readonly type: 'ShellScript' | 'Run'
  readonly shell: Shell
  readonly script: string
  readonly environment: Readonly<Record<string, string>>
  readonly outputs: readonly OutputVariable[]
  /** In which pods run it. May hold expressions. */
  readonly image?: string
}
export interface HttpStep {
  readonly type: 'Http'
  readonly method: HttpWork['method']
  readonly url: string
  readonly headers: readonly { readonly name: string; readonly value: string }[]
  readonly body?: string
  /** Shown to a server who asks for one. Both or none. */
  readonly certificate?: string
  readonly certificateKey?: string
  /** A condition over the answer; without one a status of 400 and above is a failure. */
  readonly assertion?: string
  /** Texts that are read when the answer is there. */
  readonly outputs: readonly { readonly name: string; readonly value: string }[]
}
/** A repository for the steps of the group. Texts may hold expressions. */
export interface CloneStep {
  readonly type: 'GitClone'
  readonly connectorRef: string
  readonly repoName?: string
  /** Absent: what the repository shows first. */
  readonly build?: { readonly kind: 'branch' | 'tag' | 'commitSha' | 'PR'; readonly value: string }
  /** Absent: called as the repository. */
  readonly directory?: string
  readonly depth: number | string
  readonly fetchTags: boolean
  readonly sparse: readonly string[]
  readonly submodules?: 'own' | 'recursive'
  readonly lfs?: true
}
/** A delegate does it, and it opens no database. */
export type ProgramStep = ScriptStep | HttpStep | CloneStep
export type Work = DatabaseWork | ProgramStep | ApprovalWork | WaitWork | BarrierWork | QueueWork | EmailWork

export interface StepDocument extends Common {
  readonly kind: 'step'
  readonly work: Work
  readonly timeoutSeconds: number
  readonly delegateSelectors: readonly string[]
  /** Of its pod, over what its group says. */
  readonly container?: Pick<PodSettings, 'runAsUser' | 'memory' | 'cpu'>
}
export interface GroupDocument extends Common {
  readonly kind: 'group'
  readonly variables: readonly Variable[]
  readonly delegateSelectors: readonly string[]
  /** What the pods of its steps are asked to be. */
  readonly pod?: PodSettings
  /** Absolute folders that its steps share in their pods, besides the workspace. */
  readonly sharedPaths: readonly string[]
  readonly steps: readonly Batch<ElementDocument>[]
  readonly rollbackSteps: readonly Batch<ElementDocument>[]
}
export type ElementDocument = StepDocument | GroupDocument

export const stageTypes = ['Custom', 'Approval', 'Deployment'] as const
export type StageType = (typeof stageTypes)[number]
export interface StageDocument extends Common {
  readonly kind: 'stage'
  readonly type: StageType
  readonly timeoutSeconds?: number
  readonly variables: readonly Variable[]
  readonly delegateSelectors: readonly string[]
  readonly steps: readonly Batch<ElementDocument>[]
  readonly rollbackSteps: readonly Batch<ElementDocument>[]
}

export interface PipelineDocument {
  readonly identifier: string
  readonly name: string
  readonly orgIdentifier?: string
  readonly projectIdentifier?: string
  readonly description: string
  readonly tags: Readonly<Record<string, string>>
  readonly timeoutSeconds?: number
  readonly variables: readonly Variable[]
  readonly delegateSelectors: readonly string[]
  readonly barriers: readonly string[]
  /** Absent: everything is asked for before the run. */
  readonly lateInputs?: readonly LateInput[]
  /** Absent: nobody is told. */
  readonly notificationRules?: readonly NotificationRule[]
  readonly stages: readonly Batch<StageDocument>[]
}

const databaseTypes: ReadonlySet<string> = new Set<DatabaseWork['type']>([
  'DBSchemaApply',
  'DBSchemaRollback',
  'DBSchemaUpdateSQL',
  'DBSchemaRollbackSQL',
  'DBTestAndPreview',
  'LiquibaseCommand',
])
export function isDatabaseWork(work: Work): work is DatabaseWork {
  return databaseTypes.has(work.type)
}

/** Work that a delegate does, in attempts. */
export function isAttempted(work: Work): boolean {
  return isDatabaseWork(work) || isProgramWork(work)
}

/** Work that may change a database: once it began and its outcome was lost, it is never simply repeated. */
export function isChanging(work: Work): boolean {
  return isChangingType(work.type)
}
export function isChangingType(type: Work['type']): boolean {
  return canBeLookedInto(type) || type === 'LiquibaseCommand'
}

/** History and journal tell what a lost attempt of it did. */
export function canBeLookedInto(type: Work['type']): boolean {
  return type === 'DBSchemaApply' || type === 'DBSchemaRollback'
}
