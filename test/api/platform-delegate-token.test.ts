// Delegate tokens as the Terraform provider speaks of them: the older envelope, names in the query, a value that is shown once.
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { notOffered } from '#contract/api/not-offered'
import { addProject, openWorld, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  await addProject(world)
})
afterAll(() => world.close())

const path = '/ng/api/delegate-token-ng'
const shop = 'orgIdentifier=default&projectIdentifier=shop'
async function call(method: string, query: string, headers = world.sessionHeaders('admin')) {
  const response = await world.app.request(`/gateway${path}?accountIdentifier=acc&${query}`, { method, headers })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

test('a token lives: made with its value, listed without, revoked, deleted, and its name is free again', async () => {
  const made = await call('POST', `${shop}&tokenName=My+token-1&revokeAfter=4102444800000`)
  const token = {
    uuid: expect.any(String),
    accountId: expect.any(String),
    name: 'My token-1',
    createdBy: 'admin@example.com',
    createdByNgUser: { name: 'admin@example.com' },
    createdAt: expect.any(Number),
    status: 'ACTIVE',
    ownerIdentifier: 'default/shop',
    revokeAfter: 4_102_444_800_000,
  }
  const value = expect.stringMatching(/^sdt\./)
  expect(made).toEqual({ status: 200, body: { metaData: {}, resource: { ...token, value }, responseMessages: [] } })
  expect((await call('GET', `${shop}&name=My+token-1`)).body['resource']).toEqual([token])
  // The same token under its identifier.
  const { rows } = await world.as('admin').listDelegateTokens()
  expect(rows).toMatchObject([{ identifier: 'default_shop_My_token_1', name: 'My token-1', project: 'shop' }])
  expect(await call('POST', `${shop}&tokenName=My+token-1`)).toMatchObject({
    status: 400,
    body: { code: 'DUPLICATE_FIELD' },
  })
  expect((await call('PUT', `${shop}&tokenName=My+token-1`)).body['resource']).toEqual({ ...token, status: 'REVOKED' })
  expect((await call('GET', `${shop}&status=ACTIVE`)).body['resource']).toEqual([])
  expect((await call('GET', `${shop}&status=REVOKED`)).body['resource']).toHaveLength(1)
  expect(await call('DELETE', `${shop}&tokenName=My+token-1`)).toMatchObject({ status: 200, body: { resource: true } })
  expect(await call('DELETE', `${shop}&tokenName=My+token-1`)).toMatchObject({
    status: 404,
    body: { code: 'RESOURCE_NOT_FOUND_EXCEPTION' },
  })
  expect((await call('POST', `${shop}&tokenName=My+token-1`)).status).toBe(200)
})

test('one name in two scopes is two tokens; a name that several have is refused', async () => {
  for (const scope of ['', 'orgIdentifier=default'])
    expect((await call('POST', `${scope}&tokenName=night`)).status).toBe(200)
  expect((await call('GET', 'name=night')).body['resource']).toMatchObject([{ ownerIdentifier: null }])
  expect((await call('GET', 'orgIdentifier=default')).body['resource']).toMatchObject([{ ownerIdentifier: 'default' }])
  await world.as('admin').createDelegateToken({ body: { identifier: 'other', name: 'night' } })
  expect(await call('PUT', 'tokenName=night')).toMatchObject({
    status: 400,
    body: { message: expect.stringContaining('Several') },
  })
  expect((await call('PUT', '')).status).toBe(400)
})

test('an admin of a project makes tokens for it, and not for others', async () => {
  await world.as('admin').createRoleAssignment({
    query: { orgIdentifier: 'default', projectIdentifier: 'shop' },
    body: {
      roleIdentifier: '_project_admin',
      resourceGroupIdentifier: '_all_project_level_resources',
      principal: { type: 'USER', identifier: 'member@example.com' },
    },
  })
  const member = world.sessionHeaders('member')
  expect((await call('POST', `${shop}&tokenName=own`, member)).status).toBe(200)
  for (const scope of ['', 'orgIdentifier=default'])
    for (const method of ['GET', 'POST', 'PUT', 'DELETE'])
      expect((await call(method, `${scope}&tokenName=night`, member)).status).toBe(403)
})

test('delegates are listed by scope, processes of one name together, and by the token that they joined with', async () => {
  const { db } = world.store
  await call('POST', `${shop}&tokenName=fleet`)
  await call('POST', 'tokenName=everywhere')
  await sql`insert into delegate (id, token_id, name, tags, version, signing_key, sealing_key, connected, last_seen_at,
      organization_id, project_id)
    select new.id, token.id, new.name, new.tags::jsonb, '1.0.0', new.id, 'k', new.connected, to_timestamp(new.seen),
      token.organization_id, token.project_id
    from (values ('d1', 'fleet', 'db', '["eu"]', true, 1000), ('d2', 'fleet', 'db', '["eu", "blue"]', false, 900),
      ('d3', 'everywhere', 'main', '[]', false, null)) as new (id, token, name, tags, connected, seen)
    join delegate_token as token on token.name = new.token`.execute(db)
  const list = async (query: string, filter: object = {}, headers = world.sessionHeaders('admin')) => {
    const response = await world.app.request(`/ng/api/delegate-setup/listDelegates?accountIdentifier=acc&${query}`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ filterType: 'Delegate', ...filter }),
    })
    return { status: response.status, body: (await response.json()) as { resource: { name: string }[] } }
  }
  const replica = { version: '1.0.0', lastHeartbeat: expect.any(Number) }
  const fleet = {
    name: 'db',
    description: '',
    tags: ['eu', 'blue'],
    connected: true,
    lastHeartBeat: 1_000_000,
    delegateReplicas: [
      { ...replica, uuid: 'd1', connected: true },
      { ...replica, uuid: 'd2', connected: false },
    ],
    autoUpgrade: 'OFF',
    legacy: false,
    orgName: 'default',
    projectName: 'shop',
  }
  expect(await list(shop)).toEqual({ status: 200, body: { metaData: {}, resource: [fleet], responseMessages: [] } })
  const names = async (query: string, filter?: object) =>
    (await list(query, filter)).body.resource.map(({ name }) => name)
  expect(await names('')).toEqual(['main'])
  expect(await names('all=true')).toEqual(['db', 'main'])
  expect(await names('orgIdentifier=default')).toEqual([])
  expect(await names('orgIdentifier=default&all=true')).toEqual(['db'])
  expect(await names('all=true', { status: 'CONNECTED' })).toEqual(['db'])
  expect(await names('all=true', { status: 'DISCONNECTED', delegateName: 'MAI' })).toEqual(['main'])
  const member = world.sessionHeaders('member')
  expect([(await list(shop, {}, member)).status, (await list('all=true', {}, member)).status]).toEqual([200, 403])
  const groups = `${path}/delegate-groups?${shop}&delegateTokenName=fleet`
  const answered = await world.app.request(groups, { headers: world.sessionHeaders('admin') })
  expect(await answered.json()).toMatchObject({ resource: { delegateGroupDetails: [fleet] } })
  expect((await world.app.request(`${groups}x`, { headers: world.sessionHeaders('admin') })).status).toBe(404)
})

test('the user behind the call, and whether an identifier of a connector is free', async () => {
  const ask = async (url: string) =>
    (await (await world.app.request(url, { headers: world.sessionHeaders('viewer') })).json()) as { data: unknown }
  expect((await ask('/ng/api/user/currentUser')).data).toEqual({
    uuid: expect.any(String),
    name: 'viewer',
    email: 'viewer@example.com',
    defaultAccountId: expect.any(String),
    admin: false,
  })
  const spec = { url: 'https://git.example.com/x', type: 'Http' as const, connectionType: 'Repo' as const }
  const params = { org: 'default', project: 'shop' }
  const connector = { identifier: 'git', name: 'Git', type: 'Git' as const, spec } as never
  await world.as('admin').createConnector({ params, body: { connector } })
  const free = '/ng/api/connectors/validateUniqueIdentifier?identifier=git'
  expect((await ask(`${free}&${shop}`)).data).toBe(false)
  expect((await ask(free)).data).toBe(true)
})

describe.each(notOffered)('$method $path', ({ method, path: pattern, what }) => {
  test('is told to be missing', async () => {
    const response = await world.app.request(pattern.replace(/\{(\w+)\}/g, 'x_$1'), {
      method,
      headers: world.sessionHeaders('admin'),
    })
    expect(response.status).toBe(501)
    expect(await response.json()).toMatchObject({ code: 'not-offered', message: expect.stringContaining(what) })
  })
})
