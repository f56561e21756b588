// A delegate in a network that is left through a proxy only, with certificates of the company's own authority: the built command
// against a manager behind TLS that wants a client certificate, Git over HTTPS, and PostgreSQL over TLS.
import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openDatabase } from '#database/open'
import type { Database } from '#database/port'
import { type Authority, type Certificate, createAuthority } from './certificate.ts'
import { type Edge, startEdge } from './edge.ts'
import {
  type Proxy,
  showing,
  startClosedDelegate,
  startDatabaseEdge,
  type StartedDelegate,
  startGitServer,
  startProxy,
} from './closed-network.ts'
import { createWorld, program, type StepWorld, tables } from './step-world.ts'

const serverUrl = process.env['SLUICE_TEST_POSTGRES_URL']
if (serverUrl === undefined)
  console.warn('NOT RUN: "a database with the company\'s certificate". Set SLUICE_TEST_POSTGRES_URL to run it.')

let world: StepWorld
let authority: Authority
let own: Certificate
let manager: Edge
let git: Edge
let proxy: Proxy
let children: ChildProcess[] = []

beforeAll(async () => {
  world = await createWorld()
  world.commit({ 'changelog.sql': tables('alpha') })
  authority = createAuthority(world.folder)
  own = authority.issue('delegate-eu')
  manager = await startEdge(authority, world.manager.url, true)
  git = await startGitServer(authority, world.folder)
  proxy = await startProxy()
}, 60_000)
afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  children = []
})
afterAll(async () => {
  proxy?.child.kill('SIGKILL')
  await manager?.close()
  await git?.close()
  await world?.close()
})

function startDelegate(more: readonly string[], environment: Record<string, string> = {}): StartedDelegate {
  const started = startClosedDelegate(world, { manager, proxy }, more, environment)
  children.push(started.child)
  return started
}
const mutual = (): string[] => showing(own)
const source = () =>
  ({
    type: 'git',
    url: `https://git.test:${git.port}/shop.git`,
    reference: { branch: 'main' },
    path: 'changelog.sql',
  }) as const

describe('a closed network', { timeout: 90_000 }, () => {
  test('manager, log and Git go through the proxy, with the own authority and a client certificate', async () => {
    startDelegate(['--ca-file', authority.caFile, ...mutual()])
    const spec = world.spec('closed', { type: 'DBSchemaApply', source: source() })
    const attempt = world.manager.enqueue(spec)
    await world.manager.until(() => attempt.state === 'finished')
    expect(attempt.finish, attempt.log.toString()).toMatchObject({ outcome: 'success' })
    expect(attempt.log.toString()).toContain('Step ended: success')
    expect(manager.callers).toEqual(new Set(['delegate-eu']))
    expect(proxy.asked).toContain(`CONNECT git.test:${git.port}`)
    expect(proxy.asked).toContain(`CONNECT manager.test:${manager.port}`)
  })

  test.each([
    ['without the authority', () => mutual(), /certificate|self.signed|issuer/i],
    ['without the client certificate', () => ['--ca-file', authority.caFile], /does not answer/],
  ] as const)('%s it does not get in, and says so', async (_, flags, words) => {
    const calls = world.manager.calls.length
    const { said } = startDelegate(flags())
    await expect.poll(said, { timeout: 30_000 }).toMatch(words)
    expect(world.manager.calls.length).toBe(calls)
  })

  test('NO_PROXY leads past the proxy', async () => {
    const asked = proxy.asked.length
    const { said } = startDelegate(['--ca-file', authority.caFile, ...mutual()], { NO_PROXY: '.test' })
    // Nobody but the proxy knows the name.
    await expect.poll(said, { timeout: 30_000 }).toMatch(/does not answer.*(ENOTFOUND|EAI_AGAIN)/)
    expect(proxy.asked.length).toBe(asked)
  })

  test('files that cannot be used are told at the start', async () => {
    const { said } = startDelegate(['--ca-file', own.keyFile])
    await expect.poll(said, { timeout: 30_000 }).toContain('holds no certificate in PEM form')
    const half = startDelegate(['--client-certificate', own.certFile])
    await expect.poll(half.said, { timeout: 30_000 }).toContain('needs its key')
  })
})

describe.skipIf(serverUrl === undefined)('a database with the company’s certificate', { timeout: 90_000 }, () => {
  let admin: Database
  let edge: Edge
  const name = `sluice_${randomUUID().replaceAll('-', '')}`
  beforeAll(async () => {
    admin = await openDatabase({ url: serverUrl ?? '', username: undefined, password: undefined })
    await admin.session.execute(`create database ${name}`)
    const { hostname, port } = new URL(serverUrl ?? '')
    edge = await startDatabaseEdge(authority, hostname, Number(port || 5432))
  })
  afterAll(async () => {
    await edge?.close()
    await admin.session.execute(`drop database ${name} with (force)`)
    await admin.close()
  })

  test('is trusted by the authority of the delegate, and only by it', async () => {
    const { username, password } = new URL(serverUrl ?? '')
    const connection = {
      url: `jdbc:postgresql://localhost:${edge.port}/${name}?sslmode=verify-full`,
      username,
      passwordRef: 'db',
    }
    const environment = { HTTPS_PROXY: proxy.url, PATH: process.env['PATH'] }
    for (const [attempt, trusted] of [
      ['untrusted', {}],
      ['trusted', { NODE_EXTRA_CA_CERTS: authority.caFile }],
    ] as const) {
      const { createProcessRunner } = await import('#delegate/runner/process')
      const runner = createProcessRunner({
        command: [process.execPath, program, 'step'],
        environment: { ...environment, ...trusted },
        watchInterval: 50,
      })
      const delegate = await world.startDelegate({ runner, directory: `${world.folder}/${attempt}` })
      const run = await world.run(world.spec(attempt, { type: 'DBSchemaApply', connection }), {
        db: decodeURIComponent(password),
      })
      await delegate.drain(10_000)
      if (attempt === 'trusted') expect(run.finish, run.log.toString()).toMatchObject({ outcome: 'success' })
      else expect(run.finish?.fault?.message).toMatch(/certificate/)
    }
  })
})
