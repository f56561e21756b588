// What the manager is told of an instance: the whole changelog with its state, and the verdict on a lost attempt.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '#database/port'
import { calculateChecksum } from '#engine/calculate-checksum'
import { changelogSync } from '#engine/changelog-sync'
import { reconcile } from '#engine/reconcile'
import { rollback } from '#engine/rollback'
import { changeSetsOnInstance } from '#engine/state'
import { tag } from '#engine/tag'
import { update } from '#engine/update'
import { changeSet, sql, table, yaml } from './changelog.ts'
import { engineOn, faultOf, historyRows, listen, openSuite, type Suite } from './engine.ts'
import { sayWhatIsMissing, targetNames } from './target.ts'

sayWhatIsMissing('state and reconcile')

describe.each(targetNames)('state on %s', (kind) => {
  let suite: Suite
  let database: Database
  beforeAll(async () => {
    suite = await openSuite(kind)
  })
  afterAll(async () => await suite.close())

  test('is the whole changelog in order, with what a filter keeps away', async () => {
    database = await suite.fresh()
    const files = yaml(
      changeSet('1', table('a'), 'labels: L'),
      changeSet('ora', table('o'), 'dbms: oracle'),
      changeSet('2', table('b'), 'context: prod'),
      changeSet('3', '\n        - tagDatabase: { tag: v1 }'),
      changeSet('4', table('d'), 'comment: later'),
    )
    await update(await engineOn(database, { files, contexts: 'dev' }), { toTag: 'v1' }, listen(), undefined)
    const { changeSets, lastTag } = await changeSetsOnInstance(await engineOn(database, { files, contexts: 'dev' }))
    expect(lastTag).toBe('v1')
    expect(changeSets.map(({ id, status, filteredBy }) => [id, status, filteredBy])).toEqual([
      ['1', 'Successfully_Deployed', undefined],
      ['ora', 'Not_Deployed', 'DBMS mismatch'],
      ['2', 'Not_Deployed', 'Context mismatch'],
      ['3', 'Successfully_Deployed', undefined],
      ['4', 'Not_Deployed', undefined],
    ])
    expect(changeSets[0]).toMatchObject({ fileName: 'root.yaml', author: 'amy', labels: 'l' })
    expect(Math.abs((changeSets[0]?.executedAt ?? 0) - Date.now())).toBeLessThan(60_000)
    expect(changeSets[3]?.tag).toBe('v1')
    expect(changeSets[4]?.comment).toBe('later')
  })

  test('after a lost update is complete, or resumable with what is missing', async () => {
    database = await suite.fresh()
    const one = yaml(changeSet('1', table('a')))
    const two = yaml(
      changeSet('1', table('a')),
      changeSet('2', table('b')),
      changeSet('3', sql('select 1'), 'runAlways: true'),
    )
    await update(await engineOn(database, { files: one }), {}, listen(), undefined)
    expect(await reconcile(await engineOn(database, { files: one }), { type: 'update' })).toMatchObject({
      verdict: 'complete',
    })
    const missing = await reconcile(await engineOn(database, { files: two }), { type: 'update' })
    expect(missing.verdict).toBe('resumable')
    expect(missing.explanation).toContain('2 change sets are left to apply, the first is root.yaml::2::amy')
    await update(await engineOn(database, { files: two }), {}, listen(), undefined)
    const context = await engineOn(database, { files: two })
    expect((await reconcile(context, { type: 'update' })).verdict).toBe('complete')
    expect((await reconcile(context, { type: 'update', tag: 'v9' })).verdict).toBe('resumable')
    await tag(context, 'v9')
    expect((await reconcile(context, { type: 'update', tag: 'v9' })).verdict).toBe('complete')
  })

  test('after a lost rollback follows the tag, and is unclear for a number', async () => {
    database = await suite.fresh()
    const files = yaml(changeSet('1', table('a')), changeSet('2', table('b')))
    await update(await engineOn(database, { files }), { count: 1, tag: 'v1' }, listen(), undefined)
    await update(await engineOn(database, { files }), {}, listen(), undefined)
    const lost = { type: 'rollback', target: { tag: 'v1' } } as const
    const context = await engineOn(database, { files })
    expect((await reconcile(context, lost)).verdict).toBe('resumable')
    await rollback(context, { tag: 'v1' }, {}, listen(), undefined)
    expect((await reconcile(context, lost)).verdict).toBe('complete')
    expect((await reconcile(context, { type: 'rollback', target: { count: 1 } })).verdict).toBe('unclear')
    expect((await reconcile(context, { type: 'rollback', target: { tag: 'nope' } })).verdict).toBe('unclear')
  })

  test('is unclear while somebody else holds the lock', async () => {
    database = await suite.fresh()
    const files = yaml(changeSet('1', table('a')))
    await update(await engineOn(database, { files }), {}, listen(), undefined)
    await database.session.execute(
      `update DATABASECHANGELOGLOCK set LOCKED = ${database.dialect.literal(true)}, LOCKEDBY = 'other (10.0.0.9)'`,
    )
    const verdict = await reconcile(await engineOn(database, { files }), { type: 'update' })
    expect(verdict.verdict).toBe('unclear')
    expect(verdict.explanation).toContain('other (10.0.0.9)')
  })

  test('can be taken over without running anything', async () => {
    database = await suite.fresh()
    const files = yaml(changeSet('1', table('a')), changeSet('2', table('b')))
    await changelogSync(await engineOn(database, { files }))
    expect((await historyRows(database)).map((row) => [row['id'], row['exectype'], row['orderexecuted']])).toEqual([
      ['1', 'EXECUTED', 1],
      ['2', 'EXECUTED', 2],
    ])
    expect(await database.inspect.table(database.defaultSchemaName, 'a')).toBe(false)
    expect((await update(await engineOn(database, { files }), {}, listen(), undefined)).ran).toBe(0)
  })

  test('can be taken over with a change that would never run here', async () => {
    const database = await suite.fresh()
    const files = yaml(changeSet('1', '\n        - executeCommand: { executable: make-coffee }'))
    await faultOf(update(await engineOn(database, { files }), {}, listen()), 'changelog-invalid')
    await changelogSync(await engineOn(database, { files }))
    expect(await historyRows(database)).toMatchObject([
      { id: '1', exectype: 'EXECUTED', description: 'executeCommand' },
    ])
    expect((await update(await engineOn(database, { files }), {}, listen())).ran).toBe(0)
  })

  test('has checksums that can be asked for one by one', async () => {
    database = await suite.fresh()
    const context = await engineOn(database, { files: yaml(changeSet('1', sql('select 1'))) })
    expect(await calculateChecksum(context, { fileName: './root.yaml', id: '1', author: 'amy' })).toBe(
      '9:3b78b9910981c62ca27148640fad7bc2',
    )
    await faultOf(calculateChecksum(context, { fileName: 'root.yaml', id: '2', author: 'amy' }), 'not-found')
  })
})
