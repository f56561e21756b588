// The settings of an account: what each is called, what it may be, and what counts when nothing is set.
import { z } from 'zod'

export interface SettingDefinition {
  readonly name: string
  readonly group: string
  readonly valueType: 'Number'
  /** As text, like every value of a setting. */
  readonly defaultValue: string
  readonly description: string
}

const retention = (name: string, description: string): SettingDefinition => ({
  name,
  group: 'retention',
  valueType: 'Number',
  defaultValue: '0',
  description,
})

export const settings = {
  retention_executions_days: retention(
    'Days that ended executions are kept',
    'Then they go with their steps, logs, plans and the SQL that they ran. What is deployed stays, and so does the audit trail.',
  ),
  retention_logs_days: retention(
    'Days that logs of ended executions are kept',
    'Then the logs of their steps go; everything else of them stays.',
  ),
  retention_payloads_days: retention(
    'Days that large results of ended executions are kept',
    'Then the results of their steps (the whole SQL, reports) and the plans of their previews go.',
  ),
} as const satisfies Readonly<Record<string, SettingDefinition>>
export type SettingName = keyof typeof settings
export const settingNameSchema = z.enum(Object.keys(settings) as [SettingName, ...SettingName[]])

/** Ten years and more mean nothing else than for ever. */
export const mostRetentionDays = 36_500
/** What the value may be; undefined when it is fine. */
export function settingProblem(_name: SettingName, value: string): string | undefined {
  if (/^\d{1,5}$/.test(value) && Number(value) <= mostRetentionDays) return undefined
  return `Must be a whole number of days from 0 to ${mostRetentionDays}; 0 keeps everything.`
}
