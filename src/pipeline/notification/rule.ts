// Notification rules of a pipeline: who is told of which events, and how.

export const notificationEvents = [
  'AllEvents',
  'PipelineStart',
  'PipelineSuccess',
  'PipelineFailed',
  'PipelineEnd',
  'PipelinePaused',
  'PipelineResumed',
  'StageStart',
  'StageSuccess',
  'StageFailed',
  'StepFailed',
  'WaitingForUserAction',
] as const
export type NotificationEvent = Exclude<(typeof notificationEvents)[number], 'AllEvents'>

export interface EventFilter {
  readonly type: (typeof notificationEvents)[number]
  /** Identifiers; empty: all of them. */
  readonly stages: readonly string[]
  readonly steps: readonly string[]
}

export const notificationMethods = ['Slack', 'MsTeams', 'Email', 'PagerDuty', 'Webhook'] as const
export type NotificationMethod = (typeof notificationMethods)[number]

/** One place that is told. Texts may hold expressions, those of secrets among them. */
export type Destination =
  /** A URL, an e-mail address or an integration key, as the method has it. */
  | { readonly address: string; readonly headers?: Readonly<Record<string, string>> }
  /** A user group, with what its members are reached by. */
  | { readonly group: string }

export interface NotificationRule {
  readonly name: string
  readonly enabled: boolean
  readonly events: readonly EventFilter[]
  readonly method: NotificationMethod
  readonly destinations: readonly Destination[]
}
