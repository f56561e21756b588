// A manager in memory that speaks the delegate protocol on a real socket and checks both sides of it against the contract.
import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { jwtVerify } from 'jose'
import { type Payload } from '#contract/delegate/payload'
import { type FinishBody, protocol, type SecretPlace, type StepEvent } from '#contract/delegate/protocol'
import { sealBox } from '#contract/delegate/seal'
import { type StepSpec, secretReferences, type TargetWork } from '#contract/delegate/step-spec'
import type { Endpoint } from '#contract/endpoint'
import { Fault, type FaultCode, faultKinds } from '#contract/fault'

export interface TestAttempt {
  readonly id: string
  readonly spec: StepSpec
  state: 'queued' | 'accepted' | 'started' | 'finished'
  fence: number
  token: string
  log: Buffer
  /** Streams besides the log. */
  readonly results: Map<string, Buffer>
  readonly logRequests: {
    readonly at: number
    readonly offset: number
    readonly bytes: number
    readonly gzip: boolean
  }[]
  readonly events: StepEvent[]
  readonly payloads: Payload[]
  leases: number
  finish: FinishBody | undefined
  cancel: { graceSeconds: number; reason: string } | undefined
  /** Only by the poll, not by the lease. */
  cancelByPoll: { graceSeconds: number } | undefined
}

type Handler = (input: {
  params: Record<string, string>
  query: Record<string, unknown>
  body: never
  raw: Buffer
  request: IncomingMessage
}) => unknown

export interface ProtocolManager {
  readonly url: string
  readonly joinToken: string
  readonly attempts: Map<string, TestAttempt>
  /** Names of all calls, in order. */
  readonly calls: string[]
  /** `places`: where the delegate reads further secrets itself. */
  enqueue(spec: StepSpec, secrets?: Record<string, string>, places?: readonly SecretPlace[]): TestAttempt
  /** Cuts every connection while it is set. */
  away: boolean
  /** Asked before a call is handled, and waited for; a fault is answered, `cut` closes the connection. */
  intercept: ((name: string, attempt: string | undefined) => Fault | 'cut' | undefined | Promise<undefined>) | undefined
  /** Forget the delegates: their access tokens and ids. */
  forgetDelegates(): void
  forgetTokens(): void
  readonly delegates: Map<string, { signingKey: string; sealingKey: string; name: string }>
  readonly polls: { freeSlots: number; running: readonly string[] }[]
  /** Resolves when `check` holds; looked at after every call. */
  until(check: () => boolean): Promise<void>
  close(): Promise<void>
}

const fault = (code: FaultCode, message: string = code): Fault => new Fault(code, message)

export async function startProtocolManager(): Promise<ProtocolManager> {
  const attempts = new Map<string, TestAttempt>()
  const secretsOf = new Map<string, Record<string, string>>()
  const placesOf = new Map<string, readonly SecretPlace[]>()
  const delegates: ProtocolManager['delegates'] = new Map()
  const accessTokens = new Map<string, string>()
  const calls: string[] = []
  const polls: ProtocolManager['polls'] = []
  const watchers = new Set<() => void>()
  const changed = (): void => {
    for (const watcher of watchers) watcher()
  }
  const joinToken = `join-${randomBytes(8).toString('hex')}`

  function delegateOf(request: IncomingMessage): string {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    const id = token === undefined ? undefined : accessTokens.get(token)
    if (id === undefined) throw fault('unauthenticated')
    return id
  }
  function attemptOf(id: string | undefined, request: IncomingMessage, fence: unknown): TestAttempt {
    const attempt = attempts.get(id ?? '')
    if (!attempt) throw fault('not-found')
    if (request.headers.authorization !== `Bearer ${attempt.token}`) throw fault('unauthenticated')
    if (String(attempt.fence) !== fence) throw fault('stale-fence', 'Another has taken over.')
    return attempt
  }
  function open(attempt: TestAttempt): TestAttempt {
    if (attempt.state === 'finished') throw fault('attempt-gone', 'The attempt is finished.')
    return attempt
  }
  const leaseReply = (attempt: TestAttempt) => ({
    lockedUntil: Date.now() + 45_000,
    ...(attempt.cancel ? { cancel: attempt.cancel } : {}),
  })

  const handlers: Record<string, Handler> = {
    register({ body }) {
      const { token, signingKey, sealingKey, proof, name } = body as Record<string, string>
      if (token !== joinToken) throw fault('unauthenticated', 'The token is not known.')
      const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: signingKey ?? '' }, format: 'jwk' })
      const text = `sluice-register-v1|${token}|${signingKey}|${sealingKey}`
      if (!verify(null, Buffer.from(text), key, Buffer.from(proof ?? '', 'base64url')))
        throw fault('unauthenticated', 'Bad proof.')
      const delegate = `d${delegates.size + 1}-${randomBytes(4).toString('hex')}`
      delegates.set(delegate, { signingKey: signingKey ?? '', sealingKey: sealingKey ?? '', name: name ?? '' })
      return { delegate, account: 'test' }
    },
    async accessToken({ body }) {
      const { assertion } = body as { assertion: string }
      const claims = JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString()) as { iss?: string }
      const known = delegates.get(claims.iss ?? '')
      if (!known) throw fault('unauthenticated', 'The delegate is not known.')
      const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: known.signingKey }, format: 'jwk' })
      await jwtVerify(assertion, key, {
        audience: 'sluice-manager',
        algorithms: ['EdDSA'],
        maxTokenAge: '60 s',
        requiredClaims: ['jti', 'exp', 'sub'],
      })
      const accessToken = randomBytes(16).toString('hex')
      accessTokens.set(accessToken, claims.iss ?? '')
      return { accessToken, expiresAt: Date.now() + 600_000 }
    },
    async poll({ body, request }) {
      delegateOf(request)
      const { freeSlots, running, holdSeconds } = body as { freeSlots: number; running: string[]; holdSeconds: number }
      polls.push({ freeSlots, running })
      changed()
      const waiting = (): TestAttempt[] =>
        [...attempts.values()].filter(({ state }) => state === 'queued').slice(0, freeSlots)
      const cancels = (): TestAttempt[] =>
        [...attempts.values()].filter((one) => one.cancelByPoll && one.state !== 'finished')
      const until = Date.now() + Math.min(holdSeconds * 1000, 2000)
      while (waiting().length === 0 && cancels().length === 0 && Date.now() < until && !request.socket.destroyed)
        await nextChange(until - Date.now())
      return {
        offers: waiting().map(({ id, fence, spec }) => ({ attempt: id, fence: String(fence), type: spec.work.type })),
        cancels: cancels().map(({ id, cancelByPoll }) => ({
          attempt: id,
          graceSeconds: cancelByPoll?.graceSeconds ?? 0,
        })),
        drain: false,
        nextInMilliseconds: cancels().length > 0 ? 50 : 0,
      }
    },
    accept({ params, body, request }) {
      const delegate = delegates.get(delegateOf(request))
      const attempt = attempts.get(params['attempt'] ?? '')
      if (!attempt || !delegate) throw fault('not-found')
      if (attempt.state === 'finished') throw fault('attempt-gone')
      if (attempt.state !== 'queued' || String(attempt.fence) !== (body as { fence: string }).fence)
        throw fault('conflict', 'Taken.')
      attempt.state = 'accepted'
      attempt.fence++
      attempt.token = `attempt-token-${randomBytes(16).toString('hex')}`
      const fence = String(attempt.fence)
      const values = secretsOf.get(attempt.id) ?? {}
      const places = placesOf.get(attempt.id) ?? []
      // Those that open a secret manager are named by its place alone.
      const secrets = (places.length > 0 ? Object.keys(values) : secretReferences(attempt.spec))
        .filter((ref) => values[ref] !== undefined)
        .map((ref) => ({
          ref,
          box: sealBox(delegate.sealingKey, values[ref] ?? '', { attempt: attempt.id, fence, ref }),
        }))
      const lockedUntil = Date.now() + 45_000
      return { spec: attempt.spec, fence, attemptToken: attempt.token, secrets, places, lockedUntil }
    },
    start({ params, body, request }) {
      const attempt = open(attemptOf(params['attempt'], request, (body as { fence: string }).fence))
      attempt.state = 'started'
      return leaseReply(attempt)
    },
    lease({ params, body, request }) {
      const attempt = open(attemptOf(params['attempt'], request, (body as { fence: string }).fence))
      attempt.leases++
      return leaseReply(attempt)
    },
    events({ params, body, request }) {
      const { fence, events } = body as { fence: string; events: StepEvent[] }
      const attempt = open(attemptOf(params['attempt'], request, fence))
      for (const event of events) {
        if (event.seq <= attempt.events.length) continue
        if (event.seq !== attempt.events.length + 1) throw fault('invalid-input', `A gap before event ${event.seq}.`)
        attempt.events.push(event)
      }
      return { acceptedThrough: attempt.events.length }
    },
    payload({ params, body, request }) {
      const { fence, payload } = body as { fence: string; payload: Payload }
      open(attemptOf(params['attempt'], request, fence)).payloads.push(payload)
      return null
    },
    appendLog({ params, query, raw, request }) {
      const attempt = open(attemptOf(params['attempt'], request, query['fence']))
      const gzip = request.headers['content-encoding'] === 'gzip'
      const bytes = gzip ? gunzipSync(raw) : raw
      const name = params['stream'] ?? ''
      if (name !== 'step') {
        const known = attempt.results.get(name) ?? Buffer.alloc(0)
        if (query['offset'] !== known.length) throw fault('log-offset', `Committed is ${known.length}.`)
        const all = Buffer.concat([known, bytes])
        attempt.results.set(name, all)
        return { committed: all.length }
      }
      if (query['offset'] !== attempt.log.length) throw fault('log-offset', `Committed is ${attempt.log.length}.`)
      attempt.logRequests.push({ at: Date.now(), offset: attempt.log.length, bytes: bytes.length, gzip })
      attempt.log = Buffer.concat([attempt.log, bytes])
      return { committed: attempt.log.length }
    },
    committedLog({ params, query, request }) {
      const attempt = attemptOf(params['attempt'], request, query['fence'])
      const name = params['stream'] ?? ''
      return { committed: (name === 'step' ? attempt.log : attempt.results.get(name))?.length ?? 0 }
    },
    finish({ params, body, request }) {
      const finish = body as FinishBody
      const attempt = attemptOf(params['attempt'], request, finish.fence)
      for (const [name, { bytes, sha256 }] of Object.entries(finish.logs)) {
        if (name === 'step') continue
        const known = attempt.results.get(name) ?? Buffer.alloc(0)
        if (bytes !== known.length) return { accepted: false, missingLogs: { [name]: known.length } }
        if (createHash('sha256').update(known).digest('hex') !== sha256)
          throw fault('invalid-input', `Digest of ${name}.`)
      }
      const told = finish.logs['step']
      if (told && told.bytes !== attempt.log.length)
        return { accepted: false, missingLogs: { step: attempt.log.length } }
      if (told && createHash('sha256').update(attempt.log).digest('hex') !== told.sha256)
        throw fault('invalid-input', 'Digest of the log.')
      attempt.finish ??= finish
      attempt.state = 'finished'
      return { accepted: true, missingLogs: {} }
    },
  }

  function nextChange(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        watchers.delete(done)
        resolve()
      }
      const timer = setTimeout(done, Math.max(0, milliseconds))
      watchers.add(done)
    })
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://manager')
    const found = route(request.method ?? '', url.pathname)
    if (!found || manager.away) return void request.socket.destroy()
    const [target, params] = found
    const raw = await readBody(request)
    calls.push(target.name)
    changed()
    const told = await manager.intercept?.(target.name, params['attempt'])
    if (told === 'cut') return void request.socket.destroy()
    try {
      if (told) throw told
      target.params.parse(params)
      const query = target.query.parse(Object.fromEntries(url.searchParams)) as Record<string, unknown>
      const body = target.body?.parse(JSON.parse(raw.toString('utf8'))) as never
      const reply = target.reply.parse(await handlers[target.name]?.({ params, query, body, raw, request }))
      if (manager.away) return void request.socket.destroy()
      response
        .writeHead(target.status, { 'content-type': 'application/json' })
        .end(reply === null ? undefined : JSON.stringify(reply))
    } catch (error) {
      const known = error instanceof Fault ? error : fault('invalid-input', String(error))
      const { code, message, hint } = known
      const body = { status: 'ERROR', code, message, hint, correlationId: 'test', responseMessages: [] }
      response.writeHead(faultKinds[code].http, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    } finally {
      changed()
    }
  }

  const server: Server = createServer((request, response) => void handle(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const manager: ProtocolManager = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    joinToken,
    attempts,
    calls,
    polls,
    delegates,
    away: false,
    intercept: undefined,
    enqueue(spec, secrets = {}, places = []) {
      const attempt: TestAttempt = {
        id: spec.attempt,
        spec,
        state: 'queued' as const,
        fence: 0,
        token: '',
        log: Buffer.alloc(0),
        results: new Map(),
        logRequests: [],
        events: [],
        payloads: [],
        leases: 0,
        finish: undefined,
        cancel: undefined,
        cancelByPoll: undefined,
      }
      attempts.set(spec.attempt, attempt)
      secretsOf.set(spec.attempt, secrets)
      placesOf.set(spec.attempt, places)
      changed()
      return attempt
    },
    forgetDelegates() {
      delegates.clear()
      accessTokens.clear()
    },
    forgetTokens: () => accessTokens.clear(),
    async until(check) {
      while (!check()) await nextChange(60_000)
    },
    async close() {
      manager.away = true
      changed()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return manager
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

function route(method: string, path: string): [Endpoint, Record<string, string>] | undefined {
  for (const target of Object.values<Endpoint>(protocol)) {
    if (target.method !== method) continue
    const names = [...target.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '')
    const match = new RegExp(`^${target.path.replace(/\{\w+\}/g, '([^/]+)')}$`).exec(path)
    if (match)
      return [target, Object.fromEntries(names.map((name, at) => [name, decodeURIComponent(match[at + 1] ?? '')]))]
  }
  return undefined
}

/** A spec for tests; the parts that matter are given. */
export function testSpec(
  attempt: string,
  work: Partial<TargetWork> & { type: TargetWork['type'] },
  timeoutSeconds = 60,
): StepSpec {
  return {
    attempt,
    execution: 'e1',
    node: 'dev.deploy.step',
    pipeline: 'release',
    timeoutSeconds,
    project: { org: 'default', project: 'shop' },
    work: {
      dbSchema: 'shop',
      dbInstance: 'dev',
      contexts: '',
      labelFilter: '',
      substituteProperties: {},
      source: { type: 'git', url: '/nowhere.git', reference: { branch: 'main' }, path: 'changelog.yaml' },
      connection: { url: 'jdbc:sqlite:/nowhere.db' },
      ...(work.type === 'DBSchemaApply' ? { preStartTag: 'before' } : {}),
      ...work,
    } as StepSpec['work'],
  }
}
