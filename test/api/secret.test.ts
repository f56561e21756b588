// Secrets: written and never read back, unreadable in the store, sealed to a delegate for one attempt.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sql } from 'kysely'
import type { api } from '#contract/api/index'
import type { Client } from '#contract/client'
import { createSealingKeys, openBox } from '#contract/delegate/seal'
import { createSealSecrets } from '#manager/secret/seal-secrets'
import type { AttemptRecord } from '#manager/work/port'
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
    /built-in/,
  )
  await expect(admin.createSecret({ params, body: body({ orgIdentifier: 'other' }) })).rejects.toThrow(/orgIdentifier/)
  await expect(admin.createSecret({ params, body: body({}, { value: 'x'.repeat(65_537) }) })).rejects.toThrow(/value/)
})

test('secrets are sealed for the attempt and the delegate that asked', async () => {
  const { id: projectId } = await world.store.db.selectFrom('project').select('id').executeTakeFirstOrThrow()
  const attempt = { id: 'at_1', fence: '4', projectId } as AttemptRecord
  const keys = createSealingKeys()
  const sealSecrets = createSealSecrets(world.rootKey)
  const seal = (references: readonly string[], record = attempt) =>
    world.store.transaction((tx) => sealSecrets(tx, { attempt: record, references, sealingKey: keys.publicKey }))
  const [box] = await seal(['db_password'])
  const binding = { attempt: 'at_1', fence: '4', ref: 'db_password' }
  expect(openBox(keys.privateKey, box?.box ?? '', binding)).toBe(value)
  expect(() => openBox(keys.privateKey, box?.box ?? '', { ...binding, fence: '5' })).toThrow(/cannot be opened/)
  expect(await seal([])).toEqual([])
  const unresolved = (text: string) => ({ code: 'secret-unresolved', message: expect.stringContaining(text) })
  await expect(seal(['db_password', 'absent'])).rejects.toMatchObject(unresolved('absent'))
  await expect(seal(['account.db_password'])).rejects.toMatchObject(unresolved('not'))
  await expect(seal(['db_password'], { ...attempt, projectId: '999999' })).rejects.toMatchObject(
    unresolved('db_password'),
  )
})

test('ciphertext that was moved to another secret does not open', async () => {
  await admin.createSecret({ params, body: { secret: { ...secret, identifier: 'other' } } })
  await sql`update secret set ciphertext = (select ciphertext from secret where identifier = 'db_password')
    where identifier = 'other'`.execute(world.store.db)
  const { id: projectId } = await world.store.db.selectFrom('project').select('id').executeTakeFirstOrThrow()
  const attempt = { id: 'at_1', fence: '4', projectId } as AttemptRecord
  const { publicKey: sealingKey } = createSealingKeys()
  const sealing = world.store.transaction((tx) =>
    createSealSecrets(world.rootKey)(tx, { attempt, references: ['other'], sealingKey }),
  )
  await expect(sealing).rejects.toMatchObject({ code: 'secret-unresolved' })
})

test('a deleted secret is gone', async () => {
  const one = { ...params, secret: 'db_password' }
  expect(await admin.deleteSecret({ params: one })).toBeNull()
  await expect(admin.getSecret({ params: one })).rejects.toMatchObject({ code: 'not-found' })
})
