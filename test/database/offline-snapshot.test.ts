// An offline URL with a snapshot stands for the database that it was taken of: it gives the same answers.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDatabase } from '#database/open'
import type { Database } from '#database/port'
import { readSnapshot } from '#database/snapshot/read'
import { selectionOf } from '#engine/snapshot/select'
import { formatSnapshot } from '#engine/snapshot/snapshot'
import { openSuite, type Suite } from './engine.ts'
import { place, removePlaces } from './place.ts'
import { answersOf } from './question.ts'
import { makeSchema } from './schema.ts'
import { sayWhatIsMissing, targetNames } from './target.ts'

sayWhatIsMissing('offline snapshots')
afterAll(removePlaces)

describe.each(targetNames)('on %s', (name) => {
  let suite: Suite
  beforeAll(async () => {
    suite = await openSuite(name)
  })
  afterAll(async () => await suite.close())

  test('what preconditions ask is answered as by the database, also by a file of Liquibase', async () => {
    const database = await suite.fresh()
    await makeSchema(database)
    const live = await answersOf(database)
    const { shortName } = database.dialect
    const here = place()
    const selection = selectionOf({})
    const taken = await readSnapshot(database, undefined)
    const text = formatSnapshot(taken, selection, 'json', 0)
    const { sluice: _, ...theirs } = JSON.parse(text) as Readonly<Record<string, unknown>>
    here.write('ours.json', text)
    here.write('ours.yaml', formatSnapshot(taken, selection, 'yaml', 0))
    here.write('theirs.json', JSON.stringify(theirs))
    const connect = async (file: string): Promise<Database> =>
      await openDatabase({
        url: `offline:${shortName}?snapshot=${file}`,
        username: undefined,
        password: undefined,
        folder: here.path,
      })
    for (const file of ['ours.json', 'ours.yaml', 'theirs.json']) {
      const offline = await connect(file)
      expect(offline.productVersion).toBe(database.productVersion)
      // Liquibase leaves the sequences of serial columns out, and SQLite has none at all.
      expect({ file, ...(await answersOf(offline)) }).toEqual({ file, ...live })
      const types = await offline.inspect.columnTypes?.(undefined, 'CUSTOMER')
      if (database.inspect.columnTypes && file !== 'theirs.json') {
        expect(types).toEqual(await database.inspect.columnTypes(undefined, 'customer'))
      } else expect(types?.has('email')).toBe(true)
    }
    // What is undefined is no part of a file.
    expect(await readSnapshot(await connect('ours.json'), undefined)).toEqual(JSON.parse(JSON.stringify(taken)))
    await expect(readSnapshot(await connect('ours.json'), ['nope'])).rejects.toMatchObject({
      code: 'database-not-found',
    })
  })
})

describe('on the command line', () => {
  const condition = (id: string, name: string, onFail: string): string =>
    `  - changeSet: { id: ${id}, author: amy, preConditions: [ { onFail: ${onFail} }, { onSqlOutput: TEST }, { tableExists: { tableName: ${name} } } ], changes: [ { dropTable: { tableName: ${name} } } ] }\n`

  test('a script tests preconditions, and every look at the schema works without the database', async () => {
    const here = place()
    here.write('make.sql', 'create table shop (id integer primary key, name text); create index ix on shop (name);')
    await here.sluice('execute-sql', `--url=${here.url}`, '--sql-file=make.sql')
    await here.sluice('snapshot', `--url=${here.url}`, '--snapshot-format=json', '--output-file=shop.json')
    const offline = '--url=offline:sqlite?snapshot=shop.json&changeLogFile=h.csv'

    here.write('c.yaml', `databaseChangeLog:\n${condition('1', 'shop', 'HALT')}${condition('2', 'nope', 'MARK_RAN')}`)
    const script = await here.sluice('update-sql', offline, '--changelog-file=c.yaml')
    expect(script).toMatchObject({ code: 0 })
    expect(script.out).toContain('DROP TABLE shop')
    expect(script.out).not.toContain('DROP TABLE nope')
    expect(here.read('h.csv')).toMatch(/"2","amy".*"MARK_RAN"/)

    const live = await here.sluice('generate-changelog', `--url=${here.url}`, '--changelog-file=live.yaml')
    const recorded = await here.sluice('generate-changelog', offline, '--changelog-file=recorded.yaml')
    expect([live.code, recorded.code]).toEqual([0, 0])
    const withoutIds = (text: string): string => text.replaceAll(/\d{13}-/g, '')
    expect(withoutIds(here.read('recorded.yaml'))).toBe(withoutIds(here.read('live.yaml')))

    await here.sluice('execute-sql', `--url=${here.url}`, '--sql=drop index ix')
    const diff = await here.sluice('diff', offline, `--reference-url=${here.url}`, '--format=json')
    expect(JSON.parse(diff.out)).toMatchObject({ differences: [{ type: 'index', state: 'unexpected', name: 'ix' }] })
    const again = await here.sluice('snapshot', offline, '--snapshot-format=json')
    expect((JSON.parse(again.out) as { sluice: { schemas: unknown } }).sluice.schemas).toEqual(
      (JSON.parse(here.read('shop.json')) as { sluice: { schemas: unknown } }).sluice.schemas,
    )
  })

  test('what does not fit is said', async () => {
    const here = place()
    await here.sluice('execute-sql', `--url=${here.url}`, '--sql=create table shop (id integer)')
    await here.sluice('snapshot', `--url=${here.url}`, '--snapshot-format=json', '--output-file=shop.json')
    writeFileSync(join(here.path, 'bad.json'), '{"a": 1}')
    const ask = async (url: string) => await here.sluice('snapshot', `--url=${url}`)
    expect((await ask('offline:postgresql?snapshot=shop.json')).err).toContain('for sqlite')
    expect((await ask('offline:sqlite?snapshot=nope.json')).err).toContain('cannot be read')
    expect((await ask('offline:sqlite?snapshot=bad.json')).err).toContain('is not a snapshot')
    expect((await ask('offline:sqlite')).err).toContain('snapshot=FILE')
  })
})
