// Does an event meet what a trigger asks for? The first thing that is not met is told as a sentence.
import { evaluate } from '../expression/evaluate.ts'
import { matchesWhole } from '../expression/pattern.ts'
import { parseCondition, parseTemplate, soleExpression } from '../expression/template.ts'
import { asText, isTrue } from '../expression/value.ts'
import type { Condition, GitSource, Operator, TriggerSource, WebhookConditions } from './document.ts'
import type { WebhookEvent } from './event.ts'
import { factScope, type TriggerFacts } from './fact.ts'

export type Match = { readonly met: true } | { readonly met: false; readonly because: string }
const met: Match = { met: true }
const no = (because: string): Match => ({ met: false, because })
const shown = (text: string): string => (text.length > 128 ? `${text.slice(0, 128)}…` : text)

type Webhook = Extract<TriggerSource, { readonly type: 'Webhook' }>

/** Event and action. What comes after may need the Git host to be asked. */
export function matchEvent(source: Webhook, event: WebhookEvent): Match {
  if (source.provider === 'Custom') return met
  if (event.event !== source.event) return no(`It waits for ${source.event}, and this is ${event.event}.`)
  if (source.actions.length > 0 && !source.actions.includes(event.action ?? ''))
    return no(`It waits for ${source.actions.join(', ')}, and the action is ${shown(event.action ?? 'none')}.`)
  return met
}

/** Does the delivery come from the repository that connector and `repoName` name? */
export function matchRepository(
  { repoName }: Pick<GitSource, 'repoName'>,
  connector: { readonly url: string; readonly isRepository: boolean },
  event: WebhookEvent,
): Match {
  const from = addressOf(event.repository ?? '')
  const base = addressOf(connector.url)
  const wanted = connector.isRepository ? base : `${base}/${addressOf(repoName ?? '')}`
  if (repoName === undefined && !connector.isRepository) return no('It names no `repoName`.')
  const own = from === wanted || (event.provider === 'AzureRepo' && isOfAzure(from, base, repoName))
  return own ? met : no(`It waits for ${shown(wanted)}, and this is ${shown(from || 'no repository')}.`)
}

/** Azure Repos: `organization/project/_git/repository`, of which a connector names one, two or all parts. */
function isOfAzure(from: string, base: string, repoName: string | undefined): boolean {
  const [place = '', name = ''] = from.split('/_git/')
  return repoName !== undefined && name === repoName.toLowerCase() && `${place}/`.startsWith(`${base}/`)
}

/** Host and path, lower case, without user, `.git` and slashes around. */
function addressOf(url: string): string {
  const scp = /^[\w.-]+@([\w.-]+):(?!\/)(.*)$/.exec(url)
  const text = scp ? `${scp[1]}/${scp[2]}` : url.replace(/^\w+:\/\/(?:[^/@]*@)?/, '')
  return text
    .toLowerCase()
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
    .replace(/^\/+/, '')
}

const isFiles = ({ key }: Condition): boolean => /^(?:<\+\s*trigger\.)?changedFiles\s*>?$/.test(key.trim())
/** Must the changed files be known to decide? */
export const asksForFiles = ({ payload }: WebhookConditions): boolean => payload.some(isFiles)

const eventKeys: Readonly<Record<string, string>> = {
  sourceBranch: 'trigger.sourceBranch',
  targetBranch: 'trigger.targetBranch',
  branch: 'trigger.branch',
  tag: 'trigger.tag',
}

/** `files`: the changed paths, when `asksForFiles`. `facts` hold the whole payload. */
export function matchConditions(
  source: WebhookConditions,
  facts: TriggerFacts,
  headers: Readonly<Record<string, string>>,
  files: readonly string[] | undefined,
): Match {
  for (const condition of source.headers) {
    const name = headerName(condition.key)
    if (!holds(condition, headers[name] ?? '')) return unmet(`The header ${shown(name)}`, condition, headers[name])
  }
  for (const condition of source.payload) {
    if (isFiles(condition)) {
      if (files && filesHold(condition, files)) continue
      return no(`None of the changed files counts: ${condition.operator} ${shown(condition.value)} is not met.`)
    }
    const value = valueOf(condition.key, facts)
    if ('problem' in value) return no(`The condition on ${shown(condition.key)} cannot be read: ${value.problem}.`)
    if (!holds(condition, value.text ?? '')) return unmet(shown(condition.key), condition, value.text)
  }
  if (source.jexl === undefined) return met
  const parsed = parseCondition(source.jexl)
  if ('problem' in parsed) return no(`The JEXL condition cannot be read: ${parsed.problem}.`)
  const found = evaluate(parsed.syntax, source.jexl, factScope(facts, 'null'))
  return 'value' in found && isTrue(found.value) ? met : no(`The condition ${shown(source.jexl)} is not met.`)
}

function unmet(what: string, { operator, value }: Condition, found: string | undefined): Match {
  return no(
    `${what} is ${found === undefined ? 'absent' : `\`${shown(found)}\``}: ${operator} ${shown(value)} is not met.`,
  )
}

/** `X-GitHub-Event`, or the expression for it. */
function headerName(key: string): string {
  const inner = /^<\+\s*(?:trigger\.)?header\[\s*['"](.+?)['"]\s*\]\s*>$/.exec(key.trim())
  return (inner?.[1] ?? key).trim().toLowerCase()
}

function valueOf(
  key: string,
  facts: TriggerFacts,
): { readonly text: string | undefined } | { readonly problem: string } {
  const name = key.trim()
  const known = Object.hasOwn(eventKeys, name) ? eventKeys[name] : undefined
  const text = name.includes('<+') ? name : `<+${known ?? `trigger.payload.${name}`}>`
  const template = parseTemplate(text)
  if ('problem' in template) return template
  const sole = soleExpression(template.parts)
  if (!sole) return { problem: 'it is not one expression' }
  const found = evaluate(sole.syntax, sole.raw, factScope(facts, 'null'))
  if ('unresolved' in found) return { problem: found.because }
  return { text: found.value === null || found.value === undefined ? undefined : asText(found.value) }
}

const listOf = (value: string): readonly string[] => value.split(',').map((entry) => entry.trim())

function holds({ operator, value }: Condition, text: string): boolean {
  switch (operator) {
    case 'Equals':
      return text === value
    case 'NotEquals':
      return text !== value
    case 'In':
      return listOf(value).includes(text)
    case 'NotIn':
      return !listOf(value).includes(text)
    case 'Regex':
      return matchesWhole(value, text)
    case 'StartsWith':
      return text.startsWith(value)
    case 'EndsWith':
      return text.endsWith(value)
    case 'Contains':
      return text.includes(value)
    case 'DoesNotContain':
      break
  }
  return !text.includes(value)
}

const denials: Partial<Record<Operator, Operator>> = {
  NotEquals: 'Equals',
  NotIn: 'In',
  DoesNotContain: 'Contains',
}

/** One path is enough; of the denying operators no path may be it. `*`, `**` and `?` stand for parts of a path. */
function filesHold({ key, operator, value }: Condition, files: readonly string[]): boolean {
  const denied = denials[operator]
  if (denied) return !filesHold({ key, operator: denied, value }, files)
  if (operator !== 'Equals' && operator !== 'In') return files.some((file) => holds({ key, operator, value }, file))
  const patterns = (operator === 'In' ? listOf(value) : [value]).map(globPattern)
  return files.some((file) => patterns.some((pattern) => matchesWhole(pattern, file)))
}

/** `schemas/*.sql`, `db/**`, `?`: everything else is meant as it is written. */
function globPattern(glob: string): string {
  const pattern = glob.replace(/\*\*\/|\*\*|\*|\?|[^*?]+/g, (part) => {
    if (part === '**/') return '(?:.*/)?'
    if (part === '**') return '.*'
    if (part === '*') return '[^/]*'
    if (part === '?') return '[^/]'
    return part.replace(/[\\^$.|+()[\]{}]/g, '\\$&')
  })
  return pattern
}
