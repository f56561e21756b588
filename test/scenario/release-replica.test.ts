// Two replicas of the manager on one PostgreSQL move the same executions on at the same time: nothing happens twice.
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isFinal } from '#contract/pipeline/status'
import type { Store } from '#manager/store/port'
import { newPlace, openPlace, postgresUrl, sayWhatIsMissing, type TestPlace } from '../store/store.ts'
import { FakeDelegate } from './fake-delegate.ts'
import { type Manager, Story, startManager, stepStatuses } from './release-world.ts'

sayWhatIsMissing('two replicas on one release')
describe.skipIf(postgresUrl === undefined)('two replicas', () => {
  let place: TestPlace
  const stores: Store[] = []
  let story: Story
  let other: Manager

  beforeAll(async () => {
    place = await newPlace('postgresql')
    stores.push(await openPlace(place), await openPlace(place))
    const [one, two] = stores as [Store, Store]
    story = await Story.begin(one)
    other = await startManager(two)
  })
  afterAll(async () => {
    for (const store of stores) await store.close()
    await place.remove()
  })

  const attemptsByNode = async (execution: string) => {
    const { rows } = await sql<{ node: string; many: string }>`select node_id as node, count(*) as many from attempt
      where execution_id = ${execution} group by node_id`.execute(story.manager.store.db)
    return Object.fromEntries(rows.map(({ node, many }) => [node, Number(many)]))
  }

  test('a decision sent to both replicas at once counts once, and prod begins once', async () => {
    const execution = await story.run()
    await story.delegate.workAll()
    const { id } = await story.waitingApproval(execution)
    const decide = async (manager: Manager, person: 'Ann' | 'Bob') =>
      (await manager.as(person)).decideApproval({
        params: { ...story.here, approval: id },
        body: { action: 'APPROVE' },
      })
    const answers = await Promise.allSettled([
      decide(story.manager, 'Ann'),
      decide(other, 'Bob'),
      decide(other, 'Ann'),
      decide(story.manager, 'Bob'),
    ])
    expect(answers.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected'])
    expect(await attemptsByNode(execution)).toMatchObject({ 'prod.deploy.apply_prod': 1 })
    await story.delegate.workAll()
    expect((await story.read(execution)).status).toBe('Success')
  })

  test('both take, report, abort and fire timers at once: every run ends, nothing is started twice, nobody waits for another', async () => {
    const second = await FakeDelegate.join(other)
    for (const [instance, rows] of story.delegate.targets) second.targets.set(instance, rows)
    const executions = await Promise.all(Array.from({ length: 6 }, () => story.run()))
    const client = await other.as('Dana')
    const abort = (execution: string) => client.abortExecution({ params: { ...story.here, execution }, body: {} })
    const isOpen = async (): Promise<boolean> => {
      const all = await Promise.all(executions.map((execution) => story.read(execution)))
      return all.some(({ status }) => !isFinal(status) && status !== 'ApprovalWaiting')
    }
    for (let round = 0; round < 60 && (await isOpen()); round += 1) {
      const doomed = executions[round] ?? ''
      await Promise.all([
        story.delegate.workAll(),
        second.workAll(),
        story.manager.executions.tick(),
        other.executions.tick(),
        round < 3 ? Promise.allSettled([abort(doomed), abort(doomed)]) : undefined,
      ])
    }
    for (const execution of executions) {
      const state = await story.read(execution)
      expect([state.status, stepStatuses(state)]).not.toEqual([
        expect.stringMatching(/Running|Unknown/),
        expect.anything(),
      ])
      for (const many of Object.values(await attemptsByNode(execution))) expect(many).toBe(1)
    }
    expect(Math.max(story.delegate.mostAtOnce, second.mostAtOnce)).toBe(1)
    expect([...story.manager.logged, ...other.logged]).toEqual([])
    const { rows } = await sql<{ deadlocks: string }>`select deadlocks from pg_stat_database
      where datname = current_database()`.execute(story.manager.store.db)
    expect(rows).toEqual([{ deadlocks: '0' }])
  })

  test('events of one execution have ids in the order in which they were committed', async () => {
    const { rows } = await sql<{ wrong: string }>`select count(*) as wrong from (
        select at, lag(at) over (partition by execution_id order by id) as before from event where execution_id is not null
      ) as pairs where at < before`.execute(story.manager.store.db)
    expect(rows).toEqual([{ wrong: '0' }])
  })
})
