// `update` on every database: what runs, in which order, what the history holds, and that a failure leaves nothing behind.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { planUpdate } from '#engine/plan-update'
import { status } from '#engine/status'
import { update } from '#engine/update'
import type { Database, Session } from '#database/port'
import { Fault } from '#contract/fault'
import { changeSet, sql, table, yaml } from './changelog.ts'
import { engineOn, faultOf, historyRows, listen, valuesOf, openSuite, type Suite } from './engine.ts'
import { isMysql, sayWhatIsMissing, targetNames } from './target.ts'

sayWhatIsMissing('update')

describe.each(targetNames)('update on %s', (kind) => {
  let suite: Suite
  let database: Database
  beforeAll(async () => {
    suite = await openSuite(kind)
  })
  afterAll(async () => await suite.close())
  const fresh = async (): Promise<Database> => (database = await suite.fresh())

  test('runs what is missing, in order, and nothing twice', async () => {
    await fresh()
    const files = yaml(changeSet('1', table('a')), changeSet('2', table('b')))
    const heard = listen()
    const first = await update(await engineOn(database, { files }), {}, heard, undefined)
    expect([first.ran, first.plan.steps.length]).toEqual([2, 2])
    expect(heard.events).toEqual(['started 1', 'done 1', 'started 2', 'done 2'])
    const more = yaml(changeSet('1', table('a')), changeSet('2', table('b')), changeSet('3', table('c')))
    const again = listen()
    expect((await update(await engineOn(database, { files: more }), {}, again, undefined)).ran).toBe(1)
    expect(again.events).toEqual(['started 3', 'done 3'])
    const idle = await update(await engineOn(database, { files: more }), {}, listen(), undefined)
    expect([idle.ran, idle.plan.alreadyRan]).toEqual([0, 3])
  })

  test('writes the columns of the history as the original engine does', async () => {
    await fresh()
    const files = {
      'db/root.yaml': `databaseChangeLog:
  - include: { file: db/part.sql, context: c1, labels: "L1,l2" }
  - changeSet: { id: 5, author: amy, changes: [ { tagDatabase: { tag: v1 } } ] }
  - changeSet: { id: 6, author: amy, changes: [] }
`,
      'db/part.sql': `-- liquibase formatted sql
-- changeset bob:1 context:"x or y" labels:A,b
-- comment: it's mine
create table person (id int primary key);
`,
    }
    const now = Date.now()
    const context = await engineOn(database, { files, contexts: 'c1,x', labelFilter: '', clock: () => now })
    await update(context, {}, listen(), undefined)
    const rows = await historyRows(database)
    expect(rows[0]).toMatchObject({
      id: '1',
      author: 'bob',
      filename: 'db/part.sql',
      orderexecuted: 1,
      exectype: 'EXECUTED',
      description: 'sql',
      comments: "it's mine",
      tag: null,
      contexts: 'c1 AND (x or y)',
      labels: 'l1,l2,a,b',
      deployment_id: String(now).slice(-10),
    })
    expect(rows[0]?.['md5sum']).toMatch(/^9:[0-9a-f]{32}$/)
    expect(String(rows[0]?.['liquibase'])).toMatch(/^sluice-[\d.]+$/)
    expect(rows[1]).toMatchObject({
      id: '5',
      description: 'tagDatabase',
      comments: '',
      tag: 'v1',
      contexts: null,
      labels: null,
    })
    expect(rows[2]).toMatchObject({ id: '6', description: 'empty', md5sum: '9:d41d8cd98f00b204e9800998ecf8427e' })
  })

  test('leaves nothing of a change set that fails where the database can, and points at the line', async () => {
    await fresh()
    const files = {
      'root.yaml': 'databaseChangeLog:\n  - include: { file: part.sql }\n',
      'part.sql': `-- liquibase formatted sql

-- changeset bob:good
create table good (id int);

-- changeset bob:bad
create table half (id int);
insert into half
values (1);
insert into half
  values (1), (nonsense);
`,
    }
    const heard = listen()
    const fault = await faultOf(update(await engineOn(database, { files }), {}, heard, undefined), 'change-set-failed')
    expect(fault.message).toContain('part.sql::bad::bob')
    expect(fault.databaseCode).toBeDefined()
    const [diagnostic] = fault.diagnostics
    expect(diagnostic).toMatchObject({ code: 'engine/statement-failed', span: { file: 'part.sql' } })
    // PostgreSQL tells the word, SQLite at best the statement.
    if (kind === 'sqlite') expect([10, 11]).toContain(diagnostic?.span?.line)
    else expect(diagnostic?.span).toMatchObject({ line: 11, column: 16 })
    expect(heard.events).toEqual(['started good', 'done good', 'started bad', 'failed bad'])
    expect((await historyRows(database)).map((row) => row['id'])).toEqual(['good'])
    const { transactionalDdl } = database.dialect.capability
    expect(await database.inspect.table(database.defaultSchemaName, 'half')).toBe(!transactionalDdl)
    expect(await valuesOf(database, 'select LOCKED from DATABASECHANGELOGLOCK')).toEqual([
      kind === 'sqlite' || isMysql(kind) ? '0' : 'false',
    ])
  })

  test('a statement that wants no transaction is told to want none', async () => {
    await fresh()
    if (isMysql(kind)) return
    const vacuum = async (options = '') => {
      const files = { 'root.sql': `-- liquibase formatted sql\n-- changeset a:1 ${options}\nvacuum;\n` }
      return await update(await engineOn(database, { files }), {}, listen(), undefined)
    }
    const refused = await faultOf(vacuum(), 'change-set-failed')
    expect(refused.diagnostics[0]?.fix).toContain('runInTransaction=false')
    expect((await vacuum('runInTransaction:false')).ran).toBe(1)
  })

  test('goes on after a failure that failOnError=false allows, and tries it again next time', async () => {
    await fresh()
    const bad = changeSet('bad', '\n        - sql: { sql: "insert into missing values (1)" }', 'failOnError: false')
    const files = yaml(bad, changeSet('2', table('b')))
    const heard = listen()
    const result = await update(await engineOn(database, { files }), {}, heard, undefined)
    expect([result.ran, result.skipped]).toEqual([1, 1])
    expect(heard.events).toEqual(['started bad', 'failed bad', 'started 2', 'done 2'])
    expect((await status(await engineOn(database, { files }))).pending.map((one) => one.id)).toEqual(['bad'])
  })

  test('runs again what says so: always, or on change', async () => {
    await fresh()
    const insert = (value: number): string => `\n        - sql: { sql: "insert into t values (${value})" }`
    const files = (value: number): Record<string, string> =>
      yaml(
        changeSet('t', table('t')),
        changeSet('always', insert(1), 'runAlways: true'),
        changeSet('change', insert(value), 'runOnChange: true'),
      )
    await update(await engineOn(database, { files: files(2) }), {}, listen(), undefined)
    await update(await engineOn(database, { files: files(2) }), {}, listen(), undefined)
    await update(await engineOn(database, { files: files(3) }), {}, listen(), undefined)
    expect(await valuesOf(database, 'select id from t order by id')).toEqual(['1', '1', '1', '2', '3'])
    const rows = await historyRows(database)
    expect(rows.map((row) => [row['id'], row['exectype'], row['orderexecuted']])).toEqual([
      ['t', 'EXECUTED', 1],
      ['always', 'RERAN', 5],
      ['change', 'RERAN', 6],
    ])
  })

  test('runs on change also where validCheckSum would excuse the edit', async () => {
    await fresh()
    const files = (value: number): Record<string, string> =>
      yaml(
        changeSet('t', table('t')),
        changeSet(
          'change',
          `\n        - sql: { sql: "insert into t values (${value})" }`,
          'runOnChange: true\n      validCheckSum: ANY',
        ),
      )
    await update(await engineOn(database, { files: files(1) }), {}, listen(), undefined)
    await update(await engineOn(database, { files: files(2) }), {}, listen(), undefined)
    expect(await valuesOf(database, 'select id from t order by id')).toEqual(['1', '2'])
  })

  test('refuses a change set that was edited after it ran, and names both values', async () => {
    await fresh()
    await update(await engineOn(database, { files: yaml(changeSet('1', table('a'))) }), {}, listen(), undefined)
    const edited = yaml(changeSet('1', table('b')), changeSet('2', table('c')))
    const fault = await faultOf(
      update(await engineOn(database, { files: edited }), {}, listen(), undefined),
      'checksum-changed',
    )
    expect(fault.diagnostics[0]).toMatchObject({
      code: 'engine/checksum-changed',
      span: { file: 'root.yaml', line: 2 },
    })
    expect(fault.diagnostics[0]?.message).toMatch(/was: 9:[0-9a-f]{32} but is now: 9:[0-9a-f]{32}/)
    expect(await database.inspect.table(database.defaultSchemaName, 'c')).toBe(false)
    const accepted = yaml(changeSet('1', table('b'), 'validCheckSum: "1:any"'), changeSet('2', table('c')))
    expect((await update(await engineOn(database, { files: accepted }), {}, listen(), undefined)).ran).toBe(1)
  })

  test('takes contexts, labels and the database into account', async () => {
    await fresh()
    const files = yaml(
      changeSet('dev', table('dev'), 'context: dev'),
      changeSet('prod', table('prod'), 'context: prod'),
      changeSet('blue', table('blue'), 'labels: blue'),
      changeSet('other', table('other'), 'dbms: oracle'),
      changeSet('ignored', table('i'), 'ignore: true'),
      changeSet('plain', table('plain')),
    )
    const context = await engineOn(database, { files, contexts: 'dev', labelFilter: '!blue' })
    const plan = await planUpdate(context)
    expect(plan.steps.map((step) => step.changeSet.id)).toEqual(['dev', 'plain'])
    expect(new Map(plan.filtered.map(({ changeSet, reason }) => [changeSet.id, reason]))).toEqual(
      new Map([
        ['prod', 'Context mismatch'],
        ['blue', 'Label mismatch'],
        ['ignored', 'Ignored'],
        ['other', 'DBMS mismatch'],
      ]),
    )
  })

  test('stops at a count, or at a tag and what it names', async () => {
    await fresh()
    const files = yaml(
      changeSet('1', table('a')),
      changeSet('2', table('b')),
      changeSet('3', '\n        - tagDatabase: { tag: v1 }'),
      changeSet('4', table('d')),
    )
    const counted = await update(await engineOn(database, { files }), { count: 1 }, listen(), undefined)
    expect(counted.ran).toBe(1)
    expect(counted.plan.filtered.map((one) => one.reason)).toEqual(['After count', 'After count', 'After count'])
    await update(await engineOn(database, { files }), { toTag: 'v1' }, listen(), undefined)
    expect((await historyRows(database)).map((row) => row['id'])).toEqual(['1', '2', '3'])
    // The tag is reached already: nothing after it runs.
    expect((await update(await engineOn(database, { files }), { toTag: 'v1' }, listen(), undefined)).ran).toBe(0)
    const lines: string[] = []
    await update(await engineOn(database, { files, lines }), { toTag: 'nope' }, listen(), undefined)
    expect(lines.join()).toContain('the tag "nope" is not in the changelog')
    expect((await historyRows(database)).map((row) => row['id'])).toEqual(['1', '2', '3', '4'])
  })

  test('runs only the plan that was approved', async () => {
    await fresh()
    const files = yaml(changeSet('1', table('a')))
    const { digest } = await planUpdate(await engineOn(database, { files }))
    const other = yaml(changeSet('1', table('a')), changeSet('2', table('b')))
    await faultOf(
      update(await engineOn(database, { files: other }), { approvedDigest: digest }, listen(), undefined),
      'plan-changed',
    )
    expect(await database.inspect.table(database.defaultSchemaName, 'a')).toBe(false)
    expect(
      (await update(await engineOn(database, { files }), { approvedDigest: digest }, listen(), undefined)).ran,
    ).toBe(1)
  })

  test('marks where it started from and where it ended', async () => {
    await fresh()
    const files = yaml(changeSet('1', table('a')))
    const first = await update(
      await engineOn(database, { files }),
      { preStartTag: 'before-1', tag: 'after-1' },
      listen(),
      undefined,
    )
    expect(first.preStartTag).toBe('before-1')
    const more = yaml(changeSet('1', table('a')), changeSet('2', table('b')))
    const second = await update(
      await engineOn(database, { files: more }),
      { preStartTag: 'before-2' },
      listen(),
      undefined,
    )
    // The newest row had a tag already, so that one is the anchor.
    expect(second.preStartTag).toBe('after-1')
    expect(
      (await historyRows(database)).map((row) => [
        row['id'] === '1' || row['id'] === '2' ? row['id'] : row['filename'],
        row['tag'],
      ]),
    ).toEqual([
      ['liquibase-internal', 'before-1'],
      ['1', 'after-1'],
      ['2', null],
    ])
    expect((await historyRows(database)).map((row) => row['orderexecuted'])).toEqual([1, 2, 3])
  })

  test('stops before the next change set when it is told to, and keeps what is done', async () => {
    await fresh()
    const files = yaml(changeSet('1', table('a')), changeSet('2', table('b')))
    const stop = new AbortController()
    const heard = listen({ mayContinue: () => Promise.resolve() })
    const finished = heard.changeSetFinished.bind(heard)
    const listener = {
      ...heard,
      changeSetFinished: async (...args: Parameters<typeof finished>) => {
        await finished(...args)
        stop.abort()
      },
    }
    await faultOf(update(await engineOn(database, { files }), {}, listener, stop.signal), 'cancelled')
    expect((await historyRows(database)).map((row) => row['id'])).toEqual(['1'])
    expect((await update(await engineOn(database, { files }), {}, listen(), undefined)).ran).toBe(1)
  })

  test.each(['before', 'after'] as const)(
    'says that nobody knows when the connection breaks %s the commit, and the next run finds out',
    async (when) => {
      await fresh()
      const files = yaml(changeSet('1', table('a')))
      const { session } = database
      const lost = (): Fault => new Fault('database-lost', 'the connection to the database broke')
      const breaking: Session = {
        execute: async (text, parameters, signal) => await session.execute(text, parameters, signal),
        begin: async () => await session.begin(),
        commit: async () => {
          await (when === 'after' ? session.commit() : session.rollback())
          throw lost()
        },
        rollback: async () => await session.rollback(),
        close: async () => await session.close(),
      }
      const broken = await engineOn({ ...database, session: breaking }, { files })
      const fault = await faultOf(update(broken, {}, listen(), undefined), 'outcome-unknown')
      expect(fault.message).toContain('root.yaml::1::amy was being committed')
      const next = await update(await engineOn(database, { files }), {}, listen(), undefined)
      expect(next.ran).toBe(when === 'after' ? 0 : 1)
      expect((await historyRows(database)).map((row) => row['id'])).toEqual(['1'])
    },
  )

  if (kind === 'postgresql') {
    test('cancels the statement that runs, within seconds, and leaves nothing of it', async () => {
      await fresh()
      const files = yaml(changeSet('1', table('a')), changeSet('slow', table('b') + sql('select pg_sleep(60)')))
      const stop = new AbortController()
      const heard = listen()
      const running = update(await engineOn(database, { files }), {}, heard, stop.signal)
      const watcher = await suite.another()
      const isAsleep = async (): Promise<boolean> =>
        (await valuesOf(watcher, "select 1 from pg_stat_activity where query like 'BEGIN%select pg_sleep%'")).length > 0
      while (!(await isAsleep())) await new Promise((resolve) => setTimeout(resolve, 20))
      const started = Date.now()
      stop.abort(new Fault('timed-out', 'The step ran out of time.'))
      expect((await faultOf(running, 'timed-out')).message).toBe('The step ran out of time.')
      expect(Date.now() - started).toBeLessThan(5000)
      expect(heard.events).toEqual(['started 1', 'done 1', 'started slow', 'failed slow'])
      expect((await historyRows(database)).map((row) => row['id'])).toEqual(['1'])
      expect(await valuesOf(watcher, 'select LOCKED from DATABASECHANGELOGLOCK')).toEqual(['false'])
      expect(await isAsleep()).toBe(false)
      await watcher.close()
    })

    test('says that nobody knows when the connection breaks, and the next run tells', async () => {
      await fresh()
      const files = yaml(
        changeSet('1', table('a')),
        changeSet('2', sql('select pg_terminate_backend(pg_backend_pid())')),
      )
      const other = await suite.another()
      await faultOf(update(await engineOn(other, { files }), {}, listen(), undefined), 'database-lost')
      const good = yaml(changeSet('1', table('a')), changeSet('2', table('b')))
      const lines: string[] = []
      expect((await update(await engineOn(database, { files: good, lines }), {}, listen(), undefined)).ran).toBe(1)
      expect(lines.join()).toContain('was left by a run that is dead; took it over')
      await other.close()
    })
  }

  test('accepts rows of the older checksum version and brings them to the present one', async () => {
    await fresh()
    const files = yaml(changeSet('1', '\n        - sql: { sql: "select 1" }'))
    await update(await engineOn(database, { files }), {}, listen(), undefined)
    // `null:true:false:select 1`, as version 8 hashes it; then the change set over it.
    const { createHash } = await import('node:crypto')
    const md5 = (text: string): string => createHash('md5').update(text).digest('hex')
    const old = `8:${md5(`8:${md5('null:true:false:select 1')}:`)}`
    await database.session.execute(`update DATABASECHANGELOG set MD5SUM = '${old}'`)
    const lines: string[] = []
    await update(await engineOn(database, { files, lines }), {}, listen(), undefined)
    expect(lines.join()).toContain(`from ${old} to 9:3b78b9910981c62ca27148640fad7bc2`)
    expect((await historyRows(database))[0]).toMatchObject({
      md5sum: '9:3b78b9910981c62ca27148640fad7bc2',
      exectype: 'EXECUTED',
    })
    await database.session.execute(`update DATABASECHANGELOG set MD5SUM = '8:00000000000000000000000000000000'`)
    const fault = await faultOf(
      update(await engineOn(database, { files }), {}, listen(), undefined),
      'checksum-changed',
    )
    expect(fault.diagnostics[0]?.message).toContain(`is now: ${old}`)
  })

  test('finds the same identity twice, with both places', async () => {
    await fresh()
    const context = engineOn(database, { files: yaml(changeSet('1', table('a')), changeSet('1', table('b'))) })
    const run = async (): Promise<unknown> => await planUpdate(await context)
    const fault = await faultOf(run(), 'changelog-invalid')
    expect(fault.diagnostics.map((one) => one.code)).toContain('changelog/duplicate-identity')
  })
})
