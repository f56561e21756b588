// What generate-changelog writes makes the same database again: snapshot, drop-all, update, snapshot.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '#database/port'
import { readSnapshot } from '#database/snapshot/read'
import type { Snapshot } from '#database/snapshot/model'
import { dropAll } from '#engine/drop-all'
import type { ChangelogFormat } from '#engine/generate/format'
import { generateChangelog, type Generated } from '#engine/generate/generate'
import { targetOf } from '#engine/open'
import { comparable } from '#engine/snapshot/compare'
import { withoutHistory } from '#engine/snapshot/history-table'
import { update } from '#engine/update'
import { engineOn, listen, openSuite, type Suite } from './engine.ts'
import { makeSchema } from './schema.ts'
import { sayWhatIsMissing, targetNames } from './target.ts'

sayWhatIsMissing('generated changelogs')

const plain = {
  author: 'amy',
  clock: () => 1_700_000_000_000,
  runOnChangeTypes: [],
  includeSchema: false,
  includeCatalog: false,
  includeTablespace: false,
  replaceViews: false,
  skipSorting: false,
}

const target = (database: Database) =>
  targetOf({
    database,
    host: 'test',
    run: 'test',
    clock: Date.now,
    log: () => {},
    lockWait: { patience: 0, interval: 5 },
  })

const look = async (database: Database): Promise<Snapshot> =>
  withoutHistory(await readSnapshot(database, undefined), target(database).names)

const generate = async (snapshot: Snapshot, format: ChangelogFormat): Promise<Generated> =>
  await generateChangelog(snapshot, { ...plain, format })

describe.each(targetNames)('on %s', (name) => {
  let suite: Suite
  beforeAll(async () => {
    suite = await openSuite(name)
  })
  afterAll(async () => await suite.close())

  test.each(['xml', 'yaml', 'json', 'sql'] as const)(
    'a changelog in %s gives the same database back',
    async (format) => {
      const database = await suite.fresh()
      await makeSchema(database)
      const before = await look(database)
      const fingerprint = await database.inspect.fingerprint(undefined)
      const { text } = await generate(before, format)

      const { objects } = await dropAll(target(database), undefined)
      expect(objects).toContain('table customer')
      const empty = await look(database)
      for (const schema of empty.schemas) {
        const { tables, views, sequences, routines, types } = schema
        expect([tables, views, sequences, routines, types]).toEqual([[], [], [], [], []])
      }
      expect(await database.hasTable(undefined, 'DATABASECHANGELOG')).toBe(false)
      expect(await database.hasTable(undefined, 'DATABASECHANGELOGLOCK')).toBe(false)

      const context = await engineOn(database, { files: { [`c.${format}`]: text } })
      expect(context.warnings.filter(({ code }) => code !== 'change/left-out')).toEqual([])
      await update(context, {}, listen())
      expect(comparable(await look(database))).toEqual(comparable(before))
      // SQLite keeps the letter case of its key words.
      const after = await database.inspect.fingerprint(undefined)
      expect(name === 'sqlite' ? after.toLowerCase() : after).toBe(
        name === 'sqlite' ? fingerprint.toLowerCase() : fingerprint,
      )
    },
  )
})
