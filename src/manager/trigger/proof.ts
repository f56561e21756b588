// Is a delivery from whom it says? Each kind of sender proves it in its own way, always with the secret of the trigger.
import { createHmac } from 'node:crypto'
import { sameText } from '../access/token.ts'
import type { WebhookProvider } from '#pipeline/trigger/document'
import { textAt } from '#pipeline/trigger/event'

export interface Sent {
  readonly headers: Readonly<Record<string, string>>
  /** As it came: signatures are over these bytes. */
  readonly body: Uint8Array
  readonly payload: unknown
}

const hmac = (key: string | Buffer, ...parts: readonly (string | Uint8Array)[]) => {
  const sum = createHmac('sha256', key)
  for (const part of parts) sum.update(part)
  return sum
}

/** A signature with a time is good for so long, in seconds. */
const goodFor = 300

/** What is wrong with the proof, as a sentence; undefined when it is good. `now`: seconds since 1970. */
export function problemOfProof(
  provider: WebhookProvider,
  secret: string,
  { headers, body }: Sent,
  now: number,
): string | undefined {
  // Anybody knows a key of no bytes.
  if (keyOf(secret).length === 0) return 'The secret of the trigger is empty, so that it proves nothing.'
  switch (provider) {
    case 'Github':
      return signed(headers, 'x-hub-signature-256', secret, body)
    case 'Bitbucket':
      return signed(headers, 'x-hub-signature', secret, body)
    case 'Gitlab':
      return told(headers, 'x-gitlab-token', secret)
    case 'AzureRepo':
      return headers['authorization'] === undefined ? told(headers, 'x-sluice-token', secret) : basic(headers, secret)
    case 'Custom':
      break
  }
  const isPlain = headers['webhook-signature'] === undefined
  return isPlain ? told(headers, 'x-sluice-token', secret) : standard(headers, secret, body, now)
}

const wrong = (name: string): string => `The header ${name} does not fit the secret of the trigger.`
const absent = (name: string): string => `The header ${name} is missing: give the sender the secret of the trigger.`

function signed(headers: Sent['headers'], name: string, secret: string, body: Uint8Array): string | undefined {
  const given = headers[name]
  if (given === undefined) return absent(name)
  return sameText(given, `sha256=${hmac(secret, body).digest('hex')}`) ? undefined : wrong(name)
}

function told(headers: Sent['headers'], name: string, secret: string): string | undefined {
  const given = headers[name]
  if (given === undefined) return absent(name)
  return sameText(given, secret) ? undefined : wrong(name)
}

/** Service hooks of Azure DevOps sign in with a user name of any kind and the secret as password. */
function basic(headers: Sent['headers'], secret: string): string | undefined {
  const [scheme = '', code = ''] = (headers['authorization'] ?? '').split(' ')
  const text = Buffer.from(code, 'base64').toString('utf8')
  const given = text.slice(text.indexOf(':') + 1)
  return scheme.toLowerCase() === 'basic' && sameText(given, secret) ? undefined : wrong('authorization')
}

const keyOf = (secret: string): Buffer =>
  secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret)

/** Standard Webhooks (standardwebhooks.com): `v1,` and base64 of HMAC-SHA-256 over id, time and body. */
function standard(headers: Sent['headers'], secret: string, body: Uint8Array, now: number): string | undefined {
  const id = headers['webhook-id']
  const time = headers['webhook-timestamp']
  if (id === undefined || time === undefined) return absent(id === undefined ? 'webhook-id' : 'webhook-timestamp')
  if (!/^\d{1,12}$/.test(time) || Math.abs(Number(time) - now) > goodFor)
    return `The header webhook-timestamp is more than ${goodFor / 60} minutes away from the time here.`
  const expected = `v1,${hmac(keyOf(secret), `${id}.${time}.`, body).digest('base64')}`
  const given = (headers['webhook-signature'] ?? '').split(' ').slice(0, 10)
  return given.some((one) => sameText(one, expected)) ? undefined : wrong('webhook-signature')
}

/**
 * What a delivery is known by when it comes again. GitHub and Bitbucket do not sign the id that they send, so that the signed
 * bytes count too. Empty: the sender says nothing that tells two deliveries apart.
 */
export function deliveryKeys(provider: WebhookProvider, { headers, payload }: Sent, bodyDigest: string): string[] {
  const body = `body:${bodyDigest}`
  const id = (value: string | undefined): string[] => (value === undefined ? [] : [`id:${value.slice(0, 256)}`])
  switch (provider) {
    case 'Github':
      return [...id(headers['x-github-delivery']), body]
    case 'Bitbucket':
      return [...id(headers['x-request-uuid']), body]
    case 'Gitlab':
      // The id of an event is that of its cause; what follows from one cause differs in its body.
      return id(headers['idempotency-key'] ?? `${headers['x-gitlab-event-uuid'] ?? ''}:${bodyDigest}`)
    case 'AzureRepo':
      return id(`${textAt(payload, 'subscriptionId') ?? ''}:${textAt(payload, 'id') ?? bodyDigest}`)
    case 'Custom':
      break
  }
  return id(headers['webhook-id'] ?? headers['x-sluice-delivery'])
}
