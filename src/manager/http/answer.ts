// Turns what a handler gives into an HTTP answer: JSON, a page with its headers, nothing, or a stream of events.
import type { Endpoint } from '#contract/endpoint'
import { listQueryOf, platformEnvelope, platformPage, resourceEnvelope } from '#contract/platform'
import { writeEventStream } from './event-stream.ts'
import { asFault, errorBody } from './failure.ts'
import type { Page, ServerSentEvent } from './handler.ts'
import { apiHeaders } from './security.ts'

const heartbeatMilliseconds = 15_000
/** How long the answer to a stream waits for a first event or fault, so that "not found" still is a 404. */
const firstEventMilliseconds = 200

export interface AnswerContext {
  readonly correlationId: string
  /** Set by the handler; wins over ours. */
  readonly headers: Headers
  /** Tests check every answer against the contract; in production it would cost more than it finds. */
  readonly checkReplies: boolean
}

function headersOf(context: AnswerContext, more: Record<string, string> = {}): Headers {
  const headers = new Headers({ ...apiHeaders, 'x-correlation-id': context.correlationId, ...more })
  for (const [name, value] of context.headers) {
    if (name === 'set-cookie') headers.append(name, value)
    else headers.set(name, value)
  }
  return headers
}

function checkReply(target: Endpoint, reply: unknown): void {
  const parsed = target.reply.safeParse(reply)
  if (!parsed.success)
    throw new Error(`The reply of ${target.name} is not as the contract says: ${parsed.error.message}`)
}

function pageHeaders(query: unknown, total: number): Record<string, string> {
  const { page = 0, limit = 10 } = query as { page?: number; limit?: number }
  return {
    'x-total-elements': String(total),
    'x-page-number': String(page),
    'x-page-size': String(limit),
  }
}

function bodyOf({ envelope }: Endpoint, reply: unknown, { correlationId }: AnswerContext): unknown {
  if (envelope === undefined) return reply
  return envelope === 'resource' ? resourceEnvelope(reply) : platformEnvelope(reply, correlationId)
}

/** The answer of an ordinary endpoint. `reply` is what its handler resolved to. */
export function jsonAnswer(target: Endpoint, query: unknown, reply: unknown, context: AnswerContext): Response {
  if (target.status === 204 || target.status === 302) {
    const headers = headersOf(context)
    headers.delete('content-type')
    return new Response(null, { status: target.status, headers })
  }
  if (!target.paged) {
    if (context.checkReplies) checkReply(target, reply)
    return new Response(JSON.stringify(bodyOf(target, reply, context)), {
      status: target.status,
      headers: headersOf(context),
    })
  }
  const page = reply as Page<unknown>
  const body = page.body ?? page.rows
  if (context.checkReplies) checkReply(target, body)
  if (target.envelope) {
    const { page: number, limit } = listQueryOf(query as Parameters<typeof listQueryOf>[0])
    const data = platformPage(page.rows, page.total, number, limit)
    const text = JSON.stringify(platformEnvelope(data, context.correlationId))
    return new Response(text, { status: target.status, headers: headersOf(context) })
  }
  return new Response(JSON.stringify(body), {
    status: target.status,
    headers: headersOf(context, pageHeaders(query, page.total)),
  })
}

/**
 * The answer of a stream. Waits a moment for the first event, so that a fault before it becomes an ordinary error answer;
 * a later one is sent as event `error` with the error body as data.
 */
export async function streamAnswer(
  events: AsyncIterable<ServerSentEvent<unknown>>,
  context: AnswerContext,
  signal: AbortSignal,
  ended: (error?: unknown) => void,
): Promise<Response> {
  const source = events[Symbol.asyncIterator]()
  const first = source.next()
  let timer: ReturnType<typeof setTimeout> | undefined
  const moment = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, firstEventMilliseconds)
  })
  await Promise.race([first, moment]).finally(() => clearTimeout(timer))
  const body = writeEventStream(first, source, {
    signal,
    heartbeatMilliseconds,
    ended,
    failure: (error) => ({ event: 'error', data: errorBody(asFault(error), context.correlationId) }),
  })
  const headers = headersOf(context, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    // Proxies of the nginx family hold answers back otherwise.
    'x-accel-buffering': 'no',
  })
  return new Response(body, { status: 200, headers })
}
