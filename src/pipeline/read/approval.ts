// Reads the `spec` of an approval: who may decide, how many of them, and what they are asked for.
import type { Node } from 'yaml'
import type { ApproverInput, Work } from '../document.ts'
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
      'approvalMessage approvers includePipelineExecutionHistory description approverInputs isAutoRejectEnabled',
    ),
    refused: {
      autoApproval: 'Leave it out: a person approves.',
      callbackId: 'Leave it out: approve by the id of the approval.',
    },
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
  }
  return { work, delegateSelectors: [] }
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
