// Runtime inputs over the API: input sets and overlays, starts that give values, and the graph that a start would run.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Fault } from '#contract/fault'
import type { Store } from '#manager/store/port'
import { stepStatuses, Story } from '../scenario/release-world.ts'
import { newPlace, openPlace, type TestPlace } from '../store/store.ts'

const yaml = `pipeline:
  identifier: release_shop
  name: Release shop
  variables:
    - { name: stages, type: String, value: "<+input>" }
    - { name: branch, type: String, value: "<+input>.default(main).allowedValues(main,next)" }
  stages:
    - stage:
        identifier: all
        name: All
        type: Custom
        spec:
          execution:
            steps:
              - step:
                  identifier: apply
                  name: Apply
                  type: DBSchemaApply
                  strategy: { repeat: { items: "<+pipeline.variables.stages>", maxConcurrency: 1 } }
                  spec: { dbSchema: shop, dbInstance: "shop_<+repeat.item>" }
`
let place: TestPlace
let store: Store
let story: Story
beforeAll(async () => {
  place = await newPlace('embedded')
  store = await openPlace(place)
  story = await Story.begin(store, yaml)
  const ada = await story.manager.as('Ada')
  for (const [identifier, pipeline] of [
    ['two', 'variables: [{ name: stages, value: "dev,staging" }, { name: branch, value: next }]'],
    ['one', 'variables: [{ name: stages, value: prod }]'],
  ] as const)
    await ada.createInputSet({
      params: story.here,
      query: { pipeline: 'release_shop' },
      body: {
        identifier,
        name: identifier,
        input_set_yaml: `inputSet: { identifier: ${identifier}, name: N, pipeline: { ${pipeline} } }`,
      },
    })
})
afterAll(async () => {
  await store.close()
  await place.remove()
})

const params = () => ({ ...story.here, pipeline: 'release_shop' })
async function refusal(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.catch((reason: unknown) => reason)
  return error instanceof Fault ? `${error.code} ${error.message}` : `no fault: ${String(error)}`
}

test('the pipeline says what it asks for, and cannot start without it', async () => {
  const dana = await story.manager.as('Dana')
  expect(await dana.listPipelineInputs({ params: params() })).toEqual([
    { path: 'variables.stages.value', line: 5 },
    { path: 'variables.branch.value', line: 6, default: 'main', allowed: ['main', 'next'] },
  ])
  expect(await refusal(dana.executePipeline({ params: params(), body: {} }))).toBe(
    'invalid-input The pipeline release_shop is not valid: The input variables.stages.value was not given and has no default. (line 5, column 44)',
  )
})

test('a set is kept as written, listed, replaced and deleted; values for nothing are refused', async () => {
  const ada = await story.manager.as('Ada')
  const query = { pipeline: 'release_shop' }
  const at = { ...story.here, inputSet: 'mine' }
  const body = (value: string) => ({ identifier: 'mine', name: 'Mine', input_set_yaml: value })
  const good = 'inputSet: { identifier: mine, name: Mine, pipeline: { variables: [{ name: branch, value: next }] } }'
  const made = await ada.createInputSet({ params: story.here, query, body: body(good) })
  expect(made).toMatchObject({ input_set_yaml: good, identifier: 'mine', org: story.here.org })
  expect(await refusal(ada.createInputSet({ params: story.here, query, body: body(good) }))).toContain('already-exists')
  expect(await refusal(ada.updateInputSet({ params: at, query, body: body(good.replace('next', 'other')) }))).toContain(
    'cannot be `other`: allowed are main, next.',
  )
  expect(
    await refusal(ada.updateInputSet({ params: at, query, body: body(good.replace('branch', 'brunch')) })),
  ).toContain('variables.brunch.value is not an input of the pipeline. (mine.yaml, line 1, column')
  expect((await ada.listInputSets({ params: story.here, query })).rows.map((row) => row.identifier).sort()).toEqual([
    'mine',
    'one',
    'two',
  ])
  await ada.deleteInputSet({ params: at, query })
  expect(await refusal(ada.getInputSet({ params: at, query }))).toContain('not-found')
  const ann = await story.manager.as('Ann')
  expect(await refusal(ann.createInputSet({ params: story.here, query, body: body(good) }))).toContain('forbidden')
})

test('a dry run shows the expanded graph; overlays and typed values win in their order', async () => {
  const ada = await story.manager.as('Ada')
  const query = { pipeline: 'release_shop' }
  const overlay =
    'overlayInputSet: { identifier: both, name: B, pipelineIdentifier: release_shop, inputSetReferences: [two, one] }'
  const body = { identifier: 'both', name: 'Both', input_set_yaml: overlay }
  await ada.createInputSet({ params: story.here, query, body })
  const lost = { ...body, identifier: 'lost', input_set_yaml: overlay.replace('one]', 'none]') }
  expect(await refusal(ada.createInputSet({ params: story.here, query, body: lost }))).toContain('Input set none')
  const instances = async (given: Parameters<typeof ada.dryRunPipeline>[0]['body']) =>
    (await ada.dryRunPipeline({ params: params(), body: given })).nodes.map(
      ({ id, dbInstance, batch }) => `${id} ${dbInstance ?? ''} ${batch}`,
    )
  expect(await instances({ input_set_refs: ['two'] })).toEqual([
    'all  0',
    'all.apply_0 shop_dev 0',
    'all.apply_1 shop_staging 0',
  ])
  expect(await instances({ input_set_refs: ['both'] })).toEqual(['all  0', 'all.apply_0 shop_prod 0'])
  expect(await instances({ input_set_refs: ['both'], inputs: { 'variables.stages.value': 'dev' } })).toEqual([
    'all  0',
    'all.apply_0 shop_dev 0',
  ])
})

test('a run does what it was started with, one instance after the other', async () => {
  const dana = await story.manager.as('Dana')
  const inputs_yaml = 'pipeline: { variables: [{ name: stages, value: "dev,prod" }] }'
  const { execution_details: details } = await dana.executePipeline({ params: params(), body: { inputs_yaml } })
  expect(stepStatuses(await story.read(details.execution_id))).toMatchObject({
    'all.apply_0': 'Queued',
    'all.apply_1': 'NotStarted',
  })
  await story.delegate.workAll()
  const done = await story.read(details.execution_id)
  expect(done.status).toBe('Success')
  expect(done.nodes.map(({ name, dbInstance }) => [name, dbInstance])).toContainEqual(['Apply (prod)', 'shop_prod'])
})
