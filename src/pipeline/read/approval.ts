// Reads the `spec` of an approval: who may decide, how many of them, and what they are asked for.
import type { Node } from 'yaml'
import { problemOfCallbackId } from '../callback-id.ts'
import type { ApprovalWork, ApproverInput, Work } from '../document.ts'
import { readLocalTime } from '../local-time.ts'
import {
  type Fields,
  missing,
  readBoolean,
  readCount,
  readFields,
  readItems,
  readText,
  readTexts,
  words,
} from './field.ts'
import { type InputDeclaration, problemOfValue, splitList } from './input-declaration.ts'
import type { Report } from './report.ts'
import { readExpressionText, type WorkSpec } from './work.ts'

/** `group` of the project, `org.group`, `account.group`; those of all users among them. */
const groupPattern = /^(?:account\.|org\.)?[a-zA-Z_][0-9a-zA-Z_]{0,127}$/
const MOST_INPUTS = 50

export function readApproval(report: Report, node: Node, what: string, owner: string): WorkSpec | undefined {
  const fields = readFields(report, node, {
    what,
    // The page of an approval shows the execution anyway.
    known: words(
      'approvalMessage approvers includePipelineExecutionHistory description approverInputs isAutoRejectEnabled autoApproval callbackId',
    ),
  })
  if (!fields) return undefined
  if (!fields.values.has('approvers')) missing(report, fields, 'approvers')
  const approvers = readFields(report, fields.values.get('approvers'), {
    what: `\`approvers\` of ${what}`,
    known: ['minimumCount', 'disallowPipelineExecutor', 'userGroups', 'disallowedUserEmails'],
    refused: { serviceAccounts: 'Leave it out: people approve.' },
  })
  const message = readExpressionText(report, fields, 'approvalMessage', owner, { most: 65_536 }) ?? ''
  const inputs = readInputs(report, fields)
  const rejectsOlder = readBoolean(report, fields, 'isAutoRejectEnabled') === true
  const automatic = readAutomatic(report, fields, owner, inputs)
  const callbackId = readExpressionText(report, fields, 'callbackId', owner, { most: 255 })
  const wrongId = callbackId === undefined || isOpen(callbackId) ? undefined : problemOfCallbackId(callbackId)
  if (wrongId !== undefined)
    report.error(fields.values.get('callbackId') ?? fields.node, 'bad-identifier', `\`callbackId\` ${wrongId}.`)
  if (!approvers) return undefined
  for (const name of ['minimumCount', 'disallowPipelineExecutor'])
    if (!approvers.values.has(name)) missing(report, approvers, name)
  const disallowedUsers = readTexts(report, approvers, 'disallowedUserEmails')
  const work: Work = {
    type: 'HarnessApproval',
    message,
    minimumCount: readCount(report, approvers, 'minimumCount', 100) ?? 1,
    disallowPipelineExecutor: readBoolean(report, approvers, 'disallowPipelineExecutor') ?? true,
    userGroups: readGroups(report, approvers),
    ...(disallowedUsers.length > 0 ? { disallowedUsers } : {}),
    ...(inputs.length > 0 ? { inputs } : {}),
    ...(rejectsOlder ? { rejectsOlder } : {}),
    ...(automatic ? { automatic } : {}),
    ...(callbackId === undefined ? {} : { callbackId }),
  }
  return { work, delegateSelectors: [] }
}

/** What is only known when the step begins. */
const isOpen = (text: string): boolean => text.includes('<+')

function readAutomatic(
  report: Report,
  { values, what }: Fields,
  owner: string,
  inputs: readonly ApproverInput[],
): ApprovalWork['automatic'] {
  const node = values.get('autoApproval')
  const fields = readFields(report, node, {
    what: `\`autoApproval\` of ${what}`,
    known: ['action', 'scheduledDeadline', 'comments'],
  })
  if (!fields || !node) return undefined
  const action = readText(report, fields, 'action', { required: true })
  if (action !== undefined && action !== 'APPROVE')
    report.error(fields.values.get('action') ?? node, 'wrong-value', '`action` of `autoApproval` can only be APPROVE.')
  if (!fields.values.has('scheduledDeadline')) missing(report, fields, 'scheduledDeadline')
  const deadline = readFields(report, fields.values.get('scheduledDeadline'), {
    what: `\`scheduledDeadline\` of ${what}`,
    known: ['time', 'timeZone'],
  })
  const comments = readExpressionText(report, fields, 'comments', owner, { most: 4096 }) ?? ''
  if (!deadline) return undefined
  const time = readExpressionText(report, deadline, 'time', owner, { required: true, most: 255 })
  const zone = readExpressionText(report, deadline, 'timeZone', owner, { required: true, most: 255 })
  if (time === undefined || zone === undefined) return undefined
  const found = isOpen(time) || isOpen(zone) ? 0 : readLocalTime(time, zone)
  if (typeof found !== 'number')
    report.error(deadline.values.get('time') ?? node, 'wrong-value', `\`${time.slice(0, 64)}\` ${found.problem}.`)
  const asked = inputs.find((input) => input.required && input.default === undefined)
  if (asked)
    report.error(
      node,
      'wrong-value',
      `Nobody gives the approver input \`${asked.name}\` when it is approved by itself.`,
      'Give the input a `defaultValue`, or leave `required` out.',
    )
  return { time, zone, comments }
}

function readGroups(report: Report, approvers: Fields): readonly string[] {
  const groups = readTexts(report, approvers, 'userGroups')
  for (const group of groups)
    if (!groupPattern.test(group))
      report.error(
        approvers.values.get('userGroups') ?? approvers.node,
        'bad-identifier',
        `\`${group.slice(0, 128)}\` is not a user group.`,
        'Write group, org.group or account.group.',
      )
  return groups
}

function readInputs(report: Report, fields: Fields): readonly ApproverInput[] {
  const inputs: ApproverInput[] = []
  for (const item of readItems(report, fields, 'approverInputs')) {
    const input = readFields(report, item, {
      what: `an approver input of ${fields.what}`,
      known: words('name defaultValue required allowedValues selectOneFrom selectManyFrom regex description'),
    })
    const name = input && readText(report, input, 'name', { required: true, most: 128 })
    if (!input || name === undefined) continue
    if (!/^[A-Za-z_]\w{0,127}$/.test(name))
      report.error(input.values.get('name') ?? input.node, 'bad-identifier', `\`${name.slice(0, 128)}\` is not a name.`)
    if (inputs.some((other) => other.name === name))
      report.error(input.node, 'duplicate-identifier', `Two approver inputs are called \`${name}\`.`)
    inputs.push({ name, ...readRules(report, input, name) })
  }
  if (inputs.length > MOST_INPUTS)
    report.error(fields.node, 'too-large', `${fields.what} has more than ${MOST_INPUTS} approver inputs.`)
  return inputs
}

function readRules(report: Report, input: Fields, name: string): Omit<ApproverInput, 'name'> {
  const list = (field: string): readonly string[] => {
    const text = input.values.get(field)
    // A list, or one text with commas, as both are written.
    return text && 'items' in text ? readTexts(report, input, field) : splitList(readText(report, input, field) ?? '')
  }
  const many = list('selectManyFrom')
  const allowed = [...list('allowedValues'), ...list('selectOneFrom'), ...many]
  const pattern = readText(report, input, 'regex')
  const description = readText(report, input, 'description', { most: 1024 })
  const rules: InputDeclaration = {
    ...(allowed.length > 0 ? { allowed } : {}),
    ...(many.length > 0 ? { many: true } : {}),
    ...(pattern ? { pattern } : {}),
  }
  const fallback = readText(report, input, 'defaultValue')
  const wrong = fallback ? problemOfValue(rules, fallback) : undefined
  if (wrong !== undefined)
    report.error(input.values.get('defaultValue') ?? input.node, 'wrong-value', `The default of ${name} ${wrong}.`)
  return {
    required: readBoolean(report, input, 'required') ?? false,
    ...rules,
    ...(fallback ? { default: fallback } : {}),
    ...(description ? { description } : {}),
  }
}
