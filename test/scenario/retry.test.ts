// Going on where a run failed: finished stages and approvals are kept, what was approved still binds, the rest runs anew.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Store } from '#manager/store/port'
import { newPlace, openPlace, type TestPlace } from '../store/store.ts'
import { nodeOf, Story, stepStatuses } from './release-world.ts'

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
  story = await Story.begin(store)
})

async function failedInProd(): Promise<string> {
  const execution = await story.run()
  await story.delegate.workAll()
  const approval = await story.waitingApproval(execution)
  await story.decide('Ann', approval.id, 'APPROVE', approval.planDigests)
  story.delegate.failing.add('shop_prod/c2')
  await story.delegate.workAll()
  expect((await story.read(execution)).status).toBe('Failed')
  story.delegate.failing.clear()
  return execution
}
const retry = async (execution: string, body: { stage?: string } = {}): Promise<string> => {
  const dana = await story.manager.as('Dana')
  const reply = await dana.retryExecution({ params: { ...story.here, execution }, body })
  return reply.execution_details.execution_id
}

describe('a run that failed', () => {
  test('is gone on from at its failed stage, with what was approved', async () => {
    const failed = await failedInProd()
    const execution = await retry(failed)
    await story.delegate.workAll()
    const run = await story.read(execution)
    expect(run).toMatchObject({ status: 'Success', number: 2 })
    expect(nodeOf(run, 'approval').statusReason).toBe('kept from run 1')
    expect(stepStatuses(run)).toMatchObject({
      'dev.deploy.apply_dev': 'Success',
      'approval.approve_prod': 'Success',
      'prod.deploy.apply_prod': 'Success',
    })
    expect(run.nodes.filter(({ attempt }) => attempt !== null).map(({ id }) => id)).toEqual(['prod.deploy.apply_prod'])
    expect(story.delegate.applied('shop_prod').filter((id) => id.startsWith('c'))).toEqual(['c1', 'c2', 'c3'])
  })

  test('does not run SQL that nobody approved', async () => {
    const failed = await failedInProd()
    story.delegate.changelog = [...story.delegate.changelog, 'c4']
    const execution = await retry(failed)
    await story.delegate.workAll()
    const run = await story.read(execution)
    expect(nodeOf(run, 'prod.deploy.apply_prod').fault?.code).toBe('plan-changed')
  })

  test('may be gone on from earlier, and never later', async () => {
    const failed = await failedInProd()
    await expect(retry(failed, { stage: 'none' })).rejects.toMatchObject({ code: 'invalid-input' })
    const execution = await retry(failed, { stage: 'approval' })
    await story.delegate.workAll()
    const run = await story.read(execution)
    expect(run.status).toBe('ApprovalWaiting')
    await expect(retry(execution)).rejects.toMatchObject({ code: 'conflict' })
  })

  test('is gone on from by clients of the compatible API', async () => {
    const failed = await failedInProd()
    const dana = await story.manager.as('Dana')
    const { org, project } = story.here
    const query = { orgIdentifier: org, projectIdentifier: project }
    const call = (execution: string, body = '') =>
      dana.retryPlatformExecution({ params: { execution }, query, raw: new TextEncoder().encode(body) })
    await expect(call(failed, 'pipeline: {}')).rejects.toMatchObject({ code: 'invalid-input' })
    await expect(call('other')).rejects.toMatchObject({ code: 'not-found' })
    const { planExecution } = await call(failed)
    await story.delegate.workAll()
    expect(await story.read(planExecution.uuid)).toMatchObject({ status: 'Success', number: 2 })
  })
})
