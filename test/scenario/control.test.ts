// Barriers, queues, loops with a limit and pauses, as a user meets them over the API: what waits, for what, and what lets it go on.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Store } from '#manager/store/port'
import { newPlace, openPlace, type TestPlace } from '../store/store.ts'
import { approval, stage, step } from './document.ts'
import { letTimePass, nodeOf, stepStatuses, Story } from './release-world.ts'

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

const begin = (stages: readonly object[], more: object = {}) => {
  const pipeline = { identifier: 'release_shop', name: 'Release shop', ...more, stages }
  return Story.begin(store, JSON.stringify({ pipeline }))
}
const statuses = async (story: Story, execution: string) => stepStatuses(await story.read(execution))

const meeting = () =>
  begin(
    [
      {
        parallel: [
          stage('a', step('meet', 'Barrier', { barrierRef: 'all' }), step('rest', 'Wait', { duration: '10m' })),
          stage('b', approval('ok'), step('meet', 'Barrier', { barrierRef: 'all' })),
        ],
      },
    ],
    { flowControl: { barriers: [{ identifier: 'all', name: 'All' }] } },
  )

test('stages meet at a barrier, and none goes on before all are there', async () => {
  const story = await meeting()
  const execution = await story.run()
  expect(await statuses(story, execution)).toMatchObject({ 'a.meet': 'ResourceWaiting', 'b.ok': 'ApprovalWaiting' })
  expect(nodeOf(await story.read(execution), 'a.meet').statusReason).toBe('waits at the barrier all for the others')
  await story.decide('Ann', (await story.waitingApproval(execution)).id, 'APPROVE')
  expect(await statuses(story, execution)).toEqual({
    'a.meet': 'Success',
    'a.rest': 'Running',
    'b.ok': 'Success',
    'b.meet': 'Success',
  })
})

test('who waits at a barrier for one that failed fails, and says for whom', async () => {
  const story = await meeting()
  const execution = await story.run()
  await story.decide('Ann', (await story.waitingApproval(execution)).id, 'REJECT')
  const run = await story.read(execution)
  expect(nodeOf(run, 'a.meet')).toMatchObject({
    status: 'Failed',
    statusReason: 'b.meet does not come to the barrier all',
  })
  expect(nodeOf(run, 'a.rest').status).not.toBe('Running')
  expect(run.endedAt).not.toBeNull()
})

test('one run at a time has a key, the next in line gets it when that run ends, and one that gives up leaves the line', async () => {
  const story = await begin([stage('a', step('turn', 'Queue', { key: 'shop', scope: 'Pipeline' }), approval('ok'))])
  const [first, second, third] = [await story.run(), await story.run(), await story.run()]
  const all = () => Promise.all([first, second, third].map(async (id) => (await statuses(story, id))['a.turn']))
  expect(await all()).toEqual(['Success', 'ResourceWaiting', 'ResourceWaiting'])
  const dana = await story.manager.as('Dana')
  const abort = (execution: string) => dana.abortExecution({ params: { ...story.here, execution }, body: {} })
  await abort(second)
  await story.manager.executions.tick()
  expect(await all()).toEqual(['Success', 'Aborted', 'ResourceWaiting'])
  await story.decide('Ann', (await story.waitingApproval(first)).id, 'APPROVE')
  await story.manager.executions.tick()
  expect(await all()).toEqual(['Success', 'Aborted', 'Success'])
})

test('a matrix runs as many combinations at once as it says, and fails when one does', async () => {
  const strategy = { matrix: { one: ['x', 'y'], two: ['p', 'q'], maxConcurrency: 2 } }
  const story = await begin([stage('a', approval('ok', { strategy }))])
  const execution = await story.run()
  const counts = async () => {
    const found = Object.values(await statuses(story, execution))
    return ['ApprovalWaiting', 'Success', 'ApprovalRejected'].map((one) => found.filter((it) => it === one).length)
  }
  expect(await counts()).toEqual([2, 0, 0])
  const decide = async (action: 'APPROVE' | 'REJECT') =>
    story.decide('Ann', (await story.waitingApproval(execution)).id, action)
  await decide('APPROVE')
  expect(await counts()).toEqual([2, 1, 0])
  await decide('APPROVE')
  await decide('APPROVE')
  expect(await counts()).toEqual([1, 3, 0])
  await decide('REJECT')
  expect(await counts()).toEqual([0, 3, 1])
  expect((await story.read(execution)).status).toBe('ApprovalRejected')
})

test('a paused run begins nothing, whatever ends meanwhile, until somebody resumes it', async () => {
  const story = await begin([stage('a', step('rest', 'Wait', { duration: '10m' }), approval('ok'))])
  const execution = await story.run()
  const dana = await story.manager.as('Dana')
  const params = { ...story.here, execution }
  await dana.pauseExecution({ params, body: {} })
  await letTimePass(story.manager, execution)
  expect(await statuses(story, execution)).toMatchObject({ 'a.rest': 'Success', 'a.ok': 'NotStarted' })
  await story.restart()
  await story.manager.executions.tick()
  expect((await statuses(story, execution))['a.ok']).toBe('NotStarted')
  await (await story.manager.as('Dana')).resumeExecution({ params })
  expect((await statuses(story, execution))['a.ok']).toBe('ApprovalWaiting')
})
