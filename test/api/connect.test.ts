// What `sluice connect` makes over the API, and what it makes of it when it is called again with other values.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { correctEntities } from '#cli/setup/correct'
import { ensureEntities, type Setup } from '#cli/setup/entity'
import { firstPipeline } from '#cli/setup/first-pipeline'
import type { ApiClient } from '#cli/setup/session'
import { Fault } from '#contract/fault'
import { openWorld, type World } from './world.ts'

let world: World
let admin: ApiClient
beforeAll(async () => {
  // Pipelines belong to another room; the one of `connect` stays as it is when it is there.
  const createPipeline = () => Promise.reject(new Fault('already-exists', 'it is there'))
  world = await openWorld({ createPipeline })
  admin = world.as('admin')
})
afterAll(() => world.close())

const scope = { org: 'default', project: 'shop' }
const setupOf = (values: { readonly location: string; readonly url: string; readonly git: string }): Setup => ({
  scope,
  projectName: 'shop',
  secrets: { shop_dev_password: values.location },
  repository: { identifier: 'shop_repository', url: values.git, username: undefined, passwordRef: undefined },
  schema: { identifier: 'shop', name: 'shop', location: values.location, branch: 'main' },
  instances: [
    {
      identifier: 'dev',
      name: 'dev',
      url: values.url,
      username: 'shop',
      passwordRef: 'shop_dev_password',
      context: '',
      tags: {},
    },
  ],
  pipeline: firstPipeline({ ...scope, schema: 'shop', instance: 'dev' }),
})
const wrong = setupOf({
  location: 'db/typo.xml',
  url: 'jdbc:postgresql://db/shp',
  git: 'https://git.example.com/a.git',
})
const right = setupOf({
  location: 'db/root.xml',
  url: 'jdbc:postgresql://db/shop',
  git: 'https://git.example.com/b.git',
})
const nothing = { branch: false, contexts: false }

test('said again with other values, it corrects what is there, and leaves what nobody spoke of', async () => {
  const created = await ensureEntities(admin, wrong)
  expect(created).toHaveLength(7)
  expect(await correctEntities(admin, wrong, created, nothing)).toEqual([])
  const { connector } = await admin.getConnector({ params: { ...scope, connector: 'dev' } })
  const spec = { ...connector.spec, delegateSelectors: ['near'] } as never
  await admin.updateConnector({ params: { ...scope, connector: 'dev' }, body: { connector: { ...connector, spec } } })
  const instance = { ...scope, dbschema: 'shop', dbinstance: 'dev' }
  await admin.updateDbInstance({ params: instance, body: { context: 'set by somebody' } })

  expect(await ensureEntities(admin, right)).toEqual([])
  expect(await correctEntities(admin, right, [], nothing)).toEqual([
    'secret shop_dev_password: its value is what was given now',
    'connector shop_repository: https://git.example.com/b.git',
    'connector dev: jdbc:postgresql://db/shop',
    'DB schema shop: db/root.xml',
  ])
  const corrected = await admin.getConnector({ params: { ...scope, connector: 'dev' } })
  expect(corrected.connector.spec).toMatchObject({ url: 'jdbc:postgresql://db/shop', delegateSelectors: ['near'] })
  expect(await admin.getDbSchema({ params: { ...scope, dbschema: 'shop' } })).toMatchObject({
    changelog: { connector: 'shop_repository', location: 'db/root.xml' },
  })
  expect(await admin.getDbInstance({ params: instance })).toMatchObject({ context: 'set by somebody', branch: 'main' })
  expect(await correctEntities(admin, right, [], { branch: true, contexts: true })).toEqual([
    'secret shop_dev_password: its value is what was given now',
    'DB instance dev: context ',
  ])
})
