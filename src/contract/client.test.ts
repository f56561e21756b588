// The typed client against a real HTTP server: what it sends, how replies, pages, streams and errors come back.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { api } from './api/index.ts'
import { createClient, endpointUrl } from './client.ts'
import { protocol } from './delegate/protocol.ts'

interface Received {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}
let server: Server
let baseUrl = ''
let received: Received
let answer: (response: ServerResponse) => void

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      received = { method, url, headers, body: Buffer.concat(chunks) }
      answer(response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))

describe('createClient', () => {
  test('sends params, query, body and headers, and gives the reply', async () => {
    const client = createClient(api, { baseUrl: `${baseUrl}/gateway`, headers: async () => ({ 'x-csrf-token': 'c' }) })
    answer = json(201, { identifier: 'a$b' })
    const params = { org: 'default', project: 'p', dbschema: 'a$b' }
    const reply = await client.createDbInstance({ params, body: { identifier: 'i', connector: 'c' } })
    expect(reply.identifier).toBe('a$b')
    expect(received).toMatchObject({
      method: 'POST',
      url: '/gateway/v1/orgs/default/projects/p/dbschema/a%24b/instance',
      headers: { 'content-type': 'application/json', 'x-csrf-token': 'c' },
    })
    expect(JSON.parse(received.body.toString())).toEqual({ identifier: 'i', connector: 'c' })
  })

  test('a list gives rows and total; a paged object its body', async () => {
    const client = createClient(api, { baseUrl })
    answer = json(200, [{ email: 'a@b.c' }], { 'x-total-elements': '41' })
    const users = await client.listUsers({ query: { page: 4, search_term: 'ä b' } })
    expect(users).toEqual({ rows: [{ email: 'a@b.c' }], total: 41 })
    expect(received.url).toBe('/v1/users?page=4&search_term=%C3%A4+b')
    answer = json(200, { schema: 's', changeSets: [], instances: [] }, { 'x-total-elements': '3' })
    const params = { org: 'o', project: 'p', dbschema: 's' }
    const state = await client.getMigrationState({ params })
    expect(state).toEqual({ body: { schema: 's', changeSets: [], instances: [] }, total: 3 })
    expect(received.body.toString()).toBe('{}')
  })

  test('204 gives null', async () => {
    answer = (response) => response.writeHead(204).end()
    expect(await createClient(api, { baseUrl }).signOut()).toBeNull()
  })

  test('raw bytes travel as they are', async () => {
    const client = createClient(protocol, { baseUrl, headers: { authorization: 'Bearer t' } })
    answer = json(200, { committed: 5 })
    const raw = new Uint8Array(gzipSync('hello'))
    const params = { attempt: 'a', stream: 'step' as const }
    const reply = await client.appendLog({
      params,
      query: { fence: '3', offset: 0 },
      raw,
      headers: { 'content-encoding': 'gzip' },
    })
    expect(reply.committed).toBe(5)
    expect(received.body).toEqual(Buffer.from(raw))
    expect(received.headers).toMatchObject({ 'content-encoding': 'gzip', authorization: 'Bearer t' })
  })

  test('an error body becomes a fault with code, message, hint and diagnostics', async () => {
    const diagnostics = [{ code: 'request/name', severity: 'error', message: 'too long' }]
    answer = json(409, { status: 'ERROR', code: 'stale-fence', message: 'older', hint: 'stop', diagnostics })
    const call = createClient(protocol, { baseUrl }).lease({ params: { attempt: 'a' }, body: { fence: '1' } })
    await expect(call).rejects.toMatchObject({ code: 'stale-fence', message: 'older', hint: 'stop', diagnostics })
  })

  test.each([
    [502, 'manager-unreachable'],
    [401, 'unauthenticated'],
    [413, 'too-large'],
  ])('the answer %i of a proxy becomes %s', async (status, code) => {
    answer = (response) => response.writeHead(status, { 'content-type': 'text/html' }).end('<h1>proxy</h1>')
    await expect(createClient(api, { baseUrl }).getHealth()).rejects.toMatchObject({ code })
  })

  test('no server is manager-unreachable and says why; an abort stays an abort', async () => {
    const nobody = createClient(api, { baseUrl: 'http://127.0.0.1:1' })
    await expect(nobody.getHealth()).rejects.toMatchObject({
      code: 'manager-unreachable',
      message: expect.stringMatching(/ECONNREFUSED|bad port/),
    })
    answer = () => undefined
    const signal = AbortSignal.timeout(20)
    await expect(createClient(api, { baseUrl }).getHealth({}, signal)).rejects.toThrow(/aborted due to timeout/)
  })

  test('checks replies when told to', async () => {
    answer = json(200, { status: 'ok', version: 1 })
    expect(await createClient(api, { baseUrl }).getHealth()).toMatchObject({ version: 1 })
    const call = createClient(api, { baseUrl, validate: true }).getHealth()
    await expect(call).rejects.toMatchObject({ code: 'reply-invalid', message: expect.stringContaining('version') })
  })

  test('a stream yields events, skips comments and ends with the server', async () => {
    answer = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(': heartbeat\n\nid: 7\r\ndata: {"text":"ä')
      response.end('","nextOffset":2}\r\n\r\nevent: eof\ndata: null\n\n')
    }
    const events = []
    const params = { org: 'o', project: 'p', execution: 'e', attempt: 'a' }
    for await (const event of createClient(api, { baseUrl }).streamLog({ params })) events.push(event)
    expect(events).toEqual([
      { id: '7', event: 'message', data: { text: 'ä', nextOffset: 2 } },
      { id: undefined, event: 'eof', data: null },
    ])
    expect(received.headers.accept).toBe('text/event-stream')
  })

  test('wrong calls do not compile', () => {
    const client = createClient(api, { baseUrl })
    const wrong = () => [
      // @ts-expect-error params are missing
      client.getDbSchema(),
      // @ts-expect-error the body lacks the connector
      client.createDbInstance({ params: { org: 'o', project: 'p', dbschema: 's' }, body: { identifier: 'i' } }),
      // @ts-expect-error it takes no body
      client.getHealth({ body: {} }),
    ]
    expect(wrong).toBeTypeOf('function')
    expect(() => endpointUrl(api.getDbSchema, { org: 'o' })).toThrow(/project/)
  })
})
