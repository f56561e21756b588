// A repository and a database that Liquibase deployed, taken over: nothing runs again, the history goes on, the way back works.
// The databases were made by Liquibase 4.28.0 from the changelogs beside them, in four formats; the files hold what it left.
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { folderSource } from '#changelog/folder'
import type { Database } from '#database/port'
import type { EngineContext } from '#engine/context'
import { contextOf } from '#engine/open'
import { rollback } from '#engine/rollback'
import { status } from '#engine/status'
import { unexpectedChangeSets } from '#engine/unexpected-changesets'
import { update } from '#engine/update'
import { validate } from '#engine/validate'
import { historyRows, listen, openSuite, type Suite, valuesOf } from './engine.ts'
import { sayWhatIsMissing } from './target.ts'

sayWhatIsMissing('taking over from Liquibase')

const fixture = 'test/database/takeover'
const targets = [
  'sqlite',
  'pglite',
  ...(process.env['SLUICE_TEST_POSTGRES_URL'] ? (['postgresql'] as const) : []),
] as const

describe.each(targets)('a database of Liquibase on %s', (name) => {
  let suite: Suite
  let database: Database
  let folder: string
  beforeAll(async () => {
    suite = await openSuite(name)
  })
  afterAll(async () => await suite.close())
  beforeEach(async () => {
    database = await suite.fresh()
    const dump = readFileSync(join(fixture, name === 'sqlite' ? 'sqlite.sql' : 'postgresql.sql'), 'utf8')
    for (const text of dump.split(/;\n/)) if (text.trim() !== '') await database.session.execute(text)
    folder = mkdtempSync(join(tmpdir(), 'sluice-takeover-'))
    cpSync(join(fixture, 'db'), join(folder, 'db'), { recursive: true })
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const engine = async (): Promise<EngineContext> =>
    await contextOf(
      {
        database,
        host: 'test (127.0.0.1)',
        run: 'takeover',
        clock: Date.now,
        log: () => {},
        lockWait: { patience: 0, interval: 5 },
      },
      { files: folderSource([folder]), changelogFile: 'db/changelog.xml', contexts: 'prod' },
    )
  const key = (row: Record<string, unknown>): string => `${String(row['filename'])}::${String(row['id'])}`

  test('is up to date but for what runs always, and nothing about it is unexpected', async () => {
    const context = await engine()
    await validate(context)
    const found = await status(context)
    expect(found.pending.map(({ path, id }) => `${path}::${id}`)).toEqual(['db/changes/002.sql::each'])
    expect(found.alreadyRan).toBe(9)
    expect(await unexpectedChangeSets(context)).toEqual([])
  })

  test('goes on: new change sets run, the rows of the others stay as they are to the letter', async () => {
    const before = await historyRows(database)
    cpSync(join(fixture, 'later.yaml'), join(folder, 'db/changes/more/012.yaml'))
    const told = listen()
    await update(await engine(), {}, told)
    expect(told.events.filter((event) => event.startsWith('done'))).toEqual(['done each', 'done 12', 'done 13'])
    const after = await historyRows(database)
    const untouched = (rows: readonly Record<string, unknown>[]) => rows.filter((row) => row['id'] !== 'each')
    expect(untouched(after).slice(0, 9)).toEqual(untouched(before))
    expect(after.slice(9).map((row) => [key(row), row['orderexecuted'], row['exectype']])).toEqual([
      ['db/changes/002.sql::each', 11, 'RERAN'],
      ['db/changes/more/012.yaml::12', 12, 'EXECUTED'],
      ['db/changes/more/012.yaml::13', 13, 'EXECUTED'],
    ])
    // What Liquibase reads again: a checksum of version 9 and a name of at most 20 characters.
    for (const row of after.slice(9)) {
      expect(row['md5sum']).toMatch(/^9:[0-9a-f]{32}$/)
      expect(String(row['liquibase']).length).toBeLessThanOrEqual(20)
    }
    expect(await valuesOf(database, 'select LOCKED from DATABASECHANGELOGLOCK')).toEqual([
      name === 'sqlite' ? '0' : 'false',
    ])
  })

  test('goes back to its tag, and to nothing, by the rollbacks of the changelog', async () => {
    const told = listen()
    await rollback(await engine(), { tag: 'v1' }, {}, told)
    expect((await historyRows(database)).map(key)).toEqual(['db/changes/001.yaml::1', 'db/changes/001.yaml::2'])
    expect(await valuesOf(database, 'select name from person order by id')).toEqual(['Ann', 'ONeill, Bob'])
    await rollback(await engine(), { count: 2 }, {}, told)
    expect(await historyRows(database)).toEqual([])
    expect(await database.hasTable(undefined, 'person')).toBe(false)
    // And all of it again, now by Sluice alone: the checksums are those that Liquibase wrote.
    await update(await engine(), {}, told)
    const again = (await historyRows(database)).map((row) => [key(row), row['md5sum'], row['description']])
    const dump = readFileSync(join(fixture, name === 'sqlite' ? 'sqlite.sql' : 'postgresql.sql'), 'utf8')
    for (const [, checksum] of again) expect(dump).toContain(String(checksum))
    expect(again).toHaveLength(10)
  })

  test('an edited change set of Liquibase is noticed with its place', async () => {
    const file = join(folder, 'db/changes/002.sql')
    const { writeFileSync } = await import('node:fs')
    writeFileSync(file, readFileSync(file, 'utf8').replace('varchar(200)', 'varchar(300)'))
    await expect(status(await engine())).rejects.toMatchObject({
      code: 'checksum-changed',
      diagnostics: [{ span: { file: 'db/changes/002.sql', line: 3 } }],
    })
  })
})
