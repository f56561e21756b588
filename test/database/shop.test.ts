// The example shop: applied, rolled back to each tag and to nothing, and applied again, on every database and every stage.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { folderSource } from '#changelog/folder'
import type { Database } from '#database/port'
import type { EngineContext } from '#engine/context'
import { contextOf } from '#engine/open'
import { planUpdate } from '#engine/plan-update'
import { rollback } from '#engine/rollback'
import { update } from '#engine/update'
import { historyRows, listen, valuesOf, openSuite, type Suite } from './engine.ts'
import { isMysql, sayWhatIsMissing, targetNames } from './target.ts'

sayWhatIsMissing('the shop')

const files = folderSource(['examples/shop'])
const shop = async (database: Database, contexts: string): Promise<EngineContext> =>
  await contextOf(
    {
      database,
      host: 'test (127.0.0.1)',
      run: 'shop',
      clock: Date.now,
      log: () => {},
      lockWait: { patience: 0, interval: 1 },
    },
    { files, changelogFile: 'changelog.yaml', contexts },
  )

/** Its SQL files are in the words of PostgreSQL and SQLite, and a precondition of the changelog says so. */
const names = targetNames.filter((name) => !isMysql(name))

describe.each(names)('the shop on %s', (kind) => {
  let suite: Suite
  beforeAll(async () => {
    suite = await openSuite(kind)
  })
  afterAll(async () => await suite.close())

  test('holds at least 40 change sets in all four formats, each of which can be rolled back', async () => {
    const context = await shop(await suite.fresh(), '')
    const { changeSets, skipped } = context.changelog
    expect(changeSets.length + skipped.length).toBeGreaterThanOrEqual(40)
    expect(new Set(changeSets.map((changeSet) => changeSet.format))).toEqual(
      new Set(['yaml', 'xml', 'json', 'formatted-sql']),
    )
    expect(context.warnings).toEqual([])
    const plan = await planUpdate(context)
    expect(
      plan.steps.filter((step) => step.irreversible).map((step) => [step.changeSet.id, step.irreversible]),
    ).toEqual([])
  })

  test.each(['dev', 'staging', 'prod'])(
    'goes up, back to each tag, back to nothing and up again in %s',
    { timeout: 60_000 },
    async (stage) => {
      const database = await suite.fresh()
      const empty = await database.inspect.fingerprint(database.defaultSchemaName)
      const apply = async (): Promise<number> =>
        (await update(await shop(database, stage), {}, listen(), undefined)).ran
      const back = async (target: { tag: string } | { count: number }): Promise<number> =>
        (await rollback(await shop(database, stage), target, {}, listen(), undefined)).rolledBack
      const fingerprint = async (): Promise<string> =>
        withoutHistory(await database.inspect.fingerprint(database.defaultSchemaName))

      await update(await shop(database, stage), { toTag: 'shop-1.0' }, listen(), undefined)
      const first = await fingerprint()
      await apply()
      const second = await fingerprint()
      expect(second).not.toBe(first)
      expect(await valuesOf(database, 'select count(*) from country')).toEqual(['194'])
      expect(await valuesOf(database, 'select count(*) from product')).toEqual(['203'])
      expect(await valuesOf(database, 'select count(*) from customer')).toEqual([stage === 'prod' ? '0' : '200'])
      expect(Number((await valuesOf(database, 'select count(*) from best_seller'))[0]) > 0).toBe(stage !== 'prod')

      // The row of the tag goes with it, so that the tag comes again with the next update.
      expect(await back({ tag: 'shop-1.0' })).toBeGreaterThan(10)
      expect(sorted(await fingerprint())).toEqual(sorted(first))
      await apply()
      expect(sorted(await fingerprint())).toEqual(sorted(second))
      expect(await back({ tag: 'shop-2.0' })).toBe(1)

      await back({ count: 1000 })
      expect(await historyRows(database)).toEqual([])
      expect(await fingerprint()).toBe(withoutHistory(empty))
      expect(await apply()).toBeGreaterThanOrEqual(40)
      expect(await fingerprint()).toBe(second)
    },
  )
})

/** Without the tables of the engine itself, which stay. */
function withoutHistory(fingerprint: string): string {
  return fingerprint
    .split('\n')
    .filter((line) => !/databasechangelog|sluice_journal/i.test(line))
    .join('\n')
}

/** A column that was dropped and added again stands last in its table; apart from that nothing may differ. */
const sorted = (fingerprint: string): string[] =>
  fingerprint
    .split('\n')
    .map((line) => line.replace(/^(column: \S+) (?:\d+ |(\{)"cid":\d+,)/, '$1 $2'))
    .toSorted()
