// Moving a store: every row arrives as it was, ids go on after it, and a target that holds anything is left alone.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { migrateStore } from '#cli/process/store-migration'
import { moveStore } from '#manager/store/move'
import { openStore, type StoreLocation } from '#manager/store/open'
import type { Store } from '#manager/store/port'
import { newPlace, openPlace, postgresUrl, sayWhatIsMissing, type TestPlace } from './store.ts'
import { createWorld, finishBody, join } from './world.ts'

/** One line for each row of each table, as text. */
async function contentOf(store: Store): Promise<Map<string, string[]>> {
  const { rows: tables } = await sql<{ name: string }>`select relname as name from pg_class
    where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1`.execute(store.db)
  const content = new Map<string, string[]>()
  for (const { name } of tables) {
    const { rows } = await sql<{ row: string }>`select t::text as row from ${sql.table(name)} t order by 1`.execute(
      store.db,
    )
    content.set(
      name,
      rows.map(({ row }) => row),
    )
  }
  return content
}

/** Rows in every table; values that are easily lost on the way. */
async function fill(store: Store): Promise<void> {
  const world = await createWorld(store)
  const delegate = await join(world, 'é"\\,(', ['a b', '"'])
  for (const outcome of ['success', 'unknown'] as const) {
    const attempt = await world.add()
    const { fence } = await world.call('accept', {
      delegate,
      params: { attempt },
      body: { fence: '0', instance: 'i' },
    })
    await world.call('start', { params: { attempt }, body: { fence } })
    const request = new Request('http://m/', { method: 'PUT', body: 'line\n'.repeat(50_000) })
    await world.call('appendLog', { params: { attempt, stream: 'step' }, query: { fence, offset: 0 }, request })
    await world.call('finish', {
      params: { attempt },
      body: finishBody(fence, outcome, { output: { big: 12345678901234567890n.toString(), text: '\u2028 \\ "' } }),
    })
    await sql`insert into plan (execution_id, node_id, attempt_id, digest, payload)
      select execution_id, node_id, id, 'd', '{"n": 1.10000000000000000001}' from attempt where id = ${attempt}`.execute(
      store.db,
    )
  }
  await sql`update execution set started_at = '2026-11-20 10:15:30.123456+00'`.execute(store.db)
  for (let n = 0; n < 250; n += 1) {
    await sql`insert into pipeline (project_id, identifier, name, yaml) values (${world.projectId}, ${`p${n}`}, 'p', ${'x'.repeat(n)})`.execute(
      store.db,
    )
  }
  world.hub.close()
}

const signal = new AbortController().signal

sayWhatIsMissing('moving a store')
describe.skipIf(postgresUrl === undefined)('moving the embedded store to postgresql', () => {
  let places: readonly [TestPlace, TestPlace]
  let source: Store
  let target: Store
  beforeEach(async () => {
    places = [await newPlace('embedded'), await newPlace('postgresql')]
    source = await openPlace(places[0])
    target = await openPlace(places[1])
    await fill(source)
  })
  afterEach(async () => {
    await source.close()
    await target.close()
    for (const place of places) await place.remove()
  })

  test('gives every row as it was, and ids that go on', async () => {
    const before = await contentOf(source)
    const moved = await moveStore(source, target, signal)
    expect(await contentOf(target)).toEqual(before)
    expect(await contentOf(source)).toEqual(before)
    expect(new Map(moved.map(({ table, rows }) => [table, rows]))).toEqual(
      new Map([...before].map(([table, rows]) => [table, rows.length])),
    )
    expect(moved.find(({ table }) => table === 'pipeline')?.rows).toBe(250)
    const last = (store: Store) => sql<{ id: string }>`select max(id) as id from event`.execute(store.db)
    const highest = Number((await last(source)).rows[0]?.id)
    const world = await createWorld(target)
    await world.add()
    world.hub.close()
    expect(Number((await last(target)).rows[0]?.id)).toBe(highest + 1)
  })

  test('refuses a target that is not empty, and one with other tables; both stay as they are', async () => {
    await moveStore(source, target, signal)
    const before = await contentOf(target)
    await expect(moveStore(source, target, signal)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('not empty'),
    })
    expect(await contentOf(target)).toEqual(before)
    await sql`alter table event add column extra text`.execute(target.db)
    await expect(moveStore(source, target, signal)).rejects.toMatchObject({
      message: expect.stringContaining('different tables'),
    })
  })

  test('an error in the middle leaves the target empty', async () => {
    const empty = await contentOf(target)
    await sql`alter table pipeline add constraint no_p100 check (identifier <> 'p100')`.execute(target.db)
    await expect(moveStore(source, target, signal)).rejects.toThrow('no_p100')
    expect(await contentOf(target)).toEqual(empty)
  })
})

/** The command of the built product; its exit code and what it printed. */
async function sluice(args: readonly string[]): Promise<{ code: number; text: string }> {
  const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (text += part.toString()))
  const [code] = (await once(child, 'close')) as [number]
  return { code, text }
}

describe.skipIf(postgresUrl === undefined)('sluice store move', () => {
  test('moves, counts and refuses what it must', async () => {
    const places = [await newPlace('embedded'), await newPlace('postgresql')] as const
    const [{ location: from }, { location: to }] = places
    if (from.kind !== 'embedded' || to.kind !== 'postgresql') throw new Error('two places of other kinds')
    const open = (location: StoreLocation) => openStore({ location, migrate: migrateStore(() => {}) }, signal)
    try {
      const source = await open(from)
      await source.db.insertInto('organization').values({ identifier: 'acme', name: 'Acme' }).execute()
      const data = dirname(from.directory)
      const move = () => sluice(['store', 'move', '--data', data, '--to', to.url])
      const busy = await move()
      expect(busy).toMatchObject({ code: 4, text: expect.stringContaining(`process ${process.pid}`) })
      await source.close()
      const moved = await move()
      expect(moved.text).toMatch(/organization +1\n/)
      expect(moved.text).toContain('Both stores have these 3 rows')
      expect(moved.code).toBe(0)
      const target = await open(to)
      expect(await target.db.selectFrom('organization').select('name').execute()).toEqual([{ name: 'Acme' }])
      await target.close()
      expect(await move()).toMatchObject({ code: 1, text: expect.stringContaining('not empty') })
      const nowhere = await sluice(['store', 'move', '--data', `${data}/none`, '--to', to.url])
      expect(nowhere).toMatchObject({ code: 2, text: expect.stringContaining('There is no embedded store') })
    } finally {
      for (const place of places) await place.remove()
    }
  })
})
