// Reads the notification rules of a pipeline.
import { type Node, visit } from 'yaml'
import {
  type Fields,
  missing,
  readBoolean,
  readChoice,
  readFields,
  readItems,
  readText,
  readTextMap,
  readTexts,
} from '../read/field.ts'
import type { Report } from '../read/report.ts'
import {
  type Destination,
  type EventFilter,
  notificationEvents,
  type NotificationMethod,
  notificationMethods,
  type NotificationRule,
} from './rule.ts'

const MOST_RULES = 50
const MOST_DESTINATIONS = 50
const fieldsOf: Readonly<Record<NotificationMethod, readonly string[]>> = {
  Slack: ['userGroups', 'webhookUrl'],
  MsTeams: ['userGroups', 'msTeamKeys'],
  Email: ['userGroups', 'recipients'],
  PagerDuty: ['userGroups', 'integrationKey'],
  Webhook: ['webhookUrl', 'headers'],
}

export function readNotificationRules(report: Report, pipeline: Fields): readonly NotificationRule[] {
  const items = readItems(report, pipeline, 'notificationRules')
  if (items.length > MOST_RULES)
    report.error(
      items[MOST_RULES] ?? pipeline.node,
      'too-long',
      `There are more than ${MOST_RULES} notification rules.`,
    )
  return items.slice(0, MOST_RULES).flatMap((item) => readRule(report, item) ?? [])
}

function readRule(report: Report, node: Node): NotificationRule | undefined {
  const fields = readFields(report, node, {
    what: 'a notification rule',
    known: ['name', 'identifier', 'enabled', 'pipelineEvents', 'notificationMethod'],
    refused: { template: 'Leave it out: the text of messages is fixed.' },
  })
  if (!fields) return undefined
  for (const name of ['pipelineEvents', 'notificationMethod'])
    if (!fields.values.has(name)) missing(report, fields, name)
  const name = readText(report, fields, 'name', { required: true, most: 128 }) ?? ''
  const enabled = readBoolean(report, fields, 'enabled') ?? true
  const events = readItems(report, fields, 'pipelineEvents').flatMap((item) => readEvent(report, item) ?? [])
  const inner = readFields(report, fields.values.get('notificationMethod'), {
    what: '`notificationMethod`',
    known: ['type', 'spec'],
  })
  const method = inner && readMethod(report, inner)
  const spec = method && inner.values.get('spec')
  if (inner && method && !spec) missing(report, inner, 'spec')
  const found = spec && readFields(report, spec, { what: `the method ${method}`, known: fieldsOf[method] })
  if (!method || !found) return undefined
  return { name, enabled, events, method, destinations: readDestinations(report, found, method) }
}

function readMethod(report: Report, fields: Fields): NotificationMethod | undefined {
  if (!fields.values.has('type')) missing(report, fields, 'type')
  const at = fields.values.get('type')
  if (at && readText(report, fields, 'type') === 'Datadog') {
    report.error(at, 'not-offered', 'Notifications to Datadog are not offered.', 'Use Webhook, or one of the others.')
    return undefined
  }
  return readChoice(report, fields, 'type', notificationMethods)
}

function readEvent(report: Report, node: Node): EventFilter | undefined {
  const fields = readFields(report, node, { what: 'an event', known: ['type', 'forStages', 'forSteps'] })
  if (!fields) return undefined
  if (!fields.values.has('type')) missing(report, fields, 'type')
  const at = fields.values.get('type')
  if (at && readText(report, fields, 'type') === 'TriggerFailed') {
    report.error(at, 'not-offered', 'TriggerFailed is not offered.', 'Look at the history of the trigger.')
    return undefined
  }
  const type = readChoice(report, fields, 'type', notificationEvents)
  // The compatible product writes this for all.
  const all = (names: readonly string[]) => (names.includes('AllStages') ? [] : names)
  const stages = all(readTexts(report, fields, 'forStages'))
  return type && { type, stages, steps: readTexts(report, fields, 'forSteps') }
}

function readDestinations(report: Report, spec: Fields, method: NotificationMethod): readonly Destination[] {
  const groups = readTexts(report, spec, 'userGroups').map((group) => ({ group }))
  const one = (name: string) => [readText(report, spec, name)].filter((text) => text !== undefined && text !== '')
  const headers = readTextMap(report, spec, 'headers')
  const addresses = {
    Slack: () => one('webhookUrl'),
    Webhook: () => one('webhookUrl'),
    PagerDuty: () => one('integrationKey'),
    MsTeams: () => readTexts(report, spec, 'msTeamKeys'),
    Email: () => readTexts(report, spec, 'recipients'),
  }[method]()
  for (const at of spec.values.values()) checkTexts(report, at)
  const found: readonly Destination[] = [
    ...addresses.flatMap((address) =>
      address === undefined ? [] : [{ address, ...(Object.keys(headers).length > 0 ? { headers } : {}) }],
    ),
    ...groups,
  ]
  if (found.length === 0)
    report.error(spec.node, 'missing-field', `The method ${method} names nobody to be told.`, 'Name at least one.')
  if (found.length > MOST_DESTINATIONS)
    report.error(spec.node, 'too-long', `The method ${method} has more than ${MOST_DESTINATIONS} destinations.`)
  for (const name of Object.keys(headers))
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/.test(name))
      report.error(spec.values.get('headers') ?? spec.node, 'wrong-value', `\`${name.slice(0, 64)}\` is no header.`)
  return found
}

/** Secrets may stand in them: they are told to nobody but the receiver. */
function checkTexts(report: Report, field: Node): void {
  visit(field, {
    Scalar: (key, node) => {
      if (key !== 'key' && typeof node.value === 'string')
        report.texts.push({ text: node.value, at: node, owner: '', kind: 'script' })
    },
  })
}
