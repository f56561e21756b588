// The database servers of the bench: those that the environment names, or ones of its own on disk with default durability.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../process.ts'
import type { Command } from './measure.ts'

export interface Server {
  readonly kind: 'postgresql' | 'mariadb'
  readonly user: string
  readonly password: string
  /** `postgresql://…` or `mysql://…` with user and password, of one database. */
  url(database: string): string
  jdbc(database: string): string
  /** The server's own client, which reads a script. */
  client(database: string, script: string): Command
  /** The server's own program that writes a schema as SQL. */
  dump(database: string): Command
  /** An empty database of that name, whether there is one or not. */
  fresh(database: string): void
  drop(database: string): void
  stop(): Promise<void>
}

interface Address {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
}

export async function postgres(): Promise<Server | undefined> {
  const given = process.env['SLUICE_TEST_POSTGRES_URL']
  if (given !== undefined) return postgresAt(addressOf(given, 5432), () => Promise.resolve())
  const versions = '/usr/lib/postgresql'
  const newest = existsSync(versions)
    ? readdirSync(versions)
        .toSorted((a, b) => Number(a) - Number(b))
        .at(-1)
    : undefined
  if (newest === undefined) return undefined
  const own = ownFolder('postgres')
  const password = randomBytes(12).toString('hex')
  const passwordFile = join(own.folder, 'password')
  writeFileSync(passwordFile, password)
  chownSync(passwordFile, own.uid, own.gid)
  const bin = join(versions, newest, 'bin')
  const as = { uid: own.uid, gid: own.gid, cwd: own.folder }
  const data = join(own.folder, 'data')
  execFileSync(
    join(bin, 'initdb'),
    [
      '-D',
      data,
      '-U',
      'postgres',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '-E',
      'UTF8',
      '--locale=C.UTF-8',
    ],
    { ...as, stdio: 'ignore' },
  )
  const port = await freePort()
  const child = spawnWatched(join(bin, 'postgres'), ['-D', data, '-p', String(port), '-k', own.folder], as, own.folder)
  const server = postgresAt(
    { host: '127.0.0.1', port, user: 'postgres', password },
    async () => await end(child, own.folder),
  )
  await untilItAnswers(server, 'postgres')
  return server
}

function postgresAt({ host, port, user, password }: Address, stop: () => Promise<void>): Server {
  const at = `${host}:${port}`
  const client = (database: string, ...args: readonly string[]): Command => ({
    program: 'psql',
    args: ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-h', host, '-p', String(port), '-U', user, '-d', database, ...args],
    env: { PGPASSWORD: password },
  })
  const administer = (sql: string): void => runNow(client('postgres', '-c', sql))
  const drop = (database: string): void => administer(`drop database if exists ${database} with (force)`)
  return {
    kind: 'postgresql',
    user,
    password,
    url: (database) => `postgresql://${user}:${encodeURIComponent(password)}@${at}/${database}`,
    jdbc: (database) => `jdbc:postgresql://${at}/${database}`,
    client: (database, script) => client(database, '-f', script),
    dump: (database) => ({
      ...client(database),
      program: 'pg_dump',
      args: ['-s', '-h', host, '-p', String(port), '-U', user, '-d', database],
    }),
    fresh: (database) => {
      drop(database)
      administer(`create database ${database}`)
    },
    drop,
    stop,
  }
}

export async function mariadb(): Promise<Server | undefined> {
  const given = process.env['SLUICE_TEST_MARIADB_URL']
  if (given !== undefined) return mariadbAt(addressOf(given, 3306), () => Promise.resolve())
  if (spawnSync('mariadbd', ['--version']).status !== 0) return undefined
  const own = ownFolder('mysql')
  const data = join(own.folder, 'data')
  const as = { uid: own.uid, gid: own.gid, cwd: own.folder }
  execFileSync(
    'mariadb-install-db',
    ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db'],
    { ...as, stdio: 'ignore' },
  )
  const port = await freePort()
  const args = [
    '--no-defaults',
    `--datadir=${data}`,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    `--socket=${join(own.folder, 's')}`,
    '--local-infile=1',
  ]
  const child = spawnWatched('mariadbd', args, as, own.folder)
  const server = mariadbAt(
    { host: '127.0.0.1', port, user: 'root', password: '' },
    async () => await end(child, own.folder),
  )
  await untilItAnswers(server, '')
  return server
}

function mariadbAt({ host, port, user, password }: Address, stop: () => Promise<void>): Server {
  const at = `${host}:${port}`
  const client = (database: string, ...args: readonly string[]): Command => ({
    program: 'mariadb',
    args: ['--no-defaults', '--local-infile=1', '-h', host, '-P', String(port), '-u', user, ...args, database],
    env: { MYSQL_PWD: password },
  })
  const administer = (sql: string): void => runNow(client('', '-e', sql))
  return {
    kind: 'mariadb',
    user,
    password,
    url: (database) => `mysql://${user}:${encodeURIComponent(password)}@${at}/${database}`,
    jdbc: (database) => `jdbc:mariadb://${at}/${database}`,
    client: (database, script) => ({ ...client(database), input: script }),
    dump: (database) => ({
      ...client(database),
      program: 'mariadb-dump',
      args: ['--no-defaults', '--no-data', '-h', host, '-P', String(port), '-u', user, database],
    }),
    fresh: (database) =>
      administer(`drop database if exists ${database}; create database ${database} character set utf8mb4`),
    drop: (database) => administer(`drop database if exists ${database}`),
    stop,
  }
}

function addressOf(text: string, port: number): Address {
  const url = new URL(text)
  const { hostname: host, username: user } = url
  return { host, port: Number(url.port || port), user, password: decodeURIComponent(url.password) }
}

function runNow({ program, args, env }: Command): void {
  execFileSync(
    program,
    args.filter((argument) => argument !== ''),
    { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'] },
  )
}

/** These servers refuse to run as root, so root lends them their own user. */
function ownFolder(user: string): { readonly folder: string; readonly uid: number; readonly gid: number } {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-server-'))
  if (process.getuid?.() !== 0) return { folder, uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
  const id = (flag: string): number => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }))
  const [uid, gid] = [id('-u'), id('-g')]
  mkdirSync(folder, { recursive: true })
  chownSync(folder, uid, gid)
  return { folder, uid, gid }
}

/**
 * The server, with a watcher beside it that outlives a bench which is killed, even by SIGKILL: its standard input closes with the
 * bench, and then it stops the server and removes its files.
 */
function spawnWatched(
  program: string,
  args: readonly string[],
  as: { readonly uid: number; readonly gid: number; readonly cwd: string },
  folder: string,
): ChildProcess {
  const child = spawn(program, args, { ...as, stdio: 'ignore' })
  const script = `cat >/dev/null; kill -QUIT ${child.pid} 2>/dev/null || exit 0
    for _ in $(seq 100); do kill -0 ${child.pid} 2>/dev/null || break; sleep 0.1; done; kill -KILL ${child.pid} 2>/dev/null; rm -rf "$0"`
  const watcher = spawn('/bin/sh', ['-c', script, folder], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  watcher.unref()
  child.once('exit', () => watcher.stdin.end())
  return child
}

async function untilItAnswers(server: Server, database: string): Promise<void> {
  for (let waited = 0; waited < 30_000; waited += 200) {
    try {
      runNow({ ...server.client(database, '/dev/null') })
      return
    } catch {
      await sleep(200)
    }
  }
  await server.stop()
  throw new Error(`the ${server.kind} server of the bench did not start`)
}

async function end(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null) {
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  rmSync(folder, { recursive: true, force: true })
}
