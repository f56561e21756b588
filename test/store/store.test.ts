// The store keeps its promises on both databases: transactions, values, hints, what happens beside a transaction.
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isUniqueViolation } from '#manager/store/error'
import { notify } from '#manager/store/notify'
import type { Store } from '#manager/store/port'
import { unflushed } from '#manager/store/unflushed'
import { newPlace, openPlace, sayWhatIsMissing, storeKinds, type TestPlace } from './store.ts'

sayWhatIsMissing('store')
describe.each(storeKinds)('store on %s', (kind) => {
  let place: TestPlace
  let store: Store
  beforeAll(async () => {
    place = await newPlace(kind)
    store = await openPlace(place)
  })
  afterAll(async () => {
    await store.close()
    await place.remove()
  })

  const addOrganization = (identifier: string, db: Pick<Store['db'], 'insertInto'> = store.db) =>
    db.insertInto('organization').values({ identifier, name: identifier }).execute()
  const organizations = async () =>
    (await store.db.selectFrom('organization').select('identifier').orderBy('id').execute()).map((o) => o.identifier)

  test('a write that need not be flushed says so for itself and for no other', async () => {
    const setting = async (): Promise<unknown> =>
      (await sql<{ now: string }>`select current_setting('synchronous_commit') as now`.execute(store.reserved)).rows[0]
    const before = await setting()
    // Read in a step of its own, after the expression was.
    const { rows } = await sql<{ now: string }>`with ${unflushed}
      select current_setting('synchronous_commit', length(setting) > 0) as now from unflushed`.execute(store.reserved)
    expect(rows).toEqual([{ now: 'off' }])
    expect(await setting()).toEqual(before)
  })

  test('reads values alike', async () => {
    const { rows } = await sql<Record<string, unknown>>`select 9007199254740993::int8 as big, count(*) as many,
      1.10::numeric as exact, 7::int4 as small, 1.5::float8 as real, true as yes, null::int8 as none,
      '{"a":[1,null]}'::jsonb as document, '{"b":1}'::json as text_document, decode('00ff10', 'hex') as bytes,
      '2026-11-20 10:15:30.123456+02'::timestamptz as at, '2026-11-20 10:15:30.5'::timestamp as local,
      '2026-11-20'::date as day, '1 day'::interval as span, array['x','y z','"']::text[] as words, 'é'::text as word
    `.execute(store.db)
    expect(rows[0]).toEqual({
      big: '9007199254740993',
      many: '1',
      exact: '1.10',
      small: 7,
      real: 1.5,
      yes: true,
      none: null,
      document: { a: [1, null] },
      text_document: { b: 1 },
      bytes: new Uint8Array([0, 255, 16]),
      at: new Date('2026-11-20T08:15:30.123Z'),
      local: '2026-11-20 10:15:30.5',
      day: '2026-11-20',
      span: '1 day',
      words: ['x', 'y z', '"'],
      word: 'é',
    })
  })

  test('writes values alike', async () => {
    const at = new Date('2026-11-20T08:15:30.123Z')
    const { rows } = await sql<Record<string, unknown>>`select ${at}::timestamptz as at, ${'12'}::int8 as big,
      ${JSON.stringify(['a'])}::jsonb as document, ${new Uint8Array([1, 2, 255])}::bytea as bytes,
      ${['a', 'b"c']}::text[] as words, ${null}::text as none, ${true}::boolean as yes`.execute(store.db)
    expect(rows[0]).toEqual({
      at,
      big: '12',
      document: ['a'],
      bytes: new Uint8Array([1, 2, 255]),
      words: ['a', 'b"c'],
      none: null,
      yes: true,
    })
  })

  test('keeps what is committed and nothing of what is rolled back', async () => {
    let begun = (): void => {}
    const inserted = new Promise<void>((resolve) => (begun = resolve))
    const failing = store.transaction(async (tx) => {
      await addOrganization('rolled_back', tx)
      begun()
      throw new Error('no')
    })
    await inserted
    await Promise.all([
      expect(failing).rejects.toThrow('no'),
      addOrganization('outsider'),
      store.transaction((tx) => addOrganization('committed', tx)),
    ])
    expect((await organizations()).toSorted()).toEqual(['committed', 'outsider'])
  })

  test('runs many transactions at once, each whole', async () => {
    await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        store
          .transaction(async (tx) => {
            await addOrganization(`many_${n}_a`, tx)
            if (n % 3 === 0) throw new Error('no')
            await addOrganization(`many_${n}_b`, tx)
          })
          .catch(() => {}),
      ),
    )
    const names = (await organizations()).filter((name) => name.startsWith('many_'))
    expect(names).toHaveLength(80)
  })

  test('tells a duplicate key and its constraint', async () => {
    await addOrganization('twice')
    const error = await addOrganization('twice').catch((caught: unknown) => caught)
    expect(isUniqueViolation(error)).toBe(true)
    expect(isUniqueViolation(error, 'organization_identifier_key')).toBe(true)
    expect(isUniqueViolation(error, 'other')).toBe(false)
    expect(isUniqueViolation(new Error('23505'))).toBe(false)
  })

  // A server has other connections, so there it does no harm.
  if (kind === 'embedded') {
    test('refuses a query beside an open transaction instead of waiting', async () => {
      await expect(store.transaction(() => organizations())).rejects.toThrow('beside an open transaction')
      let later: Promise<string[]> | undefined
      await store.transaction(async (tx) => {
        await addOrganization('before_timer', tx)
        later = new Promise((resolve, reject) => {
          setTimeout(() => void organizations().then(resolve, reject), 20)
        })
      })
      expect(await later).toContain('before_timer')
    })
  }

  test('hints reach listeners when the transaction commits, and only then', async () => {
    let count = 0
    let hear = (): void => {}
    const heard = new Promise<void>((resolve) => (hear = resolve))
    const stop = store.listen('sluice_work', () => {
      count += 1
      hear()
    })
    await store
      .transaction(async (tx) => {
        notify(tx, 'sluice_work')
        throw new Error('no')
      })
      .catch(() => {})
    await store.transaction(async (tx) => {
      notify(tx, 'sluice_work')
      await sql`select 1`.execute(tx)
      expect(count).toBe(0)
    })
    await heard
    stop()
    await store.transaction(async (tx) => notify(tx, 'sluice_work'))
    await sql`select 1`.execute(store.db)
    expect(count).toBe(1)
  })

  if (kind === 'postgresql') {
    test('goes on when the server ends all connections', async () => {
      const others = sql<{ ended: boolean }>`select pg_terminate_backend(pid) as ended from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`
      const other = await openPlace(place)
      try {
        const { rows } = await others.execute(other.db)
        expect(rows.length).toBeGreaterThan(1)
        await expect
          .poll(() =>
            organizations().then(
              () => true,
              () => false,
            ),
          )
          .toBe(true)
        let heard = 0
        store.listen('sluice_work', () => (heard += 1))
        await expect
          .poll(async () => {
            await other.transaction(async (tx) => notify(tx, 'sluice_work'))
            return heard
          })
          .toBeGreaterThan(0)
      } finally {
        await other.close()
      }
    })
  }

  if (kind === 'postgresql') {
    test('says that the store is away', async () => {
      const nowhere = { location: { kind: 'postgresql', url: 'postgresql://x@127.0.0.1:1/x' } } as const
      await expect(openPlace({ ...nowhere, remove: async () => {} })).rejects.toMatchObject({
        code: 'store-unavailable',
      })
    })
  }

  test('is the same after it was closed and opened again', async () => {
    const before = await organizations()
    const account = await store.db.selectFrom('account').select('id').execute()
    await store.close()
    store = await openPlace(place)
    expect(await organizations()).toEqual(before)
    expect(await store.db.selectFrom('account').select('id').execute()).toEqual(account)
    expect(account).toHaveLength(1)
  })
})
