// A small client of the Kubernetes API: the dozen calls that the runner makes, each with a time limit. Why not the official
// one is told in docs/decisions/0040.
import { Agent, request as send } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { createTunnelAgent } from '#outward/tunnel'
import type { ClusterAccess } from './credential.ts'

/** The API refused a call. */
export class ApiRefusal extends Error {
  /** HTTP status. */
  readonly status: number
  /** `AlreadyExists`, `Forbidden`, …; empty when the answer was not one of Kubernetes. */
  readonly reason: string
  readonly retryAfterSeconds: number
  constructor(call: string, status: number, reason: string, message: string, retryAfterSeconds = 0) {
    super(`${call}: ${message || `HTTP ${status}`}`)
    this.name = 'ApiRefusal'
    this.status = status
    this.reason = reason
    this.retryAfterSeconds = retryAfterSeconds
  }
}

export const isStatus = (error: unknown, status: number): boolean =>
  error instanceof ApiRefusal && error.status === status

/** Nobody there, too busy, a defect of the other side: the same call may work later. */
export const isPassing = (error: unknown): boolean =>
  error instanceof ApiRefusal ? error.status === 429 || error.status >= 500 : isNetwork(error)

const networkCodes = /^(ECONN|EPIPE|ETIMEDOUT|EAI_AGAIN|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|ERR_STREAM|CERT_NOT_YET)/
const isNetwork = (error: unknown): boolean =>
  error instanceof Error &&
  (networkCodes.test((error as NodeJS.ErrnoException).code ?? '') ||
    /socket hang up|no answer within/.test(error.message))

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
export interface Call {
  readonly method: Method
  /** Path and query. */
  readonly path: string
  readonly body?: unknown
  /** Of the body; JSON unless told. */
  readonly contentType?: string
  /** Milliseconds; 15 s unless told. */
  readonly limit?: number
}

export interface ApiClient {
  /** The answer as JSON. Raises `ApiRefusal`. */
  call(call: Call, signal?: AbortSignal): Promise<unknown>
  /** At most `limit` bytes of an answer that is text. */
  text(path: string, limit: number, signal?: AbortSignal): Promise<string>
  /** Lines of JSON for as long as the server goes on. Silence ends it after `silence` milliseconds. */
  lines(path: string, silence: number, signal: AbortSignal): AsyncIterable<unknown>
  close(): void
}

const answerLimit = 64 * 1024 * 1024

async function readAll(response: IncomingMessage, limit: number): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of response) {
    parts.push(part as Buffer)
    bytes += (part as Buffer).length
    if (bytes > limit) break
  }
  return Buffer.concat(parts).subarray(0, limit).toString('utf8')
}

function refusal(call: string, response: IncomingMessage, text: string): ApiRefusal {
  let status: { readonly reason?: unknown; readonly message?: unknown } = {}
  try {
    status = (JSON.parse(text) as typeof status | null) ?? {}
  } catch {
    // A proxy's page.
  }
  const message = typeof status.message === 'string' ? status.message : text.slice(0, 200)
  const reason = typeof status.reason === 'string' ? status.reason : ''
  const after = Number(response.headers['retry-after'] ?? 0)
  return new ApiRefusal(call, response.statusCode ?? 0, reason, message, after > 0 ? after : 0)
}

export function createApiClient(access: ClusterAccess): ApiClient {
  const { server, authority, certificate, proxy } = access
  const pool = { keepAlive: true, maxSockets: 16, timeout: 60_000 }
  const agent = proxy === undefined ? new Agent(pool) : createTunnelAgent(proxy, pool)
  const trust = { ...(authority ? { ca: authority } : {}), ...certificate }

  async function open({ method, path, body, contentType, limit = 15_000 }: Call, signal?: AbortSignal) {
    const token = await access.token()
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body), 'utf8')
    const headers = {
      accept: 'application/json',
      'user-agent': 'sluice-delegate',
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(payload ? { 'content-type': contentType ?? 'application/json', 'content-length': payload.length } : {}),
    }
    return await new Promise<IncomingMessage>((resolve, reject) => {
      const options = { method, headers, agent, timeout: limit, ...trust, ...(signal ? { signal } : {}) }
      const request = send(new URL(server + path), options, resolve)
      request.on('timeout', () => request.destroy(new Error(`no answer within ${limit / 1000} s`)))
      request.on('error', reject)
      request.end(payload)
    })
  }
  async function text(call: Call, limit: number, signal?: AbortSignal): Promise<string> {
    const response = await open(call, signal)
    const answer = await readAll(response, limit)
    if ((response.statusCode ?? 0) < 300) return answer
    throw refusal(`${call.method} ${call.path.split('?')[0]}`, response, answer)
  }
  return {
    async call(call, signal) {
      return JSON.parse(await text(call, answerLimit, signal)) as unknown
    },
    text: (path, limit, signal) => text({ method: 'GET', path }, limit, signal),
    async *lines(path, silence, signal) {
      const response = await open({ method: 'GET', path, limit: silence }, signal)
      if ((response.statusCode ?? 0) >= 300) throw refusal(`GET ${path}`, response, await readAll(response, 65_536))
      let rest = ''
      response.setEncoding('utf8')
      for await (const part of response) {
        const lines = (rest + (part as string)).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) if (line !== '') yield JSON.parse(line) as unknown
        if (rest.length > answerLimit) throw new Error('A line of the watch has no end.')
      }
    },
    close: () => agent.destroy(),
  }
}

/** Pauses in milliseconds between tries of a call that may pass. */
const pauses = [500, 1000, 1500, 2000]

/** Repeats a call that is harmless to repeat: reads, deletes, and creates by name. */
export async function repeatApi<T>(
  work: () => Promise<T>,
  sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>,
  signal?: AbortSignal,
): Promise<T> {
  for (const pause of pauses) {
    try {
      return await work()
    } catch (error) {
      if (signal?.aborted || !isPassing(error)) throw error
      const asked = error instanceof ApiRefusal ? error.retryAfterSeconds * 1000 : 0
      await sleep(Math.min(30_000, Math.max(pause, asked)), signal)
    }
  }
  return await work()
}
