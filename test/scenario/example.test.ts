// The pipelines of examples/, which have the structure of published ones, are accepted as they are and run.
import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasErrors } from '#contract/diagnostic'
import type { Store } from '#manager/store/port'
import { readPipeline } from '#pipeline/read/pipeline'
import { newPlace, openPlace, type TestPlace } from '../store/store.ts'
import { stepStatuses, Story } from './release-world.ts'

const folder = new URL('../../examples/pipelines/', import.meta.url)
const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8')

test.each(readdirSync(folder))('%s is valid', (name) => {
  const { pipeline, diagnostics } = readPipeline(read(name), name)
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  expect(hasErrors(diagnostics)).toBe(false)
  expect(pipeline).toBeDefined()
})

describe('run', () => {
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
  /** The story saves its pipeline as release_shop; everything else is the example. */
  const begin = (name: string) =>
    Story.begin(store, read(name).replace(/^ {2}identifier: \w+$/m, '  identifier: release_shop'))
  const start = async (story: Story, inputs: Record<string, string>) => {
    const params = { ...story.here, pipeline: 'release_shop' }
    const started = await (await story.manager.as('Dana')).executePipeline({ params, body: { inputs } })
    return started.execution_details.execution_id
  }
  const at = (name: string) => ({ 'variables.environment.value': name })

  test('gated_release: prod waits for an approval, and what was approved runs', async () => {
    const story = await begin('gated_release.yaml')
    const execution = await start(story, at('prod'))
    const pods: unknown[] = []
    await story.delegate.workAll(async ({ spec }) => {
      pods.push(spec.pod)
      return false
    })
    expect(pods).toEqual([{ connectorRef: 'account.cluster', namespace: 'databases' }])
    const approval = await story.waitingApproval(execution)
    expect(approval).toMatchObject({ message: 'Please read the SQL for prod.', planDigests: [expect.any(String)] })
    await story.decide('Ann', approval.id, 'APPROVE')
    await story.delegate.workAll()
    expect((await story.read(execution)).status).toBe('Success')
    // A row that marks the empty beginning, and three change sets.
    expect(story.delegate.targets.get('shop_prod')?.length).toBe(4)
  })

  test('gated_release: elsewhere there is no approval, and a failure is undone', async () => {
    const story = await begin('gated_release.yaml')
    story.delegate.failing.add('shop_dev/c2')
    const execution = await start(story, at('dev'))
    await story.delegate.workAll()
    const state = await story.read(execution)
    expect(stepStatuses(state)).toMatchObject({
      'database.approve': 'Skipped',
      'database.deploy.apply': 'Failed',
      'database.deploy.undo': 'Success',
    })
    expect(state.status).toBe('Failed')
  })

  test('every_tenant: two at a time; the one that fails is undone and spares those that wait', async () => {
    const story = await begin('every_tenant.yaml')
    story.delegate.failing.add('shop_staging/c3')
    const execution = await start(story, {})
    await story.delegate.workAll()
    expect(stepStatuses(await story.read(execution))).toMatchObject({
      'tenants.tenant_0.apply': 'Success',
      'tenants.tenant_1.apply': 'Failed',
      'tenants.tenant_1.undo': 'Success',
    })
    const all = await begin('every_tenant.yaml')
    const good = await start(all, {})
    await all.delegate.workAll()
    expect((await all.read(good)).status).toBe('Success')
    expect(['shop_dev', 'shop_staging', 'shop_prod'].map((one) => all.delegate.targets.get(one)?.length)).toEqual([
      4, 4, 4,
    ])
  })
})
