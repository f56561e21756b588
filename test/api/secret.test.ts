// Secrets: written and never read back, unreadable in the store, sealed to a delegate for one attempt.
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sql } from 'kysely'
import type { api } from '#contract/api/index'
import type { Client } from '#contract/client'
import { createSealingKeys, openBox } from '#contract/delegate/seal'
import { createSealSecrets } from '#manager/secret/seal-secrets'
import type { RootKeys } from '#manager/secret/envelope'
import { rewrapSecrets } from '#manager/secret/rewrap'
import type { AttemptRecord, SealSecrets } from '#manager/work/port'
import { addProject, openWorld, P, type World } from './world.ts'

let world: World
let admin: Client<typeof api>
const params = { org: 'default', project: 'shop' }
const value = 'hunter2-värdefull'
const secret = {
  type: 'SecretText' as const,
  identifier: 'db_password',
  name: 'DB password',
  spec: { type: 'SecretTextSpec' as const, valueType: 'Inline' as const, value },
}
beforeAll(async () => {
  world = await openWorld()
  admin = world.as('admin')
  await addProject(world)
})
afterAll(() => world.close())

test('a secret lives, without its value in any answer, event, log or column', async () => {
  const created = await admin.createSecret({ params, body: { secret } })
  expect(created.secret).toEqual({
    type: 'SecretText',
    identifier: 'db_password',
    name: 'DB password',
    description: '',
    orgIdentifier: 'default',
    projectIdentifier: 'shop',
    tags: {},
    spec: { type: 'SecretTextSpec', secretManagerIdentifier: 'harnessSecretManager', valueType: 'Inline' },
  })
  await expect(admin.createSecret({ params, body: { secret } })).rejects.toMatchObject({ code: 'already-exists' })
  const one = { ...params, secret: 'db_password' }
  const raw = await world.app.request(`${P}/secrets/db_password`, { headers: world.sessionHeaders('admin') })
  const list = await admin.listSecrets({ params })
  const { rows } = await sql<{ text: string }>`
    select (select string_agg(to_jsonb(s)::text, '') from secret s) || (select string_agg(to_jsonb(e)::text, '') from event e)
      as text`.execute(world.store.db)
  const everything = JSON.stringify([await raw.text(), list, rows, world.lines, await admin.getSecret({ params: one })])
  for (const encoding of ['utf8', 'base64', 'base64url', 'hex'] as const)
    expect(everything).not.toContain(Buffer.from(value).toString(encoding))
})

test('an update without a value keeps it, one with a value replaces it', async () => {
  const one = { ...params, secret: 'db_password' }
  const read = () => world.store.db.selectFrom('secret').select('ciphertext').executeTakeFirstOrThrow()
  const before = await read()
  const { value: _, ...spec } = secret.spec
  const renamed = await admin.updateSecret({ params: one, body: { secret: { ...secret, name: 'N', spec } } })
  expect(renamed.secret.name).toBe('N')
  expect(await read()).toEqual(before)
  await admin.updateSecret({ params: one, body: { secret } })
  expect(await read()).not.toEqual(before)
})

test('what is wrong is refused', async () => {
  const body = (more: object, spec: object = {}) => ({
    secret: { ...secret, identifier: 'w', ...more, spec: { ...secret.spec, ...spec } },
  })
  await expect(admin.createSecret({ params, body: body({}, { value: undefined }) })).rejects.toThrow(/value/)
  await expect(admin.createSecret({ params, body: body({}, { secretManagerIdentifier: 'vault' }) })).rejects.toThrow(
    /does not write into vault/,
  )
  await expect(admin.createSecret({ params, body: body({}, { valueType: 'Reference' }) })).rejects.toThrow(/valueType/)
  await expect(admin.createSecret({ params, body: body({ orgIdentifier: 'other' }) })).rejects.toThrow(/orgIdentifier/)
  await expect(admin.createAccountSecret({ body: body({ orgIdentifier: 'default' }) })).rejects.toThrow(/left out/)
  await expect(admin.createSecret({ params, body: body({}, { value: 'x'.repeat(65_537) }) })).rejects.toThrow(/value/)
})

interface Sealing {
  readonly keys: ReturnType<typeof createSealingKeys>
  readonly seal: (references: readonly string[], record?: AttemptRecord) => ReturnType<SealSecrets>
  readonly open: (found: { ref: string; box: string } | undefined) => string
}
const attemptOf = (projectId: string) =>
  ({ id: 'at_1', fence: '4', projectId, spec: { work: { type: 'ConnectionTest', subject: 'none' } } }) as AttemptRecord
async function sealing(): Promise<Sealing> {
  const { id: projectId } = await world.store.db.selectFrom('project').select('id').executeTakeFirstOrThrow()
  const attempt = attemptOf(projectId)
  const keys = createSealingKeys()
  const sealSecrets = createSealSecrets(world.rootKeys)
  return {
    keys,
    seal: (references, record = attempt) =>
      world.store.transaction((tx) => sealSecrets(tx, { attempt: record, references, sealingKey: keys.publicKey })),
    open: (found) => openBox(keys.privateKey, found?.box ?? '', { attempt: 'at_1', fence: '4', ref: found?.ref ?? '' }),
  }
}
const unresolved = (text: string) => ({ code: 'secret-unresolved', message: expect.stringContaining(text) })

test('secrets are sealed for the attempt and the delegate that asked', async () => {
  const { keys, seal, open } = await sealing()
  const { sealed } = await seal(['db_password'])
  expect(open(sealed[0])).toBe(value)
  const binding = { attempt: 'at_1', fence: '5', ref: 'db_password' }
  expect(() => openBox(keys.privateKey, sealed[0]?.box ?? '', binding)).toThrow(/cannot be opened/)
  expect(await seal([])).toEqual({ sealed: [], places: [] })
  await expect(seal(['db_password', 'absent'])).rejects.toMatchObject(unresolved('absent'))
  await expect(seal(['account.db_password'])).rejects.toMatchObject(unresolved('account.db_password'))
})

test('the same identifier is another secret in every scope', async () => {
  const of = (text: string) => ({ secret: { ...secret, spec: { ...secret.spec, value: text } } })
  const organization = await admin.createOrganizationSecret({ params: { org: 'default' }, body: of('of the org') })
  expect(organization.secret).toMatchObject({ orgIdentifier: 'default' })
  expect(organization.secret).not.toHaveProperty('projectIdentifier')
  await admin.createAccountSecret({ body: of('of the account') })
  await expect(admin.createAccountSecret({ body: of('again') })).rejects.toMatchObject({ code: 'already-exists' })
  const { seal, open } = await sealing()
  const { sealed } = await seal(['account.db_password', 'org.db_password', 'db_password'])
  expect(sealed.map((one) => [one.ref, open(one)])).toEqual([
    ['account.db_password', 'of the account'],
    ['org.db_password', 'of the org'],
    ['db_password', value],
  ])
  expect((await admin.listAccountSecrets()).rows.map((row) => row.secret.identifier)).toEqual(['db_password'])
  await admin.deleteOrganizationSecret({ params: { org: 'default', secret: 'db_password' } })
  await expect(seal(['org.db_password'])).rejects.toMatchObject(unresolved('org.db_password'))
})

test('a file comes out as it went in, byte by byte; a text becomes a file of its bytes', async () => {
  const content = Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 7) % 256))
  const file = {
    type: 'SecretFile' as const,
    identifier: 'keytab',
    name: 'Keytab',
    spec: { type: 'SecretFileSpe' as const, content: content.toString('base64'), fileName: 'krb5.keytab' },
  }
  const created = await admin.createSecret({ params, body: { secret: file } })
  expect(created.secret.spec).toEqual({
    type: 'SecretFileSpe',
    secretManagerIdentifier: 'harnessSecretManager',
    fileName: 'krb5.keytab',
  })
  const { seal, open } = await sealing()
  const [found] = (await seal(['keytab'])).sealed
  expect(found?.form).toBe('file')
  expect(Buffer.from(open(found), 'base64').equals(content)).toBe(true)
  const text = { ...file, type: 'SecretText' as const, spec: { value: 'ä plain text' } }
  await admin.updateSecret({ params: { ...params, secret: 'keytab' }, body: { secret: text } })
  const { content: _, ...spec } = file.spec
  await admin.updateSecret({ params: { ...params, secret: 'keytab' }, body: { secret: { ...file, spec } } })
  const [turned] = (await seal(['keytab'])).sealed
  expect(Buffer.from(open(turned), 'base64').toString('utf8')).toBe('ä plain text')
})

test('of a secret in another manager only the place is told, and the credentials of the manager are sealed', async () => {
  const token = { ...secret, identifier: 'vault_token', spec: { ...secret.spec, value: 'hvs.token' } }
  await admin.createAccountSecret({ body: { secret: token } })
  const spec = { vaultUrl: 'https://vault.example.com', accessType: 'TOKEN' as const, authToken: 'vault_token' }
  await admin.createAccountConnector({ body: { connector: { type: 'Vault', identifier: 'vault', name: 'V', spec } } })
  const inVault = {
    ...secret,
    identifier: 'in_vault',
    spec: { valueType: 'Reference' as const, secretManagerIdentifier: 'account.vault', value: 'shop/db#password' },
  }
  const created = await admin.createSecret({ params, body: { secret: inVault } })
  expect(created.secret.spec).toMatchObject({ valueType: 'Reference', value: 'shop/db#password' })
  const { seal, open } = await sealing()
  const { sealed, places } = await seal(['in_vault'])
  expect(places).toEqual([
    {
      ref: 'in_vault',
      path: 'shop/db#password',
      manager: { name: 'account.vault', type: 'Vault', spec: { ...spec, authToken: 'account.vault_token' } },
    },
  ])
  expect(sealed.map((one) => [one.ref, open(one)])).toEqual([['account.vault_token', 'hvs.token']])
  await admin.deleteAccountConnector({ params: { connector: 'vault' } })
  await expect(seal(['in_vault'])).rejects.toMatchObject(unresolved('account.vault'))
})

test('all secrets are wrapped with a new root key, and the old one opens none of them any more', async () => {
  const rotated = { current: new Uint8Array(randomBytes(32)), older: [world.rootKeys.current] }
  const { signal } = new AbortController()
  const first = await rewrapSecrets(world.store, rotated, randomBytes, signal)
  expect(first.rewrapped).toBe(first.secrets)
  expect(first.secrets).toBeGreaterThan(2)
  expect(await rewrapSecrets(world.store, rotated, randomBytes, signal)).toMatchObject({ rewrapped: 0 })
  const { id: projectId } = await world.store.db.selectFrom('project').select('id').executeTakeFirstOrThrow()
  const attempt = attemptOf(projectId)
  const { publicKey: sealingKey, privateKey } = createSealingKeys()
  const sealWith = (keys: RootKeys) =>
    world.store.transaction((tx) => createSealSecrets(keys)(tx, { attempt, references: ['db_password'], sealingKey }))
  const [box] = (await sealWith({ current: rotated.current, older: [] })).sealed
  expect(openBox(privateKey, box?.box ?? '', { attempt: 'at_1', fence: '4', ref: 'db_password' })).toBe(value)
  await expect(sealWith(world.rootKeys)).rejects.toMatchObject(unresolved('root key'))
  const back = { current: world.rootKeys.current, older: [rotated.current] }
  await rewrapSecrets(world.store, back, randomBytes, signal)
})

test('ciphertext that was moved to another secret does not open', async () => {
  await admin.createSecret({ params, body: { secret: { ...secret, identifier: 'other' } } })
  await sql`update secret set ciphertext = (select ciphertext from secret where identifier = 'db_password'
    and project_id is not null) where identifier = 'other'`.execute(world.store.db)
  const { seal } = await sealing()
  await expect(seal(['other'])).rejects.toMatchObject({ code: 'secret-unresolved' })
})

test('a deleted secret is gone', async () => {
  const one = { ...params, secret: 'db_password' }
  expect(await admin.deleteSecret({ params: one })).toBeNull()
  await expect(admin.getSecret({ params: one })).rejects.toMatchObject({ code: 'not-found' })
})
