// What a connection says when something is wrong, and what it does when it is interrupted.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Fault } from '#contract/fault'
import { openDatabase } from '#database/open'
import type { Database, OpenOptions } from '#database/port'
import { openTarget, sayWhatIsMissing, serverUrl, type Target, targetNames } from './target.ts'

beforeAll(() => sayWhatIsMissing('connections, faults, cancelling and locks'))

const open = (url: string, more: Partial<OpenOptions> = {}): Promise<Database> =>
  openDatabase({ url, username: undefined, password: undefined, ...more })

async function faultOf(attempt: Promise<unknown>): Promise<Fault> {
  const error: unknown = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(Fault)
  return error as Fault
}

describe.each(targetNames)('%s', (name) => {
  let target: Target
  beforeAll(async () => {
    target = await openTarget(name)
  })
  afterAll(() => target.remove())

  test('values keep their meaning', async () => {
    const { session, dialect } = target.database
    const number = dialect.shortName === 'postgresql' ? '9007199254740993::int8' : '9007199254740993'
    const { rows } = await session.execute(`select ${number} as large, 7 as small, 'x' as text, null as missing`)
    expect(rows).toEqual([{ large: '9007199254740993', small: 7, text: 'x', missing: null }])
  })

  test('counts the rows that several statements touch', async () => {
    const { session } = target.database
    const result = await session.execute('create table counted (a int); insert into counted values (1), (2)')
    expect(result.rowsAffected).toBe(2)
    expect((await session.execute('update counted set a = 3 where a > 1')).rowsAffected).toBe(1)
    expect((await session.execute('select * from counted')).rowsAffected).toBe(0)
  })

  test('a refused statement is a fault with code and position', async () => {
    const sql = "select 1 as é, '😀',\n  selec 2"
    const fault = await faultOf(target.database.session.execute(sql))
    expect(fault.code).toBe('statement-failed')
    const codes: Partial<Record<string, string>> = { sqlite: 'SQLITE_ERROR', mariadb: '1064', mysql: '1064' }
    expect(fault.databaseCode).toBe(codes[name] ?? '42601')
    const position = fault.position ?? -1
    expect(sql.slice(position)).toMatch(name === 'sqlite' ? /^2/ : /^2$/)
  })

  test('a failed transaction leaves nothing and cannot be committed', async () => {
    const { session, inspect, dialect } = target.database
    await session.begin()
    await session.execute('create table half (a int)')
    await faultOf(session.execute('insert into nowhere values (1)'))
    await session.rollback()
    expect(await inspect.table(undefined, 'half')).toBe(!dialect.capability.transactionalDdl)
    await session.rollback()
  })

  test('a lock is given once', async () => {
    const lock = await target.database.tryLock('changelog')
    expect(lock).toBeDefined()
    expect(await target.database.tryLock('changelog')).toBeUndefined()
    await lock?.release()
    const again = await target.database.tryLock('changelog')
    expect(again).toBeDefined()
    await again?.release()
  })

  test('a session that was cancelled before does not begin', async () => {
    const fault = await faultOf(target.database.session.execute('select 1', [], AbortSignal.abort()))
    expect(fault.code).toBe('cancelled')
  })
})

test('an embedded folder that is open says by whom', async () => {
  const target = await openTarget('pglite')
  try {
    const fault = await faultOf(target.another())
    expect(fault.code).toBe('database-in-use')
    expect(fault.message).toContain(String(process.pid))
  } finally {
    await target.remove()
  }
})

test.each(targetNames.filter((name) => name !== 'pglite'))(
  '%s: the lock of a killed process is free at once',
  async (name) => {
    const target = await openTarget(name)
    try {
      await expectLockToDie(target)
    } finally {
      await target.remove()
    }
  },
)

/** A child takes the lock; while it lives nobody else gets it, when it is killed the lock is free. */
async function expectLockToDie({ database, url }: Target): Promise<void> {
  const module = new URL('../../dist/database/open.js', import.meta.url).href
  const script = `import { openDatabase } from ${JSON.stringify(module)}
    const database = await openDatabase({ url: process.env.TARGET, username: undefined, password: undefined })
    console.log((await database.tryLock('changelog')) ? 'locked' : 'refused')
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { TARGET: url },
  })
  try {
    const [line] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])) as [unknown]
    expect(String(line).trim()).toBe('locked')
    expect(await database.tryLock('changelog')).toBeUndefined()
  } finally {
    child.kill('SIGKILL')
  }
  await expect.poll(() => database.tryLock('changelog'), { timeout: 10_000 }).toBeDefined()
}

describe('files that are no database', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-no-database-'))
    writeFileSync(join(folder, 'text.db'), 'this is a text and not a database at all\n'.repeat(100))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test.each([
    ['jdbc:sqlite:FOLDER/missing/a.db', 'database-unreachable', /cannot be opened/],
    ['jdbc:sqlite:FOLDER/text.db', 'database-url-invalid', /not a SQLite database/],
    ['jdbc:pglite:FOLDER/text.db/inside', 'database-unreachable', /cannot be opened/],
  ])('%s', async (url, code, message) => {
    const fault = await faultOf(open(url.replace('FOLDER', folder)))
    expect(fault.code).toBe(code)
    expect(fault.message).toMatch(message)
  })
})

describe('a server that is not there', () => {
  test('nothing listens', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { readonly port: number }
    server.close()
    await once(server, 'close')
    const fault = await faultOf(
      open(`jdbc:postgresql://127.0.0.1:${port}/x`, { username: 'u', password: 'top secret' }),
    )
    expect(fault.code).toBe('database-unreachable')
    expect(fault.message).toBe(`nothing answers at 127.0.0.1:${port}`)
    expect(JSON.stringify(fault)).not.toContain('top secret')
  })

  test('the host has no address', async () => {
    const fault = await faultOf(open('jdbc:postgresql://no.such.host.invalid/x', { username: 'u', password: 'p' }))
    expect(fault.code).toBe('database-unreachable')
    expect(fault.message).toContain('no.such.host.invalid')
  })

  test('it takes the connection and never speaks', async () => {
    const server = createServer(() => {}).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { readonly port: number }
    const fault = await faultOf(
      open(`jdbc:postgresql://127.0.0.1:${port}/x`, { username: 'u', password: 'p', connectTimeout: 200 }),
    )
    server.close()
    expect(fault).toMatchObject({ code: 'database-unreachable', message: `127.0.0.1:${port} does not answer in time` })
  })

  test('something else answers', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { readonly port: number }
    const fault = await faultOf(open(`jdbc:postgresql://127.0.0.1:${port}/x`, { username: 'u', password: 'p' }))
    server.close()
    expect(fault.code).toBe('database-unreachable')
    expect(fault.message).toContain('is not a PostgreSQL server')
  })
})

describe.runIf(serverUrl !== undefined)('a PostgreSQL server', () => {
  const address = (): URL => new URL(serverUrl ?? 'postgresql://localhost/x')

  test('a wrong password', async () => {
    const fault = await faultOf(open(serverUrl ?? '', { password: 'certainly wrong' }))
    expect(fault).toMatchObject({ code: 'database-authentication', databaseCode: '28P01' })
    expect(fault.message).not.toContain('certainly wrong')
  })

  test('no password', async () => {
    const url = address()
    url.password = ''
    expect((await faultOf(open(url.href))).code).toBe('database-authentication')
  })

  test('a database that does not exist', async () => {
    const url = address()
    url.pathname = '/no_such_database'
    const fault = await faultOf(open(url.href))
    expect(fault).toMatchObject({ code: 'database-not-found', databaseCode: '3D000' })
    expect(fault.message).toContain('no_such_database')
  })

  test('a schema that does not exist', async () => {
    const fault = await faultOf(open(serverUrl ?? '', { defaultSchemaName: 'no_such_schema' }))
    expect(fault.code).toBe('database-not-found')
  })

  test('an sslmode that nobody knows', async () => {
    const url = address()
    url.searchParams.set('sslmode', 'sometimes')
    expect((await faultOf(open(url.href))).code).toBe('database-url-invalid')
  })

  describe('at work', () => {
    let target: Target
    beforeAll(async () => {
      target = await openTarget('postgresql')
    })
    afterAll(() => target.remove())

    test('a running statement is cancelled at the server', async () => {
      const { session } = target.database
      const canceller = new AbortController()
      const running = faultOf(session.execute('select pg_sleep(60)', [], canceller.signal))
      await sleepingIn(target)
      canceller.abort(new Fault('timed-out', 'the step took too long'))
      expect(await running).toMatchObject({ code: 'timed-out', message: 'the step took too long' })
      expect((await session.execute('select 1 as one')).rows).toEqual([{ one: 1 }])
    })

    test('a lock time-out is one', async () => {
      const other = await target.another()
      await other.session.execute('create table busy (a int)')
      await other.session.begin()
      await other.session.execute('lock table busy')
      const { session } = target.database
      await session.execute("set lock_timeout = '20ms'")
      expect((await faultOf(session.execute('select * from busy'))).code).toBe('timed-out')
      await session.execute('reset lock_timeout')
      await other.close()
    })

    test('a missing right is named', async () => {
      const { session } = target.database
      await session.execute('create table secret (a int)')
      await session.execute('begin; create role sluice_nobody; set local role sluice_nobody')
      const fault = await faultOf(session.execute('select * from secret'))
      await session.rollback()
      expect(fault).toMatchObject({ code: 'database-permission', databaseCode: '42501' })
      expect(fault.message).toContain('secret')
    })

    test('a connection that breaks while a statement runs', async () => {
      const lost = await target.another()
      const running = faultOf(lost.session.execute('select pg_sleep(60)'))
      await sleepingIn(target)
      await target.database.session.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where query = 'select pg_sleep(60)'",
      )
      expect((await running).code).toBe('database-lost')
      expect((await faultOf(lost.session.execute('select 1'))).code).toBe('database-lost')
      await lost.session.rollback()
      await lost.close()
    })

    test('a lock excludes other sessions until its own ends', async () => {
      const other = await target.another()
      expect(await other.tryLock('changelog')).toBeDefined()
      expect(await target.database.tryLock('changelog')).toBeUndefined()
      await other.close()
      await expect.poll(async () => await target.database.tryLock('changelog')).toBeDefined()
    })
  })
})

/** Resolves when a session of the target's database sleeps. */
async function sleepingIn(target: Target): Promise<void> {
  const watcher = await target.another()
  const query = "select 1 from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()"
  await expect.poll(async () => (await watcher.session.execute(query)).rows.length, { timeout: 10_000 }).toBe(1)
  await watcher.close()
}
