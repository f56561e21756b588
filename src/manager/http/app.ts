// The whole HTTP surface as one function from request to response: API, delegate protocol, documentation and web.
import { Hono } from 'hono'
import type { Logger } from 'pino'
import { Fault, faultKinds } from '#contract/fault'
import { notOffered } from '#contract/api/not-offered'
import { isPlatformPath } from '#contract/platform'
import type { App, Environment } from './correlation.ts'
import { describeApi } from './describe.ts'
import { asFault, errorResponse } from './failure.ts'
import type { IdempotentCalls } from './idempotency.ts'
import { LiveCalls } from './live-call.ts'
import { type AllHandlers, allEndpoints, type Authenticate, honoPath, mountEndpoints } from './mount.ts'
import { apiHeaders, strictTransport } from './security.ts'
import { serveWeb } from './web.ts'

export interface AppOptions {
  /** All of them in production; what has no handler answers 404. */
  readonly handlers: Partial<AllHandlers>
  readonly authenticate: Authenticate
  /** Absent: calls with an idempotency key are refused. */
  readonly idempotentCalls?: IdempotentCalls
  readonly log: Logger
  /** Version of Sluice, for the OpenAPI document. */
  readonly version: string
  /** A short random text for each request. */
  readonly createId: () => string
  /** Directory of the built web. Absent: the API alone. */
  readonly webDirectory?: string
  /** Browsers reach us by HTTPS: tell them to insist on it. */
  readonly secure?: boolean
  readonly trustProxy?: boolean
  readonly checkReplies?: boolean
  readonly deadlineMilliseconds?: number
}

/** Clients of the compatible API put `/gateway`, `/dbops` or both in front (wire contract 1.1). */
export function stripPrefix(path: string): string {
  return path.replace(/^\/gateway(?=\/)/, '').replace(/^\/dbops(?=\/)/, '')
}

const pathOf = (request: Request): string => {
  const start = request.url.indexOf('/', request.url.indexOf('://') + 3)
  const end = request.url.slice(start).search(/[?#]/)
  return stripPrefix(start < 0 ? '/' : end < 0 ? request.url.slice(start) : request.url.slice(start, start + end))
}

/** Traffic of delegates and reads is the rule and only of interest when something is looked for. */
function levelOf(method: string, route: string, status: number): 'debug' | 'info' | 'error' {
  if (status >= 500) return 'error'
  const usual = method === 'GET' || route.startsWith('/d/v1/')
  return usual && status < 400 ? 'debug' : 'info'
}

function addLog(app: App, { log, createId, secure }: AppOptions): void {
  app.use(async (context, next) => {
    const started = performance.now()
    const correlationId = createId()
    context.set('correlationId', correlationId)
    await next()
    if (secure) for (const [name, value] of Object.entries(strictTransport)) context.res.headers.set(name, value)
    const { method } = context.req
    const route = context.get('route') ?? context.req.path
    const { status } = context.res
    log[levelOf(method, route, status)](
      {
        correlationId,
        method,
        route,
        status,
        milliseconds: Math.round(performance.now() - started),
        caller: context.get('caller'),
      },
      'request',
    )
  })
}

/** Endpoints that lead a browser elsewhere. */
const signIns: ReadonlySet<string | undefined> = new Set(
  Object.values(allEndpoints).flatMap(({ status, path }) => (status === 302 ? [path] : [])),
)

/** The messages alone: what a client library keeps beside them may be secret. */
function reasonsOf(error: Error): string {
  const { message, cause } = error
  return cause instanceof Error ? `${message} ${reasonsOf(cause)}` : message
}

/** The app and the calls that it is answering. Give `fetch` a Node request as `env.incoming` for the caller's address. */
export function createApp(options: AppOptions): { readonly app: App; readonly live: LiveCalls } {
  const app: App = new Hono<Environment>({ getPath: pathOf })
  const live = new LiveCalls()
  addLog(app, options)
  app.onError((error, context) => {
    const fault = asFault(error)
    const correlationId = context.get('correlationId')
    if (faultKinds[fault.code].http >= 500)
      options.log.error({ correlationId, err: fault.cause ?? fault }, fault.message)
    // A browser that a link or the provider led here shows a person what it is given: a page with words, no JSON.
    if (signIns.has(context.get('route'))) {
      options.log.warn({ correlationId, code: fault.code, reason: reasonsOf(fault) }, 'sign-in refused')
      const location = `/sign-in?refused=${fault.code}`
      if (context.req.header('accept')?.includes('text/html'))
        return new Response(null, {
          status: 302,
          headers: { ...apiHeaders, 'x-correlation-id': correlationId, location },
        })
    }
    const allow = context.res.headers.get('allow')
    return errorResponse(fault, correlationId, allow === null ? {} : { allow }, isPlatformPath(context.req.path))
  })
  for (const { method, path, what } of notOffered)
    app.on(method, honoPath(path), () => {
      throw new Fault('not-offered', `${what} is not offered by this version of Sluice.`)
    })
  mountEndpoints(app, options.handlers, {
    authenticate: options.authenticate,
    idempotentCalls: options.idempotentCalls,
    live,
    trustProxy: options.trustProxy ?? false,
    checkReplies: options.checkReplies ?? false,
    deadlineMilliseconds: options.deadlineMilliseconds ?? 60_000,
    streamEnded: (correlationId, route, error) => {
      if (error === undefined) options.log.debug({ correlationId, route }, 'stream ended')
      else options.log.error({ correlationId, route, err: error }, 'stream failed')
    },
  })
  describeApi(app, allEndpoints, options.version)
  if (options.webDirectory !== undefined) serveWeb(app, options.webDirectory)
  app.notFound((context) => {
    // To a client of the platform services "not found" means that an entity is gone; this is something else.
    const code = isPlatformPath(context.req.path) ? 'not-offered' : 'not-found'
    const fault = new Fault(code, `There is nothing at ${context.req.method} ${context.req.path}.`, {
      hint: 'See /v1/docs for what is offered.',
    })
    return errorResponse(fault, context.get('correlationId'))
  })
  return { app, live }
}
