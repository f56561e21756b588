// Roles, resource groups, assignments, groups, service accounts and tokens: addressed as the Terraform provider does, and what
// they then allow. Told on one project with two instances.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { api } from '#contract/api/index'
import { type Client, createClient } from '#contract/client'
import { addProject, fetchOf, openWorld, password, signInTo, type World } from './world.ts'

let world: World
let admin: Client<typeof api>
const shop = { orgIdentifier: 'default', projectIdentifier: 'shop' }
const scope = { org: 'default', project: 'shop' }
beforeAll(async () => {
  world = await openWorld()
  admin = world.as('admin')
  await addProject(world)
  await admin.createProject({ params: { org: 'default' }, body: { project: { identifier: 'other', name: 'Other' } } })
  for (const project of ['shop', 'other']) {
    const params = { org: 'default', project }
    const changelog = { connector: 'git', location: 'c.yaml' }
    await admin.createDbSchema({ params, body: { identifier: 'app', name: 'App', changelog } })
    for (const identifier of ['dev', 'prod'])
      await admin.createDbInstance({
        params: { ...params, dbschema: 'app' },
        body: { identifier, connector: 'c', branch: 'main' },
      })
  }
})
afterAll(() => world.close())

async function member(name: string): Promise<{ email: string; client: Client<typeof api>; id: string }> {
  const email = `${name}@example.com`
  await admin.createUser({ body: { email, name, role: 'member', password } })
  const client = createClient(api, {
    baseUrl: '',
    fetch: fetchOf(world.app),
    headers: await signInTo(world.app, email),
    validate: true,
  })
  const row = await world.store.db
    .selectFrom('user_account')
    .where('email', '=', email)
    .select('id')
    .executeTakeFirstOrThrow()
  return { email, client, id: row.id }
}
const assign = (principal: object, role: string, resources: string, query: object = shop) =>
  admin.createRoleAssignment({
    query,
    body: {
      roleIdentifier: role,
      resourceGroupIdentifier: resources,
      principal: principal as { type: 'USER'; identifier: string },
    },
  })
const instance = (dbinstance: string, project = 'shop') => ({ org: 'default', project, dbschema: 'app', dbinstance })
const forbidden = expect.objectContaining({ code: 'forbidden' })

describe('a member', () => {
  test('sees nothing until something is assigned, and then exactly that', async () => {
    const { client, email } = await member('anna')
    expect((await client.getSession()).grants).toEqual([{ below: true, permissions: [] }])
    expect((await client.listOrganizations().catch((error: unknown) => error)) as object).toEqual(forbidden)
    await assign({ type: 'USER', identifier: email }, '_project_viewer', '_all_project_level_resources')
    expect((await client.listOrganizations()).rows.map((row) => row.organization.identifier)).toEqual(['default'])
    const projects = await client.listProjects({ params: { org: 'default' } })
    expect(projects.rows.map((row) => row.project.identifier)).toEqual(['shop'])
    expect((await client.getDbInstance({ params: instance('prod') })).identifier).toBe('prod')
    await expect(client.getDbInstance({ params: instance('prod', 'other') })).rejects.toEqual(forbidden)
    await expect(client.updateDbInstance({ params: instance('prod'), body: { name: 'x' } })).rejects.toEqual(forbidden)
    await expect(client.getProject({ params: { org: 'default', project: 'other' } })).rejects.toEqual(forbidden)
    const all = await client.platformListProjects({ query: { orgIdentifier: 'default' } })
    expect(all.rows.map((row) => row.project.identifier)).toEqual(['shop'])
  })

  test('with a resource group of one instance sees and edits that one', async () => {
    const { client, id, email } = await member('bert')
    const resources = [{ resourceType: 'DATABASE_INSTANCE', identifiers: ['app/dev'] }]
    await admin.createResourceGroup({
      query: shop,
      body: { resourceGroup: { identifier: 'only_dev', name: 'Dev', ...shop, resourceFilter: { resources } } },
    })
    await admin.createRole({
      query: shop,
      body: { identifier: 'editor', name: 'Editor', permissions: ['dbops_instance_view', 'instance.edit'] },
    })
    await assign({ type: 'USER', identifier: id }, 'editor', 'only_dev')
    await client.updateDbInstance({ params: instance('dev'), body: { name: 'Development' } })
    await expect(client.getDbInstance({ params: instance('prod') })).rejects.toEqual(forbidden)
    await expect(client.deleteDbInstance({ params: instance('dev') })).rejects.toEqual(forbidden)
    const list = await client.listDbInstances({ params: { ...scope, dbschema: 'app' } })
    expect(list).toMatchObject({ total: 1, rows: [{ identifier: 'dev', name: 'Development' }] })
    const matrix = await client.getMigrationState({ params: { ...scope, dbschema: 'app' } })
    expect(matrix.body.instances).toEqual([{ identifier: 'dev', name: 'Development' }])
    // What would show the others, or make new ones, is not for somebody who has one.
    const more = { identifier: 'new', connector: 'c', branch: 'main' }
    await expect(client.createDbInstance({ params: { ...scope, dbschema: 'app' }, body: more })).rejects.toEqual(
      forbidden,
    )
    await expect(client.listDbSchemas({ params: scope })).rejects.toEqual(forbidden)
    // Taken away, it counts at once.
    const { rows } = await admin.listRoleAssignments({ query: shop })
    const own = rows.find((row) => row.roleAssignment.principal.identifier === email)
    await admin.deleteRoleAssignment({ params: { identifier: own?.roleAssignment.identifier ?? '' }, query: shop })
    await expect(client.getDbInstance({ params: instance('dev') })).rejects.toEqual(forbidden)
  })

  test('who may edit connectors and pipelines may not delete them, unless that is assigned too', async () => {
    const { client, email } = await member('wendy')
    const permissions = ['core_connector_view', 'core_connector_edit']
    await admin.createRole({ query: shop, body: { identifier: 'wirer', name: 'Wirer', permissions } })
    await assign({ type: 'USER', identifier: email }, 'wirer', '_all_project_level_resources')
    const git = { url: 'https://git.example.com/x', type: 'Http', connectionType: 'Account' } as const
    const connector = { identifier: 'spare', name: 'Spare', type: 'Git', spec: git } as const
    await client.createConnector({ params: scope, body: { connector } })
    const params = { ...scope, connector: 'spare' }
    await expect(client.deleteConnector({ params })).rejects.toThrow(/connector.delete/)
    await admin.updateRole({
      params: { identifier: 'wirer' },
      query: shop,
      body: { identifier: 'wirer', name: 'Wirer', permissions: [...permissions, 'core_connector_delete'] },
    })
    await client.deleteConnector({ params })
  })

  test('has what its groups have, also disabled and enabled again', async () => {
    const { client, email } = await member('cleo')
    const group = { identifier: 'dba', name: 'DBA', ...shop, users: [email] }
    expect(await admin.createUserGroup({ query: shop, body: group })).toMatchObject({ userEmails: [email] })
    const assignment = await assign(
      { type: 'USER_GROUP', identifier: 'dba' },
      '_project_admin',
      '_all_project_level_resources',
    )
    await client.updateDbInstance({ params: instance('prod'), body: { name: 'Production' } })
    const { identifier, roleIdentifier, resourceGroupIdentifier } = assignment.roleAssignment
    const principal = { type: 'USER_GROUP' as const, identifier: 'dba' }
    const body = { identifier, roleIdentifier, resourceGroupIdentifier, principal }
    await admin.updateRoleAssignment({ params: { identifier }, query: shop, body: { ...body, disabled: true } })
    await expect(client.getDbInstance({ params: instance('prod') })).rejects.toEqual(forbidden)
    await admin.updateRoleAssignment({ params: { identifier }, query: shop, body })
    await client.getDbInstance({ params: instance('prod') })
    await admin.updateUserGroup({ query: shop, body: { ...group, users: [] } })
    await expect(client.getDbInstance({ params: instance('prod') })).rejects.toEqual(forbidden)
    await admin.deleteUserGroup({ params: { identifier: 'dba' }, query: shop })
    const { rows } = await admin.listRoleAssignments({ query: shop })
    expect(rows.some((row) => row.roleAssignment.principal.identifier === 'dba')).toBe(false)
  })

  test('of an organization reaches its projects only with the scopes below', async () => {
    const { client, email } = await member('dora')
    const org = { orgIdentifier: 'default' }
    const principal = { type: 'USER', identifier: email }
    const flat = await assign(principal, '_organization_viewer', '_all_organization_level_resources', org)
    expect((await client.getOrganization({ params: { org: 'default' } })).organization.name).toBe('Default')
    await expect(client.getDbInstance({ params: instance('dev') })).rejects.toEqual(forbidden)
    await admin.deleteRoleAssignment({
      params: { identifier: flat.roleAssignment.identifier },
      query: org,
    })
    await assign(principal, '_organization_viewer', '_all_resources_including_child_scopes', org)
    for (const project of ['shop', 'other']) await client.getDbInstance({ params: instance('dev', project) })
  })
})

describe('nobody hands out what they do not have', () => {
  test('by a user: its role, or its password', async () => {
    const { client, email } = await member('ulf')
    await admin.createRole({ query: {}, body: { identifier: 'people', name: 'People', permissions: ['user.edit'] } })
    await assign({ type: 'USER', identifier: email }, 'people', '_all_account_level_resources', {})
    const user = (name: string, role: 'admin' | 'member') =>
      client.createUser({ body: { email: `${name}@example.com`, name, role, password } })
    await expect(user('boss', 'admin')).rejects.toEqual(forbidden)
    expect((await user('newcomer', 'member')).role).toBe('member')
    const update = (who: string, body: object) => client.updateUser({ params: { email: who }, body })
    await expect(update(email, { role: 'admin' })).rejects.toEqual(forbidden)
    await expect(update('admin@example.com', { password: 'something else' })).rejects.toEqual(forbidden)
    expect(await update('newcomer@example.com', { password: 'something else', name: 'N' })).toMatchObject({ name: 'N' })
    expect(await update(email, { password: 'my own new one' })).toMatchObject({ email })
  })

  test('by a role, an assignment, a resource group, a membership or a token', async () => {
    const { client, email } = await member('eve')
    const permissions = [
      'role.edit',
      'assignment.edit',
      'resource-group.edit',
      'group.edit',
      'group.view',
      'service-account.edit',
    ]
    await admin.createRole({ query: shop, body: { identifier: 'access', name: 'Access', permissions } })
    await assign({ type: 'USER', identifier: email }, 'access', '_all_project_level_resources')
    const mine = { type: 'USER' as const, identifier: email }
    const all = '_all_project_level_resources'
    await expect(
      client.createRoleAssignment({
        query: shop,
        body: { roleIdentifier: '_project_admin', resourceGroupIdentifier: all, principal: mine },
      }),
    ).rejects.toEqual(forbidden)
    await expect(
      client.createRole({ query: shop, body: { identifier: 'more', name: 'More', permissions: ['instance.apply'] } }),
    ).rejects.toThrow(/instance.apply/)
    await expect(
      client.updateRole({
        params: { identifier: 'access' },
        query: shop,
        body: { identifier: 'access', name: 'x', permissions: [...permissions, 'secret.edit'] },
      }),
    ).rejects.toEqual(forbidden)
    await admin.createUserGroup({ query: shop, body: { identifier: 'strong', name: 'S', ...shop } })
    await assign({ type: 'USER_GROUP', identifier: 'strong' }, '_project_admin', all)
    await expect(
      client.updateUserGroup({ query: shop, body: { identifier: 'strong', name: 'S', ...shop, users: [email] } }),
    ).rejects.toEqual(forbidden)
    await admin.createServiceAccount({ query: shop, body: { identifier: 'robot', name: 'Robot', ...shop } })
    await assign({ type: 'SERVICE_ACCOUNT', identifier: 'robot' }, '_project_admin', all)
    const owner = { apiKeyType: 'SERVICE_ACCOUNT' as const, parentIdentifier: 'robot', ...shop }
    await client.createAccessKey({ query: shop, body: { identifier: 'k', name: 'k', ...owner } })
    await expect(
      client.createAccessToken({
        query: shop,
        body: { identifier: 't', name: 't', apiKeyIdentifier: 'k', ...owner },
      }),
    ).rejects.toEqual(forbidden)
    // Outside of the own scope there is nothing to hand out at all.
    await expect(
      client.createRoleAssignment({
        body: { roleIdentifier: 'access', resourceGroupIdentifier: all, principal: mine },
      }),
    ).rejects.toEqual(forbidden)
    // A scope in the query that differs from that in the body is refused, not chosen from.
    await expect(
      client.createUserGroup({
        query: shop,
        body: { identifier: 'g', name: 'g', orgIdentifier: 'default', projectIdentifier: 'other' },
      }),
    ).rejects.toMatchObject({ message: expect.stringContaining('projectIdentifier') })
  })
})

describe('tokens', () => {
  const send = async (method: string, path: string, body?: unknown) => {
    const headers = { ...world.sessionHeaders('admin'), 'content-type': 'application/json' }
    const init = { method, headers, ...(body === undefined ? {} : { body: `${JSON.stringify(body)}\n` }) }
    const response = await world.app.request(`/gateway${path}`, init)
    return { status: response.status, body: (await response.json()) as { data: unknown; code?: string } }
  }
  const place = 'accountIdentifier=acct&orgIdentifier=default&projectIdentifier=shop'
  const owner = { apiKeyType: 'SERVICE_ACCOUNT', parentIdentifier: 'ci', ...shop, accountIdentifier: 'acct' }
  const named = `apiKeyType=SERVICE_ACCOUNT&parentIdentifier=ci&${place}`
  const use = (value: string) =>
    createClient(api, { baseUrl: '', fetch: fetchOf(world.app), headers: { 'x-api-key': value } })

  test('of a service account live as `terraform apply` has them, and act with its rights', async () => {
    const account = { identifier: 'ci', name: 'CI', email: 'ci@acme.io', ...shop, description: '', tags: { a: '' } }
    expect((await send('POST', `/ng/api/serviceaccount?${place}`, account)).body.data).toMatchObject(account)
    const read = await send('GET', `/ng/api/serviceaccount/aggregate/ci?${place}`)
    expect(read.body.data).toMatchObject({ serviceAccount: account, tokensCount: 0 })
    const key = { identifier: 'key', name: 'Key', ...owner, defaultTimeToExpireToken: 86_400_000 }
    expect((await send('POST', `/ng/api/apikey?${place}`, key)).body.data).toMatchObject({
      identifier: 'key',
      defaultTimeToExpireToken: 86_400_000,
    })
    // The client puts the account into the path of PUT; the identifier stands in the body.
    const renamed = await send('PUT', '/ng/api/apikey/acct', { ...key, name: 'Key 2' })
    expect(renamed.body.data).toMatchObject({ identifier: 'key', name: 'Key 2' })
    const token = { identifier: 'token', name: 'T', apiKeyIdentifier: 'key', ...owner }
    const { data } = (await send('POST', `/ng/api/token?${place}`, token)).body
    const { account: id } = await admin.getSession()
    expect(data).toMatch(new RegExp(`^sat\\.${id}\\.token\\.[\\w-]{43}$`))
    const one = `/ng/api/token/aggregate?${named}&apiKeyIdentifier=key&identifiers=token`
    const listed = (await send('GET', one)).body.data as { content: { token: object; expiryAt: number }[] }
    expect(listed.content).toHaveLength(1)
    expect(listed.content[0]?.token).toMatchObject({ identifier: 'token', valid: true, email: 'ci@acme.io' })
    expect((listed.content[0]?.expiryAt ?? 0) - Date.now()).toBeGreaterThan(80_000_000)

    const robot = use(String(data))
    await expect(robot.getDbSchema({ params: { ...scope, dbschema: 'app' } })).rejects.toEqual(forbidden)
    await assign({ type: 'SERVICE_ACCOUNT', identifier: 'ci' }, '_project_viewer', '_all_project_level_resources')
    expect((await robot.getDbSchema({ params: { ...scope, dbschema: 'app' } })).name).toBe('App')
    await expect(robot.deleteDbSchema({ params: { ...scope, dbschema: 'app' } })).rejects.toEqual(forbidden)
    const stored = await world.store.db.selectFrom('access_token').selectAll().execute()
    expect(JSON.stringify(stored)).not.toContain(String(data).split('.')[3])

    const rotated = await send(
      'POST',
      `/ng/api/token/rotate/token?${named}&apiKeyIdentifier=key&rotateTimestamp=${Date.now() + 60_000}`,
    )
    await use(String(rotated.body.data)).listDbSchemas({ params: scope })
    await robot.listDbSchemas({ params: scope })
    const again = await send('POST', `/ng/api/token/rotate/token?${named}&apiKeyIdentifier=key`)
    await use(String(again.body.data)).listDbSchemas({ params: scope })
    for (const old of [String(data), String(rotated.body.data)])
      await expect(use(old).listDbSchemas({ params: scope })).rejects.toMatchObject({ code: 'unauthenticated' })
    expect((await send('DELETE', `/ng/api/token/token?${named}&apiKeyIdentifier=key`)).body.data).toBe(true)
    await expect(use(String(again.body.data)).listDbSchemas({ params: scope })).rejects.toMatchObject({
      code: 'unauthenticated',
    })
    expect((await send('DELETE', `/ng/api/serviceaccount/ci?${place}`)).body.data).toBe(true)
    expect(await send('GET', `/ng/api/serviceaccount/aggregate/ci?${place}`)).toMatchObject({
      status: 404,
      body: { code: 'RESOURCE_NOT_FOUND_EXCEPTION' },
    })
  })

  test('of a user are for the user only; what has ended or not begun is not valid', async () => {
    const { client, email, id } = await member('fred')
    const mine = { apiKeyType: 'USER' as const, parentIdentifier: id }
    await client.createAccessKey({ body: { identifier: 'k', name: 'k', ...mine } })
    const value = await client.createAccessToken({
      body: { identifier: 't', name: 't', apiKeyIdentifier: 'k', ...mine, parentIdentifier: email },
    })
    expect(value).toMatch(/^pat\./)
    expect((await use(value).getSession()).user.email).toBe(email)
    const later = { identifier: 'later', name: 't', apiKeyIdentifier: 'k', ...mine, validFrom: Date.now() + 3_600_000 }
    const notYet = await client.createAccessToken({ body: later })
    await expect(use(notYet).getSession()).rejects.toMatchObject({ code: 'unauthenticated' })
    await expect(
      client.createAccessToken({ body: { ...later, identifier: 'x', validTo: 1000, validFrom: 1 } }),
    ).rejects.toThrow(/validTo/)
    await expect(admin.listAccessKeys({ query: mine })).rejects.toEqual(forbidden)
    const robot = await admin.createServiceAccount({ body: { identifier: 'r', name: 'R' } })
    expect(robot.email).toBe('r@service.sluice')
  })
})

describe('environments and services', () => {
  test.each([
    ['environmentsV2', 'environment', { type: 'PreProduction' }],
    ['servicesV2', 'service', { yaml: 'service:\n  name: a\n' }],
  ])('%s live: POST and PUT without the identifier in the path', async (path, key, more) => {
    const headers = { ...world.sessionHeaders('admin'), 'content-type': 'application/json' }
    const send = async (method: string, url: string, body?: unknown) => {
      const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
      const response = await world.app.request(url, init)
      return { http: response.status, ...((await response.json()) as { data: Record<string, unknown> }) }
    }
    const body = { identifier: 'dev', name: 'Dev', ...shop, tags: { a: 'b' }, description: 'd', ...more }
    const created = await send('POST', `/ng/api/${path}?accountIdentifier=a`, body)
    expect(created).toMatchObject({ http: 200, status: 'SUCCESS', data: { [key]: { ...body, deleted: false } } })
    const one = `/ng/api/${path}/dev?accountIdentifier=a&orgIdentifier=default&projectIdentifier=shop`
    expect((await send('GET', one)).data).toEqual(created.data)
    const renamed = await send('PUT', `/ng/api/${path}?accountIdentifier=a`, { ...body, name: 'Dev 2' })
    expect(renamed.data[key]).toMatchObject({ name: 'Dev 2' })
    const list = await send('GET', `/ng/api/${path}?orgIdentifier=default&projectIdentifier=shop&page=0&size=5`)
    expect(list.data).toMatchObject({ totalItems: 1, pageSize: 5, content: [{ [key]: { name: 'Dev 2' } }] })
    const elsewhere = await send('GET', `/ng/api/${path}?orgIdentifier=default&projectIdentifier=other`)
    expect(elsewhere.data['content']).toEqual([])
    expect((await send('DELETE', one)).data).toBe(true)
    expect(await send('GET', one)).toMatchObject({ http: 404, code: 'RESOURCE_NOT_FOUND_EXCEPTION' })
  })
})
