// kill -9 of `sluice update` at random moments: afterwards an update finishes, and every change set ran exactly once.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '#database/open'
import { isMysql, openTarget, sayWhatIsMissing, type TargetName, targetNames } from './target.ts'

sayWhatIsMissing('kill -9 during an update')

const rounds = process.env['SLUICE_LONG'] === undefined ? 3 : 15
const changeSets = 30
/** This one runs outside a transaction, five statements with a journal. */
const outside = 15
/** The built one: a child process runs no TypeScript. */
const program = resolve('dist/cli/main.js')

/** Change set 1 makes the trace table; each other one adds its number, so that one that ran twice is seen. */
const changelog = `databaseChangeLog:
  - changeSet: { id: '1', author: kill, changes: [ { sql: { sql: "create table trace (id integer not null)" } } ] }
${Array.from({ length: changeSets - 1 }, (_, index) => index + 2)
  .map((id) =>
    id === outside
      ? `  - changeSet:
      id: '${id}'
      author: kill
      runInTransaction: false
      changes:
${[1, 2, 3, 4, 5].map((part) => `        - sql: { sql: "insert into trace (id) values (${id}0${part})" }`).join('\n')}
`
      : `  - changeSet:
      id: '${id}'
      author: kill
      changes:
        - createTable: { tableName: t_${id}, columns: [ { column: { name: id, type: int } } ] }
        - sql: { sql: "insert into trace (id) values (${id})" }
`,
  )
  .join('')}`

const expected = [
  '1',
  ...Array.from({ length: changeSets - 1 }, (_, index) => index + 2).flatMap((id) =>
    id === outside ? [1, 2, 3, 4, 5].map((part) => `${id}0${part}`) : [String(id)],
  ),
].slice(1)

const mysqlCatalog = "select 1 from information_schema.tables where table_schema = database() and table_name = 'trace'"
const catalogs: Readonly<Record<TargetName, string>> = {
  sqlite: "select name from sqlite_master where name = 'trace'",
  pglite: "select 1 from pg_tables where tablename = 'trace'",
  postgresql: "select 1 from pg_tables where tablename = 'trace'",
  mariadb: mysqlCatalog,
  mysql: mysqlCatalog,
}

describe.each(targetNames)('kill -9 on %s', (name) => {
  const traceTable = catalogs[name]
  let folder: string
  let url: string
  let remove = (): Promise<void> => Promise.resolve()
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-kill-'))
    writeFileSync(join(folder, 'c.yaml'), changelog)
    url = name === 'sqlite' ? `jdbc:sqlite:${join(folder, 'k.db')}` : `jdbc:pglite:${join(folder, 'data')}`
    if (name === 'postgresql' || isMysql(name)) {
      const target = await openTarget(name)
      url = target.url
      remove = async () => await target.remove()
    }
  })
  afterAll(async () => {
    await remove()
    rmSync(folder, { recursive: true })
  })

  function start(command: string, ...args: readonly string[]): ChildProcess & { said: string } {
    const child = spawn(process.execPath, [program, command, `--url=${url}`, '--lock-wait=20', ...args], {
      cwd: folder,
      env: { PATH: process.env['PATH'] ?? '', TZ: 'UTC' },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const watched = Object.assign(child, { said: '' })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      watched.said += text
    })
    return watched
  }

  /** Lets the update begin `steps` change sets, waits a little, and kills it as the kernel does. */
  async function killAfter(steps: number, delay: number): Promise<void> {
    const child = start('update', '--changelog-file=c.yaml')
    const ended = once(child, 'exit')
    const begun = (): number => child.said.split('Running Changeset').length - 1
    while (child.exitCode === null && begun() < steps) {
      await Promise.race([ended, once(child.stderr ?? child, 'data')])
    }
    await sleep(delay)
    child.kill('SIGKILL')
    await ended
  }

  async function ask<T>(
    work: (rows: (sql: string) => Promise<readonly Record<string, unknown>[]>) => Promise<T>,
  ): Promise<T> {
    const database = await openDatabase({ url, username: undefined, password: undefined })
    try {
      return await work(async (sql) => (await database.session.execute(sql)).rows)
    } finally {
      await database.close()
    }
  }

  async function run(command: string, ...args: readonly string[]): Promise<{ code: number | null; said: string }> {
    const child = start(command, ...args)
    await once(child, 'close')
    return { code: child.exitCode, said: child.said }
  }

  /** Finishes the work; where a statement cannot be judged, looks and says what is true, as a person would. */
  async function finish(): Promise<void> {
    const first = await run('update', '--changelog-file=c.yaml')
    if (first.code === 0) return
    expect(first.said).toMatch(/outside a transaction: statement \d of 5 began at/)
    const statement = Number(/statement (\d) of 5/.exec(first.said)?.[1])
    const tookEffect = await ask(
      async (rows) => (await rows(`select id from trace where id = ${outside}0${statement}`)).length > 0,
    )
    const word = tookEffect ? 'done' : 'not-done'
    expect((await run('journal', `--change-set=c.yaml::${outside}::kill`, `--resolve=${word}`)).code).toBe(0)
    expect(await run('update', '--changelog-file=c.yaml')).toMatchObject({ code: 0 })
  }

  test(`${rounds} times: then every change set has run once, and no lock is left`, {
    timeout: rounds * 60_000,
  }, async () => {
    expect(existsSync(program), `${program} is not built`).toBe(true)
    let seed = 20_261_121
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7f_ff_ff_ff
      return seed % below
    }
    for (let round = 0; round < rounds; round += 1) {
      await killAfter(1 + random(Math.ceil(changeSets / rounds) + 4), random(30))
      const { traces, history } = await ask(async (rows) => {
        if ((await rows(traceTable)).length === 0) return { traces: [], history: [] }
        return {
          traces: (await rows('select id from trace')).map((row) => String(row['id'])),
          history: (await rows('select ID as id from DATABASECHANGELOG')).map((row) => String(row['id'])),
        }
      })
      // Change set and row came together: what left its trace has a row, and the other way round. Where DDL commits by itself
      // the row comes last, and the journal tells of the part before it.
      const whole = traces.filter((id) => id.length < 4)
      const recorded = history.filter((id) => id !== '1' && id !== String(outside))
      const unrecorded = whole.filter((id) => !recorded.includes(id))
      expect(unrecorded.length, `round ${round}`).toBeLessThanOrEqual(isMysql(name) ? 1 : 0)
      expect(
        recorded.filter((id) => !whole.includes(id)),
        `round ${round}`,
      ).toEqual([])
      expect(new Set(whole).size).toBe(whole.length)
    }
    await finish()
    const { traces, history, locked } = await ask(async (rows) => ({
      traces: (await rows('select id from trace order by id')).map((row) => String(row['id'])),
      history: (await rows('select ID as id from DATABASECHANGELOG')).map((row) => Number(row['id'])),
      locked: (await rows('select LOCKED as locked from DATABASECHANGELOGLOCK')).map((row) => row['locked']),
    }))
    expect(traces.toSorted()).toEqual(expected.toSorted())
    expect(history.toSorted((a, b) => a - b)).toEqual(Array.from({ length: changeSets }, (_, index) => index + 1))
    expect(locked.map((value) => value === true || value === 1)).toEqual([false])
  })

  if (name === 'sqlite') {
    test('SIGTERM leaves a statement that cannot be interrupted, says so, and lets go of the lock as it ends', async () => {
      const slow = (rows: string): string =>
        `-- liquibase formatted sql\n-- changeset kill:slow\ncreate table before (id int);\ncreate table slow as with recursive n(i) as (select 1 union all select i + 1 from n where i < ${rows}) select count(*) as n from n;\n`
      writeFileSync(join(folder, 'slow.sql'), slow('1e18'))
      const child = start('update', '--changelog-file=slow.sql')
      const closed = once(child, 'close')
      while (child.exitCode === null && !child.said.includes('Running Changeset: slow.sql')) await sleep(50)
      const living = await run('release-locks', '--only-dead', '--lock-wait=0')
      expect(living).toEqual({
        code: 4,
        said: expect.stringContaining('Not released, because its holder may be alive'),
      })
      child.kill('SIGTERM')
      await closed
      expect([child.exitCode, child.said]).toEqual([1, expect.stringContaining('SQLite cannot interrupt')])
      // Its output has ended: the row is free for any engine, and no statement of the change set stayed.
      const locked = async (): Promise<unknown> =>
        await ask(async (rows) => [
          ...(await rows('select LOCKED from DATABASECHANGELOGLOCK')),
          ...(await rows("select name from sqlite_master where name in ('before', 'slow')")),
        ])
      expect(await locked()).toEqual([{ LOCKED: 0 }])
      writeFileSync(join(folder, 'slow.sql'), slow('10'))
      const next = start('update', '--changelog-file=slow.sql')
      await once(next, 'close')
      expect([next.exitCode, next.said]).toEqual([0, expect.not.stringContaining('took it over')])
    })
  }

  // Only a server can interrupt a statement.
  if (name !== 'postgresql') return
  test('SIGTERM ends the statement that runs, rolls back, lets go, and exits within seconds', async () => {
    const slow =
      '-- liquibase formatted sql\n-- changeset kill:slow\ncreate table slow (id int);\nselect pg_sleep(60);\n'
    writeFileSync(join(folder, 'slow.sql'), slow)
    const child = start('update', '--changelog-file=slow.sql')
    const closed = once(child, 'close')
    const isAsleep = async (): Promise<boolean> =>
      await ask(
        async (rows) =>
          (await rows("select 1 from pg_stat_activity where query like 'BEGIN%select pg_sleep(60)%'")).length > 0,
      )
    while (child.exitCode === null && !(await isAsleep())) await sleep(50)
    const began = Date.now()
    child.kill('SIGTERM')
    await closed
    expect(Date.now() - began).toBeLessThan(5000)
    expect([child.exitCode, child.said]).toEqual([1, expect.stringContaining('[cancelled]')])
    const left = await ask(async (rows) => [
      ...(await rows("select 'table' as what from pg_tables where tablename = 'slow'")),
      ...(await rows("select 'row' as what from DATABASECHANGELOG where ID = 'slow'")),
      ...(await rows("select 'lock' as what from DATABASECHANGELOGLOCK where LOCKED")),
    ])
    expect(left).toEqual([])
  })
})
