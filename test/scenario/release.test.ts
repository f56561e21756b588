// Stories of a release: run to the approval and on to prod; rejected, aborted, failed, lost; the manager restarted in the middle.
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { FaultCode } from '#contract/fault'
import type { Store } from '#manager/store/port'
import { newPlace, openPlace, sayWhatIsMissing, storeKinds, type TestPlace } from '../store/store.ts'
import { letTimePass, nodeOf, Story, stepStatuses } from './release-world.ts'

sayWhatIsMissing('release stories')
describe.each(storeKinds)('a release on %s', (kind) => {
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

  test('runs through dev and staging, waits without holding anything, and goes to prod after a second person has approved', async () => {
    const execution = await story.run()
    await story.delegate.workAll()
    const waiting = await story.read(execution)
    expect(waiting.status).toBe('ApprovalWaiting')
    expect(stepStatuses(waiting)).toEqual({
      'dev.preview.preview_dev': 'Success',
      'dev.deploy.apply_dev': 'Success',
      'staging.deploy.apply_staging': 'Success',
      'staging.rehearsal.rollback_staging': 'Success',
      'staging.rehearsal.reapply_staging': 'Success',
      'approval.preview.preview_prod': 'Success',
      'approval.approve_prod': 'ApprovalWaiting',
      'prod.deploy.apply_prod': 'NotStarted',
      'prod.rollback_prod': 'NotStarted',
    })
    expect(nodeOf(waiting, 'approval.approve_prod').statusReason).toBe(
      'waits for approval by one person other than Dana',
    )
    const { rows } = await sql<{
      open: string
    }>`select count(*) as open from attempt where state <> 'finished'`.execute(store.db)
    expect(rows).toEqual([{ open: '0' }])

    const approval = await story.waitingApproval(execution)
    expect(approval.message).toContain('Release 1 by Dana')
    expect(approval).toMatchObject({ decidable: true, planDigests: [expect.any(String)] })
    const plans = await (await story.manager.as('Ann')).getPlan({
      params: { ...story.here, execution, node: 'approval.approve_prod' },
    })
    expect(plans).toMatchObject([
      { dbInstance: 'shop_prod', sql: 'create c1;\ncreate c2;\ncreate c3', digest: approval.planDigests[0] },
    ])

    await story.decide('Ann', approval.id, 'APPROVE', approval.planDigests)
    await story.delegate.workAll()
    const done = await story.read(execution)
    expect(done.status).toBe('Success')
    expect(done.endedAt).not.toBeNull()
    expect(stepStatuses(done)).toMatchObject({ 'prod.deploy.apply_prod': 'Success', 'prod.rollback_prod': 'Skipped' })
    for (const instance of ['shop_dev', 'shop_staging', 'shop_prod'])
      expect(story.delegate.applied(instance)).toEqual(['tag', 'c1', 'c2', 'c3'])
    expect(story.delegate.mostAtOnce).toBe(1)
    expect(story.manager.logged).toEqual([])
  })

  test('the rehearsal goes back to the anchor of the first apply, and the second has one of its own', async () => {
    const execution = await story.run()
    await story.delegate.workAll()
    const state = await story.read(execution)
    const first = nodeOf(state, 'staging.deploy.apply_staging').output['preStartTag']
    expect(first).toMatch(/^before-release_shop-1-staging\.deploy\.apply_staging-[0-9a-f]{8}$/)
    const { rows } = await sql<{
      node: string
      work: Record<string, unknown>
    }>`select node_id as node, spec -> 'work' as work
      from attempt where execution_id = ${execution} and spec -> 'work' ->> 'dbInstance' = 'shop_staging' order by created_at`.execute(
      store.db,
    )
    expect(rows.map(({ work }) => [work['type'], work['tag'] ?? work['preStartTag']])).toEqual([
      ['DBSchemaApply', first],
      ['DBSchemaRollback', first],
      ['DBSchemaApply', expect.stringContaining('reapply_staging')],
    ])
    expect(story.delegate.applied('shop_staging')).toEqual(['tag', 'c1', 'c2', 'c3'])
  })

  test('a step is told everything and no secret', async () => {
    await story.run()
    const [taken] = await story.delegate.take()
    expect(taken?.spec).toMatchObject({
      pipeline: 'release_shop',
      node: 'dev.preview.preview_dev',
      timeoutSeconds: 600,
      work: {
        source: {
          url: 'https://git.example.org/shop/database.git',
          reference: { branch: 'main' },
          path: 'changelog.yaml',
        },
        connection: {
          url: 'jdbc:postgresql://db.example.org/shop_dev',
          username: 'shop',
          passwordRef: 'shop_password',
        },
        contexts: 'dev',
      },
    })
  })

  test('rejected: ends there, and prod is untouched', async () => {
    const execution = await story.run()
    await story.delegate.workAll()
    const approval = await story.waitingApproval(execution)
    expect(await story.decide('Bob', approval.id, 'REJECT')).toMatchObject({ status: 'REJECTED', decidable: false })
    const done = await story.read(execution)
    expect(done.status).toBe('ApprovalRejected')
    expect(nodeOf(done, 'approval.approve_prod').statusReason).toBe('rejected by Bob: read')
    expect(await story.delegate.take()).toEqual([])
    await expect(story.decide('Ann', approval.id, 'APPROVE')).rejects.toEqual(refused('conflict'))
  })

  test('whoever started it may not approve it, and what was not seen cannot be approved', async () => {
    const execution = await story.run('Ada')
    await story.delegate.workAll()
    const { id } = await story.waitingApproval(execution)
    await expect(story.decide('Ada', id, 'APPROVE')).rejects.toEqual(refused('forbidden'))
    const shown = await (await story.manager.as('Ada')).getApproval({ params: { ...story.here, approval: id } })
    expect(shown).toMatchObject({ decidable: false, notDecidableBecause: expect.stringContaining('somebody else') })
    await expect(story.decide('Ann', id, 'APPROVE', ['0'.repeat(64)])).rejects.toEqual(refused('plan-changed'))
    expect((await story.read(execution)).status).toBe('ApprovalWaiting')
  })

  test('not decided in time: Expired', async () => {
    const execution = await story.run()
    await story.delegate.workAll()
    await letTimePass(story.manager, execution)
    expect((await story.read(execution)).status).toBe('Expired')
    const { rows } = await (await story.manager.as('Ann')).listApprovals({ params: story.here, query: { execution } })
    expect(rows).toMatchObject([{ status: 'EXPIRED', decidable: false }])
  })

  test('a changelog that changes after the approval does not reach prod', async () => {
    const execution = await story.approved()
    story.delegate.changelog = ['c1', 'c2', 'c3', 'c4']
    await story.delegate.workAll()
    const done = await story.read(execution)
    expect(nodeOf(done, 'prod.deploy.apply_prod')).toMatchObject({ status: 'Failed', fault: { code: 'plan-changed' } })
    expect(nodeOf(done, 'prod.rollback_prod').statusReason).toMatch(/^nothing to roll back/)
    expect(story.delegate.applied('shop_prod')).toEqual([])
  })

  test('prod fails in the middle: it is rolled back to where it was', async () => {
    const execution = await story.approved()
    story.delegate.failing.add('shop_prod/c3')
    await story.delegate.workAll()
    const done = await story.read(execution)
    expect(done.status).toBe('Failed')
    expect(stepStatuses(done)).toMatchObject({ 'prod.deploy.apply_prod': 'Failed', 'prod.rollback_prod': 'Success' })
    expect(story.delegate.applied('shop_prod')).toEqual(['tag'])
  })

  test('aborted while a step runs: it is asked to stop, nothing else starts', async () => {
    const execution = await story.run()
    const [taken] = await story.delegate.take()
    if (!taken) throw new Error('Nothing to take.')
    await story.delegate.start(taken)
    await (await story.manager.as('Dana')).abortExecution({
      params: { ...story.here, execution },
      body: { reason: 'wrong branch' },
    })
    expect((await story.read(execution)).status).toBe('Running')
    const { cancel_reason: reason } = await store.db
      .selectFrom('attempt')
      .where('id', '=', taken.id)
      .select('cancel_reason')
      .executeTakeFirstOrThrow()
    expect(reason).toBe('the execution was aborted by Dana: wrong branch')
    await story.delegate.end(taken, { outcome: 'cancelled' })
    const done = await story.read(execution)
    expect(new Set(Object.values(stepStatuses(done)))).toEqual(new Set(['Aborted', 'Skipped']))
    expect(done.status).toBe('Aborted')
    expect(await story.delegate.take()).toEqual([])
    await expect(
      (await story.manager.as('Dana')).abortExecution({ params: { ...story.here, execution }, body: {} }),
    ).rejects.toEqual(refused('conflict'))
  })

  test('aborted while it is queued: ends at once', async () => {
    const execution = await story.run()
    await (await story.manager.as('Dana')).abortExecution({ params: { ...story.here, execution }, body: {} })
    expect((await story.read(execution)).status).toBe('Aborted')
  })

  test('two executions on one instance: a stage that changes it waits for the other run, and says for whom', async () => {
    const first = await story.run()
    const taken = await story.delegate.take()
    expect(taken.map(({ spec }) => spec.node)).toEqual(['dev.preview.preview_dev'])
    const [second, third] = [await story.run(), await story.run()]
    await story.manager.executions.tick()
    const reasonOf = async (execution: string) => {
      const { status, statusReason } = nodeOf(await story.read(execution), 'dev')
      return [status, statusReason]
    }
    expect(await reasonOf(second)).toEqual([
      'ResourceWaiting',
      'waits for Release shop 1, which has shop/shop_dev; it is next',
    ])
    expect(await reasonOf(third)).toEqual([
      'ResourceWaiting',
      'waits for Release shop 1, which has shop/shop_dev; 1 more before it',
    ])
    expect(await story.delegate.take()).toEqual([])
    await (await story.manager.as('Dana')).abortExecution({ params: { ...story.here, execution: third }, body: {} })
    for (const each of taken) await story.delegate.play(each)
    await story.delegate.workAll()
    expect((await story.read(first)).status).toBe('ApprovalWaiting')
    await story.manager.executions.tick()
    await story.delegate.workAll()
    await story.manager.executions.tick()
    await story.delegate.workAll()
    expect(nodeOf(await story.read(second), 'dev')).toMatchObject({ status: 'Success' })
    const left = await sql<{ n: number }>`select count(*)::int as n from resource_hold
      where execution_id = ${third}`.execute(store.db)
    expect(left.rows).toEqual([{ n: 0 }])
  })

  test('paused: nothing new begins until somebody resumes it', async () => {
    const execution = await story.run()
    const dana = await story.manager.as('Dana')
    const params = { ...story.here, execution }
    await dana.pauseExecution({ params, body: { reason: 'a look first' } })
    expect((await story.read(execution)).status).toBe('Pausing')
    await story.delegate.workAll()
    const paused = await story.read(execution)
    expect([paused.status, nodeOf(paused, 'dev.deploy').status]).toEqual(['Paused', 'NotStarted'])
    await dana.resumeExecution({ params })
    await expect(dana.resumeExecution({ params })).rejects.toMatchObject({ code: 'conflict' })
    await story.delegate.workAll()
    expect((await story.read(execution)).status).toBe('ApprovalWaiting')
  })

  test('an entity that is missing is an error of the step that needs it', async () => {
    const ada = await story.manager.as('Ada')
    await ada.deleteConnector({ params: { ...story.here, connector: 'shop_dev' } })
    const done = await story.read(await story.run())
    expect(done.status).toBe('Errored')
    expect(nodeOf(done, 'dev.preview.preview_dev')).toMatchObject({
      statusReason: 'There is no connector shop_dev.',
      fault: { code: 'not-found' },
    })
  })

  test('every status is an event, and their ids grow', async () => {
    const execution = await story.approved()
    await story.delegate.workAll()
    const rows = await store.db
      .selectFrom('event')
      .where('execution_id', '=', execution)
      .select(['id', 'body'])
      .orderBy('id')
      .execute()
    const bodies = rows.map((row) => row.body as { type: string; node?: string; status?: string })
    const last = new Map(bodies.filter(({ type }) => type === 'node.status').map(({ node, status }) => [node, status]))
    for (const node of (await story.read(execution)).nodes)
      expect([node.id, last.get(node.id)]).toEqual([node.id, node.status])
    expect(bodies.filter(({ type }) => type === 'execution.status').map(({ status }) => status)).toEqual([
      'Running',
      'ApprovalWaiting',
      'Running',
      'Success',
    ])
    for (const type of ['plan.posted', 'approval.requested', 'approval.decided'])
      expect(bodies.map((body) => body.type)).toContain(type)
  })
})
