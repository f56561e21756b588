// The image configuration on the wire: paths, defaults, statuses and bodies of the compatible API.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { databaseImageFields, defaultDatabaseImages } from '#contract/image'
import { readAccountImages } from '#manager/image/image'
import { openWorld, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const base = '/v1/dbops/execution-config'
async function call(method: string, path: string, body?: unknown, role: 'admin' | 'developer' = 'admin') {
  const response = await world.app.request(path, {
    method,
    headers: { ...world.sessionHeaders(role), 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as unknown }
}
const overrides = () => call('GET', `${base}/get-customer-config`)

test('the defaults are all 17 fields, and nothing is overridden at first', async () => {
  const { status, body } = await call('GET', `/gateway${base}/get-default-config?accountIdentifier=a`)
  expect(status).toBe(200)
  expect(Object.keys(body as object).toSorted()).toEqual([...databaseImageFields].toSorted())
  expect(databaseImageFields).toHaveLength(17)
  expect(await overrides()).toEqual({ status: 200, body: {} })
})

test('an update is 201 and a boolean; overridesOnly shows it alone, otherwise everything that is in force', async () => {
  const update = [{ field: 'mongoTag', value: 'registry.example.com/step-mongo:7' }]
  expect(await call('POST', `${base}/update-config`, update)).toEqual({ status: 201, body: true })
  expect((await overrides()).body).toEqual({ mongoTag: 'registry.example.com/step-mongo:7' })
  expect((await call('GET', `${base}/get-customer-config?overridesOnly=true`)).body).toEqual((await overrides()).body)
  const all = (await call('GET', `${base}/get-customer-config?overridesOnly=false`)).body
  expect(all).toEqual({ ...defaultDatabaseImages('1.2.3'), mongoTag: 'registry.example.com/step-mongo:7' })
  expect(await readAccountImages(world.store.db)).toEqual({ mongoTag: 'registry.example.com/step-mongo:7' })
})

test('a reset takes plain names, and also what its sibling sends', async () => {
  const update = ['oracleTag', 'rdsTag', 'db2Tag'].map((field) => ({ field, value: 'team/step:1' }))
  await call('POST', `${base}/update-config`, update)
  expect(await call('POST', `${base}/reset-config`, ['oracleTag'])).toEqual({ status: 201, body: true })
  expect(await call('POST', `${base}/reset-config`, [{ field: 'rdsTag' }])).toEqual({ status: 201, body: true })
  expect(Object.keys((await overrides()).body as object).toSorted()).toEqual(['db2Tag', 'mongoTag'])
})

test('delete drops all overrides', async () => {
  expect(await call('DELETE', base)).toEqual({ status: 200, body: true })
  expect((await overrides()).body).toEqual({})
})

test('a pin comes from a setting, is weaker than what was set by hand, and goes with null', async () => {
  const value = JSON.stringify({ defaultTag: 'plugins/drone-liquibase:1.30.0-4.33', mongoTag: 'team/mongo:1' })
  expect(await call('POST', `${base}/pin-image`, { value })).toEqual({ status: 200, body: true })
  await call('POST', `${base}/update-config`, [{ field: 'mongoTag', value: 'team/mongo:2' }])
  expect((await overrides()).body).toEqual({
    defaultTag: 'plugins/drone-liquibase:1.30.0-4.33',
    mongoTag: 'team/mongo:2',
  })
  expect(await call('POST', `${base}/pin-image`, { value: null })).toEqual({ status: 200, body: true })
  expect((await overrides()).body).toEqual({ mongoTag: 'team/mongo:2' })
  for (const wrong of ['{', '[]', '{"nope": "a:1"}', '{"defaultTag": "https://x"}'])
    expect((await call('POST', `${base}/pin-image`, { value: wrong })).status).toBe(400)
})

test('what is wrong is refused with a message, and changes nothing', async () => {
  const before = await overrides()
  for (const body of [
    [{ field: 'nopeTag', value: 'a:1' }],
    [{ field: 'mongoTag', value: 'a:1', more: 1 }],
    [{ field: 'mongoTag', value: 'https://a' }],
    [{ field: 'oracleTag', value: 'a:1' }, { field: 'mongoTag' }],
  ]) {
    const { status, body: answer } = await call('POST', `${base}/update-config`, body)
    expect(status).toBe(400)
    expect(answer).toMatchObject({ message: expect.any(String) })
  }
  expect((await call('POST', `${base}/reset-config`, ['nopeTag'])).status).toBe(400)
  expect((await call('POST', `${base}/update-config`, [], 'developer')).status).toBe(403)
  expect((await call('GET', `${base}/get-customer-config?overridesOnly=perhaps`)).status).toBe(400)
  expect(await overrides()).toEqual(before)
})

test('its sibling for the helper images speaks in envelopes and is apart', async () => {
  const sibling = '/ci/execution-config'
  const defaults = await call('GET', `/gateway${sibling}/get-default-config?accountIdentifier=a&infra=K8`)
  expect(defaults.body).toEqual({
    status: 'SUCCESS',
    data: {
      addonTag: 'sluice/helper:1.2.3',
      liteEngineTag: 'sluice/helper:1.2.3',
      gitCloneTag: 'sluice/git-clone:1.2.3',
    },
  })
  const update = [{ field: 'addonTag', value: 'team/helper:1' }]
  const answer = await call('POST', `${sibling}/update-config?accountIdentifier=a&infra=K8`, update)
  expect(answer).toEqual({ status: 200, body: { status: 'SUCCESS', data: true } })
  const customer = () => call('GET', `${sibling}/get-customer-config?infra=K8`)
  expect((await customer()).body).toEqual({ status: 'SUCCESS', data: { addonTag: 'team/helper:1' } })
  expect((await overrides()).body).not.toHaveProperty('addonTag')
  await call('POST', `${sibling}/reset-config`, [{ field: 'addonTag' }])
  expect((await customer()).body).toEqual({ status: 'SUCCESS', data: {} })
})

test('every change is in the audit trail with what was before and after', async () => {
  const rows = await world.store.db.selectFrom('event').where('type', 'like', 'entity.%').select('body').execute()
  const changes = rows
    .map((row) => row.body as Record<string, unknown>)
    .filter((body) => body['kind'] === 'image-configuration')
  expect(changes[0]).toMatchObject({
    type: 'entity.updated',
    identifier: 'database',
    before: {},
    after: { mongoTag: 'registry.example.com/step-mongo:7' },
  })
})
