// Two managers on one PostgreSQL: hints cross, one of two accepts wins, both may sweep, both may start at the same time.
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Store } from '#manager/store/port'
import { sweepLeases } from '#manager/work/sweep'
import { newPlace, openPlace, postgresUrl, sayWhatIsMissing, type TestPlace } from './store.ts'
import { createWorld, finishBody, join, pollBody, type World } from './world.ts'

sayWhatIsMissing('two replicas')
describe.skipIf(postgresUrl === undefined)('two replicas on postgresql', () => {
  let place: TestPlace
  let stores: readonly [Store, Store]
  let one: World
  let other: World
  beforeAll(async () => {
    place = await newPlace('postgresql')
    // Both migrate an empty database at the same time.
    stores = await Promise.all([openPlace(place), openPlace(place)])
    one = await createWorld(stores[0])
    other = await createWorld(stores[1])
  })
  afterAll(async () => {
    for (const store of stores) await store.close()
    await place.remove()
  })

  test('migrated once', async () => {
    const { rows } = await sql<{ n: string }>`select count(*) as n from account`.execute(stores[0].db)
    expect(rows).toEqual([{ n: '1' }])
  })

  test('work that one enqueues wakes a poll at the other', async () => {
    const delegate = await join(one, 'a')
    const begun = performance.now()
    const waiting = other.call('poll', { delegate, body: pollBody(1, 20) })
    const attempt = await one.add()
    expect((await waiting).offers).toMatchObject([{ attempt }])
    expect(performance.now() - begun).toBeLessThan(1400)
  })

  test('of all accepts through both, one wins each attempt, and no instance has two', async () => {
    const delegates = [await join(one, 'b'), await join(other, 'c')]
    const attempts = await Promise.all(Array.from({ length: 30 }, (_, n) => one.add({ instanceKey: `i${n % 10}` })))
    const accepts = attempts.flatMap((attempt) =>
      [one, other].map((world, n) =>
        world.call('accept', { delegate: delegates[n], params: { attempt }, body: { fence: '0', instance: 'i' } }),
      ),
    )
    const results = await Promise.allSettled(accepts)
    const won = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value.spec.attempt] : []))
    expect(won).toHaveLength(10)
    expect(new Set(won).size).toBe(10)
    const codes = new Set(results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : [])))
    expect([...codes].filter((code) => code !== 'stale-fence' && code !== 'conflict')).toEqual([])
    const { rows } = await sql<{ n: string }>`select count(*) as n from attempt where state = 'accepted'
      and id in (${sql.join(won)})`.execute(stores[1].db)
    expect(rows).toEqual([{ n: '10' }])
  })

  test('eight delegates on two replicas drain a queue: each attempt is done once', async () => {
    await sql`delete from execution`.execute(stores[0].db)
    const total = 120
    const expected = await Promise.all(Array.from({ length: total }, (_, n) => one.add({ instanceKey: `k${n % 40}` })))
    const done: string[] = []
    const work = async (world: World, name: string): Promise<void> => {
      const delegate = await join(world, name)
      while (done.length < total) {
        const { offers } = await world.call('poll', { delegate, body: pollBody(4, 1) })
        for (const { attempt, fence } of offers) {
          const accepted = await world
            .call('accept', { delegate, params: { attempt }, body: { fence, instance: name } })
            .catch(() => undefined)
          if (accepted === undefined) continue
          const body = finishBody(accepted.fence, 'success')
          await world.call('start', { params: { attempt }, body })
          await world.call('finish', { params: { attempt }, body })
          done.push(attempt)
        }
      }
    }
    await Promise.all(Array.from({ length: 8 }, (_, n) => work(n % 2 === 0 ? one : other, `d${n}`)))
    expect(done.toSorted()).toEqual(expected.toSorted())
  })

  test('both sweep at once: each lost attempt ends once', async () => {
    await sql`delete from execution`.execute(stores[0].db)
    const delegate = await join(one, 'e')
    one.told.length = 0
    other.told.length = 0
    for (let n = 0; n < 10; n += 1) {
      const attempt = await one.add()
      await one.call('accept', { delegate, params: { attempt }, body: { fence: '0', instance: 'i' } })
      await one.call('start', { params: { attempt }, body: { fence: '1' } })
    }
    await sql`update attempt set lease_until = now() - interval '1 second'`.execute(stores[0].db)
    await Promise.all([sweepLeases(stores[0], [one.observer]), sweepLeases(stores[1], [other.observer])])
    const ended = [...one.told, ...other.told].filter((line) => line.startsWith('ended'))
    expect(ended).toHaveLength(10)
    expect(new Set(ended).size).toBe(10)
  })

  test('a finish and an abort of the same execution do not wait for each other', async () => {
    const delegate = await join(one, 'f')
    const { createRequestCancel } = await import('#manager/work/enqueue')
    for (let n = 0; n < 20; n += 1) {
      const execution = await one.addExecution()
      const attempt = await one.add({ execution })
      await one.call('accept', { delegate, params: { attempt }, body: { fence: '0', instance: 'i' } })
      const abort = stores[1].transaction(async (tx) => {
        await tx.selectFrom('execution').where('id', '=', execution).select('id').forUpdate().execute()
        await createRequestCancel([])(tx, attempt, { reason: 'r', graceSeconds: 1 })
      })
      await Promise.all([
        abort,
        one.call('finish', { params: { attempt }, body: finishBody('1', 'success') }),
        other.call('lease', { params: { attempt }, body: { fence: '1' } }).catch(() => {}),
      ])
    }
  })
})
