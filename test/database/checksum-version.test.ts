// Rows with checksums of version 8, as the original wrote them before 4.22: verified in that version, then brought to the present
// one, each when the walk over the changelog comes to it. Recorded from Liquibase 4.28.0, which can still compute them.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { folderSource } from '#changelog/folder'
import type { Database } from '#database/port'
import type { EngineContext } from '#engine/context'
import { contextOf } from '#engine/open'
import { update } from '#engine/update'
import { updateSql } from '#engine/sql'
import { validate } from '#engine/validate'
import { faultOf, historyRows, listen, openSuite, type Suite } from './engine.ts'
import { sayWhatIsMissing, targetNames } from './target.ts'

sayWhatIsMissing('checksums of version 8')

/** By FILENAME::ID. Two kinds of databases have other filters in one change set. */
const recorded = (name: string): Readonly<Record<string, string>> => ({
  'db/changes/001.yaml::1': '8:4d641adc4fc88eedfce3efd69f02bea1',
  'db/changes/001.yaml::2': '8:dd456311a55b9fe8ee620a30429be140',
  'db/changes/001.yaml::3': '8:66b36565238a5af72e5603468437de78',
  'db/changes/002.sql::audit': '8:fe3567e9eeca3ebf2afab27d6fb62555',
  'db/changes/002.sql::pre': '8:04bc9626eb536f0f396d33b4b98363b2',
  'db/changes/more/010.json::10': '8:3155ae8c6923f7bc8c39581748116285',
  'eleven::11': ['postgresql', 'pglite'].includes(name)
    ? '8:32dcdf2d09532fd22537fb0077bd3d21'
    : '8:114bee19038208b29a1d81482cb3b746',
  'db/changelog.xml::view': '8:2b8a2e436cbdaeebdc601e7473389839',
  'db/changelog.xml::last': '8:7600a0903a367496f23734b623e6978c',
})
/** Runs always, in the middle of the others. */
const always = 'db/changes/002.sql::each'

describe.each(targetNames)('a history of older checksums on %s', (name) => {
  let suite: Suite
  let database: Database
  let folder: string
  beforeAll(async () => {
    suite = await openSuite(name)
  })
  afterAll(async () => await suite.close())
  beforeEach(async () => {
    database = await suite.fresh()
    folder = mkdtempSync(join(tmpdir(), 'sluice-older-'))
    cpSync('test/database/takeover/db', join(folder, 'db'), { recursive: true })
    await update(await engine(), {}, listen())
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const engine = async (lines: string[] = []): Promise<EngineContext> =>
    await contextOf(
      {
        database,
        host: 'test (127.0.0.1)',
        run: 'older',
        clock: Date.now,
        log: (line) => void lines.push(line),
        lockWait: { patience: 0, interval: 5 },
      },
      { files: folderSource([folder]), changelogFile: 'db/changelog.xml', contexts: 'prod' },
    )
  const key = (row: Record<string, unknown>): string => `${String(row['filename'])}::${String(row['id'])}`
  const sums = async (): Promise<Readonly<Record<string, unknown>>> =>
    Object.fromEntries((await historyRows(database)).map((row) => [key(row), row['md5sum']]))

  async function age(more: Readonly<Record<string, string>> = {}): Promise<void> {
    for (const [identity, sum] of Object.entries({ ...recorded(name), ...more })) {
      const [file, id] = identity.split('::')
      const where = `where FILENAME = '${file}' and ID = '${id}'`
      await database.session.execute(`update DATABASECHANGELOG set MD5SUM = '${sum}' ${where}`)
    }
  }

  test('is valid, and comes to the present version with nothing else touched', async () => {
    const before = await historyRows(database)
    expect(before.map(key).toSorted()).toEqual([...Object.keys(recorded(name)), always].toSorted())
    await age()
    await validate(await engine())
    const lines: string[] = []
    const told = listen()
    await update(await engine(lines), {}, told)
    expect(told.events.filter((event) => event.startsWith('done'))).toEqual(['done each'])
    const untouched = (rows: readonly Record<string, unknown>[]) => rows.filter((row) => key(row) !== always)
    expect(untouched(await historyRows(database))).toEqual(untouched(before))
    const said = lines.filter((line) => line.startsWith('Upgrading checksum'))
    expect(said).toHaveLength(Object.keys(recorded(name)).length)
    expect(said[0]).toMatch(
      /^Upgrading checksum for Changeset db\/changes\/001\.yaml::1::bob from 8:4d641adc\w+ to 9:\w{32}\.$/,
    )
  })

  test('is printed in the order of the changelog', async () => {
    await age()
    const { sql } = await updateSql(await engine(), {})
    const order = [...sql.matchAll(/^(?:UPDATE .* SET MD5SUM = .* WHERE ID = '(\w+)'|-- +Changeset \S+?::(\w+)::)/gm)]
    expect(order.map(([, upgraded, run]) => upgraded ?? `run ${run}`)).toEqual([
      '1',
      '2',
      '3',
      'audit',
      'pre',
      'run each',
      '10',
      '11',
      'view',
      'last',
    ])
  })

  test('stays as it is behind a change set that fails', async () => {
    await age()
    const path = join(folder, 'db/changes/002.sql')
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.replace(/(--changeset carol:each[^\n]*\n)/, '$1select * from not_there;\n'))
    await expect(update(await engine(), {}, listen())).rejects.toThrow()
    const after = await sums()
    expect(after['db/changes/002.sql::audit']).toMatch(/^9:/)
    expect(after['db/changelog.xml::last']).toBe(recorded(name)['db/changelog.xml::last'])
  })

  test('is refused where it does not fit, in the version that it has', async () => {
    await age({ 'db/changes/001.yaml::2': `8:${'0'.repeat(32)}` })
    const before = await sums()
    const fault = await faultOf(update(await engine(), {}, listen()), 'checksum-changed')
    expect(fault.diagnostics[0]?.message).toContain('is now: 8:dd456311a55b9fe8ee620a30429be140')
    expect(await sums()).toEqual(before)
  })
})
