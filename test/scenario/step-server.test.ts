// The real step on a PostgreSQL server, where statements can be cancelled: what a cancel, a time-out and a kill leave behind.
import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openDatabase } from '#database/open'
import type { Database } from '#database/port'
import { sayWhatIsMissing, serverUrl } from '../database/target.ts'
import type { TestAttempt } from './protocol-manager.ts'
import { createWorld, type StepWorld } from './step-world.ts'

const changelog = `--liquibase formatted sql

--changeset shop:quick
create table quick (id int primary key);
--rollback drop table quick;

--changeset shop:slow
create table slow (id int primary key);
select pg_sleep(15);

--changeset shop:never
create table never (id int primary key);
`
const open = (url: string): Promise<Database> => openDatabase({ url, username: undefined, password: undefined })

sayWhatIsMissing('a step on a server')
describe.skipIf(serverUrl === undefined)('a step on a server', { timeout: 60_000 }, () => {
  let world: StepWorld
  let server: Database
  let name: string
  let url: string

  beforeAll(async () => {
    server = await open(serverUrl ?? '')
  })
  afterAll(() => server?.close())
  beforeEach(async () => {
    world = await createWorld()
    world.commit({ 'changelog.sql': changelog })
    name = `sluice_${randomUUID().replaceAll('-', '')}`
    await server.session.execute(`create database ${name}`)
    const address = new URL(serverUrl ?? '')
    address.pathname = `/${name}`
    url = address.href
    await world.startDelegate()
  })
  afterEach(async () => {
    await world.close()
    await server.session.execute(`drop database ${name} with (force)`)
  })

  const rows = async (sql: string): Promise<string[]> => {
    const { rows: found } = await server.session.execute(sql)
    return found.map((row) => Object.values(row).join(' '))
  }
  /** The step is inside its slow statement. */
  async function sleeping(timeoutSeconds = 60): Promise<TestAttempt> {
    const attempt = world.manager.enqueue(
      world.spec('a1', { type: 'DBSchemaApply', connection: { url } }, timeoutSeconds),
    )
    const atWork = `select pid from pg_stat_activity where datname = '${name}' and query like '%pg_sleep%' and state = 'active'`
    await expect.poll(() => rows(atWork), { timeout: 20_000 }).toHaveLength(1)
    return attempt
  }
  async function tables(): Promise<string[]> {
    const database = await open(url)
    try {
      const { rows: found } = await database.session.execute(
        "select table_name from information_schema.tables where table_schema = 'public' and table_name in ('quick', 'slow', 'never') order by 1",
      )
      return found.map((row) => String(row['table_name']))
    } finally {
      await database.close()
    }
  }

  test('a cancel reaches the statement: rolled back, lock released, reported within five seconds', async () => {
    const attempt = await sleeping()
    const asked = Date.now()
    attempt.cancel = { graceSeconds: 30, reason: 'Stopped by Ann.' }
    attempt.cancelByPoll = { graceSeconds: 30 }
    world.manager.enqueue(world.spec('wake', { type: 'DBSchemaUpdateSQL' }))
    await world.manager.until(() => attempt.state === 'finished')
    expect(Date.now() - asked).toBeLessThan(5000)
    expect(attempt.finish).toMatchObject({
      outcome: 'cancelled',
      fault: { code: 'cancelled', message: 'Stopped by Ann.' },
    })
    expect(await tables()).toEqual(['quick'])
    expect(
      await rows(
        `select pid from pg_stat_activity where datname = '${name}' and query like '%pg_sleep%' and state = 'active'`,
      ),
    ).toEqual([])
    const preview = await world.run(world.spec('a2', { type: 'DBSchemaUpdateSQL', connection: { url } }))
    expect(preview.finish?.output['changeSets']).toEqual(['changelog.sql::slow::shop', 'changelog.sql::never::shop'])
  })

  test('its time-out does the same', async () => {
    const attempt = await sleeping(8)
    await world.manager.until(() => attempt.state === 'finished')
    expect(attempt.finish).toMatchObject({ outcome: 'failure', fault: { code: 'timed-out' } })
    expect(await tables()).toEqual(['quick'])
  })

  test('killed inside a statement: the outcome is unknown, a reconcile finds that it can go on', async () => {
    const attempt = await sleeping()
    process.kill(world.processOf('a1'), 'SIGKILL')
    await world.manager.until(() => attempt.state === 'finished')
    expect(attempt.finish).toMatchObject({ outcome: 'unknown', fault: { code: 'outcome-unknown' } })
    const lost = { type: 'Reconcile', lostAttempt: 'a1', lostWork: 'DBSchemaApply', preStartTag: 'before' } as const
    const reconcile = await world.run(world.spec('a2', { ...lost, connection: { url } }))
    expect(reconcile.finish).toMatchObject({
      outcome: 'success',
      reconcile: { verdict: 'resumable' },
      output: { preStartTag: 'before' },
    })
    expect(await tables()).toEqual(['quick'])
  })

  test('a wrong password is a fault that says so, without the password', async () => {
    const address = new URL(url)
    address.password = ''
    const connection = { url: address.href, passwordRef: 'db_password' }
    const attempt = await world.run(world.spec('a1', { type: 'DBSchemaApply', connection }), {
      db_password: 'wrong-hunter22',
    })
    expect(attempt.finish?.outcome).toBe('failure')
    expect(attempt.finish?.fault?.code).toBe('database-authentication')
    expect(attempt.log.toString()).not.toContain('hunter22')
  })
})
