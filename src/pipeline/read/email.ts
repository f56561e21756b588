// Reads the `spec` of an Email: who gets it and what it says.
import { isScalar, type Node } from 'yaml'
import { isAddress, splitAddresses } from '../address.ts'
import { asksForInput } from './input-declaration.ts'
import { type Fields, missing, readBoolean, readFields, readText, readTexts, words } from './field.ts'
import type { Report } from './report.ts'
import { readExpressionText, type WorkSpec } from './work.ts'

/** Characters. */
const LONGEST_BODY = 65_536
const LONGEST_SUBJECT = 512
const LONGEST_LIST = 8192

export function readEmail(report: Report, node: Node, what: string, owner: string): WorkSpec | undefined {
  const fields = readFields(report, node, {
    what,
    known: words('subject body to cc toUserGroups ccUserGroups fireAndForget description'),
    // It is the manager that sends mail.
    unused: ['delegateSelectors'],
    refused: { inputVariables: 'Use variables of the stage or pipeline.' },
  })
  if (!fields) return undefined
  if (!fields.values.has('subject')) missing(report, fields, 'subject')
  const subject = readExpressionText(report, fields, 'subject', owner, { most: LONGEST_SUBJECT }) ?? ''
  const body = readExpressionText(report, fields, 'body', owner, { most: LONGEST_BODY }) ?? ''
  const to = readAddresses(report, fields, 'to', owner)
  const cc = readAddresses(report, fields, 'cc', owner)
  const toUserGroups = readGroups(report, fields, 'toUserGroups', owner)
  const ccUserGroups = readGroups(report, fields, 'ccUserGroups', owner)
  if (to === '' && toUserGroups.length === 0)
    report.error(fields.node, 'missing-field', `${what} is to nobody.`, 'Add `to` or `toUserGroups`.')
  const forget = readBoolean(report, fields, 'fireAndForget') === true
  const work = { type: 'Email', subject, body, to, cc, toUserGroups, ccUserGroups } as const
  return { work: { ...work, ...(forget ? { fireAndForget: true as const } : {}) }, delegateSelectors: [] }
}

/** A text with commas, or a list. */
function readAddresses(report: Report, fields: Fields, name: string, owner: string): string {
  const at = fields.values.get(name)
  if (!at) return ''
  const text = isScalar(at)
    ? (readText(report, fields, name, { most: LONGEST_LIST }) ?? '')
    : readTexts(report, fields, name).join(',')
  report.texts.push({ text, at, owner, kind: 'text' })
  const wrong = splitAddresses(text).find((part) => !part.includes('<+') && !isAddress(part))
  if (wrong !== undefined && !asksForInput(text) && !text.includes('<+'))
    report.error(at, 'wrong-value', `\`${wrong.slice(0, 128)}\` is no e-mail address.`)
  return text
}

function readGroups(report: Report, fields: Fields, name: string, owner: string): readonly string[] {
  const groups = readTexts(report, fields, name)
  const at = fields.values.get(name)
  if (at) for (const text of groups) report.texts.push({ text, at, owner, kind: 'text' })
  return groups
}
