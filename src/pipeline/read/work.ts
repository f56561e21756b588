// Reads the `spec` of a step by its type: what is offered, what other runners need, and what is refused with what to do instead.
import type { Node } from 'yaml'
import type { DatabaseWork, StageType, Work } from '../document.ts'
import {
  type FieldRules,
  type Fields,
  missing,
  readBoolean,
  readChoice,
  readCount,
  readDuration,
  readFields,
  readText,
  readTexts,
  words,
} from './field.ts'
import type { Report } from './report.ts'

/** What only containers need: the process runner leaves it alone. */
const containerFields = words('connectorRef image imagePullPolicy privileged runAsUser resources envVariables reuse')
const settingsRefused = {
  settings: 'Put contexts and substitutions on the DB instance; other engine options are not offered yet.',
  globalSettings: 'Put contexts and substitutions on the DB instance; other engine options are not offered yet.',
}
const databaseIdentifier = /^[a-zA-Z_][0-9a-zA-Z_$]{0,127}$/

type DatabaseType = DatabaseWork['type']
const extraFields: Readonly<Record<DatabaseType, Pick<FieldRules, 'known' | 'refused'>>> = {
  DBSchemaApply: {
    known: ['tag', 'migrationType'],
    refused: {
      markNextChangeSetRun: 'Leave it out: a failing change set is never recorded as run.',
      tagDatabaseChangeSet: 'Leave it out, or give a `tag`.',
      settings: settingsRefused.settings,
      globalSettings: settingsRefused.globalSettings,
    },
  },
  DBSchemaRollback: { known: ['tag', 'changeSetCount', 'migrationType'], refused: settingsRefused },
  DBSchemaUpdateSQL: { known: [], refused: settingsRefused },
  DBSchemaRollbackSQL: { known: ['tag', 'changeSetCount'], refused: settingsRefused },
}
/** Known types of the compatible product that are not offered yet: a clear refusal instead of "unknown". */
const otherTypes = new Set([
  ...words(
    'DBTestAndPreview LiquibaseCommand FlywayCommand Policy ShellScript Run Plugin Background Container GitClone',
  ),
  ...words('Http Email Barrier Queue JiraCreate JiraUpdate JiraApproval ServiceNowCreate ServiceNowApproval'),
  ...words('CustomApproval Agent'),
])
export const workTypes = [
  ...(Object.keys(extraFields) as DatabaseType[]),
  'HarnessApproval' as const,
  'Wait' as const,
] as const
export const isKnownType = (type: string): boolean => otherTypes.has(type)

/** The published schema admits only these database steps in a stage of type Approval. */
export function isAllowedIn(type: Work['type'], stage: StageType): boolean {
  return stage !== 'Approval' || (type !== 'DBSchemaUpdateSQL' && type !== 'DBSchemaRollbackSQL')
}

export interface WorkSpec {
  readonly work: Work
  readonly delegateSelectors: readonly string[]
}

export function readWork(report: Report, step: Fields, type: Work['type'], owner: string): WorkSpec | undefined {
  const node = step.values.get('spec')
  if (!node) {
    missing(report, step, 'spec')
    return undefined
  }
  const what = `the spec of ${step.what}`
  if (type === 'HarnessApproval') return readApproval(report, node, what, owner)
  if (type === 'Wait') {
    const fields = readFields(report, node, { what, known: ['duration'] })
    if (!fields) return undefined
    if (!fields.values.has('duration')) missing(report, fields, 'duration')
    const durationSeconds = readDuration(report, fields, 'duration', 32_054_400) ?? 60
    return { work: { type, durationSeconds }, delegateSelectors: [] }
  }
  return readDatabaseWork(report, node, what, type, owner)
}

function readDatabaseWork(
  report: Report,
  node: Node,
  what: string,
  type: DatabaseType,
  owner: string,
): WorkSpec | undefined {
  const extra = extraFields[type]
  const fields = readFields(report, node, {
    what,
    known: ['dbSchema', 'dbInstance', 'delegateSelectors', 'description', ...extra.known],
    unused: containerFields,
    ...(extra.refused ? { refused: extra.refused } : {}),
  })
  if (!fields) return undefined
  const target = {
    dbSchema: readReference(report, fields, 'dbSchema', owner),
    dbInstance: readReference(report, fields, 'dbInstance', owner),
  }
  const migrationType = readChoice(report, fields, 'migrationType', ['Liquibase', 'Flyway'])
  if (migrationType === 'Flyway')
    report.error(fields.values.get('migrationType') ?? node, 'not-offered', 'Flyway migrations are not offered yet.')
  const tag = readExpressionText(report, fields, 'tag', owner)
  const changeSetCount = extra.known.includes('changeSetCount')
    ? readCount(report, fields, 'changeSetCount', 1_000_000)
    : undefined
  const delegateSelectors = readTexts(report, fields, 'delegateSelectors')
  if (type === 'DBSchemaUpdateSQL') return { work: { type, ...target }, delegateSelectors }
  if (type === 'DBSchemaApply') return { work: { type, ...target, ...(tag ? { tag } : {}) }, delegateSelectors }
  if (fields.values.has('tag') === fields.values.has('changeSetCount'))
    report.error(
      fields.node,
      'missing-field',
      `${fields.what} needs exactly one of \`tag\` and \`changeSetCount\`.`,
      'Roll back to `tag: <+execution.steps.….output.preStartTag>`, or a number of change sets.',
    )
  const goal = tag ? { tag } : { changeSetCount: changeSetCount ?? 1 }
  return { work: { type, ...target, ...goal }, delegateSelectors }
}

function readReference(report: Report, fields: Fields, name: string, owner: string): string {
  const text = readExpressionText(report, fields, name, owner, { required: true }) ?? ''
  const node = fields.values.get(name)
  if (node && text !== '' && !text.includes('<+') && !databaseIdentifier.test(text))
    report.error(
      node,
      'bad-identifier',
      `\`${text.slice(0, 128)}\` is not an identifier of a DB schema or DB instance.`,
    )
  return text
}

function readExpressionText(
  report: Report,
  fields: Fields,
  name: string,
  owner: string,
  rule: { readonly required?: true; readonly most?: number } = { most: 255 },
): string | undefined {
  const text = readText(report, fields, name, rule)
  const at = fields.values.get(name)
  if (text !== undefined && at) report.texts.push({ text, at, owner, kind: 'text' })
  return text
}

/** Groups that mean "every user", which is what approval by permission is. */
const everybody = /^(?:account\.|org\.)?_(?:account|organization|project)_all_users$/

function readApproval(report: Report, node: Node, what: string, owner: string): WorkSpec | undefined {
  const fields = readFields(report, node, {
    what,
    // The page of an approval shows the execution anyway.
    known: ['approvalMessage', 'approvers', 'includePipelineExecutionHistory', 'description'],
    refused: {
      approverInputs: 'Leave it out: approvers cannot give inputs yet.',
      autoApproval: 'Leave it out: a person approves.',
      isAutoRejectEnabled: 'Leave it out: reject older approvals yourself.',
      callbackId: 'Leave it out: approve by the id of the approval.',
    },
  })
  if (!fields) return undefined
  if (!fields.values.has('approvers')) missing(report, fields, 'approvers')
  const approvers = readFields(report, fields.values.get('approvers'), {
    what: `\`approvers\` of ${what}`,
    known: ['minimumCount', 'disallowPipelineExecutor', 'userGroups'],
    refused: {
      serviceAccounts: 'Leave it out: people approve.',
      disallowedUserEmails: 'Take the permission to approve from those users, or use disallowPipelineExecutor.',
    },
  })
  const message = readExpressionText(report, fields, 'approvalMessage', owner, { most: 65_536 }) ?? ''
  if (!approvers) return undefined
  for (const name of ['minimumCount', 'disallowPipelineExecutor'])
    if (!approvers.values.has(name)) missing(report, approvers, name)
  const userGroups = readTexts(report, approvers, 'userGroups')
  for (const group of userGroups)
    if (!everybody.test(group))
      report.error(
        approvers.values.get('userGroups') ?? approvers.node,
        'not-offered',
        `User groups are not offered yet, so nobody could be held to \`${group.slice(0, 128)}\`.`,
        'Leave userGroups empty: whoever has the permission approval.decide may approve.',
      )
  const work: Work = {
    type: 'HarnessApproval',
    message,
    minimumCount: readCount(report, approvers, 'minimumCount', 100) ?? 1,
    disallowPipelineExecutor: readBoolean(report, approvers, 'disallowPipelineExecutor') ?? true,
    userGroups,
  }
  return { work, delegateSelectors: [] }
}
