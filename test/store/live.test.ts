// Live streams on both stores: events in order and resumed, logs followed to their end, a large log in little memory.
import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readEventStream } from '#contract/event-stream'
import { recordEvent, systemActor } from '#manager/audit/record'
import type { ServerSentEvent } from '#manager/http/handler'
import { liveHandlers } from '#manager/live/handlers'
import { wholeCharacters } from '#manager/log/read'
import type { Store } from '#manager/store/port'
import { newPlace, openPlace, sayWhatIsMissing, storeKinds, type TestPlace } from './store.ts'
import { createWorld, finishBody, join, type TestDelegate, type World } from './world.ts'

type Stream = AsyncGenerator<
  ServerSentEvent<{ id: string; body: { type: string }; text: string; nextOffset: number } | null>
>

sayWhatIsMissing('live streams')
describe.each(storeKinds)('live streams on %s', (kind) => {
  let place: TestPlace
  let store: Store
  let world: World
  let delegate: TestDelegate
  let org: string
  beforeAll(async () => {
    place = await newPlace(kind)
    store = await openPlace(place)
    world = await createWorld(store)
    delegate = await join(world, 'one')
    org = (await store.db.selectFrom('organization').select('identifier').executeTakeFirstOrThrow()).identifier
  })
  afterAll(async () => {
    world.hub.close()
    await store.close()
    await place.remove()
  })

  function open(
    name: 'streamLog' | 'streamExecution',
    params: object,
    { query = {}, headers = {}, signal = new AbortController().signal } = {},
  ): Stream {
    const handler = liveHandlers({ store, hub: world.hub })[name] as unknown as (call: object) => Stream
    const request = new Request('http://m/', { headers })
    return handler({ params: { org, project: 'p', ...params }, query: { offset: 0, ...query }, request, signal })
  }
  const getLog = (params: object, offset: number) => {
    const handler = liveHandlers({ store, hub: world.hub }).getLog as unknown as (
      call: object,
    ) => Promise<{ text: string; nextOffset: number; committed: number; closed: boolean }>
    return handler({ params: { org, project: 'p', ...params }, query: { offset }, setHeader: () => {} })
  }
  const take = async (stream: Stream, count: number) => {
    const taken = []
    for (let n = 0; n < count; n += 1) taken.push((await stream.next()).value as ServerSentEvent<{ body: unknown }>)
    return taken
  }
  const say = (execution: string, status: string) =>
    store.transaction((tx) =>
      recordEvent(tx, {
        actor: systemActor,
        projectId: world.projectId,
        executionId: execution,
        body: { type: 'execution.status', status: status as 'Running', pipeline: 'p' },
      }),
    )

  describe('events of an execution', () => {
    test('come in order, those that are there and those that follow, and are resumed after an id', async () => {
      const execution = await world.addExecution()
      const other = await world.addExecution()
      await say(execution, 'Queued')
      await say(other, 'Failed')
      const stopping = new AbortController()
      const stream = open('streamExecution', { execution }, { signal: stopping.signal })
      const first = await take(stream, 1)
      const begun = performance.now()
      const following = take(stream, 2)
      await say(execution, 'Running')
      await say(execution, 'Success')
      const second = await following
      expect(performance.now() - begun).toBeLessThan(900)
      const statuses = [...first, ...second].map(({ data }) => (data.body as { status: string }).status)
      expect(statuses).toEqual(['Queued', 'Running', 'Success'])
      const resumed = open('streamExecution', { execution }, { headers: { 'last-event-id': first[0]?.id } })
      expect(await take(resumed, 2)).toEqual(second)
      const after = open('streamExecution', { execution }, { query: { after: second[0]?.id } })
      expect(await take(after, 1)).toEqual(second.slice(1))
      const end = stream.next()
      stopping.abort()
      expect(await end).toEqual({ done: true, value: undefined })
    })

    test('more than one page comes whole', async () => {
      const execution = await world.addExecution()
      await store.transaction(async (tx) => {
        for (let n = 0; n < 450; n += 1) {
          await tx
            .insertInto('event')
            .values({
              actor_type: 'system',
              actor_name: 'system',
              execution_id: execution,
              type: 'plan.posted',
              body: JSON.stringify({ type: 'plan.posted', node: `${n}`, digest: 'd' }),
            })
            .execute()
        }
      })
      const events = await take(open('streamExecution', { execution }), 450)
      expect(events.map(({ data }) => (data.body as { node: string }).node)).toEqual(
        Array.from({ length: 450 }, (_, n) => `${n}`),
      )
    })

    test('an execution of another project is not found', async () => {
      const execution = await world.addExecution()
      await expect(open('streamExecution', { execution: randomUUID() }).next()).rejects.toMatchObject({
        code: 'not-found',
      })
      await expect(open('streamExecution', { execution, project: 'other' }).next()).rejects.toMatchObject({
        code: 'not-found',
      })
      await expect(
        open('streamExecution', { execution }, { headers: { 'last-event-id': 'x' } }).next(),
      ).rejects.toMatchObject({ code: 'invalid-input' })
    })
  })

  describe('logs', () => {
    const start = async () => {
      const execution = await world.addExecution()
      const attempt = await world.add({ execution })
      await world.call('accept', { delegate, params: { attempt }, body: { fence: '0', instance: 'i' } })
      return { execution, attempt }
    }
    const append = (attempt: string, offset: number, text: string | Uint8Array<ArrayBuffer>) =>
      world.call('appendLog', {
        params: { attempt, stream: 'step' },
        query: { fence: '1', offset },
        request: new Request('http://m/', { method: 'PUT', body: text }),
      })
    const end = (attempt: string, bytes: number) =>
      world.call('finish', {
        params: { attempt },
        body: finishBody('1', 'success', { logs: { step: { bytes, sha256: '' } } }),
      })

    test('are followed to the end', async () => {
      const { execution, attempt } = await start()
      const stream = open('streamLog', { execution, attempt })
      const first = stream.next()
      await append(attempt, 0, 'one\n')
      expect((await first).value).toEqual({ id: '4', data: { text: 'one\n', nextOffset: 4 } })
      const second = stream.next()
      await append(attempt, 4, 'two\n')
      expect((await second).value).toEqual({ id: '8', data: { text: 'two\n', nextOffset: 8 } })
      const last = stream.next()
      await end(attempt, 8)
      expect((await last).value).toEqual({ event: 'eof', data: null })
      expect((await stream.next()).done).toBe(true)
      const resumed = open('streamLog', { execution, attempt }, { headers: { 'last-event-id': '4' } })
      expect((await resumed.next()).value).toMatchObject({ data: { text: 'two\n' } })
      const fromOffset = open('streamLog', { execution, attempt }, { query: { offset: 6 } })
      expect((await fromOffset.next()).value).toMatchObject({ data: { text: 'o\n' } })
    })

    test('characters are never split, not even over pieces', async () => {
      const { execution, attempt } = await start()
      const bytes = Buffer.from('aé€😀b')
      for (let at = 0; at < bytes.length; at += 1) {
        await append(attempt, at, Uint8Array.from(bytes.subarray(at, at + 1)))
        const { text, nextOffset } = await getLog({ execution, attempt }, 0)
        expect(text).not.toContain('\uFFFD')
        expect(Buffer.byteLength(text)).toBe(nextOffset)
      }
      await end(attempt, bytes.length)
      expect(await getLog({ execution, attempt }, 0)).toEqual({
        text: 'aé€😀b',
        nextOffset: bytes.length,
        committed: bytes.length,
        closed: true,
      })
      expect(await getLog({ execution, attempt }, 3)).toMatchObject({ text: '€😀b' })
    })

    test('a whole log is read in answers of at most 1 MiB', async () => {
      const { execution, attempt } = await start()
      const lines = Array.from({ length: 40_000 }, (_, n) => `line ${n} of a log that does not fit into one answer é\n`)
      const bytes = Buffer.from(lines.join(''))
      for (let at = 0; at < bytes.length; at += 700_000) {
        await append(attempt, at, Uint8Array.from(bytes.subarray(at, at + 700_000)))
      }
      await end(attempt, bytes.length)
      let text = ''
      for (let offset = 0; offset < bytes.length; ) {
        const answer = await getLog({ execution, attempt }, offset)
        expect(answer.nextOffset - offset).toBeLessThanOrEqual(1_048_576)
        text += answer.text
        offset = answer.nextOffset
      }
      expect(text).toBe(lines.join(''))
    })

    test('the log of an attempt that never ran ends at once', async () => {
      const execution = await world.addExecution()
      const attempt = await world.add({ execution })
      await sql`update attempt set state = 'finished', finished_at = now() - interval '1 minute' where id = ${attempt}`.execute(
        store.db,
      )
      expect((await open('streamLog', { execution, attempt }).next()).value).toEqual({ event: 'eof', data: null })
    })
  })
})

test('whole characters: cuts what is not complete and nothing else', () => {
  const cut = (text: string, bytes: number) => wholeCharacters(Buffer.from(text).subarray(0, bytes))
  expect([1, 2, 3].map((n) => cut('€', n))).toEqual([0, 0, 3])
  expect([1, 2, 3, 4].map((n) => cut('😀', n))).toEqual([0, 0, 0, 4])
  expect([cut('abc', 2), cut('éa', 3), cut('', 0)]).toEqual([2, 3, 0])
  expect(wholeCharacters(Uint8Array.from([0x80, 0x80, 0x80, 0x80]))).toBe(4)
})

/** What a client reads of a stream, as fast as it is told to. */
async function readStream(url: string, pause: number): Promise<{ bytes: number; lines: number; events: number }> {
  const response = await fetch(url)
  let bytes = 0
  let lines = 0
  let events = 0
  for await (const { event, data } of readEventStream(response.body!)) {
    if (event === 'eof') break
    const { text } = data as { text: string }
    bytes += Buffer.byteLength(text)
    lines += text.split('\n').length - 1
    events += 1
    if (pause > 0) await sleep(pause)
  }
  return { bytes, lines, events }
}

test('a log of 200,000 lines is taken in and streamed without the manager growing by more than 50 MB', async () => {
  const place = await newPlace('embedded')
  const store = await openPlace(place)
  const world = await createWorld(store)
  const delegate = await join(world, 'one')
  const execution = await world.addExecution()
  const [small, large] = [await world.add({ execution }), await world.add({ execution })]
  for (const attempt of [small, large]) {
    await world.call('accept', { delegate, params: { attempt }, body: { fence: '0', instance: 'i' } })
  }
  const { identifier: org } = await store.db.selectFrom('organization').select('identifier').executeTakeFirstOrThrow()
  await store.close()
  const file = fileURLToPath(new URL('log-server.mjs', import.meta.url))
  const child = fork(file, [JSON.stringify(place.location)], { execArgv: ['--expose-gc'] })
  try {
    const hear = async <T>() => (await once(child, 'message'))[0] as T
    const { url } = await hear<{ url: string }>()
    const measure = () => {
      child.send('measure')
      return hear<{ now: number; peak: number }>()
    }
    const write = async (attempt: string, lines: readonly string[]) => {
      const bytes = Buffer.from(lines.join(''))
      for (let at = 0; at < bytes.length; at += 524_288) {
        const body = gzipSync(bytes.subarray(at, at + 524_288))
        const address = `${url}/d/v1/attempts/${attempt}/logs/step?fence=1&offset=${at}`
        const headers = { 'content-type': 'application/octet-stream', 'content-encoding': 'gzip' }
        expect((await fetch(address, { method: 'PUT', headers, body })).status).toBe(200)
      }
      const body = JSON.stringify(finishBody('1', 'success', { logs: { step: { bytes: bytes.length, sha256: '' } } }))
      const headers = { 'content-type': 'application/json' }
      expect((await fetch(`${url}/d/v1/attempts/${attempt}/finish`, { method: 'POST', headers, body })).status).toBe(
        200,
      )
      return bytes.length
    }
    const streamOf = (attempt: string) =>
      `${url}/v1/orgs/${org}/projects/p/executions/${execution}/attempts/${attempt}/log/stream`
    const line = (n: number) =>
      `2026-11-20T10:15:30.123Z change set ${n} of a changelog that is talkative: ${'x'.repeat(40)}\n`
    const readAll = (attempt: string) => Promise.all([0, 0, 5].map((pause) => readStream(streamOf(attempt), pause)))
    // What is loaded, compiled and set aside once, before the base is taken; what counts is that no more comes with the length.
    await write(
      small,
      Array.from({ length: 40_000 }, (_, n) => line(n)),
    )
    await readAll(small)
    const base = await measure()
    const bytes = await write(
      large,
      Array.from({ length: 200_000 }, (_, n) => line(n)),
    )
    for (const reader of await readAll(large)) expect(reader).toMatchObject({ lines: 200_000, bytes })
    const growth = (await measure()).peak - base.now
    console.log(
      `log of 200,000 lines (${(bytes / 1_048_576).toFixed(0)} MB) written, and read by 3: ` +
        `${base.now.toFixed(0)} MB before, at most ${growth.toFixed(0)} MB more`,
    )
    expect(growth).toBeLessThan(50)
  } finally {
    child.kill()
    await once(child, 'exit')
    await place.remove()
  }
}, 120_000)
