// A MariaDB server of the tests' own that takes encrypted connections, with a certificate of an authority of ours.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'

import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Authority, createAuthority } from './certificate.ts'

export const hasMariadb = (): boolean =>
  ['mariadbd', 'mariadb-install-db', 'mariadb'].every((name) => spawnSync(name, ['--version']).status === 0)

export interface MariadbServer {
  readonly port: number
  readonly authority: Authority
  /** Of a user who may do all, with encryption only. */
  readonly password: string
  close(): void
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

export async function startMariadb(): Promise<MariadbServer> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-mariadb-'))
  const data = join(folder, 'data')
  mkdirSync(data)
  const authority = createAuthority(folder)
  const { certFile, keyFile } = authority.issue('database', 'DNS:localhost')
  const isRoot = process.getuid?.() === 0
  const user = isRoot ? ['--user=mysql'] : []
  if (isRoot) {
    const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, 'mysql'], { encoding: 'utf8' })))
    for (const name of ['.', ...readdirSync(folder)]) chownSync(join(folder, name), uid ?? 0, gid ?? 0)
  }
  execFileSync('mariadb-install-db', ['--no-defaults', ...user, `--datadir=${data}`, '--skip-test-db'], {
    stdio: 'ignore',
  })
  const port = await freePort()
  const socket = join(folder, 'socket')
  const flags = [`--datadir=${data}`, `--socket=${socket}`, `--port=${port}`, '--bind-address=127.0.0.1']
  const durability = ['--innodb-flush-log-at-trx-commit=0', '--skip-name-resolve']
  const tls = [`--ssl-cert=${certFile}`, `--ssl-key=${keyFile}`]
  const child: ChildProcess = spawn('mariadbd', ['--no-defaults', ...user, ...flags, ...durability, ...tls], {
    stdio: 'ignore',
  })
  const password = 'closed-network'
  const sql = `create database shop; create user closed@'127.0.0.1' identified by '${password}' require ssl; grant all on *.* to closed@'127.0.0.1'`
  for (let tries = 0; ; tries++) {
    if (spawnSync('mariadb', ['--no-defaults', `--socket=${socket}`, '-u', 'root', '-e', sql]).status === 0) break
    if (tries === 300 || child.exitCode !== null) throw new Error('MariaDB did not start.')
    await sleep(100)
  }
  return {
    port,
    authority,
    password,
    close() {
      child.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
