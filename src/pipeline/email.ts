// The Email step: it asks for a mail and waits until the mail server has taken it, or somebody gives it up.
import { isAddress, splitAddresses } from './address.ts'
import type { EmailWork } from './document.ts'
import { type Draft, valuesOf } from './draft.ts'
import { parseTemplate } from './expression/template.ts'
import { classify, failStep } from './failure.ts'
import { nodeOf, type StepNode } from './graph.ts'
import { resolveText, type Unresolved, type Values } from './resolve.ts'
import type { PipelineEvent, StepMail } from './state.ts'

/** In each of `to` and `cc`, with those of the groups. */
export const MOST_ADDRESSES = 100

/** Undefined when it has begun; otherwise the expression that has no value. */
export function beginEmail(draft: Draft, node: StepNode, work: EmailWork): Unresolved | undefined {
  const mail = resolveMail(valuesOf(draft), node.id, work)
  if ('unresolved' in mail) return mail
  const { attempts } = draft.node(node.id)
  const number = attempts + 1
  draft.command({ type: 'send-mail', node: node.id, number, mail })
  const clear = { fault: undefined, pending: undefined }
  if (work.fireAndForget) {
    draft.change(node.id, { status: 'Success', reason: undefined, attempts: number, ...clear })
    return undefined
  }
  draft.change(node.id, { status: 'Running', reason: 'its mail is being sent', attempts: number, ...clear })
  draft.command({ type: 'start-timer', node: node.id, kind: 'timeout', seconds: node.timeoutSeconds })
  return undefined
}

export function onMailSettled(draft: Draft, event: Extract<PipelineEvent, { readonly type: 'mail-settled' }>): void {
  const { node: id, number, fault } = event
  const { status, attempts } = draft.node(id)
  if (nodeOf(draft.graph, id).type !== 'Email' || status !== 'Running' || attempts !== number) return
  draft.command({ type: 'stop-timer', node: id, kind: 'timeout' })
  if (!fault) return draft.change(id, { status: 'Success', reason: undefined })
  failStep(draft, id, { status: 'Failed', failureClass: classify(fault), reason: fault.message, fault })
}

function resolveMail(values: Values, owner: string, work: EmailWork): StepMail | Unresolved {
  const read = (text: string) => resolveText(values, owner, text)
  const subject = read(work.subject)
  if ('unresolved' in subject) return subject
  const body = resolveBody(values, owner, work.body)
  if ('unresolved' in body) return body
  const lists: Record<string, readonly string[]> = {}
  for (const name of ['to', 'cc'] as const) {
    const text = read(work[name])
    if ('unresolved' in text) return text
    const addresses = splitAddresses(text.text)
    const wrong = addresses.find((address) => !isAddress(address))
    if (wrong !== undefined)
      return { unresolved: work[name], because: `\`${wrong.slice(0, 128)}\` is no e-mail address` }
    if (addresses.length > MOST_ADDRESSES)
      return { unresolved: work[name], because: `it has more than ${MOST_ADDRESSES} addresses` }
    lists[name] = addresses
  }
  for (const name of ['toUserGroups', 'ccUserGroups'] as const) {
    const groups: string[] = []
    for (const written of work[name]) {
      const group = read(written)
      if ('unresolved' in group) return group
      groups.push(group.text)
    }
    lists[name] = groups
  }
  const { to = [], cc = [], toUserGroups = [], ccUserGroups = [] } = lists
  if (to.length + toUserGroups.length === 0) return { unresolved: work.to, because: 'its value is empty' }
  return { subject: subject.text.replace(/\s+/g, ' '), ...body, to, cc, toUserGroups, ccUserGroups }
}

/** Tags of a text that somebody wrote to be shown as HTML. */
const tags = /<\/?(?:html|body|p|br|b|i|u|a|div|span|h[1-6]|table|tr|td|th|ul|ol|li|strong|em|pre|code|hr)\b[^>]*>/i
const signs: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (found) => signs[found] ?? found)

/** The author may write HTML; what a trigger or a step gives is text in it, so that nobody puts a link there by naming a branch. */
function resolveBody(values: Values, owner: string, written: string): Pick<StepMail, 'text' | 'html'> | Unresolved {
  const template = parseTemplate(written)
  if ('problem' in template) return { unresolved: template.part, because: template.problem }
  const isHtml = template.parts.some((part) => typeof part === 'string' && tags.test(part))
  let text = ''
  let html = ''
  for (const part of template.parts) {
    if (typeof part === 'string') {
      text += isHtml ? plain(part) : part
      html += part
      continue
    }
    const found = resolveText(values, owner, part.raw)
    if ('unresolved' in found) return found
    text += found.text
    html += escapeHtml(found.text)
  }
  return { text, ...(isHtml ? { html } : {}) }
}

/** For readers that show no HTML. */
function plain(html: string): string {
  return html.replace(/<(?:br|\/p|\/div|\/tr|\/li|\/h[1-6])\b[^>]*>/gi, '\n').replaceAll(new RegExp(tags, 'gi'), '')
}
