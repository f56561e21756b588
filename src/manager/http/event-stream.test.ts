// Streams of server-sent events: their text, their errors, slow readers, readers that go away, and the stop of the process.
import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { Fault } from '#contract/fault'
import { createApp } from './app.ts'
import { writeEventStream } from './event-stream.ts'
import type { ApiHandlers, ServerSentEvent } from './handler.ts'

const P = '/v1/orgs/default/projects/p'
const key = { 'x-api-key': 'k' }
const appWith = (handlers: Pick<ApiHandlers, 'streamLog'>) =>
  createApp({
    handlers,
    authenticate: async (request, _target, _params, sourceAddress) => ({
      actor: { type: 'user', name: 'a@example.com' },
      permissions: new Set<never>(),
      grants: request.headers.has('x-api-key')
        ? [{ permissions: new Set(['pipeline.view'] as const), below: true }]
        : [],
      principal: { kind: 'user', id: '1', email: 'a@example.com', name: 'A' },
      user: undefined,
      session: undefined,
      delegate: undefined,
      attempt: undefined,
      sourceAddress,
    }),
    log: pino({ level: 'silent' }),
    version: '1',
    createId: () => 'c',
  })

describe('streams', () => {
  const path = `${P}/executions/e/attempts/a/log/stream`
  test('events are written as the specification says and the call ends with them', async () => {
    const { app, live } = appWith({
      streamLog: async function* () {
        yield { id: '5', data: { text: 'a\nb', nextOffset: 3 } }
        yield { event: 'eof', data: null }
      },
    })
    const response = await app.request(path, { headers: key })
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    expect(await response.text()).toBe(
      'retry: 1000\n\nid: 5\ndata: {"text":"a\\nb","nextOffset":3}\n\nevent: eof\ndata: null\n\n',
    )
    expect(live.count).toBe(0)
  })

  test('a fault before the first event is an ordinary error, a later one an event', async () => {
    const first = appWith({
      // oxlint-disable-next-line require-yield
      streamLog: async function* () {
        throw new Fault('not-found', 'no such attempt')
      },
    })
    expect((await first.app.request(path, { headers: key })).status).toBe(404)
    expect(first.live.count).toBe(0)
    const later = appWith({
      streamLog: async function* () {
        yield { data: { text: '', nextOffset: 0 } }
        throw new Error('secret detail')
      },
    })
    const text = await (await later.app.request(path, { headers: key })).text()
    expect(text).toContain('event: error\ndata: {"status":"ERROR","code":"bug"')
    expect(text).not.toContain('secret detail')
  })

  test('a slow reader is not written ahead of', async () => {
    let made = 0
    const { app } = appWith({
      streamLog: async function* () {
        while (true) {
          made += 1
          yield { data: { text: 'x'.repeat(1000), nextOffset: made } }
        }
      },
    })
    const response = await app.request(path, { headers: key })
    const reader = response.body?.getReader()
    for (let index = 0; index < 5; index++) await reader?.read()
    await new Promise((resolve) => setImmediate(resolve))
    expect(made).toBeLessThan(8)
    await reader?.cancel()
  })

  test('a reader that goes away ends the source; a stop ends the stream', async () => {
    let ended = 0
    const { app, live } = appWith({
      streamLog: async function* ({ signal }) {
        try {
          yield { data: { text: '', nextOffset: 0 } }
          await new Promise<void>((resolve) => {
            if (signal.aborted) resolve()
            signal.addEventListener('abort', () => resolve(), { once: true })
          })
        } finally {
          ended += 1
        }
      },
    })
    const gone = new AbortController()
    const one = await app.request(path, { headers: key, signal: gone.signal })
    const reader = one.body?.getReader()
    await reader?.read()
    gone.abort()
    await reader?.cancel()
    await expect.poll(() => ended).toBe(1)
    const two = await app.request(path, { headers: key })
    live.stop()
    expect(await two.text()).toContain('nextOffset')
    await expect.poll(() => ended).toBe(2)
    expect(live.count).toBe(0)
    expect((await app.request(path, { headers: key })).status).toBe(503)
  })
})

describe('writeEventStream', () => {
  test('comments keep the line open while nothing happens, and stop with it', async () => {
    const stop = new AbortController()
    const source: AsyncIterator<ServerSentEvent<unknown>> = { next: () => new Promise(() => {}) }
    let ended = 0
    const body = writeEventStream(source.next(), source, {
      signal: stop.signal,
      heartbeatMilliseconds: 5,
      ended: () => (ended += 1),
      failure: () => ({ data: null }),
    })
    const reader = body.getReader()
    const text: string[] = []
    for (let count = 0; count < 3; count++) text.push(Buffer.from((await reader.read()).value ?? []).toString())
    expect(text).toEqual(['retry: 1000\n\n', ':\n\n', ':\n\n'])
    stop.abort()
    while (!(await reader.read()).done);
    expect(ended).toBe(1)
  })
})
