// One call to a secret manager or key service: JSON over HTTP with limits, tries again what may pass, and says what happened without any value.
import { readAtMost } from '#contract/body'
import type { Fetch } from '#contract/client'
import { type Clock, withTimeLimit } from '#contract/delegate/repeat'
import { Fault } from '#contract/fault'

/** Milliseconds that one answer may take. */
const answerWithin = 15_000
const answerLimit = 2_097_152
/** Waits between tries, in milliseconds. */
const pauses = [250, 1000] as const

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}
export interface Answer {
  readonly status: number
  /** The parsed body; undefined when it was no JSON. */
  readonly body: unknown
  readonly text: string
}
export interface CallPorts {
  readonly fetch: Fetch
  readonly clock: Clock
}
/** What a sign-in may use beside. */
export interface SignInPorts extends CallPorts {
  /** Of this program. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly readFile: (path: string) => Promise<Buffer>
}

/** How what is called is named in messages: `account.vault (Vault at https://vault:8200)`. */
export interface ManagerName {
  readonly name: string
  readonly kind: string
  readonly address: string
  /** Absent: a secret manager. */
  readonly role?: 'key service'
}
export const describeManager = ({ name, kind, address }: ManagerName): string => `${name} (${kind} at ${address})`
const titled = (manager: ManagerName): string => `The ${manager.role ?? 'secret manager'} ${describeManager(manager)}`

async function readLimited(response: Response): Promise<string> {
  const { bytes, isWhole } = await readAtMost(response, answerLimit)
  if (!isWhole) throw new Error(`the answer is larger than ${answerLimit} bytes`)
  return Buffer.from(bytes).toString('utf8')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function callOnce({ fetch }: CallPorts, call: Call, signal: AbortSignal): Promise<Answer> {
  const headers = { accept: 'application/json', ...call.headers }
  const response = await fetch(call.url, {
    method: call.method,
    headers,
    ...(call.body === undefined ? {} : { body: call.body }),
    // A redirect could lead a token to another host.
    redirect: 'manual',
    signal,
  })
  const text = await readLimited(response)
  return { status: response.status, body: parse(text), text }
}

/** Node wraps the useful reason (ECONNREFUSED …) as the cause of "fetch failed". */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // Raised by the time limit, which is written for calls to the manager.
  if (error instanceof Fault && error.code === 'manager-unreachable') return `no answer within ${answerWithin / 1000} s`
  return error.cause instanceof Error && error.cause.message ? error.cause.message : error.message
}

const mayPass = (status: number): boolean => status === 429 || status >= 500

/**
 * Calls; three tries for what may pass. Gives every answer below 500. Raises `secret-manager-unreachable`, with what was asked for
 * (`what`, a path or `sign in`).
 */
export async function callManager(
  ports: CallPorts,
  manager: ManagerName,
  what: string,
  call: Call,
  signal: AbortSignal,
): Promise<Answer> {
  let reason = ''
  for (let tried = 0; ; tried++) {
    try {
      const answer = await withTimeLimit(answerWithin, (limited) => callOnce(ports, call, limited), signal)
      if (!mayPass(answer.status)) return answer
      reason = `HTTP ${answer.status}`
    } catch (error) {
      signal.throwIfAborted()
      reason = reasonOf(error)
    }
    const pause = pauses[tried]
    if (pause === undefined)
      throw new Fault(
        'secret-manager-unreachable',
        `${titled(manager)} did not answer (${what}): ${reason}.`,
        manager.role === undefined
          ? {}
          : { hint: 'Check the network of this machine, and whether the service is there.' },
      )
    await ports.clock.sleep(pause, signal)
  }
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

/** A field of the answer to a call that went well; undefined when it is no text, or empty. */
export function textIn({ status, body }: Answer, field: string): string | undefined {
  const found = status === 200 && isRecord(body) ? body[field] : undefined
  return typeof found === 'string' && found !== '' ? found : undefined
}

/** What an error answer says, in the words of the manager: the fields in which the known ones put their message. At most 200 characters. */
export function messageOf({ status, body }: Answer): string {
  const found: string[] = []
  if (isRecord(body)) {
    const { errors, error, message, Message, __type: type } = body
    const nested = isRecord(error) ? [error['status'] ?? error['code'], error['message']] : [error]
    const texts = [...(Array.isArray(errors) ? errors : []), type, message, Message, ...nested]
    found.push(...texts.filter((text): text is string => typeof text === 'string' && text !== ''))
  }
  const said = found.join(': ').replace(/\s+/g, ' ').slice(0, 200)
  return said === '' ? `HTTP ${status}` : `HTTP ${status}, ${said}`
}

/** Raises `secret-manager-refused`: signing in or reading was not allowed. */
export function refused(manager: ManagerName, what: string, answer: Answer, hint: string): Fault {
  const message = `${titled(manager)} refused ${what}: ${messageOf(answer)}.`
  return new Fault('secret-manager-refused', message, { hint })
}
