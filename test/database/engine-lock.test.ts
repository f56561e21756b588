// The changelog lock: who holds it is respected and named, what a dead run left is taken over, and a run lets go of it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database, SessionLock } from '#database/port'
import { listLocks, releaseLocks } from '#engine/locks'
import { contextOf } from '#engine/open'
import { update } from '#engine/update'
import { memorySource } from '#changelog/memory'
import { changeSet, sql, table, yaml } from './changelog.ts'
import { engineOn, faultOf, listen, valuesOf, openSuite, type Suite } from './engine.ts'
import { openTarget, sayWhatIsMissing, targetNames } from './target.ts'

sayWhatIsMissing('the changelog lock')

const files = yaml(changeSet('1', table('a')))
const more = yaml(changeSet('1', table('a')), changeSet('2', table('b')))

describe.each(targetNames)('the changelog lock on %s', (kind) => {
  let suite: Suite
  let database: Database
  beforeAll(async () => {
    suite = await openSuite(kind)
  })
  afterAll(async () => await suite.close())

  async function applied(): Promise<void> {
    database = await suite.fresh()
    await update(await engineOn(database, { files }), {}, listen(), undefined)
  }
  const holdAs = async (holder: string): Promise<void> => {
    const { dialect, session } = database
    await session.execute(
      `update DATABASECHANGELOGLOCK set LOCKED = ${dialect.literal(true)}, LOCKEDBY = '${holder}', LOCKGRANTED = ${dialect.now}`,
    )
  }
  const holder = async (): Promise<string[]> => await valuesOf(database, 'select LOCKEDBY from DATABASECHANGELOGLOCK')

  test('is free after a run', async () => {
    await applied()
    expect(await listLocks(await engineOn(database, { files }))).toEqual([])
    expect(await holder()).toEqual(['null'])
  })

  test('of another engine or a person stops the run, named and dated, with nothing done', async () => {
    await applied()
    await holdAs('db-host (10.0.0.9)')
    const context = await engineOn(database, { files: more })
    const fault = await faultOf(update(context, {}, listen(), undefined), 'changelog-locked')
    expect(fault.message).toMatch(/locked by db-host \(10\.0\.0\.9\) since \d{4}-\d\d-\d\d \d\d:\d\d/)
    expect(await database.inspect.table(database.defaultSchemaName, 'b')).toBe(false)
    expect(await holder()).toEqual(['db-host (10.0.0.9)'])
    // Who is up to date is told so even while somebody else works.
    expect((await update(await engineOn(database, { files }), {}, listen(), undefined)).ran).toBe(0)
    expect((await releaseLocks(context)).map((lock) => lock.holder)).toEqual(['db-host (10.0.0.9)'])
    expect((await update(context, {}, listen(), undefined)).ran).toBe(1)
  })

  test('a stand-in for the lock of the session proves nothing: the row of another run stays', async () => {
    await applied()
    await holdAs('db-host#sluice:dead-run (10.0.0.9)')
    const tryLock = (): Promise<SessionLock> =>
      Promise.resolve({ release: () => Promise.resolve(), isSubstitute: true })
    const context = await engineOn({ ...database, tryLock }, { files: more })
    await faultOf(update(context, {}, listen(), undefined), 'changelog-locked')
    expect(await holder()).toEqual(['db-host#sluice:dead-run (10.0.0.9)'])
    await releaseLocks(context)
    expect((await update(context, {}, listen(), undefined)).ran).toBe(1)
  })

  test('is waited for as long as the run has patience', async () => {
    await applied()
    await holdAs('db-host (10.0.0.9)')
    const lines: string[] = []
    let now = 0
    // Every look at the clock is a second later; the holder lets go at the third.
    const clock = (): number => {
      now += 1000
      if (now === 3000) void database.session.execute('update DATABASECHANGELOGLOCK set LOCKED = false')
      return now
    }
    const lockWait = { patience: 60_000, interval: 1 }
    const context = await engineOn(database, { files: more, lines, clock, lockWait })
    expect((await update(context, {}, listen(), undefined)).ran).toBe(1)
    expect(lines.join()).toContain('Waiting for the changelog lock, held by db-host (10.0.0.9) since')
  })

  test('that a dead run of ours left is taken over, with a word', async () => {
    await applied()
    await holdAs('db-host#sluice:dead-run (10.0.0.9)')
    const lines: string[] = []
    const context = await engineOn(database, { files: more, lines })
    expect(await listLocks(context)).toMatchObject([{ holder: 'db-host#sluice:dead-run (10.0.0.9)', ours: true }])
    expect((await update(context, {}, listen(), undefined)).ran).toBe(1)
    expect(lines.join()).toMatch(
      /The changelog lock of db-host#sluice:dead-run .* was left by a run that is dead; took it over/,
    )
    expect(await holder()).toEqual(['null'])
  })

  test('of a dead run is let go also by a run that has nothing to do, that of anybody else is not', async () => {
    await applied()
    await holdAs('db-host#sluice:dead-run (10.0.0.9)')
    const lines: string[] = []
    expect((await update(await engineOn(database, { files, lines }), {}, listen(), undefined)).ran).toBe(0)
    expect(lines.join()).toContain('was left by a run that is dead; took it over')
    expect(await holder()).toEqual(['null'])
    await holdAs('db-host (10.0.0.9)')
    expect((await update(await engineOn(database, { files }), {}, listen(), undefined)).ran).toBe(0)
    expect(await holder()).toEqual(['db-host (10.0.0.9)'])
  })

  test('is held with our mark while a run is under way, and let go when it fails', async () => {
    await applied()
    const seen: string[] = []
    const listener = listen({ mayContinue: async () => void seen.push(...(await holder())) })
    const bad = yaml(changeSet('1', table('a')), changeSet('bad', sql('select * from nonsense')))
    await faultOf(update(await engineOn(database, { files: bad }), {}, listener, undefined), 'change-set-failed')
    expect(new Set(seen)).toEqual(new Set(['test#sluice:test-run (127.0.0.1)']))
    expect(await holder()).toEqual(['null'])
  })
})

// Embedded PostgreSQL has one session; the lock of its folder keeps a second one away already.
describe.each(targetNames.filter((kind) => kind !== 'pglite'))('two runs at once on %s', (kind) => {
  test('do not mix: the second waits for the first, and then has nothing to do', async () => {
    const target = await openTarget(kind)
    const open = async (run: string, lines: string[]) =>
      await contextOf(
        {
          database: await target.another(),
          host: 'test (127.0.0.1)',
          run,
          clock: Date.now,
          log: (line) => void lines.push(line),
          lockWait: { patience: 20_000, interval: 5 },
        },
        { files: memorySource(more), changelogFile: 'root.yaml' },
      )
    const lines: string[] = []
    const first = await open('first', [])
    const second = await open('second', lines)
    let release = (): void => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    let started = (): void => {}
    const running = new Promise<void>((resolve) => {
      started = resolve
    })
    const slow = listen({
      mayContinue: async () => {
        started()
        await held
      },
    })
    const one = update(first, {}, slow, undefined)
    await running
    const two = update(second, {}, listen(), undefined)
    while (!lines.some((line) => line.startsWith('Waiting'))) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(lines.join()).toContain('held by test#sluice:first (127.0.0.1)')
    release()
    expect([(await one).ran, (await two).ran]).toEqual([2, 0])
    await first.close()
    await second.close()
    await target.remove()
  })
})
