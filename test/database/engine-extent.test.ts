// An update that goes only so far, bound to what was approved; one that tests its rollback; what drop-all is bound to; and a change
// set that fails and is recorded as run, so that a rollback takes back what it left. On every database.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dropAll, planDropAll } from '#engine/drop-all'
import { planUpdate } from '#engine/plan-update'
import { reconcile } from '#engine/reconcile'
import { rollback } from '#engine/rollback'
import { update } from '#engine/update'
import { updateTestingRollback } from '#engine/update-testing-rollback'
import { changeSet, sql, table, yaml } from './changelog.ts'
import { engineOn, faultOf, historyRows, listen, openSuite, type Suite, valuesOf } from './engine.ts'
import { isMysql, sayWhatIsMissing, type TargetName, targetNames } from './target.ts'

sayWhatIsMissing('how far an update goes')
const parts = [
  changeSet('1', table('a')),
  changeSet('2', table('b')),
  changeSet('3', '\n        - tagDatabase: { tag: middle }'),
  changeSet('4', table('c')),
]
const files = yaml(...parts)

/** Change sets that fail by what another session or an administrator does, or has not done yet, as the server tells it. */
function passing(kind: TargetName): readonly (readonly [string, string])[] {
  if (kind === 'sqlite') return []
  const raised = (code: string): string =>
    isMysql(kind)
      ? sql(`signal sqlstate 'HY000' set mysql_errno = ${code}, message_text = 'busy'`)
      : `\n        - sql: { splitStatements: false, sql: "do $$ begin raise exception 'busy' using errcode = '${code}'; end $$" }`
  const codes = isMysql(kind) ? ['1205', '1213', '1317', '1142'] : ['55P03', '40P01', '40001', '57014', '42501']
  return codes.map((code) => [code, raised(code)])
}

describe.each(targetNames)('on %s', (kind) => {
  let suite: Suite
  beforeAll(async () => {
    suite = await openSuite(kind)
  })
  afterAll(async () => await suite.close())

  test('whoever approved the whole update approved how it begins, and nothing else', async () => {
    const database = await suite.fresh()
    const context = await engineOn(database, { files })
    const whole = await planUpdate(context)
    const first = await planUpdate(context, { count: 1 })
    const run = (options: Parameters<typeof update>[1]) => update(context, options, listen())
    await faultOf(run({ approvedDigest: first.digest }), 'plan-changed')
    await faultOf(run({ approvedDigest: first.digest, count: 2 }), 'plan-changed')
    const other = await engineOn(database, { files: yaml(...parts, changeSet('5', table('d'))) })
    await faultOf(update(other, { approvedDigest: whole.digest, count: 1 }, listen()), 'plan-changed')
    expect((await run({ approvedDigest: first.digest, count: 1 })).ran).toBe(1)
    const left = await planUpdate(context)
    expect((await run({ approvedDigest: left.digest, toTag: 'middle', preStartTag: 'before' })).ran).toBe(2)
    expect((await historyRows(database)).map((row) => `${String(row['id'])} ${String(row['tag'])}`)).toEqual([
      '1 before',
      '2 null',
      '3 middle',
    ])
  })

  test('an update that tests its rollback has an anchor, and leaves what an update leaves', async () => {
    const database = await suite.fresh()
    const context = await engineOn(database, { files })
    const { digest } = await planUpdate(context)
    const heard = listen()
    const told: string[] = []
    const options = { toTag: 'middle', approvedDigest: digest, preStartTag: 'before', tag: 'after' }
    const onAnchor = (tag: string): void => void told.push(`${tag} ${heard.events.length}`)
    const tested = await updateTestingRollback(context, { ...options, onAnchor }, heard)
    expect([tested.preStartTag, tested.rolledBack, ...told]).toEqual(['before', 3, 'before 0'])
    expect(heard.events.filter((event) => event.startsWith('done'))).toHaveLength(9)
    expect((await historyRows(database)).at(-1)).toMatchObject({ id: '3', tag: 'after' })
  })

  test('drop-all drops the plan that was shown, and refuses another', async () => {
    const database = await suite.fresh()
    const context = await engineOn(database, { files })
    await update(context, { count: 1 }, listen())
    const shown = await planDropAll(context, undefined)
    expect(shown.drops.map(({ title }) => title.toLowerCase())).toEqual(['table a'])
    await update(context, {}, listen())
    await faultOf(dropAll(context, undefined, shown.digest), 'plan-changed')
    const now = await planDropAll(context, undefined)
    expect((await dropAll(context, undefined, now.digest)).objects).toHaveLength(3)
    expect((await planDropAll(context, undefined)).drops).toEqual([])
  })

  test('a change set that failed is recorded as run when asked for, and a rollback takes back what it left', async () => {
    const database = await suite.fresh()
    // What was made before the failing statement stays where DDL commits by itself.
    const back = 'rollback: [{ sql: { sql: drop table if exists left_over } }]'
    const half = `${table('left_over')}${sql('insert into nowhere values (1)')}`
    const broken = yaml(changeSet('1', table('a')), changeSet('2', half, back), changeSet('3', table('c')))
    const context = await engineOn(database, { files: broken })
    const heard = listen()
    const fails = update(context, { preStartTag: 'before', recordFailed: true }, heard)
    await faultOf(fails, 'change-set-failed')
    expect(heard.events).toEqual(['started 1', 'done 1', 'started 2', 'failed 2'])
    expect(heard.lines.join('\n')).toContain('It is recorded as run, as the step asks for')
    const rows = (await historyRows(database)).map((row) => `${String(row['id'])} ${String(row['exectype'])}`)
    expect(rows.slice(-2)).toEqual(['1 EXECUTED', '2 MARK_RAN'])
    const isLeft = async (): Promise<boolean> => database.hasTable(database.defaultSchemaName, 'left_over')
    expect(await isLeft()).toBe(isMysql(kind))
    // Nothing in the journal keeps the next update or the rollback from running.
    const undone = listen()
    await rollback(context, { tag: 'before' }, {}, undone)
    expect(undone.events).toEqual(['started 2', 'done 2', 'started 1', 'done 1'])
    expect(await isLeft()).toBe(false)
    // Without it nothing is recorded.
    await faultOf(update(context, {}, listen()), 'change-set-failed')
    expect(await valuesOf(database, "select count(*) from DATABASECHANGELOG where ID = '2'")).toEqual(['0'])
  })

  test('a run that changes nothing leaves tags alone; asked to, it adds a name that a rollback takes away again', async () => {
    const database = await suite.fresh()
    const context = await engineOn(database, { files })
    const tags = async () => (await historyRows(database)).map((row) => row['tag'])
    await update(context, { count: 2, tag: 'v1' }, listen())
    const anchor = (await update(context, { count: 1, preStartTag: 'before', tag: 'v2' }, listen())).preStartTag
    expect([anchor, await tags()]).toEqual(['v1', [null, 'v1', 'v2']])
    const done = await engineOn(database, { files: yaml(...parts.slice(0, 3)) })
    await update(done, { preStartTag: 'before', tag: 'v3' }, listen())
    expect(await tags()).toEqual([null, 'v1', 'v2'])
    for (const tag of ['v2', 'v/3', 'v/3'])
      await update(done, { preStartTag: 'before', tag, tagAlways: true }, listen())
    expect((await historyRows(database)).map(({ id, tag }) => [id, tag])).toEqual([
      ['1', null],
      ['2', 'v1'],
      ['3', 'v2'],
      ['sluice_v_3', 'v/3'],
    ])
    const lines: string[] = []
    const back = await engineOn(database, { files, lines })
    await rollback(back, { tag: 'v/3' }, {}, listen())
    expect(await tags()).toHaveLength(4)
    await rollback(back, { tag: 'v1' }, {}, listen())
    expect(await tags()).toEqual([null, 'v1'])
    expect(lines).toContain('Rolling Back Changeset: sluice_v_3')
  })

  test('an attempt that goes on after all change sets ran still sets the tag', async () => {
    const database = await suite.fresh()
    const context = await engineOn(database, { files })
    await update(context, { preStartTag: 'before' }, listen())
    await update(context, { preStartTag: 'before', tag: 'v1' }, listen())
    expect((await historyRows(database)).at(-1)).toMatchObject({ id: '4', tag: 'v1' })
  })

  test.each(passing(kind))('what may pass is not recorded as run (%s)', async (_, statement) => {
    const database = await suite.fresh()
    const context = await engineOn(database, { files: yaml(changeSet('1', table('a')), changeSet('2', statement)) })
    const heard = listen()
    await faultOf(update(context, { recordFailed: true }, heard), 'change-set-failed')
    expect(heard.lines.join('\n')).toContain('It is not recorded as run')
    expect(await valuesOf(database, "select count(*) from DATABASECHANGELOG where ID = '2'")).toEqual(['0'])
  })

  test('what a lost update with a number did is not guessed; one up to a tag is found out', async () => {
    const database = await suite.fresh()
    const context = await engineOn(database, { files })
    await update(context, { count: 2 }, listen())
    const verdict = async (more: object) => (await reconcile(context, { type: 'update', ...more })).verdict
    expect(await verdict({ count: 2 })).toBe('unclear')
    expect(await verdict({ testRollback: true })).toBe('unclear')
    expect(await verdict({ toTag: 'middle' })).toBe('resumable')
    await update(context, { toTag: 'middle' }, listen())
    expect(await verdict({ toTag: 'middle' })).toBe('complete')
    expect(await verdict({})).toBe('resumable')
  })
})
