// Sends the bytes of a stream to the manager with node:http alone: the first line is on its way before anything heavier is loaded.
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Fetch } from '#contract/client'
import { withTimeLimit } from '#contract/delegate/repeat'

/** Bytes before compression; so far below what the protocol allows that gzip, which adds 0.03 % at most, stays below it too. */
export const chunkBytes = 1_000_000
const compressFrom = 1024
const compress = promisify(gzip)
const answerLimit = 65_536

export type SendReply =
  | { readonly type: 'committed'; readonly offset: number }
  /** The manager has another offset: ask for it. */
  | { readonly type: 'elsewhere' }
  | { readonly type: 'too-large' }
  /** Try again; not before `afterMilliseconds`. */
  | { readonly type: 'later'; readonly afterMilliseconds: number; readonly reason: string }
  /** The manager will never take it. */
  | { readonly type: 'refused'; readonly reason: string }

/** Bytes of a stream as they travel. */
export interface Piece {
  /** Bytes of the stream. */
  readonly length: number
  readonly body: Uint8Array
  readonly isCompressed: boolean
}

export async function packPiece(bytes: Uint8Array): Promise<Piece> {
  const { length } = bytes
  if (length < compressFrom) return { length, body: bytes, isCompressed: false }
  return { length, body: await compress(bytes, { level: 1 }), isCompressed: true }
}

export interface LogSender {
  append(offset: number, piece: Piece, signal?: AbortSignal): Promise<SendReply>
  committed(signal?: AbortSignal): Promise<SendReply>
}

export interface LogAddress {
  readonly managerUrl: string
  readonly attempt: string
  readonly attemptToken: string
  readonly fence: string
}

interface Answer {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly text: string
}

function exchange(
  url: URL,
  method: 'PUT' | 'GET',
  headers: Record<string, string>,
  body: Uint8Array | undefined,
  signal?: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? requestHttps : requestHttp
    const request = send(url, { method, headers, timeout: 15_000, ...(signal ? { signal } : {}) }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        if (text.length < answerLimit) text += part
      })
      response.on('error', reject)
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'], text })
      })
    })
    request.on('timeout', () => request.destroy(new Error('no answer within 15 s')))
    request.on('error', reject)
    request.end(body)
  })
}

function readCommitted(text: string): number | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const committed = typeof value === 'object' && value !== null && 'committed' in value ? value.committed : undefined
    return typeof committed === 'number' && Number.isSafeInteger(committed) && committed >= 0 ? committed : undefined
  } catch {
    return undefined
  }
}

function judge({ status, retryAfter, text }: Answer): SendReply {
  if (status === 416) return { type: 'elsewhere' }
  if (status === 413) return { type: 'too-large' }
  if (status === 429 || status === 408 || status >= 500) {
    const seconds = Number(retryAfter ?? 0)
    return {
      type: 'later',
      afterMilliseconds: seconds > 0 ? Math.min(seconds, 300) * 1000 : 0,
      reason: `HTTP ${status}`,
    }
  }
  const offset = status === 200 ? readCommitted(text) : undefined
  if (offset !== undefined) return { type: 'committed', offset }
  // 200 without our answer is a proxy's page; everything else says no for good.
  if (status < 400) return { type: 'later', afterMilliseconds: 0, reason: `an answer that is not the manager's` }
  return { type: 'refused', reason: `HTTP ${status}` }
}

type Exchange = typeof exchange

/** The same through a fetch of ours, for networks that are left through a proxy or with a certificate. */
const exchangeBy =
  (opening: Promise<Fetch>): Exchange =>
  async (url, method, headers, body, signal) => {
    const fetch = await opening
    return withTimeLimit(
      15_000,
      async (late) => {
        const sent = body === undefined ? {} : { body: new Uint8Array(body) }
        const response = await fetch(url.href, { method, headers, ...sent, signal: late })
        const retryAfter = response.headers.get('retry-after') ?? undefined
        return { status: response.status, retryAfter, text: (await response.text()).slice(0, answerLimit) }
      },
      signal,
    )
  }

/** `stream`: the log unless told. `opening`: how the manager is reached when Node's own way is not enough. */
export function createLogSender(
  { managerUrl, attempt, attemptToken, fence }: LogAddress,
  opening?: Promise<Fetch>,
  stream = 'step',
): LogSender {
  const send = opening ? exchangeBy(opening) : exchange
  const path = `${managerUrl}/d/v1/attempts/${encodeURIComponent(attempt)}/logs/${stream}`
  const authorization = { authorization: `Bearer ${attemptToken}`, accept: 'application/json' }

  async function ask(...exchanged: Parameters<Exchange>): Promise<SendReply> {
    try {
      return judge(await send(...exchanged))
    } catch (error) {
      exchanged[4]?.throwIfAborted()
      return { type: 'later', afterMilliseconds: 0, reason: error instanceof Error ? error.message : String(error) }
    }
  }
  return {
    append(offset, { body, isCompressed }, signal) {
      const headers = {
        ...authorization,
        'content-type': 'application/octet-stream',
        'content-length': String(body.length),
        ...(isCompressed ? { 'content-encoding': 'gzip' } : {}),
      }
      return ask(new URL(`${path}?fence=${fence}&offset=${offset}`), 'PUT', headers, body, signal)
    },
    committed: (signal) => ask(new URL(`${path}/committed?fence=${fence}`), 'GET', authorization, undefined, signal),
  }
}
