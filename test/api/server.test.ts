// The server through real sockets: prefixes, limits, clients that go away, streams, and a clean stop.
import { type IncomingMessage, request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { api } from '#contract/api/index'
import { createClient } from '#contract/client'
import { roleSchema } from '#contract/permission'
import { type RunningServer, startServer } from '#manager/http/server'
import { openWorld, password, type World } from './world.ts'

let world: World
let server: RunningServer
/** How many calls of the endless handlers are open, and what ended them. */
const open = { streams: 0, polls: 0 }

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })

beforeAll(async () => {
  world = await openWorld({
    streamExecution: async function* ({ signal }) {
      open.streams += 1
      try {
        for (let id = 1; !signal.aborted; id++) {
          yield {
            id: String(id),
            data: {
              id: String(id),
              at: 0,
              actor: { type: 'system', name: 'x'.repeat(200) },
              execution: 'e',
              body: { type: 'delegate.lost', delegate: 'd' },
            },
          }
          if (id === 3) await aborted(signal)
        }
      } finally {
        open.streams -= 1
      }
    },
    poll: async ({ signal }) => {
      open.polls += 1
      await aborted(signal)
      open.polls -= 1
      return { offers: [], cancels: [], drain: false, nextInMilliseconds: 0, rotateKeys: false }
    },
  })
  server = await start()
})
afterAll(async () => {
  await server.close()
  await world.close()
})
afterEach(() => expect.poll(() => open).toEqual({ streams: 0, polls: 0 }))

const start = (more: object = {}) => startServer({ ...world.options, host: '127.0.0.1', port: 0, ...more })
const stream = '/v1/orgs/default/projects/shop/executions/e/stream'

/** Bypasses `fetch`, which would not send such requests. */
function raw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text))
    let answer = ''
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => (answer += chunk))
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })
}

describe('requests', () => {
  test('the typed client signs in and works, with every prefix', async () => {
    for (const prefix of ['', '/gateway', '/dbops', '/gateway/dbops']) {
      const anonymous = createClient(api, { baseUrl: server.url + prefix, validate: true })
      const session = await anonymous.signIn({ body: { email: 'admin@example.com', password } })
      expect(session.user.role).toBe('admin')
      const client = createClient(api, { baseUrl: server.url + prefix, headers: world.sessionHeaders('admin') })
      expect((await client.listUsers()).total).toBe(roleSchema.options.length)
    }
  })

  test('the source address is the socket, behind a proxy of ours what it says', async () => {
    const client = createClient(api, { baseUrl: server.url, headers: world.sessionHeaders('admin') })
    await client.createOrganization({ body: { organization: { identifier: 'socket', name: 'x' } } })
    const proxied = await start({ trustProxy: true })
    const headers = { ...world.sessionHeaders('admin'), 'x-forwarded-for': '6.6.6.6, 10.1.2.3' }
    await createClient(api, { baseUrl: proxied.url, headers }).createOrganization({
      body: { organization: { identifier: 'proxied', name: 'x' } },
    })
    await proxied.close()
    const rows = await world.store.db
      .selectFrom('event')
      .select('source_address')
      .orderBy('id', 'desc')
      .limit(2)
      .execute()
    expect(rows.map(({ source_address }) => source_address)).toEqual(['10.1.2.3', '127.0.0.1'])
  })

  test('HEAD answers like GET without a body', async () => {
    const response = await fetch(`${server.url}/v1/health`, { method: 'HEAD' })
    expect([response.status, await response.text()]).toEqual([200, ''])
    const headers = world.sessionHeaders('admin')
    expect((await fetch(server.url + stream, { method: 'HEAD', headers })).status).toBe(405)
  })

  test('a body over the limit is refused while it is still being sent', async () => {
    const sent = { bytes: 0 }
    const status = await new Promise<number | undefined>((resolve) => {
      const request = httpRequest(
        `${server.url}/v1/orgs`,
        { method: 'POST', headers: { ...world.sessionHeaders('admin'), 'content-type': 'application/json' } },
        (response: IncomingMessage) => {
          response.resume()
          resolve(response.statusCode)
          request.destroy()
        },
      )
      request.on('error', () => undefined)
      const chunk = Buffer.alloc(65_536, 32)
      const more = () => {
        if (request.destroyed) return
        sent.bytes += chunk.length
        request.write(chunk, () => setImmediate(more))
      }
      more()
    })
    expect(status).toBe(413)
    expect(sent.bytes).toBeLessThan(64 * 1_048_576)
  })

  test.each([
    ['GET /v1/health HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n', 'HTTP/1.1 400'],
    ['GET /v1\\health HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n', 'HTTP/1.1 400'],
    ['nonsense\r\n\r\n', 'HTTP/1.1 400'],
  ])('%j is refused', async (text, start) => {
    expect((await raw(server.url, text)).startsWith(start)).toBe(true)
  })

  test('a wrong Host gets the one error form', async () => {
    const answer = await raw(server.url, 'GET /v1/health HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n')
    expect(answer).toContain('"code":"invalid-input"')
  })

  test('a port that is taken is told as such', async () => {
    await expect(start({ port: server.port })).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('in use'),
    })
  })
})

describe('long answers', () => {
  const headers = () => world.sessionHeaders('admin')
  test('a stream arrives while it is open, and ends on the server when the client goes away', async () => {
    const client = createClient(api, { baseUrl: server.url, headers: headers() })
    const gone = new AbortController()
    const params = { org: 'default', project: 'shop', execution: 'e' }
    const ids: string[] = []
    const reading = (async () => {
      for await (const event of client.streamExecution({ params }, gone.signal)) {
        ids.push(event.data.id)
        if (ids.length === 3) gone.abort()
      }
    })()
    await expect(reading).rejects.toThrow()
    expect(ids).toEqual(['1', '2', '3'])
  })

  test('a stop ends streams and polls, lets the rest finish, and takes nothing new', async () => {
    const own = await start()
    const response = await fetch(own.url + stream, { headers: headers() })
    await expect.poll(() => open.streams).toBe(1)
    const began = performance.now()
    const closing = own.close(5000)
    expect(await response.text()).toContain('id: 3')
    await closing
    expect(performance.now() - began).toBeLessThan(2000)
    await expect(fetch(`${own.url}/v1/health`)).rejects.toThrow()
    await own.close()
  })

  test('a long poll answers when the server stops', async () => {
    const own = await start({
      authenticate: async () => ({
        actor: { type: 'delegate', name: 'd' },
        permissions: new Set(),
        grants: [],
        principal: undefined,
        user: undefined,
        session: undefined,
        delegate: { id: 'd', name: 'd' },
        attempt: undefined,
        sourceAddress: '',
      }),
    })
    const polling = fetch(`${own.url}/d/v1/poll`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer x' },
      body: JSON.stringify({ instance: 'i', freeSlots: 1, running: [], capacity: 1 }),
    })
    await expect.poll(() => open.polls).toBe(1)
    const closing = own.close(5000)
    expect(await (await polling).json()).toMatchObject({ offers: [] })
    await closing
  })

  test('an idle keep-alive connection does not hold up the stop', async () => {
    const own = await start()
    await (await fetch(`${own.url}/v1/health`)).text()
    const began = performance.now()
    await own.close(5000)
    expect(performance.now() - began).toBeLessThan(1000)
  })

  test('a connection that was opened ahead of need does not hold up the stop', async () => {
    const own = await start()
    const { hostname, port } = new URL(own.url)
    const ahead = connect({ host: hostname, port: Number(port) })
    const ended = new Promise((resolve) => ahead.once('close', resolve))
    // So that the server has seen it.
    await raw(own.url, 'GET /v1/health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    await own.close(600_000)
    await ended
  })
})
