// From the YAML text of a trigger to its document, with every finding at its line and column.
import { type Diagnostic, hasErrors } from '#contract/diagnostic'
import type { Node } from 'yaml'
import { compilePattern } from '../expression/pattern.ts'
import { parseCondition } from '../expression/template.ts'
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
  words,
} from '../read/field.ts'
import { readIdentifier, readName } from '../read/identity.ts'
import { Report } from '../read/report.ts'
import { MOST_CHARACTERS, openSource } from '../read/source.ts'
import { problemOfCron } from './cron.ts'
import {
  type Condition,
  type CronSource,
  gitEvents,
  type GitProvider,
  operators,
  type TriggerDocument,
  type TriggerSource,
  type WebhookConditions,
  webhookProviders,
} from './document.ts'

export interface TriggerReading {
  /** Present when there is no finding of severity error. */
  readonly trigger: TriggerDocument | undefined
  readonly diagnostics: readonly Diagnostic[]
}

const MOST_CONDITIONS = 50

/** Never throws on any text. `now` decides whether a cron expression is ever due. */
export function readTrigger(source: string, file: string, now: Date): TriggerReading {
  const report = new Report(file, source)
  const trigger = readTop(report, openSource(report, source, 'trigger'), now)
  const { diagnostics } = report
  return { trigger: hasErrors(diagnostics) ? undefined : trigger, diagnostics }
}

function readTop(report: Report, node: Node | undefined, now: Date): TriggerDocument | undefined {
  const fields = readFields(report, node, {
    what: 'the trigger',
    known: words(
      'identifier name orgIdentifier projectIdentifier description tags enabled pipelineIdentifier pipelineBranchName inputYaml inputSetRefs encryptedWebhookSecretIdentifier source',
    ),
    refused: { stagesToExecute: 'Leave it out: a run runs all stages; use `when` of a stage.' },
  })
  if (!fields) return undefined
  const org = readIdentifier(report, fields, 'orgIdentifier', true)
  const project = readIdentifier(report, fields, 'projectIdentifier', true)
  const pipeline = readIdentifier(report, fields, 'pipelineIdentifier', true)
  const branch = fields.values.get('pipelineBranchName')
  const branchName = branch && readText(report, fields, 'pipelineBranchName')
  // Editors of the compatible product write that everywhere, whether a pipeline is in Git or not.
  if (branch && branchName === '<+trigger.branch>')
    report.info(branch, 'not-used', '`pipelineBranchName` has no effect: pipelines are not kept in Git.')
  else if (branch && branchName)
    report.error(
      branch,
      'not-offered',
      `\`pipelineBranchName\` asks for the pipeline of the branch \`${branchName.slice(0, 128)}\`, and pipelines are not kept in Git.`,
      'Leave it out: what runs is the pipeline as it is stored here.',
    )
  const inputYaml = readText(report, fields, 'inputYaml', { most: MOST_CHARACTERS })
  const secretRef = readText(report, fields, 'encryptedWebhookSecretIdentifier', { most: 300 })
  const source = readWhere(report, fields, now)
  if (source?.type === 'Webhook' && !secretRef)
    report.warning(
      fields.node,
      'no-secret',
      'The trigger has no `encryptedWebhookSecretIdentifier`: nobody can prove who sends a delivery, so none starts a run.',
      'Name a secret text of the built-in store, and give its value to the sender.',
    )
  const identifier = readIdentifier(report, fields)
  const name = fields.values.has('name') ? readName(report, fields) : identifier
  const enabled = readBoolean(report, fields, 'enabled') ?? true
  const description = readText(report, fields, 'description', { most: 1024 }) ?? ''
  const tags = readTextMap(report, fields, 'tags')
  const inputSetRefs = readTexts(report, fields, 'inputSetRefs')
  if (!source) return undefined
  return {
    identifier,
    name,
    description,
    tags,
    enabled,
    ...(org ? { orgIdentifier: org } : {}),
    ...(project ? { projectIdentifier: project } : {}),
    ...(pipeline ? { pipelineIdentifier: pipeline } : {}),
    ...(inputYaml === undefined || inputYaml.trim() === '' ? {} : { inputYaml }),
    inputSetRefs,
    ...(secretRef ? { secretRef } : {}),
    source,
  }
}

function readWhere(report: Report, trigger: Fields, now: Date): TriggerSource | undefined {
  if (!trigger.values.has('source')) missing(report, trigger, 'source')
  const source = readFields(report, trigger.values.get('source'), {
    what: '`source`',
    known: ['type', 'spec', 'pollInterval', 'webhookId'],
  })
  if (!source) return undefined
  for (const name of ['type', 'spec']) if (!source.values.has(name)) missing(report, source, name)
  const node = source.values.get('type')
  const type = readText(report, source, 'type')
  if (node && type && ['Artifact', 'Manifest', 'MultiRegionArtifact', 'SystemEvent'].includes(type)) {
    report.error(node, 'not-offered', `Triggers of type ${type} are not offered.`, 'Use Webhook or Scheduled.')
    return undefined
  }
  const found = readChoice(report, source, 'type', ['Webhook', 'Scheduled'])
  const spec = source.values.get('spec')
  if (!spec || !found) return undefined
  return found === 'Webhook' ? readWebhook(report, spec) : readScheduled(report, spec, now)
}

function readScheduled(report: Report, node: Node, now: Date): CronSource | undefined {
  const outer = readFields(report, node, { what: '`source.spec`', known: ['type', 'spec'] })
  if (!outer) return undefined
  readChoice(report, outer, 'type', ['Cron'])
  if (!outer.values.has('spec')) missing(report, outer, 'spec')
  const spec = readFields(report, outer.values.get('spec'), {
    what: 'the schedule',
    known: words('expression type timezone timeZone'),
  })
  if (!spec) return undefined
  const expression = readText(report, spec, 'expression', { required: true, most: 256 })
  const form = readChoice(report, spec, 'type', ['UNIX', 'QUARTZ']) ?? 'UNIX'
  const timezone = readText(report, spec, 'timezone') ?? readText(report, spec, 'timeZone') ?? 'UTC'
  if (expression === undefined) return undefined
  const problem = problemOfCron({ expression, form, timezone }, now)
  const at = spec.values.get(problem?.endsWith('time zone.') ? 'timezone' : 'expression') ?? spec.node
  const fix =
    form === 'UNIX'
      ? 'Five fields: minute, hour, day of month, month, day of week.'
      : 'Seconds first: second, minute, hour, day of month, month, day of week, and a year if wanted.'
  if (problem) report.error(at, 'bad-cron', problem, fix)
  return { type: 'Scheduled', expression, form, timezone }
}

function readWebhook(report: Report, node: Node): TriggerSource | undefined {
  const outer = readFields(report, node, { what: '`source.spec`', known: ['type', 'spec'] })
  if (!outer) return undefined
  if (!outer.values.has('type')) missing(report, outer, 'type')
  const at = outer.values.get('type')
  const name = readText(report, outer, 'type') ?? ''
  if (at && ['AwsCodeCommit', 'Harness', 'EventRelay', 'HarnessArtifactRegistry'].includes(name)) {
    const fix = `Use one of ${webhookProviders.join(', ')}.`
    report.error(at, 'not-offered', `Webhooks of ${name} are not offered.`, fix)
    return undefined
  }
  const provider = readChoice(report, outer, 'type', webhookProviders)
  if (!provider) return undefined
  if (provider === 'Custom') {
    const spec = outer.values.get('spec')
    const known = words('headerConditions payloadConditions jexlCondition')
    const fields = spec && readFields(report, spec, { what: 'the webhook', known })
    return { type: 'Webhook', provider, ...(fields ? readConditions(report, fields) : { headers: [], payload: [] }) }
  }
  return readGit(report, outer, provider)
}

function readGit(report: Report, outer: Fields, provider: GitProvider): TriggerSource | undefined {
  const events: Readonly<Record<string, readonly string[]>> = gitEvents[provider]
  const inner = readFields(report, outer.values.get('spec'), { what: 'the webhook', known: ['type', 'spec'] })
  if (!inner) {
    if (!outer.values.has('spec')) missing(report, outer, 'spec')
    return undefined
  }
  if (!inner.values.has('type')) missing(report, inner, 'type')
  if (!inner.values.has('spec')) missing(report, inner, 'spec')
  const event = readChoice(report, inner, 'type', Object.keys(events))
  const spec = readFields(report, inner.values.get('spec'), {
    what: `the event ${event ?? ''}`.trim(),
    known: words(
      'connectorRef repoName actions headerConditions payloadConditions jexlCondition autoAbortPreviousExecutions',
    ),
  })
  if (!spec || event === undefined) return undefined
  const connectorRef = readText(report, spec, 'connectorRef', { required: true, most: 300 })
  const repoName = readText(report, spec, 'repoName', { most: 512 })
  const known = events[event] ?? []
  const actions = readTexts(report, spec, 'actions')
  for (const [index, action] of actions.entries())
    if (!known.includes(action))
      report.error(
        readItems(report, spec, 'actions')[index] ?? spec.node,
        'wrong-value',
        `${event} of ${provider} has no action \`${action.slice(0, 64)}\`.`,
        known.length > 0 ? `There are ${known.join(', ')}.` : 'It has no actions: leave the list empty.',
      )
  if (connectorRef === undefined) return undefined
  return {
    type: 'Webhook',
    provider,
    event,
    connectorRef,
    ...(repoName ? { repoName } : {}),
    actions,
    abortsPrevious: readBoolean(report, spec, 'autoAbortPreviousExecutions') ?? false,
    ...readConditions(report, spec),
  }
}

function readConditions(report: Report, fields: Fields): WebhookConditions {
  const jexl = readText(report, fields, 'jexlCondition')
  const at = fields.values.get('jexlCondition')
  if (jexl && at) {
    const parsed = parseCondition(jexl)
    if ('problem' in parsed)
      report.error(
        report.offsetOf(at, parsed.part, parsed.at),
        'bad-condition',
        `The condition cannot be understood: ${parsed.problem}.`,
      )
  }
  return {
    headers: readConditionList(report, fields, 'headerConditions'),
    payload: readConditionList(report, fields, 'payloadConditions'),
    ...(jexl ? { jexl } : {}),
  }
}

function readConditionList(report: Report, fields: Fields, name: string): readonly Condition[] {
  const found: Condition[] = []
  const items = readItems(report, fields, name)
  if (items.length > MOST_CONDITIONS)
    report.error(items[0] ?? fields.node, 'too-long', `\`${name}\` has more than ${MOST_CONDITIONS} conditions.`)
  for (const item of items.slice(0, MOST_CONDITIONS)) {
    const fieldsOf = readFields(report, item, { what: 'a condition', known: ['key', 'operator', 'value'] })
    if (!fieldsOf) continue
    const key = readText(report, fieldsOf, 'key', { required: true, most: 1024 })
    if (!fieldsOf.values.has('operator')) missing(report, fieldsOf, 'operator')
    const operator = readChoice(report, fieldsOf, 'operator', operators)
    const value = readText(report, fieldsOf, 'value', { most: 4096 }) ?? ''
    const pattern = operator === 'Regex' ? compilePattern(value) : undefined
    if (pattern && 'problem' in pattern)
      report.error(
        fieldsOf.values.get('value') ?? fieldsOf.node,
        'wrong-value',
        `The value is wrong: ${pattern.problem}.`,
      )
    if (key !== undefined && operator !== undefined) found.push({ key, operator, value })
  }
  return found
}
