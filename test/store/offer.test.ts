// Who is offered what, on both stores: in order, as far as there is room, one on an instance.
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Dispatcher } from '#manager/delegate/dispatcher'
import type { Store } from '#manager/store/port'
import { newPlace, openPlace, sayWhatIsMissing, storeKinds, type TestPlace } from './store.ts'
import { createWorld, join, pollBody, type TestDelegate, type World } from './world.ts'

sayWhatIsMissing('offers')
describe.each(storeKinds)('offers on %s', (kind) => {
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
  })
  afterAll(async () => {
    world.hub.close()
    await store.close()
    await place.remove()
  })

  const poll = async (slots: number, as = delegate) => world.call('poll', { delegate: as, body: pollBody(slots) })
  const accept = (attempt: string, fence: string, as = delegate) =>
    world.call('accept', { delegate: as, params: { attempt }, body: { fence, instance: 'i' } })

  test('offers in order, each once until the offer is over, and no more than there is room for', async () => {
    const [first, second, third] = [await world.add(), await world.add(), await world.add()]
    expect((await poll(2)).offers.map((offer) => offer.attempt).toSorted()).toEqual([first, second].toSorted())
    expect((await poll(2)).offers.map((offer) => offer.attempt)).toEqual([third])
    expect((await poll(2)).offers).toEqual([])
    expect((await poll(0)).offers).toEqual([])
    await store.db.updateTable('attempt').set({ offered_until: sql<Date>`now()` }).where('id', '=', second).execute()
    expect(await poll(2)).toMatchObject({ offers: [{ attempt: second, fence: '0', type: 'DBSchemaApply' }] })
  })

  test('a poll that waits is woken by work', async () => {
    const begun = performance.now()
    const waiting = world.call('poll', { delegate, body: pollBody(1, 20) })
    const attempt = await world.add()
    expect((await waiting).offers).toMatchObject([{ attempt }])
    expect(performance.now() - begun).toBeLessThan(1400)
  })

  test('work that nobody here can take hides none behind it', async () => {
    for (let n = 0; n < 8; n += 1) await world.add({ delegateSelectors: ['nobody'] })
    const possible = await world.add({ delegateSelectors: ['eu'] })
    expect((await poll(2)).offers).toMatchObject([{ attempt: possible }])
  })

  test('parked polls of many delegates share what comes', async () => {
    const others = await Promise.all(['p1', 'p2', 'p3', 'p4', 'p5'].map((name) => join(world, name)))
    const waiting = others.map((one) => world.call('poll', { delegate: one, body: pollBody(1, 20) }))
    const attempts = await Promise.all(others.map(() => world.add()))
    const offered = (await Promise.all(waiting)).flatMap(({ offers }) => offers.map(({ attempt }) => attempt))
    expect(offered.toSorted()).toEqual(attempts.toSorted())
  })

  test('every selector must be a tag or the name, in any case', async () => {
    const other = await join(world, 'Berlin', ['windows'])
    const attempt = await world.add({ delegateSelectors: ['LINUX', 'One'] })
    expect((await poll(1, other)).offers).toEqual([])
    await expect(accept(attempt, '0', other)).rejects.toMatchObject({ code: 'conflict' })
    expect((await poll(1)).offers).toMatchObject([{ attempt }])
    const byName = await world.add({ delegateSelectors: ['berlin'] })
    expect((await poll(1)).offers).toEqual([])
    expect((await poll(1, other)).offers).toMatchObject([{ attempt: byName }])
  })

  test('of two on one instance the second is not offered while the first is on offer', async () => {
    const [first] = [await world.add({ instanceKey: 'k' }), await world.add({ instanceKey: 'k' })]
    const other = await join(world, 'two')
    expect((await poll(2)).offers).toMatchObject([{ attempt: first }])
    expect((await poll(2, other)).offers).toEqual([])
  })

  test('of two polls of one delegate, at one replica or at two, the newest is told of work and the other ends', async () => {
    const noted = async (): Promise<string | null | undefined> =>
      (await store.db.selectFrom('delegate').where('id', '=', delegate.id).select('poll').executeTakeFirst())?.poll
    const replica = new Dispatcher(store, world.hub)
    const here = () => world.call('poll', { delegate, body: pollBody(1, 20) })
    const elsewhere = () =>
      replica.poll({ delegateId: delegate.id, body: pollBody(1, 20) }, new AbortController().signal)
    for (const ask of [here, elsewhere]) {
      let before = await noted()
      const older = ask()
      await expect.poll(noted).not.toBe(before)
      before = await noted()
      const newest = here()
      await expect.poll(noted).not.toBe(before)
      const attempt = await world.add()
      expect(await older).toMatchObject({ offers: [], nextInMilliseconds: 1000 })
      expect((await newest).offers).toMatchObject([{ attempt }])
    }
  })

  test('an offer to a poll that ended while it was made is free at once', async () => {
    // So that it is connected, and the first look makes offers.
    await poll(0)
    const leaving = new AbortController()
    const reserved = store.reserved.withPlugin({
      transformQuery: ({ node }) => node,
      transformResult: async ({ result }) => {
        const [row] = result.rows
        // What is offered is known to the store and not yet to the dispatcher.
        if (row && 'waited' in row) leaving.abort()
        return result
      },
    })
    const slow = { ...store, reserved }
    const attempt = await world.add()
    const presence = { delegateId: delegate.id, body: pollBody(1) }
    const told = await new Dispatcher(slow, world.hub).poll(presence, leaving.signal)
    expect(told.offers).toEqual([])
    await expect.poll(async () => (await poll(1)).offers, { timeout: 10_000 }).toMatchObject([{ attempt }])
  })
})
