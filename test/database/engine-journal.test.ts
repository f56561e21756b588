// Change sets outside a transaction: an interruption is explained, what is known goes on, what is not waits for a person.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Fault } from '#contract/fault'
import type { Database, Session } from '#database/port'
import { listJournal, resolveJournal } from '#engine/journal'
import { reconcile } from '#engine/reconcile'
import { changeSetsOnInstance } from '#engine/state'
import { update } from '#engine/update'
import { changeSet, sql, table, yaml } from './changelog.ts'
import { engineOn, faultOf, historyRows, listen, valuesOf, openSuite, type Suite } from './engine.ts'
import { isMysql, sayWhatIsMissing, targetNames } from './target.ts'

sayWhatIsMissing('change sets outside a transaction')

const outside = 'runInTransaction: false'
const identity = { fileName: 'root.yaml', id: 'o', author: 'amy' }
const three = yaml(
  changeSet('t', table('t')),
  changeSet(
    'o',
    sql('insert into t values (1)') + sql('insert into t values (2)') + sql('insert into t values (3)'),
    outside,
  ),
)

describe.each(targetNames)('outside a transaction on %s', (kind) => {
  let suite: Suite
  let database: Database
  beforeAll(async () => {
    suite = await openSuite(kind)
  })
  afterAll(async () => await suite.close())
  const fresh = async (): Promise<Database> => (database = await suite.fresh())
  const engine = async (files: Record<string, string>, on: Database = database) => await engineOn(on, { files })
  const rows = async (): Promise<string[]> => await valuesOf(database, 'select id from t order by id')

  /** A database whose connection breaks at a statement: before it reaches the database, or after it did. */
  function breakingAt(part: string, when: 'before' | 'after'): Database {
    let broken = false
    const lost = (): Fault => new Fault('database-lost', 'the connection to the database broke')
    const session: Session = {
      execute: async (text, parameters, signal) => {
        if (broken) throw lost()
        const hit = text === part
        if (hit) broken = true
        if (hit && when === 'before') throw lost()
        const result = await database.session.execute(text, parameters, signal)
        if (hit) throw lost()
        return result
      },
      begin: async () => await database.session.begin(),
      commit: async () => await database.session.commit(),
      rollback: async () => await database.session.rollback(),
      close: async () => await database.session.close(),
    }
    return { ...database, session }
  }

  test('leaves no journal when all goes well, and makes none when it is not needed', async () => {
    await fresh()
    await update(await engine(yaml(changeSet('t', table('t')))), {}, listen(), undefined)
    const needed = !database.dialect.capability.transactionalDdl
    expect(await database.hasTable(database.defaultSchemaName, 'SLUICE_JOURNAL')).toBe(needed)
    expect((await update(await engine(three), {}, listen(), undefined)).ran).toBe(1)
    expect([await rows(), await listJournal(await engine(three))]).toEqual([['1', '2', '3'], []])
  })

  test('goes on after the statements that are known to be done', async () => {
    await fresh()
    const bad = yaml(
      changeSet('t', table('t')),
      changeSet('o', sql('insert into t values (1)') + sql('insert into nonsense values (2)'), outside),
    )
    await faultOf(update(await engine(bad), {}, listen(), undefined), 'change-set-failed')
    expect(await rows()).toEqual(['1'])
    expect((await listJournal(await engine(bad))).map((row) => row.state)).toEqual(['DONE', 'FAILED'])
    const state = await changeSetsOnInstance(await engine(bad))
    expect(state.changeSets.map((one) => one.status)).toEqual(['Successfully_Deployed', 'Deployment_Failed'])
    const good = yaml(
      changeSet('t', table('t')),
      changeSet('o', sql('insert into t values (1)') + sql('insert into t values (2)'), outside),
    )
    const heard = listen()
    await update(await engine(good), {}, heard, undefined)
    expect(heard.lines.join()).toContain('completed 1 of 2 statements')
    expect([await rows(), await listJournal(await engine(good))]).toEqual([['1', '2'], []])
  })

  test('refuses to go on when what was done then reads differently now', async () => {
    await fresh()
    const files = (value: number): Record<string, string> =>
      yaml(
        changeSet('t', table('t')),
        changeSet('o', sql(`insert into t values (${value})`) + sql('insert into nonsense values (2)'), outside),
      )
    await faultOf(update(await engine(files(1)), {}, listen(), undefined), 'change-set-failed')
    const fault = await faultOf(update(await engine(files(7)), {}, listen(), undefined), 'outcome-unknown')
    expect(fault.diagnostics[0]).toMatchObject({ code: 'engine/interrupted-then-edited', span: { file: 'root.yaml' } })
    expect(await rows()).toEqual(['1'])
  })

  test.each(['before', 'after'] as const)(
    'never repeats a statement blindly when the connection broke %s it',
    async (when) => {
      await fresh()
      await update(await engine(yaml(changeSet('t', table('t')))), {}, listen(), undefined)
      const broken = breakingAt('insert into t values (2)', when)
      await faultOf(update(await engine(three, broken), {}, listen(), undefined), 'database-lost')
      const fault = await faultOf(update(await engine(three), {}, listen(), undefined), 'outcome-unknown')
      expect(fault.message).toMatch(/root\.yaml::o::amy .*statement 2 of 3 began at .*Statements 1 to 1 are done/s)
      const verdict = await reconcile(await engine(three), { type: 'update' })
      expect(verdict).toMatchObject({ verdict: 'unclear' })
      // A person looked and says what is true.
      await resolveJournal(await engine(three), identity, when === 'after' ? 'done' : 'not-done')
      const settled = await reconcile(await engine(three), { type: 'update' })
      expect(settled.verdict).toBe('resumable')
      expect(settled.explanation).toContain(`${when === 'after' ? 2 : 1} statements are done`)
      await update(await engine(three), {}, listen(), undefined)
      expect(await rows()).toEqual(['1', '2', '3'])
      expect((await historyRows(database)).map((row) => row['id'])).toEqual(['t', 'o'])
      expect((await reconcile(await engine(three), { type: 'update' })).verdict).toBe('complete')
    },
  )

  test('starts anew when a person undid what was done', async () => {
    await fresh()
    await update(await engine(yaml(changeSet('t', table('t')))), {}, listen(), undefined)
    await faultOf(
      update(await engine(three, breakingAt('insert into t values (3)', 'before')), {}, listen(), undefined),
      'database-lost',
    )
    await database.session.execute('delete from t')
    expect(await resolveJournal(await engine(three), identity, 'restart')).toBe(3)
    await faultOf(resolveJournal(await engine(three), identity, 'done'), 'not-found')
    await update(await engine(three), {}, listen(), undefined)
    expect(await rows()).toEqual(['1', '2', '3'])
  })

  /** DDL that the server carried out although nobody heard of it, or that never reached it. */
  const definition = (): Record<string, string> =>
    yaml(
      changeSet('t', table('t')),
      changeSet(
        'o',
        sql('insert into t values (1)') +
          sql('alter table t add b int') +
          sql('update t set b = 2') +
          sql('create index ix on t (b)'),
      ),
    )

  // Elsewhere DDL takes part in transactions.
  if (!isMysql(kind)) return

  describe('where every DDL statement commits', () => {
    test.each([
      ['insert into t values (1)', 'before'],
      ['alter table t add b int', 'before'],
      ['alter table t add b int', 'after'],
      ['update t set b = 2', 'before'],
      ['create index ix on t (b)', 'before'],
      ['create index ix on t (b)', 'after'],
    ] as const)('goes on by itself when the connection broke at "%s" (%s)', async (part, when) => {
      await fresh()
      await update(await engine(yaml(changeSet('t', table('t')))), {}, listen(), undefined)
      await faultOf(
        update(await engine(definition(), breakingAt(part, when)), {}, listen(), undefined),
        'database-lost',
      )
      // The server rolls back what the session of a dead client had open.
      await database.session.rollback()
      const verdict = await reconcile(await engine(definition()), { type: 'update' })
      expect(verdict.verdict).toBe('resumable')
      await update(await engine(definition()), {}, listen(), undefined)
      expect((await database.session.execute('select id, b from t')).rows).toEqual([{ id: 1, b: 2 }])
      expect(await database.inspect.index(undefined, 't', 'ix', ['b'])).toBe(true)
      expect((await historyRows(database)).map((row) => row['id'])).toEqual(['t', 'o'])
      expect(await listJournal(await engine(definition()))).toEqual([])
    })

    test('the next change set is announced with the history of this one, and taken back when it may not begin', async () => {
      await fresh()
      const files = yaml(changeSet('t', table('t')), changeSet('u', table('u')), changeSet('v', table('v')))
      const seen: string[][] = []
      let asked = 0
      const listener = {
        ...listen(),
        // Once before the first change set is looked at, then before each.
        mayContinue: async () => {
          seen.push((await listJournal(await engine(files))).map(({ id, state }) => `${id} ${state}`))
          asked += 1
          if (asked === 4) throw new Fault('stale-fence', 'somebody else goes on')
        },
      }
      await faultOf(update(await engine(files), {}, listener, undefined), 'stale-fence')
      expect(seen).toEqual([[], [], ['u STARTED'], ['v STARTED']])
      expect(await listJournal(await engine(files))).toEqual([])
      expect((await historyRows(database)).map((row) => row['id'])).toEqual(['t', 'u'])
      await update(await engine(files), {}, listen(), undefined)
      expect(await database.inspect.table(undefined, 'v')).toBe(true)
    })

    test('what another run announced meanwhile is not taken back', async () => {
      await fresh()
      const files = yaml(changeSet('t', table('t')), changeSet('u', table('u')))
      let asked = 0
      const listener = {
        ...listen(),
        mayContinue: async () => {
          asked += 1
          if (asked < 3) return
          await database.session.execute("update SLUICE_JOURNAL set RUN = 'another' where ID = 'u'")
          throw new Fault('stale-fence', 'somebody else goes on')
        },
      }
      await faultOf(update(await engine(files), {}, listener, undefined), 'stale-fence')
      expect((await listJournal(await engine(files))).map(({ id, run }) => `${id} ${run}`)).toEqual(['u another'])
    })

    test('a run that dies after it announced the next change set leaves it to the next run', async () => {
      await fresh()
      const files = yaml(changeSet('t', table('t')), changeSet('u', table('u')))
      // From the moment when the row of `t` is in the history nothing gets through any more.
      let lost = false
      const session = new Proxy(database.session, {
        get: (target, name) => {
          const member: unknown = Reflect.get(target, name)
          if (typeof member !== 'function') return member
          return async (...input: unknown[]): Promise<unknown> => {
            if (lost) throw new Fault('database-lost', 'the connection to the database broke')
            const result: unknown = await Reflect.apply(member, target, input)
            lost = name === 'commitTogether'
            return result
          }
        },
      })
      await faultOf(update(await engine(files, { ...database, session }), {}, listen(), undefined), 'database-lost')
      expect((await listJournal(await engine(files))).map(({ id, state }) => `${id} ${state}`)).toEqual(['u STARTED'])
      expect((await reconcile(await engine(files), { type: 'update' })).verdict).toBe('resumable')
      expect((await update(await engine(files), {}, listen(), undefined)).ran).toBe(1)
      expect(await database.inspect.table(undefined, 'u')).toBe(true)
      expect(await listJournal(await engine(files))).toEqual([])
    })

    test('a change set without DDL is one transaction', async () => {
      await fresh()
      await update(await engine(yaml(changeSet('t', table('t')))), {}, listen(), undefined)
      const files = yaml(
        changeSet('t', table('t')),
        changeSet('o', sql('insert into t values (1)') + sql('insert into t values (2, 3)')),
      )
      const fault = await faultOf(update(await engine(files), {}, listen(), undefined), 'change-set-failed')
      expect(fault.diagnostics[0]?.fix).toContain('nothing of it was left')
      expect([await rows(), await listJournal(await engine(files))]).toEqual([[], []])
    })

    test('what the definition does not show waits for a person', async () => {
      await fresh()
      const files = yaml(changeSet('t', table('t')), changeSet('o', sql('truncate table t') + sql('select 1')))
      await faultOf(
        update(await engine(files, breakingAt('truncate table t', 'after')), {}, listen(), undefined),
        'database-lost',
      )
      await faultOf(update(await engine(files), {}, listen(), undefined), 'outcome-unknown')
      await resolveJournal(await engine(files), identity, 'done')
      await update(await engine(files), {}, listen(), undefined)
      expect((await historyRows(database)).map((row) => row['id'])).toEqual(['t', 'o'])
    })

    test('settings of the session come back, a lost variable waits for a person', async () => {
      await fresh()
      const parent = 'create table c (id int primary key, t int, foreign key (t) references missing (id))'
      const settings = yaml(
        changeSet('o', sql('set foreign_key_checks = 0') + sql(parent) + sql('create table d (id int)')),
      )
      await faultOf(
        update(await engine(settings, breakingAt(parent, 'before')), {}, listen(), undefined),
        'database-lost',
      )
      await database.session.execute('set foreign_key_checks = 1')
      await update(await engine(settings), {}, listen(), undefined)
      expect(await database.inspect.table(undefined, 'd')).toBe(true)
      await database.session.execute('set foreign_key_checks = 1')

      await fresh()
      const variable = yaml(
        changeSet('t', table('t')),
        changeSet('o', sql('set @n = 7') + sql('create table e (id int)') + sql('insert into t values (@n)')),
      )
      await faultOf(
        update(await engine(variable, breakingAt('create table e (id int)', 'after')), {}, listen(), undefined),
        'database-lost',
      )
      const fault = await faultOf(update(await engine(variable), {}, listen(), undefined), 'outcome-unknown')
      expect(fault.diagnostics[0]?.code).toBe('engine/interrupted-variable')
      expect(await rows()).toEqual([])
    })
  })
})
