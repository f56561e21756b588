// The forms that each receiver wants a message in, with every text escaped for it.
import type { Message } from './message.ts'

/** One HTTP call. */
export interface Post {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

const LONGEST = 3000
const cut = (text: string, most = LONGEST): string => (text.length <= most ? text : `${text.slice(0, most - 1)}…`)

/** https://docs.slack.dev/messaging/formatting-message-text: three characters mean something. */
const slackText = (text: string): string => text.replace(/[&<>]/g, (found) => slackSigns[found] ?? found)
const slackSigns: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

export function slackPost(url: string, { title, facts, url: link }: Message): Post {
  const bare = slackText(cut(title, 300))
  // In the text of a link a bar or a line end would end it.
  const head = link === undefined ? `*${bare}*` : `<${link}|${bare.replace(/[|\n]/g, ' ')}>`
  const lines = facts.map(([name, value]) => `*${slackText(name)}:* ${slackText(cut(value))}`)
  return { url, headers: {}, body: { text: cut([head, ...lines].join('\n'), 35_000), unfurl_links: false } }
}

/** The Markdown of adaptive cards, and the links that chats make of bare addresses by themselves. */
const teamsText = (text: string): string => text.replace(/[\\`*_{}[\]()#+\-.!~|<>&]/g, (found) => `\\${found}`)

export function teamsPost(url: string, { title, facts, url: link, isBad }: Message): Post {
  const card = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [
      {
        type: 'TextBlock',
        size: 'Medium',
        weight: 'Bolder',
        wrap: true,
        text: teamsText(cut(title, 300)),
        ...(isBad ? { color: 'Attention' } : {}),
      },
      {
        type: 'FactSet',
        facts: facts.map(([name, value]) => ({ title: teamsText(name), value: teamsText(cut(value)) })),
      },
    ],
    ...(link === undefined ? {} : { actions: [{ type: 'Action.OpenUrl', title: 'Open the run', url: link }] }),
  }
  const attachment = { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content: card }
  return { url, headers: {}, body: { type: 'message', attachments: [attachment] } }
}

/** https://developer.pagerduty.com/docs/events-api-v2: messages with the same key are one alert. */
export function pagerDutyPost(key: string, { id, title, facts, url: link, isBad, eventData }: Message): Post {
  return {
    url: 'https://events.pagerduty.com/v2/enqueue',
    headers: {},
    body: {
      routing_key: key,
      event_action: 'trigger',
      dedup_key: id,
      client: 'Sluice',
      ...(link === undefined ? {} : { client_url: link, links: [{ href: link, text: 'Open the run' }] }),
      payload: {
        summary: cut(title, 1024),
        source: `${String(eventData['orgIdentifier'])}/${String(eventData['projectIdentifier'])}`,
        severity: isBad ? 'error' : 'info',
        timestamp: eventData['eventTime'],
        component: eventData['pipelineIdentifier'],
        custom_details: Object.fromEntries(facts.map(([name, value]) => [name, cut(value)])),
      },
    },
  }
}

/** Repeated messages have the same key. */
export function webhookPost(url: string, headers: Readonly<Record<string, string>>, message: Message): Post {
  return { url, headers: { ...headers, 'idempotency-key': message.id }, body: { eventData: message.eventData } }
}

/** Plain text: nothing in it can be a form or a script. */
export function mailText({ title, facts, url }: Message): { readonly subject: string; readonly text: string } {
  const lines = facts.map(([name, value]) => `${name}: ${cut(value)}`)
  const end = url === undefined ? [] : ['', url]
  return { subject: cut(title.replace(/\s+/g, ' '), 200), text: `${[title, '', ...lines, ...end].join('\n')}\n` }
}
