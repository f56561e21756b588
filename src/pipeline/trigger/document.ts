// What a trigger document says, after it was read and checked (wire contract 3.7).

export const webhookProviders = ['Github', 'Gitlab', 'Bitbucket', 'AzureRepo', 'Custom'] as const
export type WebhookProvider = (typeof webhookProviders)[number]
export type GitProvider = Exclude<WebhookProvider, 'Custom'>

/** Events of each Git host, with the actions that can be asked for. No actions: the event has none. */
export const gitEvents = {
  Github: {
    Push: [],
    PullRequest: [
      'Open',
      'Close',
      'Edit',
      'Reopen',
      'Label',
      'Unlabel',
      'Synchronize',
      'ReadyForReview',
      'Assign',
      'Unassign',
    ],
    IssueComment: ['Create', 'Edit', 'Delete'],
    Release: ['Create', 'Edit', 'Delete', 'Prerelease', 'Publish', 'Release', 'Unpublish'],
    Create: [],
    Delete: [],
  },
  Gitlab: {
    Push: [],
    MergeRequest: ['Open', 'Close', 'Reopen', 'Merge', 'Update', 'Sync'],
    MRComment: ['Create', 'Edit'],
    Tag: [],
  },
  Bitbucket: {
    Push: [],
    PullRequest: ['Create', 'Update', 'Merge', 'Decline'],
    PRComment: ['Create', 'Edit', 'Delete'],
  },
  AzureRepo: {
    Push: [],
    PullRequest: ['Create', 'Update', 'Merge'],
    IssueComment: ['Create', 'Edit', 'Delete'],
  },
} as const satisfies Record<GitProvider, Readonly<Record<string, readonly string[]>>>

export const operators = [
  'Equals',
  'NotEquals',
  'In',
  'NotIn',
  'Regex',
  'StartsWith',
  'EndsWith',
  'Contains',
  'DoesNotContain',
] as const
export type Operator = (typeof operators)[number]
export interface Condition {
  readonly key: string
  readonly operator: Operator
  readonly value: string
}

export interface WebhookConditions {
  readonly headers: readonly Condition[]
  readonly payload: readonly Condition[]
  readonly jexl?: string
}
export interface GitSource extends WebhookConditions {
  readonly type: 'Webhook'
  readonly provider: GitProvider
  readonly event: string
  readonly connectorRef: string
  /** Absent: the address of the connector is that of the repository. */
  readonly repoName?: string
  /** Empty: every action. */
  readonly actions: readonly string[]
  readonly abortsPrevious: boolean
}
export interface CustomSource extends WebhookConditions {
  readonly type: 'Webhook'
  readonly provider: 'Custom'
}
export interface CronSource {
  readonly type: 'Scheduled'
  readonly expression: string
  readonly form: 'UNIX' | 'QUARTZ'
  /** IANA name. */
  readonly timezone: string
}
export type TriggerSource = GitSource | CustomSource | CronSource

export interface TriggerDocument {
  readonly identifier: string
  readonly name: string
  readonly description: string
  readonly tags: Readonly<Record<string, string>>
  readonly enabled: boolean
  readonly orgIdentifier?: string
  readonly projectIdentifier?: string
  readonly pipelineIdentifier?: string
  /** YAML with values for the inputs of the pipeline. */
  readonly inputYaml?: string
  readonly inputSetRefs: readonly string[]
  /** Reference to the secret text that deliveries are proved with. */
  readonly secretRef?: string
  readonly source: TriggerSource
}
