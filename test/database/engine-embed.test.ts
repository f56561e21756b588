// The engine on somebody else's connection: the manager's own changelog, applied once however often and by however many.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { folderSource } from '#changelog/folder'
import type { Session } from '#database/port'
import { migrate } from '#engine/embed'
import { historyRows } from './engine.ts'
import { openTarget, sayWhatIsMissing, type Target, type TargetName, targetNames } from './target.ts'

sayWhatIsMissing('the store migrates itself')

const files = folderSource(['src/manager/store/changelog'])
const names: readonly TargetName[] = targetNames.filter((name) => name === 'pglite' || name === 'postgresql')

describe.each(names)('the store on %s', (name) => {
  let target: Target
  beforeAll(async () => {
    target = await openTarget(name)
  })
  afterAll(async () => await target.remove())

  /** Only what the store's session has, and a count of its queries. */
  interface Counting extends Session {
    count: number
  }
  function counting(from: Session): Counting {
    return {
      count: 0,
      execute(sql, parameters, signal) {
        this.count += 1
        return from.execute(sql, parameters, signal)
      },
      begin: () => from.begin(),
      commit: () => from.commit(),
      rollback: () => from.rollback(),
      close: () => Promise.reject(new Error('the connection belongs to the store')),
    }
  }
  const options = (session: Session, lines: string[] = []) =>
    ({
      session,
      dialect: 'postgresql',
      files,
      file: 'store.yaml',
      log: (line: string) => void lines.push(line),
    }) as const

  test('is made once, and a second start asks a few small questions only', async () => {
    await target.empty()
    const session = counting(target.database.session)
    expect(await migrate(options(session))).toBeGreaterThan(5)
    expect(await target.database.inspect.table(undefined, 'execution')).toBe(true)
    const rows = await historyRows(target.database)
    const again = counting(target.database.session)
    expect(await migrate(options(again))).toBe(0)
    expect(again.count).toBe(3)
    expect(await historyRows(target.database)).toEqual(rows)
    // As when this file was the whole changelog: nothing runs twice in a store that was made then.
    expect(rows[0]?.['filename']).toBe('0001-initial.sql')
  })

  // Embedded PostgreSQL has no second connection.
  if (name === 'pglite') return
  test('is made once by two that start at the same moment', async () => {
    await target.empty()
    const other = await target.another()
    const ran = await Promise.all([migrate(options(target.database.session)), migrate(options(other.session))])
    await other.close()
    expect(ran.toSorted((a, b) => a - b)[0]).toBe(0)
    const ids = (await historyRows(target.database)).map((row) => row['id'])
    expect(new Set(ids).size).toBe(ids.length)
  })
})
