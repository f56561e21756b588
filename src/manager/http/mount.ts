// Mounts the endpoints of the contract on Hono: who calls, may they, is it well-formed, then the handler, then the answer.
import type { Context } from 'hono'
import { api } from '#contract/api/index'
import { protocol } from '#contract/delegate/protocol'
import type { Endpoint } from '#contract/endpoint'
import { Fault } from '#contract/fault'
import { permit } from '../access/permit.ts'
import { type AnswerContext, jsonAnswer, streamAnswer } from './answer.ts'
import type { App, Environment } from './correlation.ts'
import type { ApiHandlers, Call, Caller, ProtocolHandlers, ServerSentEvent } from './handler.ts'
import { type IdempotentCalls, idempotencyHeader } from './idempotency.ts'
import type { LiveCall, LiveCalls } from './live-call.ts'
import { checkPart, limitRawBody, readBody } from './request.ts'

export type AllHandlers = ApiHandlers & ProtocolHandlers
export const allEndpoints: Readonly<Record<string, Endpoint>> = { ...api, ...protocol }

/**
 * Finds out who calls, from the credentials that the endpoint accepts. Undefined: the request carries none.
 * Raises `unauthenticated` for credentials that are not valid, `forbidden` for a change without its CSRF token.
 */
export type Authenticate = (
  request: Request,
  target: Endpoint,
  params: Readonly<Record<string, string>>,
  sourceAddress: string,
) => Promise<Caller | undefined>

export interface MountOptions {
  readonly authenticate: Authenticate
  readonly idempotentCalls: IdempotentCalls | undefined
  readonly live: LiveCalls
  /** Called when a stream has ended, with the error that ended it, if any. */
  readonly streamEnded: (correlationId: string, route: string, error: unknown) => void
  /** Take the caller's address from X-Forwarded-For, because a proxy of ours stands in front. */
  readonly trustProxy: boolean
  readonly checkReplies: boolean
  /** An answer that is not a stream comes within this time. */
  readonly deadlineMilliseconds: number
}

type AnyHandler = (call: Call<never>) => Promise<unknown> | AsyncIterable<ServerSentEvent<unknown>>

/** The last address that our own proxy added, or the socket's. */
function sourceAddressOf(context: Context<Environment>, trustProxy: boolean): string {
  const forwarded = trustProxy ? context.req.header('x-forwarded-for')?.split(',').at(-1)?.trim() : undefined
  // Without a socket (in-process calls) there are no bindings at all.
  const bindings = context.env as Environment['Bindings'] | undefined
  return forwarded || bindings?.incoming?.socket.remoteAddress || 'unknown'
}

const nobody = (sourceAddress: string): Caller => ({
  actor: { type: 'system', name: 'anonymous' },
  permissions: new Set(),
  grants: [],
  principal: undefined,
  user: undefined,
  session: undefined,
  delegate: undefined,
  attempt: undefined,
  sourceAddress,
})

async function withinDeadline<T>(work: Promise<T>, live: LiveCall, milliseconds: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const fault = new Fault('store-unavailable', `There was no answer within ${milliseconds / 1000} s.`)
      live.abort(fault)
      reject(fault)
    }, milliseconds)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

async function identify(target: Endpoint, context: Context<Environment>, options: MountOptions): Promise<Caller> {
  const sourceAddress = sourceAddressOf(context, options.trustProxy)
  if (target.access === 'public') return nobody(sourceAddress)
  const params = context.req.param()
  const caller = await options.authenticate(context.req.raw, target, params, sourceAddress)
  return caller ?? nobody(sourceAddress)
}

/** A parameter that is given several times arrives as one text with commas. */
function queryOf(context: Context<Environment>): Record<string, string> {
  const given = Object.entries(context.req.queries())
  return Object.fromEntries(given.map(([name, values]) => [name, values.join(',')]))
}

async function answer(
  target: Endpoint,
  handler: AnyHandler,
  context: Context<Environment>,
  live: LiveCall,
  options: MountOptions,
): Promise<Response> {
  const caller = await identify(target, context, options)
  context.set('caller', `${caller.actor.type}:${caller.actor.name}`)
  const sent = { params: context.req.param(), query: queryOf(context) }
  // Nobody is turned away before a body is read for the sake of its scope.
  if (target.scopeInBody === undefined || caller.actor.name === 'anonymous') permit(target, sent, caller)
  const params = checkPart('path', target.params, sent.params)
  const query = checkPart('query', target.query, sent.query)
  const body = await readBody(target, context.req.raw, (json) => {
    if (target.scopeInBody !== undefined) permit(target, { ...sent, body: json }, caller)
  })
  const headers = new Headers()
  const call = {
    params,
    query,
    body,
    caller,
    request: limitRawBody(target, context.req.raw),
    signal: live.signal,
    setHeader: (name: string, value: string) => headers.append(name, value),
  } as Call<never>
  const correlationId = context.get('correlationId')
  const answerContext: AnswerContext = { correlationId, headers, checkReplies: options.checkReplies }
  const work = () =>
    withinDeadline(Promise.resolve(handler(call) as Promise<unknown>), live, options.deadlineMilliseconds)
  const key = context.req.header(idempotencyHeader)
  if (key !== undefined && target.method === 'POST' && caller.principal) {
    const calls = refuseKey(target, options.idempotentCalls)
    const { reply, replayed } = await calls.once(caller, key, [target.name, params, query, body], work)
    if (replayed) headers.set('idempotent-replayed', 'true')
    return jsonAnswer(target, query, reply, answerContext)
  }
  const given = handler(call)
  if (Symbol.asyncIterator in given)
    return streamAnswer(given, answerContext, live.signal, (error) => {
      live.end()
      options.streamEnded(correlationId, target.path, error)
    })
  const reply = await withinDeadline(given, live, options.deadlineMilliseconds)
  return jsonAnswer(target, query, reply, answerContext)
}

/** A key that would not be honoured is refused: who sends one relies on it. */
function refuseKey(target: Endpoint, calls: IdempotentCalls | undefined): IdempotentCalls {
  if (calls && !target.stream && !target.paged && !target.rawBody && !target.secretReply) return calls
  throw new Fault('invalid-input', `${target.name} takes no ${idempotencyHeader}: its answer is not kept.`)
}

function route(target: Endpoint, handler: AnyHandler, options: MountOptions) {
  return async (context: Context<Environment>): Promise<Response> => {
    context.set('route', target.path)
    // HEAD is answered like GET with its body thrown away; a stream would go on without a reader.
    if (target.stream && context.req.raw.method === 'HEAD')
      throw new Fault('method-not-allowed', 'A stream can only be read with GET.')
    if (options.live.stopping) throw new Fault('store-unavailable', 'The manager is stopping.')
    const live = options.live.begin(context.req.raw)
    let response: Response | undefined
    try {
      response = await answer(target, handler, context, live, options)
      return response
    } finally {
      // A stream is alive until it has ended.
      if (!target.stream || !response) live.end()
    }
  }
}

/** The path of an endpoint as the router writes it. */
export const honoPath = (path: string): string => path.replace(/\{(\w+)\}/g, ':$1')

/** `/dbschema/overview` before `/dbschema/{dbschema}`, whatever the order in the contract: the first match answers. */
function byPrecision(one: Endpoint, other: Endpoint): number {
  const rank = (path: string) => path.replace(/\{\w+\}/g, '~')
  return rank(one.path) < rank(other.path) ? -1 : 1
}

/** Mounts every endpoint that has a handler, and an answer 405 for the other methods of its path. */
export function mountEndpoints(app: App, handlers: Partial<AllHandlers>, options: MountOptions): void {
  const given = new Map<string, AnyHandler>(Object.entries(handlers))
  const methods = new Map<string, string[]>()
  for (const target of Object.values(allEndpoints).toSorted(byPrecision)) {
    const handler = given.get(target.name)
    if (!handler) continue
    app.on(target.method, honoPath(target.path), route(target, handler, options))
    methods.set(target.path, [...(methods.get(target.path) ?? []), target.method])
  }
  for (const [path, allowed] of methods)
    app.all(honoPath(path), (context) => {
      context.set('route', path)
      context.header('allow', allowed.join(', '))
      throw new Fault('method-not-allowed', `${context.req.method} is not offered here, only ${allowed.join(', ')}.`)
    })
}
