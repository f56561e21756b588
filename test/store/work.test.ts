// The work queue on both stores: who gets what, what a fence refuses, and what becomes of attempts whose lease ran out.
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Store } from '#manager/store/port'
import { authenticateAttempt } from '#manager/delegate/authenticate'
import { createRequestCancel } from '#manager/work/enqueue'
import { closeAbandonedLogs, markLostDelegates, settleDecidedAttempts } from '#manager/work/housekeep'
import { extendLeases, sweepLeases } from '#manager/work/sweep'
import { explainQueue } from '#manager/work/waiting'
import { newPlace, openPlace, sayWhatIsMissing, storeKinds, type TestPlace } from './store.ts'
import { createWorld, finishBody, join, pollBody, type TestDelegate, type World } from './world.ts'

sayWhatIsMissing('work queue')
describe.each(storeKinds)('work queue on %s', (kind) => {
  let place: TestPlace
  let store: Store
  let world: World
  let delegate: TestDelegate
  beforeAll(async () => {
    place = await newPlace(kind)
    store = await openPlace(place)
    world = await createWorld(store)
    delegate = await join(world, 'one', ['Linux', 'eu'])
  })
  beforeEach(async () => {
    await sql`delete from execution`.execute(store.db)
    world.told.length = 0
  })
  afterAll(async () => {
    world.hub.close()
    await store.close()
    await place.remove()
  })

  const poll = async (slots: number, as = delegate) => world.call('poll', { delegate: as, body: pollBody(slots) })
  const accept = (attempt: string, fence: string, as = delegate) =>
    world.call('accept', { delegate: as, params: { attempt }, body: { fence, instance: 'i' } })
  const start = (attempt: string, fence: string) => world.call('start', { params: { attempt }, body: { fence } })
  const finish = (attempt: string, body: ReturnType<typeof finishBody>) =>
    world.call('finish', { params: { attempt }, body })
  const take = async (attempt: string) => {
    const { fence } = await store.db
      .selectFrom('attempt')
      .where('id', '=', attempt)
      .select('fence')
      .executeTakeFirstOrThrow()
    return (await accept(attempt, fence)).fence
  }
  const stateOf = async (attempt: string) =>
    (await store.db.selectFrom('attempt').where('id', '=', attempt).select(['state', 'fence', 'outcome']).execute())[0]
  const expireLease = (attempt: string) =>
    store.db
      .updateTable('attempt')
      .set({ lease_until: sql<Date>`now() - interval '1 second'` })
      .where('id', '=', attempt)
      .execute()
  const requestCancel = (attempt: string) =>
    store.transaction((tx) =>
      createRequestCancel([world.observer])(tx, attempt, { reason: 'enough', graceSeconds: 30 }),
    )

  test('accept bumps the fence, and only one of many wins', async () => {
    const attempt = await world.add()
    const others = await Promise.all(['two', 'three', 'four'].map((name) => join(world, name)))
    const results = await Promise.allSettled([delegate, ...others].map((one) => accept(attempt, '0', one)))
    const won = results.filter((result) => result.status === 'fulfilled')
    expect(won).toHaveLength(1)
    expect(won[0]?.value).toMatchObject({ fence: '1', spec: { attempt } })
    for (const lost of results.filter((result) => result.status === 'rejected')) {
      expect(lost.reason).toMatchObject({ code: 'stale-fence' })
    }
    expect(world.told).toEqual([`accepted ${attempt}`])
  })

  test('an accept whose answer was lost is answered again to the same process, until it has started', async () => {
    const attempt = await world.add()
    const lost = await accept(attempt, '0')
    const again = await accept(attempt, '0')
    expect(again).toMatchObject({ fence: lost.fence, spec: lost.spec })
    expect(again.attemptToken).not.toBe(lost.attemptToken)
    expect(await authenticateAttempt(store.db, lost.attemptToken, attempt)).toBeUndefined()
    expect(await authenticateAttempt(store.db, again.attemptToken, attempt)).toMatchObject({ attempt: { id: attempt } })
    expect(world.told).toEqual([`accepted ${attempt}`])
    const body = { fence: '0', instance: 'another process of it' }
    const refused = { code: 'stale-fence' }
    await expect(world.call('accept', { delegate, params: { attempt }, body })).rejects.toMatchObject(refused)
    await expect(accept(attempt, '0', await join(world, 'other'))).rejects.toMatchObject(refused)
    await start(attempt, again.fence)
    await expect(accept(attempt, '0')).rejects.toMatchObject(refused)
  })

  test('attempts on one instance run one after the other', async () => {
    const first = await world.add({ instanceKey: 'shop/dev' })
    const second = await world.add({ instanceKey: 'shop/dev' })
    const third = await world.add({ instanceKey: 'shop/prod' })
    expect((await poll(9)).offers.map((offer) => offer.attempt).toSorted()).toEqual([first, third].toSorted())
    const fence = await take(first)
    await expect(accept(second, '0')).rejects.toMatchObject({ code: 'conflict' })
    expect((await poll(9)).offers).toEqual([])
    await start(first, fence)
    expect((await poll(9)).offers).toEqual([])
    await finish(first, finishBody(fence, 'success'))
    expect((await poll(9)).offers).toMatchObject([{ attempt: second }])
  })

  test('two accepts on one instance at the same moment: one wins', async () => {
    const attempts = await Promise.all(Array.from({ length: 6 }, () => world.add({ instanceKey: 'same' })))
    const results = await Promise.allSettled(attempts.map((attempt) => accept(attempt, '0')))
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1)
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'conflict' })
    }
  })

  test('a stale fence is refused everywhere', async () => {
    const attempt = await world.add()
    const old = await take(attempt)
    await expireLease(attempt)
    await sweepLeases(store, [world.observer])
    const fence = await take(attempt)
    expect([old, fence]).toEqual(['1', '3'])
    const params = { attempt, stream: 'step' }
    const query = { fence: old, offset: 0 }
    const refused = { code: 'stale-fence' }
    await expect(start(attempt, old)).rejects.toMatchObject(refused)
    await expect(world.call('lease', { params, body: { fence: old } })).rejects.toMatchObject(refused)
    await expect(world.call('events', { params, body: { fence: old, events: [] } })).rejects.toMatchObject(refused)
    await expect(world.call('committedLog', { params, query })).rejects.toMatchObject(refused)
    await expect(
      world.call('appendLog', { params, query, request: new Request('http://m/', { method: 'PUT', body: 'x' }) }),
    ).rejects.toMatchObject(refused)
    const payload = { kind: 'change-sets', changeSets: [] }
    await expect(world.call('payload', { params, body: { fence: old, payload } })).rejects.toMatchObject(refused)
    await expect(finish(attempt, finishBody(old, 'success'))).rejects.toMatchObject(refused)
    await expect(accept(attempt, old)).rejects.toMatchObject(refused)
    expect(await stateOf(attempt)).toMatchObject({ state: 'accepted', fence })
  })

  test('finish counts once; repeating it is harmless, contradicting it is not', async () => {
    const attempt = await world.add()
    const fence = await take(attempt)
    await start(attempt, fence)
    await start(attempt, fence)
    expect(await finish(attempt, finishBody(fence, 'success'))).toEqual({ accepted: true, missingLogs: {} })
    expect(await finish(attempt, finishBody(fence, 'success'))).toEqual({ accepted: true, missingLogs: {} })
    const gone = { code: 'attempt-gone' }
    await expect(finish(attempt, finishBody(fence, 'failure'))).rejects.toMatchObject(gone)
    await expect(start(attempt, fence)).rejects.toMatchObject(gone)
    await expect(world.call('lease', { params: { attempt }, body: { fence } })).rejects.toMatchObject(gone)
    expect(world.told).toEqual([`accepted ${attempt}`, `started ${attempt}`, `ended ${attempt} success -`])
    expect((await poll(9)).offers).toEqual([])
  })

  test('the lease of an attempt that had not started runs out: queued again under a higher fence', async () => {
    const attempt = await world.add()
    await take(attempt)
    expect(await sweepLeases(store, [world.observer])).toBe(0)
    await expireLease(attempt)
    expect(await sweepLeases(store, [world.observer])).toBe(1)
    expect(await stateOf(attempt)).toMatchObject({ state: 'queued', fence: '2' })
    expect(world.told).toEqual([`accepted ${attempt}`, `requeued ${attempt}`])
    expect((await poll(9)).offers).toMatchObject([{ attempt, fence: '2' }])
  })

  test('an attempt that is accepted again and again without a start fails', async () => {
    const attempt = await world.add()
    for (let n = 0; n < 5; n += 1) {
      await take(attempt)
      await expireLease(attempt)
      await sweepLeases(store, [world.observer])
    }
    expect(await stateOf(attempt)).toMatchObject({ state: 'finished', outcome: 'failure' })
    expect(world.told.at(-1)).toBe(`ended ${attempt} failure step-died`)
  })

  test('a started change whose lease ran out is unknown, never queued again', async () => {
    const attempt = await world.add({ instanceKey: 'k' })
    const fence = await take(attempt)
    await start(attempt, fence)
    await expireLease(attempt)
    expect(await sweepLeases(store, [world.observer])).toBe(1)
    expect(await sweepLeases(store, [world.observer])).toBe(0)
    expect(await stateOf(attempt)).toEqual({ state: 'unknown', fence, outcome: 'unknown' })
    expect(world.told.at(-1)).toBe(`ended ${attempt} unknown outcome-unknown`)
    expect((await poll(9)).offers).toEqual([])
    await expect(finish(attempt, finishBody(fence, 'success'))).rejects.toMatchObject({ code: 'attempt-gone' })
  })

  test('a started step that changes nothing and is lost has failed and may be repeated', async () => {
    const attempt = await world.add({ type: 'DBSchemaUpdateSQL' })
    await start(attempt, await take(attempt))
    await expireLease(attempt)
    await sweepLeases(store, [world.observer])
    expect(await stateOf(attempt)).toMatchObject({ state: 'finished', outcome: 'failure' })
    expect(world.told.at(-1)).toBe(`ended ${attempt} failure step-died`)
  })

  test('unknown holds the instance against other nodes until its own is decided, but lets it be reconciled', async () => {
    const execution = await world.addExecution()
    await store.db
      .insertInto('execution_node')
      .values({
        execution_id: execution,
        node_id: 's.apply',
        position: 0,
        kind: 'step',
        type: 'DBSchemaApply',
        identifier: 'apply',
        name: 'apply',
        status: 'Unknown',
      })
      .execute()
    const lost = await world.add({ instanceKey: 'k', execution })
    const fence = await take(lost)
    await start(lost, fence)
    await finish(lost, finishBody(fence, 'unknown'))
    const next = await world.add({ instanceKey: 'k' })
    expect((await poll(9)).offers).toEqual([])
    const reconcile = await world.add({ instanceKey: 'k', execution, type: 'Reconcile' })
    expect((await poll(9)).offers).toMatchObject([{ attempt: reconcile }])
    await finish(reconcile, finishBody(await take(reconcile), 'success'))
    expect((await poll(9)).offers).toEqual([])
    await store.db
      .updateTable('execution_node')
      .set({ status: 'Failed' })
      .where('execution_id', '=', execution)
      .execute()
    expect((await poll(9)).offers).toMatchObject([{ attempt: next }])
    await store.db.updateTable('execution').set({ ended_at: sql<Date>`now()` }).where('id', '=', execution).execute()
    await settleDecidedAttempts(store)
    expect(await stateOf(lost)).toMatchObject({ state: 'finished', outcome: 'unknown' })
  })

  test('what a delegate reports as unknown is unknown only for a change that had started', async () => {
    const notStarted = await world.add()
    await finish(notStarted, finishBody(await take(notStarted), 'unknown'))
    const preview = await world.add({ type: 'DBSchemaUpdateSQL' })
    const previewFence = await take(preview)
    await start(preview, previewFence)
    await finish(preview, finishBody(previewFence, 'unknown'))
    await finish(preview, finishBody(previewFence, 'unknown'))
    const change = await world.add()
    const changeFence = await take(change)
    await start(change, changeFence)
    await finish(change, finishBody(changeFence, 'unknown'))
    await finish(change, finishBody(changeFence, 'unknown'))
    expect(world.told.filter((line) => line.startsWith('ended'))).toEqual([
      `ended ${notStarted} failure step-died`,
      `ended ${preview} failure step-died`,
      `ended ${change} unknown -`,
    ])
  })

  test('the clock of a replica says nothing about a lease: the one of the store counts', async () => {
    const attempt = await world.add()
    await take(attempt)
    await start(attempt, '1')
    const hours = 3_600_000
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 5 * hours })
    try {
      expect(await sweepLeases(store, [world.observer])).toBe(0)
      expect(await stateOf(attempt)).toMatchObject({ state: 'started' })
      const { lockedUntil } = await world.call('lease', { params: { attempt }, body: { fence: '1' } })
      expect(lockedUntil).toBeLessThan(Date.now() - 4 * hours)
      await expireLease(attempt)
      vi.setSystemTime(Date.now() - 10 * hours)
      expect(await sweepLeases(store, [world.observer])).toBe(1)
      expect(await stateOf(attempt)).toMatchObject({ state: 'unknown' })
    } finally {
      vi.useRealTimers()
    }
  })

  test('many sweepers at once end each lost attempt once', async () => {
    const attempts = await Promise.all(Array.from({ length: 8 }, () => world.add()))
    for (const attempt of attempts) {
      await start(attempt, await take(attempt))
      await expireLease(attempt)
    }
    const swept = await Promise.all(Array.from({ length: 4 }, () => sweepLeases(store, [world.observer])))
    expect(swept.reduce((sum, n) => sum + n, 0)).toBe(8)
    expect(world.told.filter((line) => line.startsWith('ended'))).toHaveLength(8)
  })

  test('a manager that comes back gives running steps a fresh lease before it judges them', async () => {
    const attempt = await world.add()
    const fence = await take(attempt)
    await start(attempt, fence)
    await expireLease(attempt)
    await extendLeases(store.db)
    expect(await sweepLeases(store, [world.observer])).toBe(0)
    const { lockedUntil } = await world.call('lease', { params: { attempt }, body: { fence } })
    expect(lockedUntil - Date.now()).toBeGreaterThan(40_000)
  })

  test('cancel: a queued attempt ends at once, a running one hears of it', async () => {
    const queued = await world.add()
    await requestCancel(queued)
    await requestCancel(queued)
    expect(await stateOf(queued)).toMatchObject({ state: 'finished', outcome: 'cancelled' })
    expect(world.told).toEqual([`ended ${queued} cancelled -`])
    const running = await world.add()
    const fence = await take(running)
    const waiting = world.call('poll', { delegate, body: pollBody(1, 20) })
    await requestCancel(running)
    expect(await waiting).toMatchObject({ offers: [], cancels: [{ attempt: running, graceSeconds: 30 }] })
    const cancel = { graceSeconds: 30, reason: 'enough' }
    expect(await start(running, fence)).toMatchObject({ cancel })
    expect(await world.call('lease', { params: { attempt: running }, body: { fence } })).toMatchObject({ cancel })
    await finish(running, finishBody(fence, 'cancelled'))
    expect((await poll(1)).cancels).toEqual([])
  })

  test('an attempt that was to be cancelled and is lost before it started is cancelled', async () => {
    const attempt = await world.add()
    await take(attempt)
    await requestCancel(attempt)
    await expireLease(attempt)
    await sweepLeases(store, [world.observer])
    expect(await stateOf(attempt)).toMatchObject({ state: 'finished', outcome: 'cancelled' })
  })

  test('says why an attempt waits, and that it waits no more', async () => {
    await poll(0)
    const attempt = await world.add({ delegateSelectors: ['mars'] })
    const old = sql<Date>`now() - interval '10 seconds'`
    await store.db.updateTable('attempt').set({ run_at: old }).where('id', '=', attempt).execute()
    await explainQueue(store, [world.observer])
    await explainQueue(store, [world.observer])
    const told = world.told.filter((line) => line.startsWith('waiting'))
    expect(told).toEqual([`waiting ${attempt} No connected delegate has all selectors (mars): one lacks mars.`])
    await store.db.updateTable('attempt').set({ delegate_selectors: '[]' }).where('id', '=', attempt).execute()
    await explainQueue(store, [world.observer])
    expect(world.told.at(-1)).toBe(`waiting ${attempt} null`)
  })

  test('a delegate that went silent is lost, and connected again with its next poll', async () => {
    await poll(0)
    const connected = async () =>
      (await store.db.selectFrom('delegate').where('id', '=', delegate.id).select('connected').execute())[0]?.connected
    await markLostDelegates(store)
    expect(await connected()).toBe(true)
    await store.db.updateTable('delegate').set({ last_seen_at: sql<Date>`now() - interval '2 minutes'` }).execute()
    await markLostDelegates(store)
    expect(await connected()).toBe(false)
    await poll(0)
    expect(await connected()).toBe(true)
    const events = await store.db.selectFrom('event').where('type', 'like', 'delegate.%').select('type').execute()
    expect(events.slice(-2).map((event) => event.type)).toEqual(['delegate.lost', 'delegate.connected'])
  })

  test('a log that nobody continues is closed', async () => {
    const attempt = await world.add()
    const fence = await take(attempt)
    const request = new Request('http://m/', { method: 'PUT', body: 'half' })
    await world.call('appendLog', { params: { attempt, stream: 'step' }, query: { fence, offset: 0 }, request })
    await finish(attempt, finishBody(fence, 'failure'))
    await closeAbandonedLogs(store)
    const closed = async () => (await store.db.selectFrom('log_stream').select('closed').execute())[0]?.closed
    expect(await closed()).toBe(false)
    const old = sql<Date>`now() - interval '10 minutes'`
    await store.db.updateTable('attempt').set({ finished_at: old }).execute()
    await store.db.updateTable('log_stream').set({ updated_at: old }).execute()
    await closeAbandonedLogs(store)
    expect(await closed()).toBe(true)
  })

  test('each change of state is an event, in order', async () => {
    const attempt = await world.add()
    const fence = await take(attempt)
    await start(attempt, fence)
    await finish(attempt, finishBody(fence, 'success'))
    const events = await store.db
      .selectFrom('event')
      .where('type', '=', 'attempt.state')
      .where(sql<boolean>`body ->> 'attempt' = ${attempt}`)
      .orderBy('id')
      .select('body')
      .execute()
    expect(events.map(({ body }) => (body as { state: string }).state)).toEqual([
      'queued',
      'accepted',
      'started',
      'finished',
    ])
  })
})
