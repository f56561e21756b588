// Large results in the store: beside the log, within limits, and compared with the digest that the step reported.
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { protocolLimits } from '#contract/delegate/protocol'
import { listResults, readLog } from '#manager/log/read'
import { verifyStreams } from '#manager/log/verify'
import type { Store } from '#manager/store/port'
import { newPlace, openPlace, sayWhatIsMissing, storeKinds, type TestPlace } from './store.ts'
import { createWorld, finishBody, join, type TestDelegate, type World } from './world.ts'

sayWhatIsMissing('large results')
describe.each(storeKinds)('large results on %s', (kind) => {
  let place: TestPlace
  let store: Store
  let world: World
  let delegate: TestDelegate
  beforeAll(async () => {
    place = await newPlace(kind)
    store = await openPlace(place)
    world = await createWorld(store)
    delegate = await join(world, 'one')
  })
  afterAll(async () => {
    world.hub.close()
    await store.close()
    await place.remove()
  })

  const started = async (): Promise<string> => {
    const attempt = await world.add()
    await world.call('accept', { delegate, params: { attempt }, body: { fence: '0', instance: 'i' } })
    await world.call('start', { params: { attempt }, body: { fence: '1' } })
    return attempt
  }
  const append = (attempt: string, stream: string, offset: number, body: string) =>
    world.call('appendLog', {
      params: { attempt, stream },
      query: { fence: '1', offset },
      request: new Request('http://m/', { method: 'PUT', body }),
    })
  const end = (text: string) => ({
    bytes: Buffer.byteLength(text),
    sha256: createHash('sha256').update(text).digest('hex'),
  })
  const finish = (attempt: string, logs: Record<string, { bytes: number; sha256: string }>) =>
    world.call('finish', { params: { attempt }, body: finishBody('1', 'success', { logs }) })
  const script = 'create table ä (id int);\n'.repeat(20_000)

  test('each stream has bytes of its own; the end is told of all, and all are compared', async () => {
    const attempt = await started()
    await append(attempt, 'step', 0, 'hello\n')
    await append(attempt, 'sql', 0, script)
    expect(await finish(attempt, { step: end('hello\n'), sql: end(script), empty: end('') })).toEqual({
      accepted: true,
      missingLogs: {},
    })
    expect(await verifyStreams(store)).toEqual([])
    expect(await listResults(store.db, attempt)).toEqual([
      { name: 'empty', complete: true, verified: true, ...end('') },
      { name: 'sql', complete: true, verified: true, ...end(script) },
    ])
    let text = ''
    for (let offset = 0; ; ) {
      const piece = await readLog(store.db, attempt, offset, 100_000, 'sql')
      if (piece.text === '') break
      text += piece.text
      offset = piece.nextOffset
    }
    expect(text).toBe(script)
    expect((await readLog(store.db, attempt, 0, 100)).text).toBe('hello\n')
  })

  test('what is missing at the end is named, and may still be sent', async () => {
    const attempt = await started()
    await append(attempt, 'sql', 0, 'abc')
    expect(await finish(attempt, { sql: end('abcdef') })).toMatchObject({ missingLogs: { sql: 3 } })
    expect(await listResults(store.db, attempt)).toMatchObject([{ complete: false, verified: null }])
    await append(attempt, 'sql', 3, 'def')
    await verifyStreams(store)
    expect(await listResults(store.db, attempt)).toMatchObject([{ complete: true, verified: true }])
  })

  test.each([
    [
      'other bytes',
      sql`update log_chunk set data = (select data from log_chunk other where other.attempt_id = log_chunk.attempt_id
      and other.stream = 'decoy' limit 1)`,
    ],
    ['a hole', sql`delete from log_chunk`],
  ])('%s are noticed', async (_, damage) => {
    const attempt = await started()
    await append(attempt, 'sql', 0, 'abcdef')
    await append(attempt, 'decoy', 0, 'abcdeg')
    await finish(attempt, { sql: end('abcdef'), decoy: end('abcdeg') })
    await sql`${damage} where attempt_id = ${attempt} and stream = 'sql'`.execute(store.db)
    expect(await verifyStreams(store)).toEqual([{ attempt, stream: 'sql' }])
    expect(await verifyStreams(store)).toEqual([])
    expect(await listResults(store.db, attempt)).toMatchObject([
      { name: 'decoy', verified: true },
      { name: 'sql', verified: false },
    ])
  })

  test('an attempt has no more streams than the limit, and none larger than it', async () => {
    const attempt = await started()
    for (let n = 0; n < protocolLimits.streams; n += 1) await append(attempt, `s${n}`, 0, 'x')
    await expect(append(attempt, 'one-more', 0, 'x')).rejects.toMatchObject({ code: 'too-large' })
    await append(attempt, 's0', 1, 'y')
    await sql`update log_stream set committed = ${protocolLimits.streamBytes} where attempt_id = ${attempt}
      and stream = 's1'`.execute(store.db)
    await expect(append(attempt, 's1', protocolLimits.streamBytes, 'x')).rejects.toMatchObject({ code: 'too-large' })
  })
})
