// Freezes: what does not start and why, what goes on, and who may pass over one.
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Store } from '#manager/store/port'
import { newPlace, openPlace, type TestPlace } from '../store/store.ts'
import { nodeOf, Story } from './release-world.ts'
import { as, history, save, schedule } from './trigger-world.ts'

const apply = (identifier: string, instance: string) => `
              - step:
                  identifier: ${identifier}
                  name: ${identifier}
                  type: DBSchemaApply
                  spec: { dbSchema: shop, dbInstance: ${instance} }`
const stage = (identifier: string, steps: string) => `
    - stage:
        identifier: ${identifier}
        name: ${identifier}
        type: Custom
        spec:
          execution:
            steps:${steps}`
const pipeline = (...stages: string[]) => `pipeline:
  identifier: release_shop
  name: Release shop
  stages:${stages.join('')}
`
const twoStages = pipeline(stage('dev', apply('go', 'shop_dev')), stage('prod', apply('go', 'shop_prod')))

let place: TestPlace
let store: Store
let story: Story
beforeAll(async () => {
  place = await newPlace('embedded')
  store = await openPlace(place)
})
afterAll(async () => {
  await store.close()
  await place.remove()
})
beforeEach(async () => {
  await sql`delete from sign_in_try`.execute(store.db)
  await sql`delete from freeze_window`.execute(store.db)
})

const all = '{ type: Pipeline, filterType: All }'
const prod = '{ type: DBInstance, filterType: Equals, entityRefs: [shop/shop_prod] }'
const bytes = (text: string) => new TextEncoder().encode(text)
/** In the present: from an hour ago for three hours, unless told otherwise. */
function yamlOf(identifier: string, entity: string, hoursFromNow = -1): string {
  const start = new Date(Date.now() + hoursFromNow * 3_600_000).toISOString().slice(0, 16).replace('T', ' ')
  return `freeze:
  identifier: ${identifier}
  name: Quiet time
  status: Enabled
  entityConfigs:
    - name: rule
      entities:
        - ${entity}
  windows:
    - { timeZone: UTC, startTime: ${start}, duration: 3h }
`
}
const inProject = () => ({ orgIdentifier: story.here.org, projectIdentifier: story.here.project })
async function freeze(identifier: string, entity: string, query = {}, hours?: number) {
  return (await as(story, 'Ada')).createFreeze({ query, raw: bytes(yamlOf(identifier, entity, hours)) })
}
const start = async (person: 'Ada' | 'Dana' | 'Mia', reason?: string) =>
  (await as(story, person)).executePipeline({
    params: { ...story.here, pipeline: 'release_shop' },
    body: reason === undefined ? {} : { override_freeze: reason },
  })

test('a held pipeline is not started by a person, nor by a schedule, which says so; after the freeze it is', async () => {
  story = await Story.begin(store, twoStages)
  await freeze('night', all, { orgIdentifier: story.here.org })
  await expect(start('Dana')).rejects.toMatchObject({
    code: 'frozen',
    message: expect.stringMatching(
      /^The freeze night of the organization \w+ holds the pipeline release_shop until 20\d\d-.*Z\.$/,
    ),
  })
  await save(story, schedule('0 3 * * *'))
  await sql`update pipeline_trigger set next_at = now() where project_id = (select p.id from project p
    join organization o on o.id = p.organization_id where o.identifier = ${story.here.org})`.execute(store.db)
  await story.manager.triggers.tick()
  expect((await history(story))[0]).toMatchObject({
    status: 'START_FAILED',
    reason: expect.stringContaining('The freeze night of the organization'),
    execution: null,
  })
  const ada = await as(story, 'Ada')
  const query = { orgIdentifier: story.here.org, status: 'Disabled' } as const
  const [disabled] = await ada.setFreezeStatus({ query, body: ['night'] })
  expect(disabled).toMatchObject({
    status: 'Disabled',
    active: false,
    yaml: expect.stringContaining('status: Disabled'),
  })
  await start('Dana')
})

test('a preview goes on in a freeze', async () => {
  story = await Story.begin(store, pipeline(stage('dev', apply('look', 'shop_dev').replace('Apply', 'UpdateSQL'))))
  await freeze('night', all)
  const { execution_details: details } = await start('Dana')
  await story.delegate.workAll()
  expect((await story.read(details.execution_id)).status).toBe('Success')
})

test('a stage that changes a held instance does not begin; the others do', async () => {
  story = await Story.begin(store, twoStages)
  await freeze('money', prod, inProject())
  const execution = await story.run()
  await story.delegate.workAll()
  const done = await story.read(execution)
  expect(done.status).toBe('AbortedByFreeze')
  expect([nodeOf(done, 'dev').status, nodeOf(done, 'dev.go').status]).toEqual(['Success', 'Success'])
  expect(nodeOf(done, 'prod')).toMatchObject({
    status: 'AbortedByFreeze',
    statusReason: expect.stringMatching(/^The freeze money of the project shop holds shop\/shop_prod until /),
  })
  expect(nodeOf(done, 'prod.go').status).toBe('Skipped')
  expect(story.delegate.applied('shop_prod')).toEqual([])
  // Nothing is left that another run would wait for.
  const { count } = await store.db
    .selectFrom('resource_hold')
    .where('execution_id', '=', execution)
    .select((rows) => rows.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow()
  expect(Number(count)).toBe(0)
})

test('what has begun goes to its end; what waited for its turn meanwhile does not begin', async () => {
  const both = pipeline(stage('prod', apply('one', 'shop_prod') + apply('two', 'shop_prod')))
  story = await Story.begin(store, both)
  const [first, second] = [await story.run(), await story.run()]
  const [taken] = await story.delegate.take()
  await freeze('money', prod, inProject())
  if (taken) await story.delegate.play(taken)
  await story.delegate.workAll()
  expect((await story.read(first)).status).toBe('Success')
  await story.manager.executions.tick()
  await story.delegate.workAll()
  expect((await story.read(second)).status).toBe('AbortedByFreeze')
})

test('an instance whose name becomes known late is held when its step begins', async () => {
  const look = apply('look', 'shop_dev').replace('Apply', 'UpdateSQL')
  const late = apply('late', '<+execution.steps.look.output.planDigest>')
  story = await Story.begin(store, pipeline(stage('a', look + late)))
  await freeze('money', prod, inProject())
  const execution = await story.run()
  const [taken] = await story.delegate.take()
  if (!taken) throw new Error('Nothing was offered.')
  await story.delegate.start(taken)
  await story.delegate.end(taken, { outcome: 'success', output: { planDigest: 'shop_prod' } })
  await story.delegate.workAll()
  const done = await story.read(execution)
  expect(nodeOf(done, 'a.late')).toMatchObject({ status: 'AbortedByFreeze', fault: { code: 'frozen' } })
  expect(done.status).toBe('AbortedByFreeze')
})

test('whoever may pass over it starts with a reason, which is audited; a freeze that begins later holds the run', async () => {
  story = await Story.begin(store, twoStages)
  await freeze('night', all)
  await expect(start('Ada')).rejects.toMatchObject({ code: 'frozen' })
  await expect(start('Dana', 'please')).rejects.toMatchObject({
    code: 'forbidden',
    message: 'The permission freeze.override is missing for the freeze night of the account.',
  })
  const { execution_details: details } = await start('Ada', 'Hotfix 17')
  const { body } = await store.db
    .selectFrom('event')
    .where('execution_id', '=', details.execution_id)
    .where('type', '=', 'freeze.overridden')
    .select('body')
    .executeTakeFirstOrThrow()
  expect(body).toMatchObject({ reason: 'Hotfix 17', freezes: ['night of the account'], pipeline: 'release_shop' })
  await freeze('later', prod)
  await story.delegate.workAll()
  const done = await story.read(details.execution_id)
  expect([nodeOf(done, 'dev').status, nodeOf(done, 'prod').status]).toEqual(['Success', 'AbortedByFreeze'])
  // Going on from it is a start like another.
  const params = { ...story.here, execution: details.execution_id }
  const again = async (person: 'Ada' | 'Dana', reason?: string) =>
    (await as(story, person)).retryExecution({ params, body: reason === undefined ? {} : { override_freeze: reason } })
  await expect(again('Ada')).rejects.toMatchObject({ code: 'frozen' })
  await expect(again('Dana', 'please')).rejects.toMatchObject({ code: 'forbidden' })
  const retried = await again('Ada', 'Hotfix 17, second half')
  await story.delegate.workAll()
  expect((await story.read(retried.execution_details.execution_id)).status).toBe('Success')
})

test('an administrator of a project cannot pass over a freeze of the account', async () => {
  story = await Story.begin(store, twoStages)
  await sql`
    with p as (select p.id, p.organization_id from project p join organization o on o.id = p.organization_id
      where o.identifier = ${story.here.org})
    insert into role_assignment (organization_id, project_id, identifier, user_id, built_in_role, built_in_resource_group)
    select p.organization_id, p.id, 'mia_all', u.id, '_project_admin', '_all_project_level_resources'
    from p, user_account u where u.email = 'mia@example.org'`.execute(store.db)
  await freeze('own', all, inProject())
  await start('Mia', 'mine')
  await freeze('night', all)
  await expect(start('Mia', 'not mine')).rejects.toMatchObject({ code: 'forbidden' })
})

test('is kept, shown, replaced and deleted, and refused with its place', async () => {
  story = await Story.begin(store, twoStages)
  const ada = await as(story, 'Ada')
  const created = await freeze('later', all, inProject(), 24)
  expect(created).toMatchObject({ freezeScope: 'project', active: false, status: 'Enabled', version: 0 })
  expect(created.currentOrUpcomingWindow?.startTime).toBeGreaterThan(Date.now())
  await expect(freeze('later', all, inProject())).rejects.toMatchObject({ message: 'Freeze later exists already.' })
  const params = { freeze: 'later' }
  const query = inProject()
  const now = await ada.updateFreeze({ params, query, raw: bytes(yamlOf('later', prod)) })
  expect(now).toMatchObject({ active: true, version: 1 })
  const wrong = yamlOf('later', '{ type: Pipline, filterType: All }')
  await expect(ada.updateFreeze({ params, query, raw: bytes(wrong) })).rejects.toMatchObject({
    message: expect.stringMatching(/cannot be `Pipline`. \(line 8, column 19\)/),
  })
  const elsewhere = `${yamlOf('later', prod)}  projectIdentifier: other\n`
  await expect(ada.updateFreeze({ params, query, raw: bytes(elsewhere) })).rejects.toMatchObject({
    message: expect.stringContaining('`projectIdentifier` of the freeze is other'),
  })
  const { rows } = await (await as(story, 'Dana')).listFreezes({ query, body: { freezeStatus: 'Enabled' } })
  expect(rows.map(({ identifier }) => identifier)).toEqual(['later'])
  await expect((await as(story, 'Dana')).deleteFreeze({ params, query })).rejects.toMatchObject({ code: 'forbidden' })
  await ada.deleteFreeze({ params, query })
  await expect(ada.getFreeze({ params, query })).rejects.toMatchObject({ code: 'not-found' })
})
