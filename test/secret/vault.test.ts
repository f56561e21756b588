// Secrets out of a server that speaks Vault's API: every way to sign in, both engines, leases, and what people are told.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { VaultSpec } from '#contract/api/connector-type'
import { createVault } from '#delegate/secret/manager/vault'
import type { ManagerPorts } from '#delegate/secret/manager/port'
import { keepLoans } from '#delegate/secret/loan'
import { startVault, type VaultPeer } from './vault-peer.ts'

const rootToken = 'hvs.root-token-of-the-test'
const serviceAccountToken = 'eyJ.service-account.token'
const { signal } = new AbortController()
let vault: VaultPeer
let time: number
beforeEach(async () => {
  time = 0
  vault = await startVault({ rootToken, serviceAccountToken, namespace: 'team/shop' })
  vault.values.set('shop/db', { username: 'app', password: 'hunter2-from-vault' })
  vault.roles.set('role-1', 'secret-id-1')
})
afterEach(() => vault.close())

const ports = (more: Partial<ManagerPorts> = {}): ManagerPorts => ({
  fetch,
  clock: { now: () => time, elapsed: () => time, sleep: async () => {} },
  environment: {},
  readFile: async (path) => {
    if (path === '/token') return Buffer.from(`${serviceAccountToken}\n`)
    throw new Error('ENOENT')
  },
  credential: (reference): string => ({ token: rootToken, id: 'secret-id-1' })[reference] ?? '',
  ...more,
})
const open = (spec: Partial<VaultSpec> = {}, more: Partial<ManagerPorts> = {}) =>
  createVault(
    'account.vault',
    { vaultUrl: `${vault.url}/`, namespace: 'team/shop', accessType: 'TOKEN', authToken: 'token', ...spec },
    ports(more),
  )
const byRole = { accessType: 'APP_ROLE', appRoleId: 'role-1', secretId: 'id' } as const

describe('signing in', () => {
  test.each([
    ['by token', {}],
    ['by AppRole', byRole],
    [
      'by the service account of a pod',
      { accessType: 'K8s_AUTH', vaultK8sAuthRole: 'sluice', serviceAccountTokenPath: '/token' },
    ],
  ] as const)('%s', async (_, spec) => {
    expect(await open(spec).read('shop/db#password', signal)).toEqual({ text: 'hunter2-from-vault' })
  })

  test('happens once for all that is read', async () => {
    const manager = open(byRole)
    await Promise.all(['shop/db#password', 'shop/db#username'].map((path) => manager.read(path, signal)))
    expect(vault.asked.filter(({ path }) => path.endsWith('/login'))).toHaveLength(1)
  })

  test.each([
    ['a wrong secret id', byRole, { credential: (): string => 'wrong-secret-id' }, /AppRole.*invalid role/],
    [
      'a token that ended',
      {},
      { credential: (): string => 'hvs.of-yesterday' },
      /refused to give shop\/db: HTTP 403, permission denied/,
    ],
    [
      'a role that is not named',
      { accessType: 'K8s_AUTH', serviceAccountTokenPath: '/token' } as const,
      {},
      /no vaultK8sAuthRole/,
    ],
    ['a file that is not there', { accessType: 'VAULT_AGENT', sinkPath: '/sink' } as const, {}, /cannot read \/sink/],
  ])('%s is told with the manager, what to do, and without the value', async (_, spec, more, message) => {
    const error: unknown = await open(spec, more)
      .read('shop/db#password', signal)
      .catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'secret-manager-refused', message: expect.stringMatching(message) })
    expect(error).toMatchObject({ message: expect.stringContaining('account.vault (Vault at http://127.0.0.1') })
    for (const value of ['wrong-secret-id', 'hvs.of-yesterday', 'hunter2'])
      expect((error as Error).message).not.toContain(value)
  })
})

describe('reading', () => {
  test.each([
    ['shop/none#x', /has no shop\/none/],
    ['shop/db#pin', /no field pin, its fields are username, password/],
    ['shop/db', /no field is named, and its fields are username, password/],
    ['shop/gone#x', /has no shop\/gone/],
  ])('%s is not there', async (path, message) => {
    vault.values.set('shop/gone', null)
    const reading = open().read(path, signal)
    await expect(reading).rejects.toMatchObject({ code: 'secret-unresolved', message: expect.stringMatching(message) })
  })

  test('of one field no name is needed; base path and engine are put before the path', async () => {
    vault.values.set('base/one', { whatever: 'only-value' })
    expect(await open({ basePath: '/base/', secretEngineName: '/secret/' }).read('one', signal)).toEqual({
      text: 'only-value',
    })
  })

  test('what the policy denies is refused', async () => {
    vault.denied.add('/v1/secret/data/shop/db')
    await expect(open().read('shop/db#password', signal)).rejects.toMatchObject({
      code: 'secret-manager-refused',
      hint: expect.stringContaining('secret/data/shop/db'),
    })
  })

  test('another namespace finds nothing', async () => {
    await expect(open({ namespace: 'other' }).read('shop/db#password', signal)).rejects.toMatchObject({
      code: 'secret-unresolved',
    })
  })

  test('a server that does not answer is unreachable after three tries', async () => {
    await vault.close()
    let tries = 0
    const counting: ManagerPorts['fetch'] = (url, init) => {
      tries++
      return fetch(url, init)
    }
    await expect(open({}, { fetch: counting }).read('shop/db#password', signal)).rejects.toMatchObject({
      code: 'secret-manager-unreachable',
    })
    expect(tries).toBe(3)
  })
})

describe('credentials that are made for the attempt', () => {
  test('user name and password are of one lease, which is renewed while the step works and revoked after it', async () => {
    const manager = open(byRole)
    const user = await manager.read('dynamic:database/creds/shop#username', signal)
    const password = await manager.read('dynamic:database/creds/shop#password', signal)
    expect(vault.leases.size).toBe(1)
    expect(user.text).toBe([...vault.leases.values()][0]?.user)
    expect(password.text).toMatch(/^dynamic-/)
    let seconds = 0
    const clock = {
      now: () => time,
      elapsed: () => time,
      sleep: async () => {
        seconds++
        time += 1000
        vault.advance(1000)
      },
    }
    const lines: string[] = []
    await keepLoans(
      manager.loans ? [manager.loans] : [],
      {
        attempt: 'a1',
        clock,
        log: (_, line) => void lines.push(line),
        isAtWork: () => {
          if (seconds < 180) expect(vault.leases.size).toBe(1)
          return seconds < 180
        },
      },
      signal,
    )
    expect(lines).toEqual([])
    // A lease of 30 s and a sign-in of 60 s have lasted three minutes.
    const renewals = vault.asked.filter(({ path }) => path.endsWith('/renew') || path.endsWith('/renew-self'))
    expect(renewals.length).toBeGreaterThan(10)
    expect(vault.leases.size).toBe(0)
    expect([...vault.tokens.keys()]).toEqual([rootToken])
  })

  test('nothing lent, nothing renewed; a token that was given to us is not revoked', async () => {
    const manager = open()
    await manager.read('shop/db#password', signal)
    expect(manager.loans?.due()).toBeUndefined()
    await manager.read('dynamic:database/creds/shop#password', signal)
    await manager.loans?.revoke(signal)
    expect(vault.leases.size).toBe(0)
    expect(vault.tokens.has(rootToken)).toBe(true)
  })
})
