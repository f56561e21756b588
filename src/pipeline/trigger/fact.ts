// What expressions read of a trigger: `<+trigger.branch>`, `<+trigger.payload.x>`, `<+trigger.header["X-Y"]>` (wire contract, expressions).
import { evaluate, type Scope } from '../expression/evaluate.ts'
import type { Syntax } from '../expression/syntax.ts'
import { parseTemplate } from '../expression/template.ts'
import { asText } from '../expression/value.ts'
import { isMap, isScalar, isSeq, parseDocument, visit } from 'yaml'
import type { TriggerDocument } from './document.ts'
import type { Delivery, WebhookEvent } from './event.ts'

export type TriggerFacts = Readonly<Record<string, unknown>>

const words: Readonly<Record<string, string>> = {
  PullRequest: 'PR',
  MergeRequest: 'PR',
  Push: 'PUSH',
  Tag: 'PUSH',
  Release: 'RELEASE',
  IssueComment: 'ISSUE_COMMENT',
  MRComment: 'MR_COMMENT',
  PRComment: 'PR_COMMENT',
}

/** Headers that prove who sends it, or could. */
const secretHeader = /authorization|cookie|token|signature|secret|api-?key/
const shownHeader = /^(?:x-|webhook-|user-agent$|content-type$)/

/** Characters of a payload, as JSON, that a run keeps. */
const LONGEST_PAYLOAD = 262_144
const MOST_ITEMS = 50
const LONGEST_TEXT = 4096

type Named = Pick<TriggerDocument, 'identifier' | 'name'>

export function webhookFacts({ identifier, name }: Named, event: WebhookEvent, delivery: Delivery): TriggerFacts {
  const headers = Object.entries(delivery.headers).filter(([key]) => shownHeader.test(key) && !secretHeader.test(key))
  const facts = {
    identifier,
    name,
    type: event.provider === 'Custom' ? 'Custom' : 'Webhook',
    event: words[event.event] ?? event.event.toUpperCase(),
    action: event.action,
    sourceRepo: event.provider,
    repoUrl: event.repository,
    repoName: event.repositoryName,
    branch: event.sourceBranch ?? event.targetBranch,
    sourceBranch: event.sourceBranch,
    targetBranch: event.targetBranch,
    tag: event.tag,
    commitSha: event.commit,
    baseCommitSha: event.baseCommit,
    prNumber: event.pullRequest,
    prTitle: event.title,
    gitUser: event.sender,
    isFork: event.fork,
    header: Object.fromEntries(headers),
    payload: kept(delivery.payload),
  }
  return withoutExpressions(Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)))
}

export function cronFacts({ identifier, name }: Named, due: Date): TriggerFacts {
  return { identifier, name, type: 'Scheduled', event: 'SCHEDULED', scheduledTime: due.toISOString() }
}

/** A large payload loses the ends of its lists and texts; one that is still too large is not kept. Conditions see all of it. */
function kept(payload: unknown): unknown {
  if (JSON.stringify(payload ?? null).length <= LONGEST_PAYLOAD) return payload
  const cut = (value: unknown): unknown => {
    if (typeof value === 'string') return value.slice(0, LONGEST_TEXT)
    if (Array.isArray(value)) return value.slice(0, MOST_ITEMS).map(cut)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, cut(inner)]))
  }
  const smaller = cut(payload)
  return JSON.stringify(smaller).length <= LONGEST_PAYLOAD ? smaller : {}
}

/**
 * Whoever can name a branch writes into a run. Nothing that they write may be read as an expression there: `<+` becomes `< +`.
 * A text that the store cannot hold (NUL, half a surrogate pair) gets a replacement character.
 */
function withoutExpressions<T>(value: T): T {
  const plain = (inner: unknown): unknown => {
    if (typeof inner === 'string')
      return inner
        .replaceAll('<+', '< +')
        .replaceAll('\0', '\uFFFD')
        .replace(/\p{Surrogate}/gu, '\uFFFD')
    if (Array.isArray(inner)) return inner.map(plain)
    if (typeof inner !== 'object' || inner === null) return inner
    return Object.fromEntries(Object.entries(inner).map(([key, entry]) => [plain(key) as string, plain(entry)]))
  }
  return plain(value) as T
}

/** Reads `trigger.…` and `eventPayload.…`. Names that differ only by case are the same. */
export function readFact(facts: TriggerFacts, path: readonly string[]): unknown {
  const [root, ...rest] = path
  const names = root === 'eventPayload' ? ['payload', ...rest] : root === 'trigger' ? rest : undefined
  if (names === undefined) return undefined
  let found: unknown = facts
  for (const name of names) {
    if (typeof found !== 'object' || found === null) return undefined
    const record = found as Readonly<Record<string, unknown>>
    const key = Object.hasOwn(record, name)
      ? name
      : Object.keys(record).find((other) => other.toLowerCase() === name.toLowerCase())
    found = key === undefined ? undefined : record[key]
  }
  return found
}

export function factScope(facts: TriggerFacts, missing: Scope['missing']): Scope {
  return {
    missing,
    read: (path, raw) => {
      const value = readFact(facts, path)
      if (value !== undefined && value !== null) return { value }
      return { unresolved: raw, because: 'the trigger told no such value' }
    },
  }
}

function isOfTrigger(syntax: Syntax): boolean {
  return syntax.kind === 'path' && (syntax.path[0] === 'trigger' || syntax.path[0] === 'eventPayload')
}

/**
 * The text of input values with what the trigger told put in, so that it is checked like a value that a person gives. An expression
 * that is about anything else is left for the run.
 */
export function supplyFacts(yaml: string, facts: TriggerFacts): string {
  if (!/<\+\s*(?:trigger|eventPayload)\b/.test(yaml)) return yaml
  const document = parseDocument(yaml, { prettyErrors: false })
  // What is wrong with it is told by the reader of input sets.
  if (document.errors.length > 0) return yaml
  const scope = factScope(facts, 'error')
  visit(document, {
    Scalar: (key, node) => {
      if (key === 'key' || typeof node.value !== 'string' || !node.value.includes('<+')) return
      const template = parseTemplate(node.value)
      if ('problem' in template) return
      let text = ''
      for (const part of template.parts) {
        if (typeof part !== 'string' && !isOfTrigger(part.syntax)) return
        const found = typeof part === 'string' ? { value: part } : evaluate(part.syntax, part.raw, scope)
        if ('unresolved' in found) return
        text += asText(found.value)
      }
      node.value = text
      delete node.source
      node.type = 'QUOTE_DOUBLE'
    },
  })
  return isMap(document.contents) || isSeq(document.contents) || isScalar(document.contents)
    ? document.toString({ lineWidth: 0 })
    : yaml
}
