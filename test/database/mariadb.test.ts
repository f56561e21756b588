// What a connection to MySQL or MariaDB says when something is wrong, and what it does when it is interrupted.
import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Fault } from '#contract/fault'
import { openDatabase } from '#database/open'
import type { Database, OpenOptions } from '#database/port'
import { readHistory } from '#engine/history/table'
import { update } from '#engine/update'
import { engineOn, faultOf as ended, listen } from './engine.ts'
import { mariadbUrl, openTarget, sayWhatIsMissing, type Target } from './target.ts'

beforeAll(() => sayWhatIsMissing('connections to MariaDB'))

const open = (url: string, more: Partial<OpenOptions> = {}): Promise<Database> =>
  openDatabase({ url, username: undefined, password: undefined, ...more })

describe('a server that is not there', () => {
  test('nothing listens', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { readonly port: number }
    server.close()
    await once(server, 'close')
    const attempt = open(`jdbc:mysql://127.0.0.1:${port}/x`, { username: 'u', password: 'top secret' })
    const fault = await ended(attempt, 'database-unreachable')
    expect(fault.message).toBe(`nothing answers at 127.0.0.1:${port}`)
    expect(JSON.stringify(fault)).not.toContain('top secret')
  })

  test('it takes the connection and never speaks', async () => {
    const server = createServer(() => {}).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { readonly port: number }
    const attempt = open(`jdbc:mariadb://127.0.0.1:${port}/x?connectTimeout=200`, { username: 'u', password: 'p' })
    const fault = await ended(attempt, 'database-unreachable')
    server.close()
    expect(fault.message).toBe(`127.0.0.1:${port} does not answer in time`)
  })

  test.each(['HTTP/1.1 400 Bad Request\r\n\r\n', ''])('something else answers: %j', async (greeting) => {
    const server = createServer((socket) => socket.end(greeting)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { readonly port: number }
    const attempt = open(`jdbc:mysql://127.0.0.1:${port}/x`, { username: 'u', password: 'p', connectTimeout: 2000 })
    const fault = await ended(attempt, 'database-unreachable')
    server.close()
    expect(fault.message).toMatch(/MySQL or MariaDB server/)
  })
})

describe.runIf(mariadbUrl !== undefined)('a MariaDB server', () => {
  const address = (): URL => new URL(mariadbUrl ?? 'mariadb://localhost/')
  const jdbc = (rest: string): string => {
    const { hostname, port } = address()
    return `jdbc:mysql://${hostname}:${port}/${rest}`
  }
  const root = (): Pick<OpenOptions, 'username' | 'password'> => ({
    username: address().username,
    password: address().password,
  })

  test('a wrong password', async () => {
    const fault = await ended(open(mariadbUrl ?? '', { password: 'certainly wrong' }), 'database-authentication')
    expect(fault.databaseCode).toMatch(/^(?:1045|1698)$/)
    expect(fault.message).not.toContain('certainly wrong')
  })

  test('a database that does not exist', async () => {
    const fault = await ended(open(jdbc('no_such_database'), root()), 'database-not-found')
    expect(fault).toMatchObject({ databaseCode: '1049' })
    expect(fault.message).toContain('no_such_database')
    await ended(open(mariadbUrl ?? '', { defaultSchemaName: 'no_such_schema' }), 'database-not-found')
  })

  test('a database that is made when the URL says so', async () => {
    const name = `sluice_made_${process.pid}`
    const database = await open(jdbc(`${name}?createDatabaseIfNotExist=true`), root())
    expect(database.defaultSchemaName).toBe(name)
    await database.session.execute(`drop database ${name}`)
    await database.close()
  })

  test('no database at all', async () => {
    const database = await open(jdbc(''), root())
    const fault = await ended(database.session.execute('create table t (a int)'), 'statement-failed')
    expect(fault.hint).toContain('Name the database in the URL')
    await database.close()
  })

  test('encryption that is required and not offered', async () => {
    const offered = await open(jdbc('?sslMode=PREFERRED'), root())
    const { rows } = await offered.session.execute("show status like 'Ssl_cipher'")
    await offered.close()
    const wanted = open(jdbc('?sslMode=REQUIRED'), root())
    if (rows[0]?.['Value'] === '') {
      expect((await ended(wanted, 'database-unreachable')).message).toContain('does not offer encryption')
    } else await (await wanted).close()
    await ended(open(jdbc('?sslMode=sometimes'), root()), 'database-url-invalid')
  })

  test('parameters are used, or said not to be', async () => {
    const notices: string[] = []
    const notice = (text: string): void => void notices.push(text)
    const parameters = "?sessionVariables=sql_mode='NO_BACKSLASH_ESCAPES'&serverTimezone=UTC&useUnicode=true"
    const database = await open(jdbc(parameters), { ...root(), notice })
    const text = database.dialect.literal("back\\slash it's")
    expect((await database.session.execute(`select ${text} as text`)).rows).toEqual([{ text: "back\\slash it's" }])
    expect(notices).toEqual([
      'The database URL has parameters that change nothing here: servertimezone.',
      expect.stringContaining('NO_BACKSLASH_ESCAPES of the server is off'),
    ])
    expect([database.dialect.shortName, database.productName, database.user]).toEqual([
      'mariadb',
      'MariaDB',
      address().username,
    ])
    await database.close()
  })

  describe('at work', () => {
    let target: Target
    beforeAll(async () => {
      target = await openTarget('mariadb')
    })
    afterAll(() => target.remove())

    test('values keep their meaning', async () => {
      const { session } = target.database
      await session.execute(
        'create table kinds (a bigint unsigned, b decimal(30,10), c datetime(6), d date, e json, f varbinary(3), g bit(1), h double)',
      )
      await session.execute(
        `insert into kinds values (18446744073709551615, 12345678901234567890.0123456789, '2001-02-03 04:05:06.789',
          '0000-01-01', '{"a": 1}', x'00ff7f', b'1', 1.5)`,
      )
      const [row] = (await session.execute('select * from kinds')).rows
      expect(row).toMatchObject({
        a: '18446744073709551615',
        b: '12345678901234567890.0123456789',
        c: '2001-02-03 04:05:06.789000',
        d: '0000-01-01',
        e: '{"a": 1}',
        h: 1.5,
      })
      expect(Buffer.from((row?.['f'] ?? []) as Uint8Array).toString('hex')).toBe('00ff7f')
      expect((await session.execute('select * from kinds where a = ?', ['18446744073709551615'])).rows).toHaveLength(1)
    })

    test('a running statement is cancelled at the server', async () => {
      const { session } = target.database
      const canceller = new AbortController()
      const running = ended(session.execute('select sleep(60)', [], canceller.signal), 'timed-out')
      await sleepingIn(target)
      canceller.abort(new Fault('timed-out', 'the step took too long'))
      expect((await running).message).toBe('the step took too long')
      expect((await session.execute('select 1 as one')).rows).toEqual([{ one: 1 }])
    })

    test('a lock time-out is one, and so is a deadlock told apart', async () => {
      const other = await target.another()
      await other.session.execute('create table busy (a int primary key); insert into busy values (1), (2)')
      const { session } = target.database
      await session.execute('set session innodb_lock_wait_timeout = 1')
      await other.session.begin()
      await other.session.execute('update busy set a = a where a = 1')
      await ended(session.execute('update busy set a = a where a = 1'), 'timed-out')
      await session.execute('set session innodb_lock_wait_timeout = 50')
      await session.begin()
      await session.execute('update busy set a = a where a = 2')
      const waiting = other.session.execute('update busy set a = a where a = 2').then(
        () => undefined,
        (error: unknown) => error,
      )
      const mine = session.execute('update busy set a = a where a = 1').then(
        () => undefined,
        (error: unknown) => error,
      )
      const faults = (await Promise.all([waiting, mine])).filter((error) => error instanceof Fault)
      expect(faults).toMatchObject([{ code: 'statement-failed', databaseCode: '1213' }])
      expect(faults[0]?.hint).toContain('Run it again')
      await session.rollback()
      await other.close()
    })

    test('a missing right is named', async () => {
      const { session } = target.database
      const name = `nobody_${process.pid}`
      await session.execute(
        `create table secret (a int); create user ${name} identified by 'x'; grant usage on *.* to ${name}`,
      )
      try {
        const { hostname, port } = address()
        const url = `jdbc:mariadb://${hostname}:${port}/`
        const fault = await ended(
          open(`${url}${target.database.defaultSchemaName}`, { username: name, password: 'x' }),
          'database-permission',
        )
        expect(fault.databaseCode).toBe('1044')
        const nobody = await open(url, { username: name, password: 'x' })
        const refused = nobody.session.execute(`select * from ${target.database.defaultSchemaName}.secret`)
        expect((await ended(refused, 'database-permission')).message).toContain('secret')
        await nobody.close()
      } finally {
        await session.execute(`drop user ${name}`)
      }
    })

    test('a connection that breaks while a statement runs', async () => {
      const lost = await target.another()
      const running = ended(lost.session.execute('select sleep(60)'), 'database-lost')
      const id = await sleepingIn(target)
      await target.database.session.execute(`kill ${id}`)
      await running
      await ended(lost.session.execute('select 1'), 'database-lost')
      await lost.session.rollback()
      await lost.close()
    })

    test.each(['+05:30', '-03:00', '+00:00'])(
      'rows of the history have the moment that they were written in: %s',
      async (zone) => {
        await target.empty()
        await target.database.session.execute(`set time_zone = '${zone}'`)
        const before = Date.now()
        const files = {
          'root.yaml': `databaseChangeLog: [ { changeSet: { id: '1', author: amy, changes: [ { empty: null } ] } } ]`,
        }
        const context = await engineOn(target.database, { files })
        await update(context, {}, listen(), undefined)
        const [row] = (await readHistory(context)).rows
        // The column has whole seconds.
        expect((row?.executedAt ?? 0) - before).toBeGreaterThan(-2000)
        expect((row?.executedAt ?? 0) - before).toBeLessThan(60_000)
      },
    )

    test('a lock excludes other sessions until its own ends', async () => {
      const other = await target.another()
      expect(await other.tryLock('changelog')).toBeDefined()
      expect(await target.database.tryLock('changelog')).toBeUndefined()
      await other.close()
      await expect.poll(async () => await target.database.tryLock('changelog')).toBeDefined()
    })

    test('foreign keys of a table are dropped in one go, also when there is none', async () => {
      const { session, dialect, inspect } = target.database
      await session.execute('create table p (id int primary key); create table c (a int, b int)')
      const names = Array.from({ length: 40 }, (_, index) => `fk_${index}_${'x'.repeat(40)}`)
      for (const name of names) {
        await session.execute(`alter table c add constraint ${name} foreign key (a) references p (id)`)
      }
      const table = { catalogName: undefined, schemaName: undefined, tableName: 'c' }
      const [text] = dialect.write({ type: 'drop-all-foreign-keys', table }, 'LEGACY')
      await session.execute(text?.sql ?? '')
      expect(await inspect.foreignKey(undefined, 'c', names[39] ?? '')).toBe(false)
      await session.execute(text?.sql ?? '')
    })
  })
})

/** Resolves with the number of the session of the target's database that sleeps. */
async function sleepingIn(target: Target): Promise<string> {
  const watcher = await target.another()
  const query = "select id from information_schema.processlist where state = 'User sleep' and db = database()"
  const find = async () => (await watcher.session.execute(query)).rows
  await expect.poll(async () => (await find()).length, { timeout: 10_000 }).toBe(1)
  const [row] = await find()
  await watcher.close()
  return String(row?.['id'])
}
