// A plan is data: what update-sql prints is what update runs, a digest names it, and a plan that is no longer true is refused.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '#database/port'
import { planDocument } from '#engine/payload'
import { planUpdate } from '#engine/plan-update'
import { rollback } from '#engine/rollback'
import { rollbackSql, updateSql } from '#engine/sql'
import { update } from '#engine/update'
import { updateTestingRollback } from '#engine/update-testing-rollback'
import { changelogSync } from '#engine/changelog-sync'
import { contextOf } from '#engine/open'
import { memorySource } from '#changelog/memory'
import { engineOn, faultOf, historyRows, listen, openSuite, type Suite } from './engine.ts'
import { sayWhatIsMissing, targetNames } from './target.ts'

sayWhatIsMissing('plans')

const changelog = `databaseChangeLog:
  - changeSet:
      id: 1
      author: amy
      changes:
        - createTable: { tableName: person, columns: [ { column: { name: id, type: int } }, { column: { name: name, type: varchar(50) } } ] }
        - insert: { tableName: person, columns: [ { column: { name: id, valueNumeric: 1 } }, { column: { name: name, value: "o'neill; smith" } } ] }
      rollback:
        - dropTable: { tableName: person }
  - changeSet:
      id: 2
      author: amy
      changes:
        - tagDatabase: { tag: v1 }
  - changeSet:
      id: 3
      author: amy
      context: prod
      changes:
        - sql:
            sql: |
              insert into person values (2, 'b');
              insert into person values (3, 'c');
      rollback:
        - sql: { sql: delete from person where id > 1 }
  - changeSet:
      id: 4
      author: amy
      runInTransaction: false
      changes:
        - createIndex: { tableName: person, indexName: ix_name, columns: [ { column: { name: name } } ] }
`
const files = { 'c.yaml': changelog }

describe.each(targetNames)('a plan on %s', (name) => {
  let suite: Suite
  beforeAll(async () => {
    suite = await openSuite(name)
  })
  afterAll(async () => await suite.close())

  /** The statements of a script, as the file says them; a person would run them so. */
  const statementsOf = (script: string): readonly string[] =>
    script
      .replaceAll(/^--.*\n/gm, '')
      .split(/;\n/)
      .map((text) => text.trim())
      .filter((text) => text !== '')

  /** What a run sends of a user's statements and of the history, without its own look-ups. */
  async function sentBy(database: Database, work: (context: Awaited<ReturnType<typeof engineOn>>) => Promise<unknown>) {
    const sent: string[] = []
    const context = await contextOf(
      {
        database,
        host: 'test (127.0.0.1)',
        run: 'test-run',
        clock: () => 1_795_637_730_000,
        log: () => {},
        lockWait: { patience: 0, interval: 5 },
        onStatement: (sql) => void sent.push(sql),
      },
      { files: memorySource(files), changelogFile: 'c.yaml' },
    )
    await work(context)
    return sent.filter((sql) => !/^\s*(?:select|begin|commit)\b/i.test(sql) && !/SLUICE_JOURNAL/i.test(sql))
  }
  const fixed = { files, clock: () => 1_795_637_730_000 }

  test('runs to the letter as update-sql prints it, and so does its rollback', async () => {
    const database = await suite.fresh()
    const { sql, plan } = await updateSql(await engineOn(database, fixed))
    const printed = statementsOf(sql)
    const sent = await sentBy(database, async (context) => await update(context, {}, listen()))
    // Taking and letting go of the lock is done with more care than a script can; everything between is the same.
    const isLock = (text: string): boolean => /DATABASECHANGELOGLOCK/i.test(text)
    expect(sent.filter((text) => !isLock(text))).toEqual(printed.filter((text) => !isLock(text)))
    expect(plan.steps.flatMap((step) => step.statements)).toHaveLength(5)

    const back = await rollbackSql(await engineOn(database, fixed), { count: 4 })
    const undone = await sentBy(database, async (context) => await rollback(context, { count: 4 }, {}, listen()))
    expect(undone.filter((text) => !isLock(text))).toEqual(statementsOf(back.sql).filter((text) => !isLock(text)))
    expect(await historyRows(database)).toEqual([])
  })

  test('runs when it is still the one that was looked at', async () => {
    const database = await suite.fresh()
    for (const options of [{ count: 1 }, { toTag: 'v1' }, {}]) {
      const { plan } = await updateSql(await engineOn(database, { files }), options)
      const done = await update(
        await engineOn(database, { files }),
        { ...options, approvedDigest: plan.digest },
        listen(),
      )
      expect(done.plan.digest).toBe(plan.digest)
    }
    const { plan } = await rollbackSql(await engineOn(database, { files }), { tag: 'v1' })
    const back = await rollback(
      await engineOn(database, { files }),
      { tag: 'v1' },
      { approvedDigest: plan.digest },
      listen(),
    )
    expect(back.plan.digest).toBe(plan.digest)
  })

  test('is refused when the world has changed, and nothing runs', async () => {
    const database = await suite.fresh()
    const seen = await planUpdate(await engineOn(database, { files }))
    const approved = { approvedDigest: seen.digest }
    // Another text.
    const edited = { 'c.yaml': changelog.replace("'c'", "'d'") }
    await faultOf(update(await engineOn(database, { files: edited }), approved, listen()), 'plan-changed')
    // Other contexts.
    await faultOf(update(await engineOn(database, { files, contexts: 'test' }), approved, listen()), 'plan-changed')
    // More than was looked at; less than that is its beginning (engine-extent.test.ts).
    const { digest: first } = await planUpdate(await engineOn(database, { files }), { count: 1 })
    const more = { approvedDigest: first }
    await faultOf(update(await engineOn(database, { files }), more, listen()), 'plan-changed')
    await faultOf(update(await engineOn(database, { files }), { ...more, toTag: 'v1' }, listen()), 'plan-changed')
    await faultOf(
      updateTestingRollback(await engineOn(database, { files: edited }), approved, listen()),
      'plan-changed',
    )
    await faultOf(changelogSync(await engineOn(database, { files: edited }), approved), 'plan-changed')
    expect(await database.hasTable(undefined, 'person')).toBe(false)
    // Somebody else ran a part of it.
    await update(await engineOn(database, { files }), { count: 1 }, listen())
    await faultOf(update(await engineOn(database, { files }), approved, listen()), 'plan-changed')
    expect(await historyRows(database)).toHaveLength(1)
    // The way back: another row on top.
    const back = await rollbackSql(await engineOn(database, { files }), { count: 1 })
    await update(await engineOn(database, { files }), { count: 1 }, listen())
    const target = { count: 1 } as const
    const options = { approvedDigest: back.plan.digest }
    await faultOf(rollback(await engineOn(database, { files }), target, options, listen()), 'plan-changed')
    expect(await historyRows(database)).toHaveLength(2)
  })

  test('has everything in its JSON: places, transaction, the way back', async () => {
    const database = await suite.fresh()
    const context = await engineOn(database, { files })
    const { plan, sql } = await updateSql(context)
    const document = await planDocument(context, plan, sql)
    expect(document.digest).toBe(plan.digest)
    // Where DDL commits by itself, a change set with DDL has no transaction.
    const withDdl = database.dialect.capability.transactionalDdl ? 'one' : 'none'
    expect(document.changeSets.map(({ id, transaction }) => [id, transaction])).toEqual([
      ['1', withDdl],
      ['2', 'one'],
      ['3', 'one'],
      ['4', 'none'],
    ])
    const third = document.changeSets[2]
    expect(third?.statements.map((one) => [one.sql, one.span.file])).toEqual([
      ["insert into person values (2, 'b')", 'c.yaml'],
      ["insert into person values (3, 'c')", 'c.yaml'],
    ])
    expect(third?.reverse?.map((one) => [one.sql, one.span.line])).toEqual([['delete from person where id > 1', 25]])
    expect(document.changeSets[3]?.reverse?.[0]?.sql).toContain('DROP INDEX')
    expect(JSON.parse(JSON.stringify(document))).toEqual(document)
    const stuck = await engineOn(database, {
      files: { 'c.yaml': changelog.replace(/ +rollback:\n +- dropTable.*\n/, '') },
    })
    const { plan: other } = await updateSql(stuck)
    const [first] = (await planDocument(stuck, other, '')).changeSets
    expect([first?.reverse, first?.irreversible]).toEqual([undefined, expect.stringContaining('"insert"')])
  })
})
