// Stories of what is lost: a step whose outcome nobody heard of, and a manager that is replaced in the middle.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { FaultCode } from '#contract/fault'
import type { Store } from '#manager/store/port'
import { newPlace, openPlace, sayWhatIsMissing, storeKinds, type TestPlace } from '../store/store.ts'
import type { Taken } from './fake-delegate.ts'
import { nodeOf, Story, stepStatuses } from './release-world.ts'

sayWhatIsMissing('lost release stories')
describe.each(storeKinds)('a release that is lost on %s', (kind) => {
  let place: TestPlace
  let store: Store
  let story: Story

  beforeAll(async () => {
    place = await newPlace(kind)
    store = await openPlace(place)
  })
  afterAll(async () => {
    await store.close()
    await place.remove()
  })
  beforeEach(async () => {
    story = await Story.begin(store)
  })

  const refused = (code: FaultCode) => expect.objectContaining({ code })
  const isProdApply = ({ spec }: Taken): boolean =>
    spec.work.type === 'DBSchemaApply' && spec.work.dbInstance === 'shop_prod'

  describe('prod is lost after one of three change sets', () => {
    const lost = async (): Promise<string> => {
      const execution = await story.approved()
      await story.delegate.workAll(async (taken) => {
        if (!isProdApply(taken) || taken.spec.work.type !== 'DBSchemaApply') return taken.spec.work.type === 'Reconcile'
        await story.delegate.start(taken)
        await story.delegate.apply(taken, taken.spec.work, 1)
        await story.delegate.lose(taken)
        return true
      })
      return execution
    }
    const found = async (taken: Taken, verdict: 'complete' | 'resumable' | 'unclear'): Promise<void> => {
      await story.delegate.start(taken)
      await story.delegate.end(taken, { outcome: 'success', reconcile: { verdict, explanation: `it is ${verdict}` } })
    }
    /** What the sweeper made of it: the attempt that looks into the lost one, already accepted by `lost`. */
    const reconcileOf = async (execution: string): Promise<Taken> => {
      const row = await store.db
        .selectFrom('attempt')
        .where('execution_id', '=', execution)
        .where('type', '=', 'Reconcile')
        .select(['id', 'fence', 'spec'])
        .executeTakeFirstOrThrow()
      return { id: row.id, fence: row.fence, spec: row.spec as Taken['spec'] }
    }

    test('it is looked into, and the instance is kept for it', async () => {
      const execution = await lost()
      const state = await story.read(execution)
      expect(state.status).toBe('Unknown')
      const taken = await reconcileOf(execution)
      expect(taken.spec.work).toMatchObject({
        lostWork: 'DBSchemaApply',
        dbInstance: 'shop_prod',
        preStartTag: expect.any(String),
      })
    })
    test('complete: success, and where it began is known', async () => {
      const execution = await lost()
      await found(await reconcileOf(execution), 'complete')
      await story.delegate.workAll()
      const done = await story.read(execution)
      expect(done.status).toBe('Success')
      expect(nodeOf(done, 'prod.deploy.apply_prod').output['preStartTag']).toMatch(/^before-release_shop/)
    })
    test('resumable: goes on with what is left of the approved plan, and keeps the anchor', async () => {
      const execution = await lost()
      await found(await reconcileOf(execution), 'resumable')
      await story.delegate.workAll()
      const done = await story.read(execution)
      expect(done.status).toBe('Success')
      expect(story.delegate.applied('shop_prod')).toEqual(['tag', 'c1', 'c2', 'c3'])
      expect(story.delegate.historyOf('shop_prod').filter((row) => row.tag !== undefined)).toHaveLength(1)
    })
    test('resumable, but the changelog has changed: refused, and rolled back to the very beginning', async () => {
      const execution = await lost()
      story.delegate.changelog = ['c1', 'c2', 'c3', 'c4']
      await found(await reconcileOf(execution), 'resumable')
      await story.delegate.workAll()
      const done = await story.read(execution)
      expect(stepStatuses(done)).toMatchObject({ 'prod.deploy.apply_prod': 'Failed', 'prod.rollback_prod': 'Success' })
      expect(story.delegate.applied('shop_prod')).toEqual(['tag'])
    })
    test('unclear: a person decides, with the explanation before them', async () => {
      const execution = await lost()
      await found(await reconcileOf(execution), 'unclear')
      const state = await story.read(execution)
      expect(state.status).toBe('InterventionWaiting')
      expect(nodeOf(state, 'prod.deploy.apply_prod').statusReason).toContain('it is unclear')
      const dana = await story.manager.as('Dana')
      const resolve = (node: string, action: 'Retry' | 'MarkAsFailure' | 'MarkAsSuccess') =>
        dana.resolveNode({ params: { ...story.here, execution, node }, body: { action, reason: 'I looked' } })
      await expect(resolve('dev.deploy.apply_dev', 'Retry')).rejects.toEqual(refused('conflict'))
      await resolve('prod.deploy.apply_prod', 'MarkAsFailure')
      await story.delegate.workAll()
      const done = await story.read(execution)
      expect(nodeOf(done, 'prod.deploy.apply_prod')).toMatchObject({
        status: 'Failed',
        statusReason: 'marked as failed by Dana: I looked',
      })
      expect(story.delegate.applied('shop_prod')).toEqual(['tag'])
      await expect(resolve('prod.deploy.apply_prod', 'Retry')).rejects.toEqual(refused('conflict'))
    })
  })

  test('the manager is replaced in the middle of every step: all that it knew is in its rows', async () => {
    const execution = await story.run()
    for (let turn = 0; turn < 20 && (await story.read(execution)).status !== 'ApprovalWaiting'; turn += 1) {
      const [taken] = await story.delegate.take(1)
      if (taken) await story.delegate.play(taken)
      await story.restart()
    }
    await story.decide('Ann', (await story.waitingApproval(execution)).id, 'APPROVE')
    await story.restart()
    await story.delegate.workAll()
    expect((await story.read(execution)).status).toBe('Success')
  })

  test('a rollback by count that is retried undoes only what is left of the count', async () => {
    const step = (id: string, type: string, more = '') =>
      `{ step: { identifier: ${id}, name: ${id}, type: ${type}, spec: { dbSchema: shop, dbInstance: shop_dev ${more} } } }`
    const manual = '{ type: ManualIntervention, spec: { timeout: 1h, onTimeout: { action: { type: Abort } } } }'
    const steps = `[${step('apply', 'DBSchemaApply')}, ${step('back', 'DBSchemaRollback', ', changeSetCount: 2')}]`
    const stage = `{ identifier: dev, name: Dev, type: Custom, spec: { execution: { steps: ${steps} } },
      failureStrategies: [{ onFailure: { errors: [AllErrors], action: ${manual} } }] }`
    story = await Story.begin(store, `pipeline: { identifier: release_shop, name: R, stages: [{ stage: ${stage} }] }`)
    story.delegate.failing.add('shop_dev/c2 back')
    const execution = await story.run()
    await story.delegate.workAll()
    expect(story.delegate.applied('shop_dev')).toEqual(['tag', 'c1', 'c2'])
    story.delegate.failing.clear()
    const params = { ...story.here, execution, node: 'dev.back' }
    const dana = await story.manager.as('Dana')
    await dana.resolveNode({ params, body: { action: 'Retry', reason: 'the view is gone' } })
    await story.delegate.workAll()
    expect((await story.read(execution)).status).toBe('Success')
    expect(story.delegate.applied('shop_dev')).toEqual(['tag', 'c1'])
  })
})
