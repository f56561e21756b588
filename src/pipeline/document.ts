// The pipeline document after validation: what a run needs of it, typed. Everything that was not understood was refused before.

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
] as const
/** What a failure strategy can be written for. A failure itself is never of class `AllErrors`. */
export type FailureClass = (typeof failureClasses)[number]

export const simpleActions = ['Ignore', 'MarkAsFailure', 'Abort', 'StageRollback'] as const
export type SimpleAction = (typeof simpleActions)[number]
export type FailureAction =
  | { readonly type: SimpleAction }
  | { readonly type: 'ManualIntervention'; readonly timeoutSeconds: number; readonly onTimeout: SimpleAction }

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

interface Common {
  readonly identifier: string
  readonly name: string
  readonly when?: When
  readonly failureStrategies: readonly FailureStrategy[]
}

interface Target {
  readonly dbSchema: string
  readonly dbInstance: string
}
/** Exactly one of tag and changeSetCount. */
interface RollbackGoal {
  readonly tag?: string
  readonly changeSetCount?: number
}
/** What a database step does. Texts may still hold expressions. */
export type DatabaseWork =
  | ({ readonly type: 'DBSchemaApply'; readonly tag?: string } & Target)
  | ({ readonly type: 'DBSchemaUpdateSQL' } & Target)
  | ({ readonly type: 'DBSchemaRollback' } & Target & RollbackGoal)
  | ({ readonly type: 'DBSchemaRollbackSQL' } & Target & RollbackGoal)
export interface ApprovalWork {
  readonly type: 'HarnessApproval'
  readonly message: string
  readonly minimumCount: number
  readonly disallowPipelineExecutor: boolean
  readonly userGroups: readonly string[]
}
export interface WaitWork {
  readonly type: 'Wait'
  readonly durationSeconds: number
}
export type Work = DatabaseWork | ApprovalWork | WaitWork

export interface StepDocument extends Common {
  readonly kind: 'step'
  readonly work: Work
  readonly timeoutSeconds: number
  readonly delegateSelectors: readonly string[]
}
export interface GroupDocument extends Common {
  readonly kind: 'group'
  readonly variables: readonly Variable[]
  readonly delegateSelectors: readonly string[]
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
  readonly stages: readonly Batch<StageDocument>[]
}

const databaseTypes: ReadonlySet<string> = new Set<DatabaseWork['type']>([
  'DBSchemaApply',
  'DBSchemaRollback',
  'DBSchemaUpdateSQL',
  'DBSchemaRollbackSQL',
])
export function isDatabaseWork(work: Work): work is DatabaseWork {
  return databaseTypes.has(work.type)
}

/** Work that changes a database: once it began and its outcome was lost, it is looked into and never simply repeated. */
export function isChanging(work: Work): boolean {
  return work.type === 'DBSchemaApply' || work.type === 'DBSchemaRollback'
}
