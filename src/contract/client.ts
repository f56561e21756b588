// A typed client of the contract: one method for each endpoint of a map, for browser and Node. Errors become faults.
import type { z } from 'zod'
import { diagnosticSchema } from './diagnostic-schema.ts'
import type { BodyInputOf, Endpoint, ParamsOf, QueryInputOf, ReplyOf } from './endpoint.ts'
import { type ReceivedEvent, readEventStream } from './event-stream.ts'
import { Fault, type FaultCode } from './fault.ts'
import { faultCodeSchema } from './fault-schema.ts'

type Headers = Readonly<Record<string, string>>
/** The part of `fetch` that the client uses, so that tests and in-process calls can hand in their own. */
export type Fetch = (
  url: string,
  init: {
    method: string
    headers: Record<string, string>
    body?: string | Uint8Array<ArrayBuffer>
    signal?: AbortSignal
    /** `manual`: a redirect is an answer like any other. */
    redirect?: 'manual'
  },
) => Promise<Response>

export interface ClientOptions {
  /** Without a slash at the end. Empty in a browser: the same origin. */
  readonly baseUrl: string
  readonly fetch?: Fetch
  /** Added to every request; a function is asked for each one (access token, CSRF token). */
  readonly headers?: Headers | (() => Headers | Promise<Headers>)
  /** Check replies against the contract, for programs that act on what they are told. */
  readonly validate?: boolean
}

/** `{}` may be left out; so may a body or query in which everything is optional. */
type Field<Name extends string, T> = [T] extends [never] | [undefined]
  ? { readonly [Key in Name]?: undefined }
  : string extends keyof T // no fields at all: zod types `{}` as Record<string, never>
    ? { readonly [Key in Name]?: Record<string, never> }
    : Partial<T> extends T
      ? { readonly [Key in Name]?: T }
      : { readonly [Key in Name]: T }
type RawField<E> = E extends { readonly rawBody: object } ? { readonly raw: Uint8Array<ArrayBuffer> } : unknown
type StatedBody<E> = E extends { readonly body: z.ZodType } ? BodyInputOf<E> : undefined
export type CallInput<E> = Field<'params', ParamsOf<E>> &
  Field<'query', QueryInputOf<E>> &
  Field<'body', StatedBody<E>> &
  RawField<E> & { readonly headers?: Headers }

/** Lists give the rows of the page and the number of all; a paged object (migration state) stands in `body`. */
export type PagedReply<T> = T extends readonly (infer Row)[]
  ? { readonly rows: readonly Row[]; readonly total: number }
  : { readonly body: T; readonly total: number }
export type CallReply<E> = E extends { readonly stream: true }
  ? AsyncIterable<ReceivedEvent<ReplyOf<E>>>
  : Promise<E extends { readonly paged: true } ? PagedReply<ReplyOf<E>> : ReplyOf<E>>
export type Client<Endpoints> = {
  readonly [Name in keyof Endpoints]: Partial<CallInput<Endpoints[Name]>> extends CallInput<Endpoints[Name]>
    ? (input?: CallInput<Endpoints[Name]>, signal?: AbortSignal) => CallReply<Endpoints[Name]>
    : (input: CallInput<Endpoints[Name]>, signal?: AbortSignal) => CallReply<Endpoints[Name]>
}

interface AnyInput {
  readonly params?: UrlValues
  readonly query?: UrlValues
  readonly body?: unknown
  readonly raw?: Uint8Array<ArrayBuffer>
  readonly headers?: Headers
}

type UrlValues = Readonly<Record<string, string | number | boolean | undefined>>
/** Path and query of a call, for an `EventSource` or a link. */
export function endpointUrl(target: Endpoint, params: UrlValues = {}, query: UrlValues = {}): string {
  const values = new Map(Object.entries(params))
  const path = target.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values.get(name)
    if (value === undefined) throw new Fault('invalid-input', `${target.name} needs the path parameter ${name}.`)
    return encodeURIComponent(String(value))
  })
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.append(name, String(value))
  return search.size > 0 ? `${path}?${search.toString()}` : path
}

async function requestHeaders(options: ClientOptions, input: AnyInput, defaults: Headers) {
  const common = typeof options.headers === 'function' ? await options.headers() : options.headers
  return { ...defaults, ...common, ...input.headers }
}

async function send(target: Endpoint, options: ClientOptions, input: AnyInput, signal?: AbortSignal) {
  const accept = target.stream ? 'text/event-stream' : 'application/json'
  const init: Parameters<Fetch>[1] = { method: target.method, headers: {}, ...(signal ? { signal } : {}) }
  const defaults: Record<string, string> = { accept }
  if (target.rawBody) {
    defaults['content-type'] = target.rawBody.contentType
    init.body = input.raw ?? new Uint8Array()
  } else if (target.body) {
    defaults['content-type'] = 'application/json'
    init.body = JSON.stringify(input.body ?? {})
  }
  init.headers = await requestHeaders(options, input, defaults)
  const url = options.baseUrl + endpointUrl(target, input.params, input.query)
  const response = await reach(() => (options.fetch ?? fetch)(url, init), signal)
  if (!response.ok) throw await faultOf(response)
  return response
}

/** Runs network work: an abort stays an abort, everything else means that the manager was not reached. */
async function reach<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (signal?.aborted) throw cause
    throw new Fault('manager-unreachable', `The manager cannot be reached: ${reasonOf(cause)}.`, { cause })
  }
}

/** Node wraps the useful reason (ECONNREFUSED …) as the cause of "fetch failed". */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error && error.cause.message ? error.cause.message : error.message
}

const codeByStatus: Readonly<Record<number, FaultCode>> = {
  400: 'invalid-input',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  405: 'not-found',
  409: 'conflict',
  413: 'too-large',
  422: 'invalid-input',
  429: 'too-many-requests',
  501: 'not-offered',
}

/** Our error body, or whatever a proxy on the way answered instead of it. */
async function faultOf(response: Response): Promise<Fault> {
  const text = await response.text().catch(() => '')
  const body = parseObject(text)
  const code =
    faultCodeSchema.safeParse(body?.['code']).data ?? codeByStatus[response.status] ?? ('manager-unreachable' as const)
  const message =
    typeof body?.['message'] === 'string' ? body['message'] : `The server answered with HTTP status ${response.status}.`
  return new Fault(code, message, {
    hint: typeof body?.['hint'] === 'string' ? body['hint'] : undefined,
    diagnostics: diagnosticSchema.array().safeParse(body?.['diagnostics']).data ?? [],
  })
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function readBody(target: Endpoint, text: string, validate: boolean): unknown {
  let value: unknown = null
  try {
    if (text !== '') value = JSON.parse(text)
  } catch (cause) {
    throw new Fault('reply-invalid', `The answer to ${target.name} is not JSON.`, { cause })
  }
  if (!validate) return value
  const parsed = target.reply.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new Fault(
    'reply-invalid',
    `The answer to ${target.name} is not as agreed: ${issue?.path.join('.')} ${issue?.message}`,
  )
}

/** The data inside the envelope of the platform services; pages become what our own lists give. */
function unwrap(target: Endpoint, text: string): { readonly text: string; readonly total: number } {
  const data = parseObject(text)?.[target.envelope === 'resource' ? 'resource' : 'data']
  if (!target.paged) return { text: JSON.stringify(data ?? null), total: 0 }
  const { content = [], totalItems = 0 } = (data ?? {}) as { content?: unknown[]; totalItems?: number }
  return { text: JSON.stringify(content), total: totalItems }
}

async function call(target: Endpoint, options: ClientOptions, input: AnyInput, signal?: AbortSignal): Promise<unknown> {
  const response = await send(target, options, input, signal)
  const sent = await reach(() => response.text(), signal)
  const counted = Number(response.headers.get('x-total-elements') ?? 0)
  const { text, total } = target.envelope ? unwrap(target, sent) : { text: sent, total: counted }
  const body = readBody(target, text, options.validate ?? false)
  if (!target.paged) return body
  return Array.isArray(body) ? { rows: body, total } : { body, total }
}

async function* stream(target: Endpoint, options: ClientOptions, input: AnyInput, signal?: AbortSignal) {
  const response = await send(target, options, input, signal)
  if (response.body) yield* readEventStream(response.body, signal)
}

/**
 * A client with one method for each endpoint: `client.getDbSchema({ params, query, body }, signal)`.
 * Raises `Fault` with the code, message, hint and diagnostics of the server's answer, `manager-unreachable` when there was
 * none, and the reason of `signal` when it was aborted. Streams are async iterables and end when the server ends them.
 */
export function createClient<const Endpoints extends Readonly<Record<string, Endpoint>>>(
  endpoints: Endpoints,
  options: ClientOptions,
): Client<Endpoints> {
  const methods = Object.entries(endpoints).map(([name, target]) => [
    name,
    (input: AnyInput = {}, signal?: AbortSignal) =>
      target.stream ? stream(target, options, input, signal) : call(target, options, input, signal),
  ])
  return Object.fromEntries(methods) as Client<Endpoints>
}
