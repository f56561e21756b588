// Lists of connectors, secrets and pipelines show what a resource group names, each by its own right, and nothing else.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { api } from '#contract/api/index'
import { createClient } from '#contract/client'
import { firstPipeline } from '#cli/setup/first-pipeline'
import { pipelineHandlers } from '#manager/execution/pipeline-handlers'
import { createApp } from '#manager/http/app'
import { addProject, fetchOf, openWorld, type World } from './world.ts'

let world: World
const params = { org: 'default', project: 'shop' }
const shop = { orgIdentifier: 'default', projectIdentifier: 'shop' }
const as = (role: 'admin' | 'member') => {
  const handlers = { ...world.options.handlers, ...pipelineHandlers(world.store) }
  const { app } = createApp({ ...world.options, handlers })
  return createClient(api, { baseUrl: '', fetch: fetchOf(app), headers: world.sessionHeaders(role) })
}
beforeAll(async () => {
  world = await openWorld()
  await addProject(world)
  const admin = as('admin')
  const spec = { url: 'https://git.example.com/x', type: 'Http', connectionType: 'Account' } as const
  for (const identifier of ['one', 'two']) {
    await admin.createConnector({ params, body: { connector: { identifier, name: identifier, type: 'Git', spec } } })
    const secret = { identifier, name: identifier, type: 'SecretText', spec: { value: 'x' } } as const
    await admin.createSecret({ params, body: { secret } })
    const { yaml } = firstPipeline({ ...params, schema: 'app', instance: 'dev' })
    const named = yaml.replace(/^( +identifier: ).*$/m, `$1${identifier}`)
    await admin.createPipeline({ params, body: { identifier, name: identifier, pipeline_yaml: named } })
  }
  // Each right is for another resource: what one group names is not shown by the right of another.
  for (const [role, permission, type, name] of [
    ['connectors', 'connector.view', 'CONNECTOR', 'one'],
    ['secrets', 'secret.view', 'SECRET', 'two'],
    ['pipelines', 'pipeline.view', 'PIPELINE', 'one'],
    ['others', 'environment.view', 'CONNECTOR', 'two'],
  ] as const) {
    await admin.createRole({ query: shop, body: { identifier: role, name: role, permissions: [permission] } })
    const resourceFilter = { resources: [{ resourceType: type, identifiers: [name] }] }
    const resourceGroup = { identifier: role, name: role, ...shop, resourceFilter }
    await admin.createResourceGroup({ query: shop, body: { resourceGroup } })
    await admin.createRoleAssignment({
      query: shop,
      body: {
        roleIdentifier: role,
        resourceGroupIdentifier: role,
        principal: { type: 'USER', identifier: 'member@example.com' },
      },
    })
  }
})
afterAll(() => world.close())

test('a list has what the resource group names, under both addresses, and counts no more', async () => {
  const member = as('member')
  const one = { total: 1, rows: [{ connector: { identifier: 'one' } }] }
  expect(await member.listConnectors({ params })).toMatchObject(one)
  expect(await member.platformListConnectors({ query: shop })).toMatchObject(one)
  expect(await member.platformFilterConnectors({ query: shop, body: {} })).toMatchObject(one)
  const two = { total: 1, rows: [{ secret: { identifier: 'two' } }] }
  expect(await member.listSecrets({ params })).toMatchObject(two)
  expect(await member.platformListSecrets({ query: shop })).toMatchObject(two)
  expect(await member.platformFilterSecrets({ query: shop, body: {} })).toMatchObject(two)
  expect(await member.listPipelines({ params })).toMatchObject({ total: 1, rows: [{ identifier: 'one' }] })
  // A search does not tell of the rest either.
  expect(await member.listConnectors({ params, query: { search_term: 'two' } })).toEqual({ total: 0, rows: [] })
  expect((await as('admin').listConnectors({ params })).total).toBe(2)
})

test('what is not named is closed, and so are the scopes above', async () => {
  const member = as('member')
  const forbidden = expect.objectContaining({ code: 'forbidden' })
  await expect(member.getConnector({ params: { ...params, connector: 'two' } })).rejects.toEqual(forbidden)
  await expect(member.getSecret({ params: { ...params, secret: 'one' } })).rejects.toEqual(forbidden)
  await expect(member.getPipeline({ params: { ...params, pipeline: 'two' } })).rejects.toEqual(forbidden)
  await expect(member.listOrganizationConnectors({ params: { org: 'default' } })).rejects.toEqual(forbidden)
  await expect(member.listAccountSecrets()).rejects.toEqual(forbidden)
})
