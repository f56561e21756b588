// The driver of SQL Server against a small peer that speaks its protocol, and against hosts where none answers. No server of
// SQL Server is here: what only that could show is listed as not verified in docs/reference/databases.md.
import { createServer, type AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Fault } from '#contract/fault'
import { openDatabase } from '#database/open'
import type { Database } from '#database/port'
import { type Answer, type PeerOptions, TdsPeer } from './peer/tds.ts'

const described: Answer = {
  columns: ['user_name', 'database_name', 'schema_name', 'version'],
  rows: [['sa', 'shop', 'dbo', '16.0.4135.4']],
}
const ours = (sql: string): Answer | undefined => {
  // What the driver itself sends at first, and what we send then.
  if (/^\s*set textsize/im.test(sql) || sql.startsWith('SET QUOTED_IDENTIFIER')) return { affected: 0 }
  return sql.includes('suser_sname()') ? described : undefined
}

let peer: TdsPeer
let open: Database[] = []
beforeEach(() => {
  open = []
})
afterEach(async () => {
  for (const database of open) await database.close()
  await peer.close()
})

async function start(options: Partial<PeerOptions> = {}): Promise<string> {
  const { answer = () => ({ affected: 0 }) } = options
  peer = new TdsPeer({ ...options, answer: (sql) => ours(sql) ?? answer(sql) })
  return `jdbc:sqlserver://127.0.0.1:${await peer.listen()};databaseName=shop;encrypt=false`
}

async function connect(url: string, notice?: (text: string) => void): Promise<Database> {
  const database = await openDatabase({ url, username: 'sa', password: 'Secret-1', notice })
  open.push(database)
  return database
}

describe('a session', () => {
  test('knows who and where it is', async () => {
    const database = await connect(await start())
    expect(database).toMatchObject({
      user: 'sa',
      productVersion: '16.0.4135.4',
      defaultSchemaName: 'dbo',
      dialect: { shortName: 'mssql' },
    })
    expect(database.url).toMatch(/^jdbc:sqlserver:\/\/127\.0\.0\.1:\d+;databaseName=shop$/)
    expect(database.facts.properties).toMatchObject({ databaseMajorVersion: '16', defaultCatalogName: 'shop' })
  })

  test('rows, numbers of rows, messages', async () => {
    const notices: string[] = []
    const answer = (sql: string): Answer => {
      if (sql === 'select')
        return {
          columns: ['a', 'b'],
          rows: [
            ['1', null],
            ['zwei', ''],
          ],
        }
      return { affected: 3, info: { number: 0, message: 'three rows' } }
    }
    const { session } = await connect(await start({ answer }), (text) => notices.push(text))
    expect(await session.execute('select')).toEqual({
      rows: [
        { a: '1', b: null },
        { a: 'zwei', b: '' },
      ],
      rowsAffected: 0,
    })
    expect(await session.execute('update t set a = 1')).toEqual({ rows: [], rowsAffected: 3 })
    expect(notices).toEqual(['three rows'])
  })

  test('transactions are batches of their own', async () => {
    const { session } = await connect(await start())
    await session.begin()
    await session.execute('CREATE TABLE t (a int)')
    await session.commit()
    await session.rollback()
    expect(peer.batches.slice(-4)).toEqual([
      'BEGIN TRANSACTION',
      'CREATE TABLE t (a int)',
      'COMMIT TRANSACTION',
      'IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION',
    ])
  })

  test('errors of the server have number and place', async () => {
    const error = { number: 102, message: "Incorrect syntax near 'frm'.", line: 2 }
    const { session } = await connect(await start({ answer: () => ({ error }) }))
    await expect(session.execute('select *\nfrm t')).rejects.toMatchObject({
      code: 'statement-failed',
      databaseCode: '102',
      message: "Incorrect syntax near 'frm'.",
      position: 9,
    })
  })

  test.each([
    [229, 'database-permission'],
    [262, 'database-permission'],
    [1222, 'timed-out'],
    [1205, 'statement-failed'],
    [2627, 'statement-failed'],
  ])('number %i is %s', async (number, code) => {
    const { session } = await connect(await start({ answer: () => ({ error: { number, message: 'no' } }) }))
    await expect(session.execute('select 1')).rejects.toMatchObject({ code, databaseCode: String(number) })
  })

  test('a cancelled statement ends with the reason, and the session goes on', async () => {
    const answer = (sql: string): Answer => (sql === 'WAITFOR' ? 'hang' : { affected: 1 })
    const { session } = await connect(await start({ answer }))
    const controller = new AbortController()
    const running = session.execute('WAITFOR', [], controller.signal)
    setTimeout(() => controller.abort(new Fault('timed-out', 'too long')), 50)
    await expect(running).rejects.toMatchObject({ code: 'timed-out', message: 'too long' })
    expect(await session.execute('update')).toMatchObject({ rowsAffected: 1 })
  })

  test('a connection that breaks is lost, not failed', async () => {
    const { session } = await connect(await start({ answer: () => 'close' }))
    await expect(session.execute('update')).rejects.toMatchObject({ code: 'database-lost' })
    await expect(session.execute('update')).rejects.toMatchObject({ code: 'database-lost' })
    await expect(session.rollback()).resolves.toBeUndefined()
  })

  test('parameters go as such, and the lock is one of the session', async () => {
    let result = '0'
    const answer = (sql: string): Answer =>
      sql.includes('sp_getapplock') ? { columns: ['result'], rows: [[result]] } : { affected: 0 }
    const database = await connect(await start({ answer }))
    const lock = await database.tryLock('sluice:dbo.DATABASECHANGELOGLOCK')
    expect(lock).toBeDefined()
    expect(await database.tryLock('sluice:DBO.databasechangeloglock')).toBeUndefined()
    expect(peer.batches.at(-1)).toContain('sluice:')
    await lock?.release()
    expect(peer.batches.at(-1)).toContain('sp_releaseapplock')
    result = '-1'
    expect(await database.tryLock('sluice:dbo.DATABASECHANGELOGLOCK')).toBeUndefined()
  })
})

describe('what keeps a session from being opened', () => {
  test.each([
    [18_456, 'database-authentication'],
    [4060, 'database-not-found'],
    [916, 'database-permission'],
  ])('sign-in refused with %i is %s', async (number, code) => {
    const url = await start({ login: { number, message: "Login failed for user 'sa'." } })
    const opening = openDatabase({ url, username: 'sa', password: 'Secret-1' })
    await expect(opening).rejects.toMatchObject({ code, databaseCode: String(number) })
    await expect(opening).rejects.not.toMatchObject({ message: expect.stringContaining('Secret-1') as string })
  })

  test('nothing listens', async () => {
    await start()
    const free = createServer()
    await new Promise<void>((resolve) => {
      free.listen(0, '127.0.0.1', resolve)
    })
    const { port } = free.address() as AddressInfo
    await new Promise((resolve) => {
      free.close(resolve)
    })
    const url = `jdbc:sqlserver://127.0.0.1:${port};databaseName=shop`
    await expect(openDatabase({ url, username: 'sa', password: 'x' })).rejects.toMatchObject({
      code: 'database-unreachable',
      message: `nothing answers at 127.0.0.1:${port}`,
    })
  })

  test('a host that nobody knows', async () => {
    await start()
    const url = 'jdbc:sqlserver://no-such-host.invalid;databaseName=shop'
    await expect(openDatabase({ url, username: 'sa', password: 'x' })).rejects.toMatchObject({
      code: 'database-unreachable',
    })
  })

  test('encryption that the server does not have', async () => {
    const url = (await start()).replace('encrypt=false', 'encrypt=true')
    await expect(openDatabase({ url, username: 'sa', password: 'x' })).rejects.toMatchObject({
      code: 'database-unreachable',
      message: 'the server does not offer encryption, so the password was not sent',
    })
    expect(peer.logins).toBe(0)
  })

  test('no user', async () => {
    const url = await start()
    await expect(openDatabase({ url, username: undefined, password: undefined })).rejects.toMatchObject({
      code: 'database-authentication',
    })
  })
})
