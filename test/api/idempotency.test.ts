// Calls with an idempotency key: once, whatever the client repeats.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addProject, openWorld, P, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  await addProject(world)
})
afterAll(() => world.close())

const changelog = { connector: 'git', location: 'c.yaml' }
async function create(key: string, identifier: string, role: 'admin' | 'developer' = 'admin') {
  const response = await world.app.request(`${P}/dbschema`, {
    method: 'POST',
    headers: { ...world.sessionHeaders(role), 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({ identifier, name: identifier, changelog }),
  })
  const body = (await response.json()) as Record<string, unknown>
  return { status: response.status, replayed: response.headers.get('idempotent-replayed'), body }
}

test('the same call again gets the same answer and does nothing', async () => {
  const first = await create('k1', 'one')
  expect(first).toMatchObject({ status: 201, replayed: null, body: { identifier: 'one' } })
  expect(await create('k1', 'one')).toEqual({ ...first, replayed: 'true' })
  // Without the key it would be refused.
  expect(await create('k2', 'one')).toMatchObject({ status: 400, body: { code: 'already-exists' } })
})

test('the same key with another call is a mistake; of another caller it is another key', async () => {
  expect(await create('k1', 'two')).toMatchObject({ status: 400, body: { code: 'invalid-input' } })
  expect(await create('k1', 'two', 'developer')).toMatchObject({ status: 201 })
})

test('what was refused may be tried again with the key', async () => {
  expect((await create('k3', 'one')).status).toBe(400)
  const params = { org: 'default', project: 'shop', dbschema: 'one' }
  await world.as('admin').deleteDbSchema({ params })
  expect(await create('k3', 'one')).toMatchObject({ status: 201, replayed: null })
})

test('at once it is done once; who comes second is told to wait', async () => {
  const answers = await Promise.all([1, 2, 3, 4].map(() => create('k4', 'four')))
  const statuses = answers.map(({ status }) => status)
  expect(statuses.filter((status) => status === 201).length).toBeGreaterThanOrEqual(1)
  for (const answer of answers) expect([201, 409]).toContain(answer.status)
  const { total } = await world.as('admin').listDbSchemas({
    params: { org: 'default', project: 'shop' },
    query: { search_term: 'four' },
  })
  expect(total).toBe(1)
})

test('a call that holds a secret, or only reads, takes no key', async () => {
  const headers = { ...world.sessionHeaders('admin'), 'content-type': 'application/json', 'idempotency-key': 'k5' }
  const body = JSON.stringify({ identifier: 'ci' })
  const response = await world.app.request('/v1/api-keys', { method: 'POST', headers, body })
  expect(response.status).toBe(400)
  expect(((await response.json()) as { message: string }).message).toContain('idempotency-key')
  const { rows } = { rows: await world.store.db.selectFrom('idempotent_call').selectAll().execute() }
  expect(rows.some((row) => row.key === 'k5')).toBe(false)
})
