// A cancel while SQLite works on a statement, in a process that lives on: what was left behind goes when the statement ends.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { openDatabase } from '#database/open'
import { faultOf } from './engine.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-cancel-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
afterEach(() => void vi.useRealTimers())

const open = async () =>
  await openDatabase({ url: `jdbc:sqlite:${join(folder, 'a.db')}`, username: undefined, password: undefined })

test('a statement that is left behind does not keep the database', async () => {
  const first = await open()
  const { session } = first
  const stop = new AbortController()
  await session.begin()
  await session.execute('create table kept (id int)')
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const slow =
    'create table slow as with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000000) select count(*) as n from n'
  const running = faultOf(session.execute(slow, [], stop.signal), 'cancelled')
  stop.abort()
  await vi.advanceTimersByTimeAsync(3000)
  await running
  vi.useRealTimers()
  await first.close()

  const next = await open()
  for (;;) {
    try {
      await next.session.begin()
      break
    } catch {
      await sleep(50)
    }
  }
  await next.session.rollback()
  // Nothing of its transaction was kept.
  expect((await next.session.execute('select name from sqlite_master')).rows).toEqual([])
  await next.close()
})
