// Secrets of an attempt: what came sealed opens the managers that the others are in; one that is missing stops none of the rest.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openAttemptSecrets } from '#delegate/secret/open'
import { startVault, type VaultPeer } from './vault-peer.ts'

const { signal } = new AbortController()
let vault: VaultPeer
let folder = ''
beforeAll(async () => {
  vault = await startVault({ rootToken: 'hvs.root', serviceAccountToken: 'x' })
  vault.values.set('db', { password: 'in-vault' })
  folder = mkdtempSync(join(tmpdir(), 'sluice-secrets-'))
  mkdirSync(join(folder, 'secrets', 'sub'), { recursive: true })
  writeFileSync(join(folder, 'secrets', 'sub', 'vault-token'), 'hvs.root\n')
  writeFileSync(join(folder, 'secrets', 'keytab'), Buffer.from([0xff, 0, 0x80, 10]))
  writeFileSync(join(folder, 'outside'), 'not for steps')
  symlinkSync(join(folder, 'outside'), join(folder, 'secrets', 'link'))
})
afterAll(async () => {
  await vault.close()
  rmSync(folder, { recursive: true })
})

const own = (type: string) => ({ name: type, type, spec: {} })
const clock = { now: () => 0, elapsed: () => 0, sleep: async () => {} }
const open = (places: Parameters<typeof openAttemptSecrets>[1], boxes: Parameters<typeof openAttemptSecrets>[0] = []) =>
  openAttemptSecrets(
    boxes,
    places,
    { folder: join(folder, 'secrets') },
    {
      fetch,
      clock,
      environment: { SLUICE_SECRET_PIN: '{"a":"1234"}', PATH_SECRET: 'no' },
      readFile: () => Promise.reject(new Error('no file')),
    },
    signal,
  )
const inVault = (authToken: string) => ({
  ref: 'db_password',
  path: 'db#password',
  manager: { name: 'vault', type: 'Vault', spec: { vaultUrl: vault.url, accessType: 'TOKEN', authToken } },
})

test('a token that came sealed opens the vault', async () => {
  const opened = await open([inVault('token')], [{ ref: 'token', form: 'text', value: 'hvs.root' }])
  expect(opened.secrets).toEqual({ token: 'hvs.root', db_password: 'in-vault' })
  expect(opened.failures).toEqual([])
})

test('a token in a file of the delegate opens the vault, whatever the order', async () => {
  const token = { ref: 'token', path: 'sub/vault-token', manager: own('delegateFile') }
  const opened = await open([inVault('token'), token])
  expect(opened.secrets).toMatchObject({ token: 'hvs.root', db_password: 'in-vault' })
})

test('bytes survive, variables are only ours, and nothing outside of the folder is read', async () => {
  const place = (ref: string, path: string, type: string) => ({ ref, path, manager: own(type) })
  const opened = await open([
    place('keytab', 'keytab', 'delegateFile'),
    place('pin', 'PIN#a', 'delegateEnvironment'),
    place('path', 'PATH_SECRET', 'delegateEnvironment'),
    place('up', '../outside', 'delegateFile'),
    place('link', 'link', 'delegateFile'),
    place('folder', 'sub', 'delegateFile'),
    place('cluster', 'x#y', 'delegateKubernetes'),
    place('unknown', 'x', 'Abacus'),
  ])
  expect(opened.secrets).toEqual({ pin: '1234' })
  expect([...Buffer.from(opened.files['keytab'] ?? '', 'base64')]).toEqual([0xff, 0, 0x80, 10])
  expect(opened.failures.map(({ ref, fault }) => [ref, fault.code])).toEqual([
    ['path', 'secret-unresolved'],
    ['up', 'secret-unresolved'],
    ['link', 'secret-unresolved'],
    ['folder', 'secret-unresolved'],
    ['cluster', 'secret-manager-refused'],
    ['unknown', 'secret-manager-refused'],
  ])
})
