// A run that asks for a value in the middle: it waits, takes only what fits, and goes on with it.
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Store } from '#manager/store/port'
import { newPlace, openPlace, type TestPlace } from '../store/store.ts'
import { letTimePass, nodeOf, Story } from './release-world.ts'
import { as } from './trigger-world.ts'

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
beforeEach(async () => void (await sql`delete from sign_in_try`.execute(store.db)))

const yamlOf = (input: string, more = ''): string => `pipeline:
  identifier: release_shop
  name: Release shop
  stages:
    - stage:
        identifier: dev
        name: Dev
        type: Custom
        spec:
          execution:
            steps:
              - step:
                  identifier: apply
                  name: Apply
                  type: DBSchemaApply
                  timeout: 1h
${more}                  spec: { dbSchema: shop, dbInstance: shop_dev, tag: "${input}" }
`
const give = async (story: Story, execution: string, inputs: Record<string, string>, person: 'Dana' | 'Mia' = 'Dana') =>
  (await as(story, person)).giveInputs({ params: { ...story.here, execution, node: 'dev.apply' }, body: { inputs } })
/** What the delegate was told. */
async function tagOf(execution: string): Promise<string | undefined> {
  const { rows } = await sql<{ tag: string }>`select spec #>> '{work,tag}' as tag from attempt
    where execution_id = ${execution}`.execute(store.db)
  return rows[0]?.tag
}

test('a step waits for its value, refuses what does not fit, and applies with what was given', async () => {
  const story = await Story.begin(store, yamlOf('<+input>.regex(v[0-9]+).executionInput()'))
  const params = { ...story.here, pipeline: 'release_shop' }
  const dana = await as(story, 'Dana')
  expect(await dana.listPipelineInputs({ params })).toMatchObject([{ late: true, pattern: 'v[0-9]+' }])
  const execution = await story.run()
  expect(await story.delegate.workAll()).toBeUndefined()
  const waiting = await story.read(execution)
  expect(waiting.status).toBe('InputWaiting')
  expect(nodeOf(waiting, 'dev.apply')).toMatchObject({
    status: 'InputWaiting',
    statusReason: 'waits for spec.tag',
    inputs: [{ name: 'spec.tag', pattern: 'v[0-9]+' }],
  })
  await expect(give(story, execution, { 'spec.tag': 'latest' })).rejects.toMatchObject({ code: 'invalid-input' })
  await expect(give(story, execution, {})).rejects.toThrow('was not given')
  await expect(give(story, execution, { tag: 'v1' })).rejects.toThrow('asks for no input')
  await expect(give(story, execution, { 'spec.tag': 'v7' }, 'Mia')).rejects.toMatchObject({ code: 'forbidden' })
  await give(story, execution, { 'spec.tag': 'v7' })
  await expect(give(story, execution, { 'spec.tag': 'v8' })).rejects.toMatchObject({ code: 'conflict' })
  await story.delegate.workAll()
  expect((await story.read(execution)).status).toBe('Success')
  expect(await tagOf(execution)).toBe('v7')
})

test('what was given at the start is not asked for', async () => {
  const story = await Story.begin(store, yamlOf('<+input>.executionInput()'))
  const body = { inputs: { 'stages.dev.spec.execution.steps.apply.spec.tag': 'v9' } }
  const params = { ...story.here, pipeline: 'release_shop' }
  const started = await (await as(story, 'Dana')).executePipeline({ params, body })
  await story.delegate.workAll()
  const { execution_id: execution } = started.execution_details
  expect((await story.read(execution)).status).toBe('Success')
  expect(await tagOf(execution)).toBe('v9')
})

test('nobody came: the step has failed, or goes on with the default where its strategy says so; a text is no expression', async () => {
  const input = '<+input>.default(v3).executionInput()'
  const late = await Story.begin(store, yamlOf(input))
  const failed = await late.run()
  await letTimePass(late.manager, failed)
  expect(nodeOf(await late.read(failed), 'dev.apply')).toMatchObject({ status: 'Expired', attempts: 0 })
  const strategy = `                  failureStrategies:
                    - onFailure: { errors: [InputTimeoutError], action: { type: ProceedWithDefaultValues } }
`
  const story = await Story.begin(store, yamlOf(input, strategy))
  const execution = await story.run()
  await letTimePass(story.manager, execution)
  await story.delegate.workAll()
  expect((await story.read(execution)).status).toBe('Success')
  expect(await tagOf(execution)).toBe('v3')
  const sly = await Story.begin(store, yamlOf('<+input>.executionInput()'))
  const asked = await sly.run()
  await give(sly, asked, { 'spec.tag': '<+pipeline.name>' })
  await sly.delegate.workAll()
  expect(await tagOf(asked)).toBe('<+pipeline.name>')
})

test('a stage whose variable nobody gave in time is expired, or begins with the default where its strategy says so', async () => {
  const variable = '        variables: [{ name: tag, type: String, value: "<+input>.default(v5).executionInput()" }]\n'
  const proceed = `        failureStrategies:
          - onFailure: { errors: [InputTimeoutError], action: { type: ProceedWithDefaultValues } }
`
  const asking = (more: string): string =>
    yamlOf('<+stage.variables.tag>').replace(
      '        spec:\n          execution',
      `${variable}${more}        spec:\n          execution`,
    )
  const story = await Story.begin(store, asking(''))
  const execution = await story.run()
  await letTimePass(story.manager, execution)
  const expired = await story.read(execution)
  expect(expired.status).toBe('Expired')
  expect(nodeOf(expired, 'dev')).toMatchObject({
    status: 'Expired',
    statusReason: 'its inputs were not given within 1d',
  })
  expect(nodeOf(expired, 'dev.apply').status).toBe('Skipped')
  const other = await Story.begin(store, asking(proceed))
  const going = await other.run()
  await letTimePass(other.manager, going)
  await other.delegate.workAll()
  expect((await other.read(going)).status).toBe('Success')
  expect(await tagOf(going)).toBe('v5')
})
