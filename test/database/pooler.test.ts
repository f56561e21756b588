// Behind a real pgbouncer: sessions that are shared are refused with the reason, a session of one's own works as without it.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDatabase } from '#database/open'
import type { Database } from '#database/port'
import { PostgresSession } from '#database/postgres/session'
import { connectServer } from '#database/postgres/connect'
import { parseDatabaseUrl } from '#database/url'
import { update } from '#engine/update'
import { changeSet, table, yaml } from './changelog.ts'
import { engineOn, faultOf, listen } from './engine.ts'
import { openTarget, sayWhatIsMissing, serverUrl, type Target } from './target.ts'

sayWhatIsMissing('a pooler between us and the server')
const installed = spawnSync('pgbouncer', ['--version']).status === 0
if (serverUrl !== undefined && !installed) {
  console.warn('NOT RUN: "a pooler between us and the server". Install pgbouncer to run it.')
}

type Mode = 'session' | 'transaction' | 'statement'

interface Pooler {
  readonly url: string
  stop(): Promise<void>
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { readonly port: number }
  server.close()
  await once(server, 'close')
  return port
}

async function startPooler(target: Target, mode: Mode): Promise<Pooler> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-pooler-'))
  const port = await freePort()
  const { hostname, port: serverPort, pathname, username, password } = new URL(target.url)
  const file = join(folder, 'pgbouncer.ini')
  const database = pathname.slice(1)
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'any',
    pool_mode: mode,
    default_pool_size: 5,
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`)
  writeFileSync(
    file,
    `[databases]\n${database} = host=${hostname} port=${serverPort || '5432'} dbname=${database} user=${username} password=${decodeURIComponent(password)}\n[pgbouncer]\n${lines.join('\n')}\n`,
  )
  // It refuses to run as root.
  const lent = process.getuid?.() === 0 ? Number(execFileSync('id', ['-u', 'nobody'], { encoding: 'utf8' })) : undefined
  if (lent !== undefined) for (const path of [folder, file]) chownSync(path, lent, lent)
  const as = lent === undefined ? {} : { uid: lent, gid: lent }
  const child = spawn('pgbouncer', ['-q', file], { ...as, stdio: ['ignore', 'ignore', 'inherit'] })
  await untilItListens(child, port)
  return {
    url: `postgresql://anybody:any@127.0.0.1:${port}/${database}?sslmode=disable`,
    async stop() {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function untilItListens(child: ChildProcess, port: number): Promise<void> {
  for (let tries = 0; tries < 100 && child.exitCode === null; tries += 1) {
    const socket = connect({ host: '127.0.0.1', port })
    const answered = await Promise.race([
      once(socket, 'connect').then(
        () => true,
        () => false,
      ),
      sleep(1000, false),
    ])
    socket.destroy()
    if (answered) return
    await sleep(50)
  }
  throw new Error('pgbouncer did not start')
}

const open = async (url: string): Promise<Database> =>
  await openDatabase({ url, username: undefined, password: undefined })
const files = yaml(changeSet('1', table('a')), changeSet('2', table('b')))

describe.skipIf(serverUrl === undefined || !installed)('a pooler between us and the server', () => {
  let target: Target
  let pooler: Pooler | undefined
  beforeAll(async () => {
    target = await openTarget('postgresql')
  })
  afterAll(async () => {
    await pooler?.stop()
    await target.remove()
  })
  const behind = async (mode: Mode): Promise<string> => {
    await pooler?.stop()
    pooler = await startPooler(target, mode)
    return pooler.url
  }

  test.each(['transaction', 'statement'] as const)('in %s mode is refused with the reason', async (mode) => {
    const fault = await faultOf(open(await behind(mode)), 'database-pooled')
    expect(fault.message).toContain('shares the sessions of the server')
    expect(fault.hint).toContain('Connect to the database itself')
    // None of our settings stayed in a session that others will have; the pooler needs a moment to see that we are gone.
    const stillOpen = async (): Promise<readonly unknown[]> => {
      const { rows } = await target.database.session.execute(
        `select count(*)::int as open from pg_stat_activity where datname = current_database() and state like 'idle in%'`,
      )
      return rows
    }
    await expect.poll(stillOpen, { timeout: 10_000 }).toEqual([{ open: 0 }])
  })

  test('in session mode works as the database itself', async () => {
    const database = await open(await behind('session'))
    try {
      expect((await update(await engineOn(database, { files }), {}, listen())).ran).toBe(2)
      expect((await update(await engineOn(database, { files }), {}, listen())).ran).toBe(0)
    } finally {
      await database.close()
    }
  })

  test('that changes the session in the middle is noticed before a change set has begun', async () => {
    const url = parseDatabaseUrl(await behind('transaction'))
    if (url.kind !== 'postgresql') throw new Error('not a server')
    const options = { url: '', username: undefined, password: undefined }
    const [first, second] = [await connectServer(url, options), await connectServer(url, options)]
    const session = new PostgresSession(first)
    const { rows } = await session.execute('select pg_backend_pid() as backend')
    session.stayOn(Number(rows[0]?.['backend']))
    expect(await session.transaction(['select 1'])).toEqual({ rowsAffected: [0] })
    // The other one takes our session, so that we get another.
    await second.send('BEGIN', undefined)
    const outcome = await session.transaction(['create table never (i int)'])
    expect(outcome.failure?.fault.code).toBe('database-pooled')
    expect(await target.database.inspect.table(undefined, 'never')).toBe(false)
    await faultOf(session.begin(), 'database-pooled')
    first.destroy()
    second.destroy()
  })

  test('costs no second connection when there is none', async () => {
    const before = await connectionsOf(target)
    const database = await target.another()
    expect(await connectionsOf(target)).toBe(before + 1)
    await database.close()
  })
})

/** Sessions that the server has begun for this database so far. */
async function connectionsOf({ database }: Target): Promise<number> {
  await sleep(100)
  await database.session.execute('select pg_stat_force_next_flush()').catch(() => {})
  const { rows } = await database.session.execute(
    'select sessions::int as begun from pg_stat_database where datname = current_database()',
  )
  return Number(rows[0]?.['begun'])
}
