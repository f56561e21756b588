// The HTTP layer with small handlers: routing, prefixes, checks, limits, pages, errors and who may call.
import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import type { ErrorBody } from '#contract/fault'
import { Fault } from '#contract/fault'
import { type Permission, roles } from '#contract/permission'
import { createApp } from './app.ts'
import type { ApiHandlers, Caller } from './handler.ts'
import type { AllHandlers } from './mount.ts'

const P = '/v1/orgs/default/projects/p'
const lines: Record<string, unknown>[] = []
const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line)) })

const callerWith = (permissions: readonly Permission[]): Caller => ({
  actor: { type: 'user', name: 'a@example.com' },
  permissions: new Set(permissions),
  grants: [{ permissions: new Set(permissions), below: true }],
  principal: { kind: 'user', id: '1', email: 'a@example.com', name: 'A' },
  user: { id: '1', email: 'a@example.com', name: 'A', role: 'admin' },
  session: undefined,
  delegate: undefined,
  attempt: undefined,
  sourceAddress: 'unknown',
})

function appWith(handlers: Partial<AllHandlers>, permissions: readonly Permission[] = roles.admin) {
  let ids = 0
  return createApp({
    handlers,
    authenticate: async (request) => (request.headers.has('x-api-key') ? callerWith(permissions) : undefined),
    log,
    version: '9.9.9',
    createId: () => `c${(ids += 1)}`,
    checkReplies: true,
    deadlineMilliseconds: 300,
  })
}
const key = { 'x-api-key': 'k' }
const json = { ...key, 'content-type': 'application/json' }
const errorOf = async (response: Response): Promise<ErrorBody> => {
  expect(response.headers.get('content-type')).toContain('application/json')
  return (await response.json()) as ErrorBody
}

const health: ApiHandlers['getHealth'] = async () => ({ status: 'ok', version: '1', store: 'embedded' })
const echoInstances: ApiHandlers['listDbInstances'] = async ({ body }) => {
  if (body.filterType !== 'Equals') throw new Error('default is missing')
  return { rows: [], total: 41 }
}

describe('routing', () => {
  const { app } = appWith({
    getHealth: health,
    getOverview: async () => ({ dbInstanceCount: 0, dbSchemaCount: 7, recentDeployments: [] }),
    getDbSchema: async ({ params }) => {
      throw new Fault('not-found', `no ${params.dbschema}`)
    },
    deleteDbSchema: async () => null,
  })

  test.each(['', '/gateway', '/dbops', '/gateway/dbops'])('answers under the prefix "%s"', async (prefix) => {
    const response = await app.request(`${prefix}/v1/health?accountIdentifier=a&unknown=1`)
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ status: 'ok', version: '1', store: 'embedded' })
  })

  test('only in that order and once', async () => {
    for (const path of ['/dbops/gateway/v1/health', '/gateway/gateway/v1/health', '/gatewayx/v1/health'])
      expect((await app.request(path)).status, path).toBe(404)
  })

  test('a fixed segment wins over a parameter, and escaped parameters arrive as they were', async () => {
    expect((await app.request(`${P}/dbschema/overview`, { headers: key })).status).toBe(200)
    const response = await app.request(`${P}/dbschema/a%24b`, { headers: key })
    expect((await errorOf(response)).message).toBe('no a$b')
  })

  test('an unknown route is 404 and a wrong method 405 with Allow, both in the one error form', async () => {
    const unknown = await errorOf(await app.request('/v1/nothing'))
    expect(unknown).toMatchObject({ status: 'ERROR', code: 'not-found', correlationId: expect.any(String) })
    const response = await app.request(`${P}/dbschema/s`, { method: 'PATCH' })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')?.split(', ').toSorted()).toEqual(['DELETE', 'GET'])
    expect((await errorOf(response)).responseMessages).toHaveLength(1)
  })

  test('204 has neither body nor content type', async () => {
    const response = await app.request(`${P}/dbschema/s`, { method: 'DELETE', headers: key })
    expect([response.status, await response.text(), response.headers.get('content-type')]).toEqual([204, '', null])
  })

  test('answers carry security headers and the correlation id', async () => {
    const { headers } = await app.request('/v1/health')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-correlation-id')).toMatch(/^c\d+$/)
  })
})

describe('who may call', () => {
  const { app } = appWith({ getDbSchema: async () => Promise.reject(new Fault('not-found', 'no')) }, ['instance.view'])
  test('nobody is 401, somebody without the permission 403 naming it', async () => {
    expect((await app.request(`${P}/dbschema/s`)).status).toBe(401)
    const response = await app.request(`${P}/dbschema/s`, { headers: key })
    expect(response.status).toBe(403)
    expect(await errorOf(response)).toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('schema.view'),
    })
  })
  test('who may not call does not learn whether the request is well-formed', async () => {
    expect((await app.request(`${P}/dbschema/%00`, { headers: key })).status).toBe(403)
  })
})

describe('checks', () => {
  const { app } = appWith({
    listDbInstances: echoInstances,
    createDbInstance: async () => Promise.reject(new Fault('conflict', 'reached')),
    createDbSchema: async () => Promise.reject(new Fault('conflict', 'reached')),
  })
  const list = `${P}/dbschema/s/instancelist`
  const post = (path: string, body: string, headers: Record<string, string> = json) =>
    app.request(path, { method: 'POST', headers, body })

  test('pages are counted from 0 and their headers stand in the answer, also for no rows', async () => {
    const response = await post(`${list}?page=4&limit=10`, '{}')
    expect(await response.text()).toBe('[]')
    expect(['x-total-elements', 'x-page-number', 'x-page-size'].map((name) => response.headers.get(name))).toEqual([
      '41',
      '4',
      '10',
    ])
  })

  test('no body at all counts as an empty one', async () => {
    expect((await app.request(list, { method: 'POST', headers: key })).status).toBe(200)
  })

  test.each([
    ['?limit=101', '{}', 'limit'],
    ['?page=-1', '{}', 'page'],
    ['?sort=size', '{}', 'sort'],
    ['?search_term=a%00b', '{}', 'search_term'],
    ['', '{"filterType":"Like"}', 'filterType'],
    ['', '{"instanceTags":[{"key":"a"},{"value":"x"}]}', 'instanceTags.1.key'],
    ['', '{"instanceTags":[{"key":"a\\u0000"}]}', 'instanceTags.0.key'],
    ['', '{"instanceTags":[{"key":"\\ud800"}]}', 'instanceTags.0.key'],
    ['', '[]', 'body'],
  ])('400 for %s %s names %s', async (query, body, field) => {
    const response = await post(`${list}${query}`, body)
    expect(response.status).toBe(400)
    const error = await errorOf(response)
    expect(error.code).toBe('invalid-input')
    expect(error.message).toContain(field)
    expect(error.diagnostics?.[0]).toMatchObject({ severity: 'error', message: expect.stringContaining(field) })
  })

  test('every wrong field is named at once', async () => {
    const error = await errorOf(await post(`${P}/dbschema`, '{"identifier":"1","name":""}'))
    expect(error.diagnostics?.map(({ message }) => message.split(':')[0])).toEqual(['identifier', 'name'])
  })

  test('unknown fields are ignored, in changelog refused', async () => {
    const body = { identifier: 's', name: 'S', color: 'red', changelog: { location: 'a.yaml' } }
    expect((await post(`${P}/dbschema`, JSON.stringify(body))).status).toBe(409)
    const wrong = await post(`${P}/dbschema`, JSON.stringify({ ...body, changelog: { location: 'a', brunch: 'x' } }))
    expect((await errorOf(wrong)).message).toContain('brunch')
  })

  test('JSON that is none is told with line and column', async () => {
    const error = await errorOf(await post(list, '{\n  "filterType": x}'))
    expect(error.diagnostics?.[0]?.span).toMatchObject({ line: 2, column: 17 })
    const cut = await errorOf(await post(list, '{\n  "filterType"'))
    expect(cut.diagnostics?.[0]?.span).toMatchObject({ line: 2 })
  })

  test('nesting without end is refused, not run into', async () => {
    const deep = `{"instanceTags":${'['.repeat(50_000)}${']'.repeat(50_000)}}`
    expect((await errorOf(await post(list, deep))).message).toContain('100 levels')
  })

  test('another content type than JSON is refused, so that no foreign form can post', async () => {
    const response = await post(list, '{"a":1}', { ...key, 'content-type': 'text/plain' })
    expect((await errorOf(response)).message).toContain('Content-Type')
  })

  test('a body over the limit is 413, declared or counted', async () => {
    const large = JSON.stringify({ x: 'y'.repeat(1_048_576) })
    expect((await post(list, large, { ...json, 'content-length': String(large.length) })).status).toBe(413)
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(65_536).fill(32)),
    })
    const init = { method: 'POST', headers: json, body: stream, duplex: 'half' } as RequestInit
    expect((await app.request(list, init)).status).toBe(413)
  })

  test('raw bytes over the limit cannot be read by the handler', async () => {
    const seen: number[] = []
    const { app } = appWith({
      appendLog: async ({ request }) => {
        seen.push((await request.arrayBuffer()).byteLength)
        return { committed: 0 }
      },
    })
    const attempt = createApp({
      handlers: { appendLog: async ({ request }) => ({ committed: (await request.arrayBuffer()).byteLength }) },
      authenticate: async () => ({ ...callerWith([]), attempt: { id: 'a' } }),
      log,
      version: '1',
      createId: () => 'c',
    })
    const path = '/d/v1/attempts/a/logs/step?fence=1&offset=0'
    expect((await app.request(path, { method: 'PUT', headers: key, body: 'x' })).status).toBe(403)
    const small = await attempt.app.request(path, { method: 'PUT', body: 'hello' })
    expect(await small.json()).toEqual({ committed: 5 })
    const chunks = (count: number) =>
      new ReadableStream<Uint8Array>({
        start(controller) {
          for (let index = 0; index < count; index++) controller.enqueue(new Uint8Array(262_144))
          controller.close()
        },
      })
    const send = (count: number) =>
      attempt.app.request(path, { method: 'PUT', body: chunks(count), duplex: 'half' } as RequestInit)
    expect(await (await send(4)).json()).toEqual({ committed: 1_048_576 })
    expect((await send(5)).status).toBe(413)
    expect(seen).toEqual([])
  })
})

describe('errors', () => {
  test('a bug is a 500 with an id and nothing else; the log has the rest', async () => {
    const { app } = appWith({
      getHealth: async () => {
        throw new Error('password=hunter2 at row 7')
      },
    })
    const response = await app.request('/v1/health')
    expect(response.status).toBe(500)
    const error = await errorOf(response)
    expect(JSON.stringify(error)).not.toContain('hunter2')
    expect(error.message).toContain(error.correlationId)
    expect(lines.find((line) => line['correlationId'] === error.correlationId && line['err'])).toMatchObject({
      err: { message: 'password=hunter2 at row 7' },
    })
  })

  test('an answer that breaks the contract is a bug', async () => {
    const { app } = appWith({
      getHealth: async () => ({ status: 'ok', version: 1 as unknown as string, store: 'embedded' }),
    })
    expect((await app.request('/v1/health')).status).toBe(500)
  })

  test('an answer that does not come is a 503, and the handler is told to stop', async () => {
    let reason: unknown
    const { app, live } = appWith({
      getHealth: ({ signal }) => new Promise(() => signal.addEventListener('abort', () => (reason = signal.reason))),
    })
    expect((await app.request('/v1/health')).status).toBe(503)
    expect(reason).toBeInstanceOf(Fault)
    expect(live.count).toBe(0)
  })

  test('Retry-After', async () => {
    const { app } = appWith({
      getHealth: async () => Promise.reject(new Fault('too-many-requests', 'slow', { retryAfterSeconds: 2.2 })),
    })
    const response = await app.request('/v1/health')
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '3'])
  })

  test('log lines name the route and never the query', async () => {
    const { app } = appWith({ getHealth: health })
    await app.request('/v1/health?token=verysecret')
    expect(lines.at(-1)).toMatchObject({ route: '/v1/health', status: 200, method: 'GET' })
    expect(JSON.stringify(lines)).not.toContain('verysecret')
  })
})
