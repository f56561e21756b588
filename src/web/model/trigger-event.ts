// What triggers decided, in words: how a decision looks, who delivered, and what the delivery was about.
import type { TriggerEvent, TriggerEventStatus } from '#contract/api/trigger'
import type { StatusLook } from './status.ts'

const looks: Readonly<Record<TriggerEventStatus, StatusLook>> = {
  TARGET_EXECUTION_REQUESTED: { tone: 'good', icon: 'check', label: 'Started a run' },
  NO_MATCHING_TRIGGER: { tone: 'calm', icon: 'dash', label: 'No trigger for it' },
  TRIGGER_DID_NOT_MATCH: { tone: 'calm', icon: 'dash', label: 'Conditions not met' },
  TRIGGER_AUTHENTICATION_FAILED: { tone: 'bad', icon: 'cross', label: 'Not proved' },
  REPEATED_DELIVERY: { tone: 'calm', icon: 'skip', label: 'Repeated' },
  IGNORED: { tone: 'calm', icon: 'skip', label: 'Ignored' },
  INVALID_PAYLOAD: { tone: 'bad', icon: 'cross', label: 'Not understood' },
  OWNER_WITHOUT_RIGHT: { tone: 'bad', icon: 'cross', label: 'Owner without the right' },
  START_FAILED: { tone: 'bad', icon: 'cross', label: 'Could not start' },
  REPORT_FAILED: { tone: 'bad', icon: 'cross', label: 'Could not report back' },
}
export const triggerEventLook = (status: TriggerEventStatus): StatusLook => looks[status]

const sources: Readonly<Record<TriggerEvent['source'], string>> = {
  Github: 'GitHub',
  Gitlab: 'GitLab',
  Bitbucket: 'Bitbucket',
  AzureRepo: 'Azure Repos',
  Custom: 'Webhook',
  Scheduled: 'Schedule',
}
export const sourceName = (source: TriggerEvent['source']): string => sources[source]

/** What a person looks for first, of all that was told. */
const shown = [
  'event',
  'action',
  'repository',
  'pullRequest',
  'sourceBranch',
  'tag',
  'commit',
  'scheduledTime',
] as const
/** Characters by which a commit is known. */
const shortCommit = 10

export function eventSummary({ summary }: Pick<TriggerEvent, 'summary'>): string {
  return shown
    .flatMap((key) => {
      const value = summary[key]
      if (value === undefined || value === '') return []
      const text = String(value)
      if (key === 'pullRequest') return [`#${text}`]
      return [key === 'commit' ? text.slice(0, shortCommit) : text]
    })
    .join(' ')
}
