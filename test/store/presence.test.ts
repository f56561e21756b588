// A delegate that polls in the very moment in which its token is revoked.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Store } from '#manager/store/port'
import { newPlace, openPlace, sayWhatIsMissing, storeKinds, type TestPlace } from './store.ts'
import { createWorld, join, pollBody, type World } from './world.ts'

sayWhatIsMissing('polls beside a revoked token')
describe.each(storeKinds)('polls beside a revoked token on %s', (kind) => {
  let place: TestPlace
  let store: Store
  let world: World
  beforeAll(async () => {
    place = await newPlace(kind)
    store = await openPlace(place)
    world = await createWorld(store)
  })
  afterAll(async () => {
    world.hub.close()
    await store.close()
    await place.remove()
  })

  test('one that waits for the revoking to end does not connect the delegate again', async () => {
    const joined = await join(world, 'racer')
    let poll = (): void => {}
    let revoke = (): void => {}
    const begun = new Promise<void>((resolve) => (poll = resolve))
    const polled = new Promise<void>((resolve) => (revoke = resolve))
    const revoking = store.transaction(async (tx) => {
      await tx.updateTable('delegate_token').set({ status: 'REVOKED' }).execute()
      await tx.updateTable('delegate').set({ connected: false }).where('id', '=', joined.id).execute()
      poll()
      await polled
    })
    await begun
    const refused = expect(world.call('poll', { delegate: joined, body: pollBody(1) })).rejects.toMatchObject({
      code: 'unauthenticated',
    })
    // On PostgreSQL it waits for the lock of the delegate by then; the embedded store lets it begin after the transaction.
    await new Promise((resolve) => setTimeout(resolve, 300))
    revoke()
    await revoking
    await refused
    const { connected } = await store.db
      .selectFrom('delegate')
      .where('id', '=', joined.id)
      .select('connected')
      .executeTakeFirstOrThrow()
    expect(connected).toBe(false)
  })
})
