// A run may do what whoever started it may do, and a right that is taken away counts from the next step on.
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Store } from '#manager/store/port'
import { newPlace, openPlace, type TestPlace } from '../store/store.ts'
import { nodeOf, Story } from './release-world.ts'
import { as } from './trigger-world.ts'

const step = (identifier: string, type: string, more: string) => `
              - step:
                  identifier: ${identifier}
                  name: ${identifier}
                  type: ${type}
                  spec: { dbSchema: shop, dbInstance: ${more} }`
const pipeline = (steps: string) => `pipeline:
  identifier: release_shop
  name: Release shop
  stages:
    - stage:
        identifier: go
        name: Go
        type: Custom
        spec:
          execution:
            steps:${steps}
`
let place: TestPlace
let store: Store
beforeAll(async () => {
  place = await newPlace('embedded')
  store = await openPlace(place)
})
afterAll(async () => {
  await store.close()
  await place.remove()
})

/** Mia gets the built-in role on all pipelines and these instances of the project. */
async function assign(story: Story, role: string, instances: readonly string[]): Promise<void> {
  const resources = [{ resourceType: 'PIPELINE' }, { resourceType: 'DATABASE_INSTANCE', identifiers: instances }]
  const body = JSON.stringify({ resourceFilter: { resources } })
  await sql`
    with p as (select p.id, p.organization_id from project p join organization o on o.id = p.organization_id
        where o.identifier = ${story.here.org}),
      g as (insert into scoped_entity (kind, organization_id, project_id, identifier, name, body)
        select 'resource-group', organization_id, id, 'some', 'Some', ${body}::jsonb from p returning id)
    insert into role_assignment (organization_id, project_id, identifier, user_id, built_in_role, resource_group_id)
    select p.organization_id, p.id, 'mia', u.id, ${role}, g.id from p, g, user_account u where u.email = 'mia@example.org'
  `.execute(store.db)
}

test('steps on an instance that the starter may not change end in an error, with words, and no delegate hears of them', async () => {
  const story = await Story.begin(
    store,
    pipeline(step('dev', 'DBSchemaApply', 'shop_dev') + step('prod', 'DBSchemaApply', 'shop_prod')),
  )
  await assign(story, '_pipeline_executor', ['shop/shop_dev'])
  const execution = await story.run('Mia')
  await story.delegate.workAll()
  const done = await story.read(execution)
  expect(nodeOf(done, 'go.dev').status).toBe('Success')
  expect(nodeOf(done, 'go.prod')).toMatchObject({ status: 'Errored' })
  expect(JSON.stringify(nodeOf(done, 'go.prod'))).toContain(
    'mia@example.org, who started the run, has not the permission instance.apply for shop/shop_prod.',
  )
  expect(story.delegate.applied('shop_prod')).toEqual([])
})

test('a right that is taken away while the run waits counts', async () => {
  const story = await Story.begin(
    store,
    pipeline(step('first', 'DBSchemaApply', 'shop_dev') + step('second', 'DBSchemaApply', 'shop_dev')),
  )
  await assign(story, '_pipeline_executor', ['shop/shop_dev'])
  const execution = await story.run('Mia')
  const [taken] = await story.delegate.take()
  await sql`delete from role_assignment where identifier = 'mia' and organization_id =
    (select id from organization where identifier = ${story.here.org})`.execute(store.db)
  if (taken) await story.delegate.play(taken)
  await story.delegate.workAll()
  const done = await story.read(execution)
  expect([nodeOf(done, 'go.first').status, nodeOf(done, 'go.second').status]).toEqual(['Success', 'Errored'])
})

test('who gives inputs to a step may do himself what it does, whoever started the run', async () => {
  const tagged = (instance: string) => step(instance, 'DBSchemaApply', `${instance}, tag: "<+input>.executionInput()"`)
  const story = await Story.begin(store, pipeline(tagged('shop_dev') + tagged('shop_prod')))
  await assign(story, '_pipeline_executor', ['shop/shop_dev'])
  const execution = await story.run('Dana')
  const [mia, dana] = [await as(story, 'Mia'), await as(story, 'Dana')]
  const inputsOf = (instance: string) => ({
    params: { ...story.here, execution, node: `go.${instance}` },
    body: { inputs: { 'spec.tag': 'v1' } },
  })
  await mia.giveInputs(inputsOf('shop_dev'))
  await story.delegate.workAll()
  await expect(mia.giveInputs(inputsOf('shop_prod'))).rejects.toThrow(
    'not the permission instance.apply for shop/shop_prod',
  )
  expect(nodeOf(await story.read(execution), 'go.shop_prod').status).toBe('InputWaiting')
  await dana.giveInputs(inputsOf('shop_prod'))
  await story.delegate.workAll()
  expect((await story.read(execution)).status).toBe('Success')
})

test('who names the instance of a stage in the middle of a run needs the right to change it', async () => {
  const asks = pipeline(step('apply', 'DBSchemaApply', '<+stage.variables.instance>')).replace(
    '        spec:\n          execution',
    '        variables: [{ name: instance, type: String, value: "<+input>.executionInput()" }]\n        spec:\n          execution',
  )
  const story = await Story.begin(store, asks)
  await assign(story, '_pipeline_executor', ['shop/shop_dev'])
  const execution = await story.run('Dana')
  expect(await story.delegate.workAll()).toBeUndefined()
  const waiting = await story.read(execution)
  expect(nodeOf(waiting, 'go')).toMatchObject({ status: 'InputWaiting', inputs: [{ name: 'variables.instance' }] })
  expect(nodeOf(waiting, 'go.apply').status).toBe('NotStarted')
  const mia = await as(story, 'Mia')
  const give = (instance: string, node = 'go') =>
    mia.giveInputs({ params: { ...story.here, execution, node }, body: { inputs: { 'variables.instance': instance } } })
  await expect(give('shop_dev', 'go.apply')).rejects.toMatchObject({ code: 'conflict' })
  await expect(give('shop_prod')).rejects.toThrow('not the permission instance.apply for shop/shop_prod')
  await give('shop_dev')
  await story.delegate.workAll()
  expect((await story.read(execution)).status).toBe('Success')
  expect(story.delegate.applied('shop_dev')).not.toEqual([])
  expect(story.delegate.applied('shop_prod')).toEqual([])
})

test('what is given to a stage counts in the steps of other stages that read it, and where the instance is not known yet', async () => {
  const asks = '        variables: [{ name: instance, type: String, value: "<+input>.executionInput()" }]\n'
  const given = '<+pipeline.stages.go.variables.instance>'
  const later = `    - stage:
        identifier: later
        name: Later
        type: Custom
        variables: [{ name: target, type: String, value: "${given}" }]
        spec:
          execution:
            steps:${step('apply', 'DBSchemaApply', '<+stage.variables.target>')}
`
  const first = pipeline(step('apply', 'DBSchemaApply', 'shop_dev')).replace(
    '        spec:\n          execution',
    `${asks}        spec:\n          execution`,
  )
  const story = await Story.begin(store, first + later)
  await assign(story, '_pipeline_executor', ['shop/shop_dev'])
  const execution = await story.run('Dana')
  const mia = await as(story, 'Mia')
  const give = (instance: string, at = execution) =>
    mia.giveInputs({
      params: { ...story.here, execution: at, node: 'go' },
      body: { inputs: { 'variables.instance': instance } },
    })
  await expect(give('shop_prod')).rejects.toThrow('not the permission instance.apply for shop/shop_prod')
  await give('shop_dev')
  await story.delegate.workAll()
  expect((await story.read(execution)).status).toBe('Success')

  const unknown = step(
    'second',
    'DBSchemaApply',
    '<+steps.apply.output.preStartTag.length()><+stage.variables.instance>',
  )
  const other = await Story.begin(store, first.replace(/(shop_dev })\n$/, `$1${unknown}\n`))
  await assign(other, '_pipeline_executor', ['shop/shop_dev'])
  const giver = await as(other, 'Mia')
  const params = { ...other.here, execution: await other.run('Dana'), node: 'go' }
  await expect(giver.giveInputs({ params, body: { inputs: { 'variables.instance': 'x' } } })).rejects.toThrow(
    'not the permission instance.apply for whatever go.second changes',
  )
})
