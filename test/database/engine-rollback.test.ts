// `rollback` on every database: to a tag, by a number, by a date; explicit and automatic; and what refuses to be undone.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '#database/port'
import { planRollback } from '#engine/plan-rollback'
import { rollback } from '#engine/rollback'
import { tag, tagExists } from '#engine/tag'
import { update } from '#engine/update'
import { changeSet, sql, table, yaml } from './changelog.ts'
import { engineOn, faultOf, historyRows, listen, openSuite, type Suite } from './engine.ts'
import { sayWhatIsMissing, targetNames } from './target.ts'

sayWhatIsMissing('rollback')

describe.each(targetNames)('rollback on %s', (kind) => {
  let suite: Suite
  let database: Database
  beforeAll(async () => {
    suite = await openSuite(kind)
  })
  afterAll(async () => await suite.close())

  /** A fresh database with the changelog applied. */
  async function applied(files: Record<string, string>): Promise<Record<string, string>> {
    database = await suite.fresh()
    await update(await engineOn(database, { files }), {}, listen(), undefined)
    return files
  }
  const ids = async (): Promise<unknown[]> => (await historyRows(database)).map((row) => row['id'])
  const exists = async (name: string): Promise<boolean> =>
    await database.inspect.table(database.defaultSchemaName, name)

  test('by a number undoes the newest first', async () => {
    const files = await applied(
      yaml(changeSet('1', table('a')), changeSet('2', table('b')), changeSet('3', table('c'))),
    )
    const heard = listen()
    const result = await rollback(await engineOn(database, { files }), { count: 2 }, {}, heard, undefined)
    expect(result.rolledBack).toBe(2)
    expect(heard.events).toEqual(['started 3', 'done 3', 'started 2', 'done 2'])
    expect([await ids(), await exists('a'), await exists('b')]).toEqual([['1'], true, false])
  })

  test('stops at what cannot be undone, also where a failure of the change set itself does not count', async () => {
    const undo = '\n        - sql: { sql: "select 1" }\n      rollback: "drop table not_there"'
    const files = await applied(yaml(changeSet('1', table('a')), changeSet('2', undo, 'failOnError: false')))
    const engine = await engineOn(database, { files })
    await faultOf(rollback(engine, { count: 2 }, {}, listen(), undefined), 'change-set-failed')
    expect([await ids(), await exists('a')]).toEqual([['1', '2'], true])
  })

  test('to a tag keeps the row that was tagged by hand', async () => {
    const files = await applied(yaml(changeSet('1', table('a'))))
    await tag(await engineOn(database, { files }), 'V1')
    expect(await tagExists(await engineOn(database, { files }), 'V1')).toBe(true)
    const more = yaml(changeSet('1', table('a')), changeSet('2', table('b')))
    await update(await engineOn(database, { files: more }), {}, listen(), undefined)
    // Letter case of tags does not matter.
    await rollback(await engineOn(database, { files: more }), { tag: 'v1' }, {}, listen(), undefined)
    expect([await ids(), await exists('b')]).toEqual([['1'], false])
  })

  test('to a tag of tagDatabase takes its row too, unless it says otherwise', async () => {
    const tagged = (keep: string): Record<string, string> =>
      yaml(
        changeSet('1', table('a')),
        changeSet('t', `\n        - tagDatabase: { tag: t${keep} }`),
        changeSet('2', table('b')),
      )
    const files = await applied(tagged(''))
    await rollback(await engineOn(database, { files }), { tag: 't' }, {}, listen(), undefined)
    expect(await ids()).toEqual(['1'])
    const kept = await applied(tagged(', keepTagOnRollback: true'))
    await rollback(await engineOn(database, { files: kept }), { tag: 't' }, {}, listen(), undefined)
    expect(await ids()).toEqual(['1', 't'])
  })

  test('by a date undoes what ran after it', async () => {
    const files = await applied(yaml(changeSet('1', table('a')), changeSet('2', table('b'))))
    const context = await engineOn(database, { files })
    await database.session.execute(`update DATABASECHANGELOG set DATEEXECUTED = '2020-01-01 00:00:00' where ID = '1'`)
    await rollback(context, { date: Date.UTC(2021, 0, 1) }, {}, listen(), undefined)
    expect(await ids()).toEqual(['1'])
  })

  test('runs the rollback block instead of the inverse, and what it refers to', async () => {
    const files = await applied(
      yaml(
        changeSet('make', table('a')),
        changeSet(
          'drop',
          '\n        - dropTable: { tableName: a }',
          'rollback: [ { changeSetId: make, changeSetAuthor: amy } ]',
        ),
        changeSet('text', sql('create table x (id int)'), 'rollback: "drop table x; create table y (id int);"'),
        changeSet('nothing', sql('insert into x values (1)'), 'rollback: [ { empty: {} } ]'),
      ),
    )
    await rollback(await engineOn(database, { files }), { count: 3 }, {}, listen(), undefined)
    expect([await ids(), await exists('a'), await exists('x'), await exists('y')]).toEqual([
      ['make'],
      true,
      false,
      true,
    ])
  })

  test('is refused as a whole when one change has no inverse, and names each of them', async () => {
    const files = await applied(
      yaml(changeSet('1', table('a')), changeSet('2', sql('insert into a values (1)')), changeSet('3', table('c'))),
    )
    const context = await engineOn(database, { files })
    const fault = await faultOf(rollback(context, { count: 3 }, {}, listen(), undefined), 'rollback-impossible')
    expect(fault.diagnostics).toHaveLength(1)
    expect(fault.diagnostics[0]).toMatchObject({ code: 'engine/no-inverse', span: { file: 'root.yaml' } })
    expect(fault.diagnostics[0]?.message).toContain('root.yaml::2::amy')
    expect([await ids(), await exists('c')]).toEqual([['1', '2', '3'], true])
  })

  test('is refused when the change set was edited after it ran', async () => {
    await applied(yaml(changeSet('1', table('a'))))
    const context = await engineOn(database, { files: yaml(changeSet('1', table('b'))) })
    await faultOf(rollback(context, { count: 1 }, {}, listen(), undefined), 'checksum-changed')
  })

  test('leaves alone what the changelog does not know, and what a filter keeps away', async () => {
    await applied(
      yaml(changeSet('gone', table('g')), changeSet('dev', table('d'), 'context: dev'), changeSet('1', table('a'))),
    )
    const files = yaml(changeSet('dev', table('d'), 'context: dev'), changeSet('1', table('a')))
    const context = await engineOn(database, { files, contexts: 'prod' })
    const plan = await planRollback(context, { count: 10 })
    expect(plan.steps.map((step) => step.changeSet.id)).toEqual(['1'])
    expect(plan.filtered.map(({ reason }) => reason)).toEqual(['Context mismatch'])
  })

  test('does not find a tag that is not there', async () => {
    const files = await applied(yaml(changeSet('1', table('a'))))
    await faultOf(planRollback(await engineOn(database, { files }), { tag: 'nope' }), 'tag-not-found')
  })

  test('of a change set that fails leaves it as it was', async () => {
    const files = await applied(
      yaml(changeSet('1', table('a')), changeSet('2', table('b'), 'rollback: "drop table b; drop table nonsense;"')),
    )
    const context = await engineOn(database, { files })
    const fault = await faultOf(rollback(context, { count: 2 }, {}, listen(), undefined), 'change-set-failed')
    expect(fault.message).toContain('could not be rolled back')
    // Where DDL commits by itself the first statement is done and in the journal; the next run goes on after it.
    const { transactionalDdl } = database.dialect.capability
    expect([await ids(), await exists('b')]).toEqual([['1', '2'], transactionalDdl])
  })

  test('gives back exactly what was there before', async () => {
    await applied(yaml(changeSet('1', table('a'))))
    const before = await database.inspect.fingerprint(database.defaultSchemaName)
    const more = yaml(
      changeSet('1', table('a')),
      changeSet(
        '2',
        `${table('b')}
        - addColumn: { tableName: a, columns: [ { column: { name: c, type: varchar(10) } } ] }
        - createIndex: { indexName: ix_a, tableName: a, columns: [ { column: { name: c } } ] }
        - renameTable: { oldTableName: b, newTableName: bb }`,
      ),
    )
    await update(await engineOn(database, { files: more }), {}, listen(), undefined)
    expect(await database.inspect.fingerprint(database.defaultSchemaName)).not.toBe(before)
    await rollback(await engineOn(database, { files: more }), { count: 1 }, {}, listen(), undefined)
    expect(await database.inspect.fingerprint(database.defaultSchemaName)).toBe(before)
  })
})
