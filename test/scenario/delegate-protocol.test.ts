// The delegate against the protocol on a real socket, with steps that play a part: registering, polling, accepting, settling.
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Fault } from '#contract/fault'
import { type Delegate, type DelegateOptions, startDelegate } from '#delegate/delegate'
import { createFakeRunner, type FakePart, type FakeRunner } from '#delegate/runner/fake'
import { type ProtocolManager, startProtocolManager, testSpec } from './protocol-manager.ts'

let manager: ProtocolManager
let directory: string
let running: Delegate[] = []
const said: string[] = []

beforeEach(async () => {
  manager = await startProtocolManager()
  directory = mkdtempSync(join(tmpdir(), 'sluice-delegate-'))
  said.length = 0
})
afterEach(async () => {
  for (const delegate of running) await delegate.drain(3000)
  running = []
  await manager.close()
  rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 })
})

async function start(
  parts: readonly FakePart[],
  more: Partial<DelegateOptions> = {},
): Promise<{ delegate: Delegate; fake: FakeRunner }> {
  const fake = createFakeRunner({ parts })
  const delegate = await startDelegate(
    {
      managerUrl: manager.url,
      token: manager.joinToken,
      name: 'test',
      tags: ['blue'],
      version: '0',
      directory,
      capacity: 2,
      runner: fake,
      random: () => 0.1,
      randomId: randomUUID,
      processId: process.pid,
      log: (_level, message) => said.push(message),
      ...more,
    },
    new AbortController().signal,
  )
  running.push(delegate)
  return { delegate, fake }
}
const apply = (attempt: string, more: object = {}) => testSpec(attempt, { type: 'DBSchemaApply', ...more })
const files = (): string[] => readdirSync(join(directory, 'attempts'))

describe('a delegate', () => {
  test('registers once, takes work, and its steps report with the token of their attempt', async () => {
    const identity = { fileName: 'a.yaml', id: '1', author: 'me' }
    await start([{ lines: ['hello'], changeSets: [identity], output: { changeSets: ['a.yaml::1::me'] } }])
    const attempt = manager.enqueue(apply('a1'))
    await manager.until(() => attempt.state === 'finished')
    expect(attempt.finish).toMatchObject({ outcome: 'success', fence: '1', output: { changeSets: ['a.yaml::1::me'] } })
    expect(attempt.events.map(({ body }) => body.type)).toEqual(['change-set.started', 'change-set.finished'])
    expect(attempt.log.toString()).toContain('hello\n')
    expect(manager.calls.filter((name) => name === 'register')).toHaveLength(1)
    expect(statSync(join(directory, 'identity.json')).mode & 0o777).toBe(0o600)
  })

  test('comes back with the same identity, and registers again when the manager has forgotten it', async () => {
    const first = await start([])
    await manager.until(() => manager.polls.length > 0)
    await first.delegate.drain(0)
    const second = await start([], { token: undefined })
    await manager.until(() => manager.polls.length > 1)
    expect(manager.delegates.size).toBe(1)
    await second.delegate.drain(0)
    manager.forgetDelegates()
    await start([])
    await manager.until(() => manager.delegates.size === 1)
  })

  test('gives up when it is refused and has no token to join with', async () => {
    const { delegate } = await start([], { token: undefined })
    await expect(delegate.done).rejects.toMatchObject({ code: 'unauthenticated' })
  })

  test('replaces a refused access token once', async () => {
    await start([])
    await manager.until(() => manager.polls.length > 0)
    manager.forgetTokens()
    const attempt = manager.enqueue(apply('a1'))
    await manager.until(() => attempt.state === 'finished')
    expect(manager.calls.filter((name) => name === 'accessToken')).toHaveLength(2)
  })

  test('opens the secrets that were sealed to it, for that attempt', async () => {
    const { fake } = await start([])
    const connection = { url: 'jdbc:sqlite:x', passwordRef: 'account.db_password' }
    const attempt = manager.enqueue(apply('a1', { connection }), { 'account.db_password': 'hunter22' })
    await manager.until(() => attempt.state === 'finished')
    expect(fake.documents[0]?.secrets).toEqual({ 'account.db_password': 'hunter22' })
  })

  test('takes no more than it has room for, and the next as soon as a step has ended', async () => {
    const { fake } = await start([{ match: { node: 'slow' }, waitFor: 'go' }])
    const all = ['a1', 'a2', 'a3'].map((id) => manager.enqueue({ ...apply(id), node: 'slow' }))
    await manager.until(
      () => all.filter(({ state }) => state === 'started').length === 2 && manager.polls.at(-1)?.freeSlots === 0,
    )
    expect(all.map(({ state }) => state)).toEqual(['started', 'started', 'queued'])
    fake.release('go')
    await manager.until(() => all.every(({ state }) => state === 'finished'))
  })

  test('an attempt that another took is skipped', async () => {
    manager.intercept = (name, attempt) =>
      name === 'accept' && attempt === 'a1' ? new Fault('conflict', 'Taken.') : undefined
    await start([])
    const first = manager.enqueue(apply('a1'))
    const second = manager.enqueue(apply('a2'))
    await manager.until(() => second.state === 'finished')
    expect(first.state).toBe('queued')
    manager.attempts.delete('a1')
  })

  test.each([
    ['before-start', 'failure', 'step-died'],
    ['after-start', 'unknown', 'outcome-unknown'],
    ['before-finish', 'unknown', 'outcome-unknown'],
  ] as const)('a step that dies %s is reported as %s', async (die, outcome, code) => {
    await start([{ die }])
    const attempt = manager.enqueue(apply('a1'))
    await manager.until(() => attempt.state === 'finished')
    expect(attempt.finish).toMatchObject({ outcome, fault: { code } })
    expect(attempt.finish?.fault?.message).toContain('SIGKILL')
  })

  test('a step that changes nothing and dies has failed, it is not unknown', async () => {
    await start([{ die: 'after-start' }])
    const attempt = manager.enqueue(testSpec('a1', { type: 'DBSchemaUpdateSQL' }))
    await manager.until(() => attempt.state === 'finished')
    expect(attempt.finish).toMatchObject({ outcome: 'failure', fault: { code: 'step-died' } })
  })

  test('a cancel of the poll reaches the step', async () => {
    const { fake } = await start([{ waitFor: 'never' }])
    const attempt = manager.enqueue(apply('a1'))
    await fake.waiting('never')
    attempt.cancelByPoll = { graceSeconds: 30 }
    manager.enqueue({ ...apply('a2'), node: 'wake' })
    await manager.until(() => attempt.state === 'finished')
    expect(attempt.finish).toMatchObject({ outcome: 'cancelled', fault: { code: 'cancelled' } })
    fake.release('never')
  })

  test('a step that does not stop in its grace is killed', async () => {
    const { fake } = await start([{ waitFor: 'never' }])
    const attempt = manager.enqueue(apply('a1'))
    await fake.waiting('never')
    // The step cannot be reached: its own calls hang in a manager that cuts them.
    manager.intercept = (name) => (name === 'lease' ? 'cut' : undefined)
    attempt.cancelByPoll = { graceSeconds: 0 }
    manager.enqueue({ ...apply('a2'), node: 'wake' })
    await manager.until(() => attempt.state === 'finished')
    expect(attempt.finish?.outcome).toBe('unknown')
    manager.intercept = undefined
    fake.release('never')
  })

  test('survives a manager that is away, and reports what ended meanwhile', async () => {
    const { fake } = await start([{ waitFor: 'go', die: 'before-finish' }])
    const attempt = manager.enqueue(apply('a1'))
    await fake.waiting('go')
    manager.away = true
    fake.release('go')
    await expect.poll(() => said.some((message) => message.includes('ended without a report'))).toBe(true)
    manager.away = false
    await manager.until(() => attempt.state === 'finished')
    expect(attempt.finish?.outcome).toBe('unknown')
    await expect.poll(files).toEqual([])
  })

  test('a drain waits for what runs and takes nothing new', async () => {
    const { delegate, fake } = await start([{ waitFor: 'go' }])
    const attempt = manager.enqueue(apply('a1'))
    await fake.waiting('go')
    const draining = delegate.drain(10_000)
    const late = manager.enqueue(apply('a2'))
    fake.release('go')
    expect(await draining).toEqual([])
    expect([attempt.state, late.state]).toEqual(['finished', 'queued'])
  })

  test('what an earlier delegate left without a process is settled by the next one', async () => {
    const { delegate, fake } = await start([{ waitFor: 'go' }])
    const attempt = manager.enqueue(apply('a1'))
    await fake.waiting('go')
    // The fake cannot be found again, like a process that died with its delegate.
    expect(await delegate.drain(0)).toEqual(['a1'])
    expect(files()).toEqual(['a1.1'])
    await start([])
    await manager.until(() => attempt.state === 'finished')
    expect(attempt.finish?.outcome).toBe('unknown')
    fake.release('go')
  })

  test('two delegates cannot share a directory', async () => {
    await start([])
    await expect(start([])).rejects.toMatchObject({ code: 'store-in-use' })
  })

  test.each(['http://sluice.example.com', 'ftp://127.0.0.1', 'https://user:pw@host', 'nonsense'])(
    'refuses %s',
    async (managerUrl) => {
      await expect(start([], { managerUrl })).rejects.toMatchObject({ code: 'usage' })
    },
  )

  test('the record of an attempt is private, its token stands nowhere else', async () => {
    const { fake } = await start([{ waitFor: 'go' }])
    const attempt = manager.enqueue(apply('a1'))
    await fake.waiting('go')
    const record = join(directory, 'attempts', 'a1.1', 'attempt.json')
    expect(statSync(record).mode & 0o777).toBe(0o600)
    expect(readFileSync(record, 'utf8')).toContain(attempt.token)
    expect(said.join('\n')).not.toContain(attempt.token)
    fake.release('go')
    await manager.until(() => attempt.state === 'finished')
  })
})
