// Who may be a delegate: tokens that are used up and replaced, scopes, twins with the same keys, new keys; and what a delegate
// declines. Everything through sockets, with a real manager.
import { cpSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createFakeRunner } from '#delegate/runner/fake'
import { here, openRealWorld, type RealWorld, stepOf } from './real-world.ts'

let world: RealWorld
/** Nothing listens there: the port was free a moment ago and the host is this machine. */
let closedPort = 0
beforeAll(async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  closedPort = (server.address() as AddressInfo).port
  await new Promise((resolve) => server.close(resolve))
  world = await openRealWorld({ connection: () => `jdbc:postgresql://127.0.0.1:${closedPort}/shop` })
})
afterAll(() => world?.close())

const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 30_000 })
/** Each story begins without delegates that are connected. */
afterEach(() => world.dismiss())
const delegates = async () => (await world.client.listDelegates({ query: { limit: 100 } })).rows
const find = async (name: string) => (await delegates()).find((one) => one.name === name)
const connected = async (name: string): Promise<boolean> => (await find(name))?.connected ?? false
const considered = async (execution: string) => {
  const { attempt } = stepOf(await world.client.getExecution({ params: { ...here, execution } }))
  return world.client.listConsideredDelegates({ params: { ...here, execution, attempt: attempt ?? '' } })
}
const abort = (execution: string) => world.client.abortExecution({ params: { ...here, execution }, body: {} })

describe('tokens', { timeout: 60_000 }, () => {
  test('a one-time token lets one delegate in, which may come back; another one reads why not', async () => {
    const token = await world.token({ uses: 1, identifier: 'once' })
    const first = await world.delegate('first', token)
    await eventually(() => connected('first')).toBe(true)
    const late = await world.delegate('late', token)
    await expect(late.done).rejects.toMatchObject({
      code: 'unauthenticated',
      message: expect.stringContaining('used up'),
    })
    expect(await world.client.getDelegateToken({ params: { token: 'once' } })).toMatchObject({ usesLeft: 0 })
    await first.drain(2000)
    expect(await connected('first')).toBe(false)
    const again = await world.delegate('first', token)
    await eventually(() => connected('first')).toBe(true)
    await again.drain(2000)
  })

  test('of two that come at once with a one-time token one gets in', async () => {
    const token = await world.token({ uses: 1 })
    const both = await Promise.all(['race-a', 'race-b'].map((name) => world.delegate(name, token)))
    const inside = async () => (await Promise.all(['race-a', 'race-b'].map(connected))).filter(Boolean).length
    await eventually(inside).toBe(1)
    const refused = await Promise.race(
      both.map((delegate) =>
        delegate.done.then(
          () => 'ended',
          (error: Error) => error.message,
        ),
      ),
    )
    expect(refused).toContain('used up')
    for (const delegate of both) await delegate.drain(2000)
  })

  test('a rotated token: the old value joins for a while or not at all, who has joined stays', async () => {
    const old = await world.token({ identifier: 'turning' })
    await world.delegate('stays', old)
    await eventually(() => connected('stays')).toBe(true)
    const params = { token: 'turning' }
    const { value } = await world.client.rotateDelegateToken({ params, body: { graceSeconds: 600 } })
    const graceful = await world.delegate('graceful', old)
    await eventually(() => connected('graceful')).toBe(true)
    const next = await world.client.rotateDelegateToken({ params, body: {} })
    for (const [name, token] of [
      ['too-late', old],
      ['too-late-again', value],
    ] as const)
      await expect((await world.delegate(name, token)).done).rejects.toMatchObject({ code: 'unauthenticated' })
    const fresh = await world.delegate('fresh', next.value)
    await eventually(() => connected('fresh')).toBe(true)
    expect(await connected('stays')).toBe(true)
    for (const one of [graceful, fresh]) await one.drain(2000)
    await world.client.updateDelegateToken({ params, body: { status: 'REVOKED' } })
    await eventually(() => connected('stays')).toBe(false)
  })
})

describe('scopes', { timeout: 60_000 }, () => {
  test('a delegate of another project or organization is not offered the work, and the user reads so', async () => {
    const org = 'elsewhere'
    await world.client.createOrganization({ body: { organization: { identifier: org, name: org } } })
    await world.client.createProject({
      params: { org: 'default' },
      body: { project: { identifier: 'other', name: 'o' } },
    })
    const foreign = await world.delegate('foreign', await world.token({ org }))
    const nextDoor = await world.delegate('next-door', await world.token({ org: 'default', project: 'other' }))
    await eventually(async () => (await connected('foreign')) && (await connected('next-door'))).toBe(true)
    expect(await find('next-door')).toMatchObject({ org: 'default', project: 'other' })
    const execution = await world.run()
    const waiting = await world.until(execution, (one) => stepOf(one).statusReason !== undefined)
    expect(stepOf(waiting).statusReason).toContain('foreign works for another organization or project')
    const list = await considered(execution)
    expect(list.find(({ name }) => name === 'next-door')).toMatchObject({ eligible: false, chosen: false })
    const own = await world.delegate('own', await world.token({ org: 'default' }))
    await world.until(execution, (one) => one.status === 'Success')
    expect((await considered(execution)).find(({ chosen }) => chosen)?.name).toBe('own')
    for (const one of [foreign, nextDoor, own]) await one.drain(2000)
  })
})

describe('one delegate, one process', { timeout: 60_000 }, () => {
  test('a copy of its directory is refused while it is there, and takes its place when it goes', async () => {
    const first = await world.delegate('twin', await world.token())
    await eventually(() => connected('twin')).toBe(true)
    cpSync(world.directoryOf('twin'), world.directoryOf('copy'), {
      recursive: true,
      filter: (path) => !path.endsWith('delegate.lock'),
    })
    // It left the directory of the first one in a hurry: that process is not gone.
    const copy = await world.delegate('copy', undefined)
    const instance = (await find('twin'))?.instance
    await eventually(() => world.said.some((line) => line.includes('Another process with the keys'))).toBe(true)
    const refused = world.said.find((line) => line.includes('Another process with the keys')) ?? ''
    const loser = refused.startsWith('copy') ? copy : first
    const winner = loser === copy ? first : copy
    expect(refused).toContain('never keys')
    expect(await delegates().then((all) => all.filter(({ name }) => name === 'twin').length)).toBe(1)
    expect(instance).toBeDefined()
    await winner.drain(2000)
    await loser.drain(2000)
  })

  test('one that was killed comes back at once, although the manager still counts it as connected', async () => {
    const token = await world.token()
    const first = await world.delegate('phoenix', token, { fetch: (url, init) => fetch(url, init) })
    await eventually(() => connected('phoenix')).toBe(true)
    const before = (await find('phoenix'))?.instance
    // No goodbye: as after a power cut.
    let silent = false
    const mute = await world.delegate('phoenix-2', token, {
      fetch: async (url, init) => (silent ? new Promise<Response>(() => {}) : fetch(url, init)),
    })
    await eventually(() => connected('phoenix-2')).toBe(true)
    const muted = (await find('phoenix-2'))?.instance
    silent = true
    void mute.drain(0)
    await eventually(() => world.said.length).toBeGreaterThan(0)
    const second = await world.delegate('phoenix-2', undefined)
    await eventually(async () => (await find('phoenix-2'))?.instance !== muted).toBe(true)
    expect((await find('phoenix'))?.instance).toBe(before)
    await second.drain(2000)
    await first.drain(2000)
  })

  test('new keys: asked for, made, endorsed by the old ones, and used after a restart', async () => {
    const runner = createFakeRunner({ parts: [] })
    const first = await world.delegate('rotating', await world.token(), { runner })
    await eventually(() => connected('rotating')).toBe(true)
    const before = await find('rotating')
    await world.client.rotateDelegateKeys({ params: { delegate: before?.id ?? '' }, body: {} })
    await eventually(async () => (await find('rotating'))?.fingerprint !== before?.fingerprint).toBe(true)
    expect((await find('rotating'))?.previousFingerprint).toBe(before?.fingerprint)
    await eventually(() => world.said).toContain('rotating: the keys of this delegate were replaced')
    const execution = await world.run()
    await world.until(execution, (one) => one.status === 'Success')
    expect(runner.documents.at(-1)?.secrets).toEqual({ db_password: 'secret-of-dev' })
    await first.drain(2000)
    const second = await world.delegate('rotating', undefined)
    await eventually(() => connected('rotating')).toBe(true)
    expect((await find('rotating'))?.id).toBe(before?.id)
    await second.drain(2000)
  })
})

describe('capabilities', { timeout: 60_000 }, () => {
  test('what cannot be reached from anywhere fails at once, with the reason of each delegate', async () => {
    const token = await world.token()
    const both = await Promise.all(['north', 'south'].map((name) => world.delegate(name, token, { checks: {} })))
    await eventually(async () => (await connected('north')) && (await connected('south'))).toBe(true)
    const execution = await world.run()
    const ended = await world.until(execution, (one) => one.status === 'Failed')
    const { fault } = stepOf(ended)
    expect(fault?.code).toBe('no-delegate')
    for (const name of ['north', 'south'])
      expect(fault?.message).toContain(`${name}: the database is not reachable: 127.0.0.1:${closedPort} (ECONNREFUSED)`)
    for (const one of both) await one.drain(2000)
  })

  test('one that cannot declines, another takes it', async () => {
    const token = await world.token()
    const blind = await world.delegate('blind', token, { checks: {} })
    await eventually(() => connected('blind')).toBe(true)
    const seeing = await world.delegate('seeing', token)
    await eventually(() => connected('seeing')).toBe(true)
    for (let round = 0; round < 3; round += 1) {
      const execution = await world.run()
      await world.until(execution, (one) => one.status === 'Success')
      expect((await considered(execution)).find(({ chosen }) => chosen)?.name).toBe('seeing')
    }
    for (const one of [blind, seeing]) await one.drain(2000)
  })

  test('nobody is there: the user reads that, and an abort ends it', async () => {
    const execution = await world.run()
    const waiting = await world.until(execution, (one) => stepOf(one).statusReason !== undefined)
    expect(stepOf(waiting).statusReason).toMatch(/No delegate is (connected|registered)/)
    await abort(execution)
    await world.until(execution, (one) => one.endedAt !== null)
  })
})
