// Approvals by groups, with inputs, and newer ones that make older ones out of date.
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Fault } from '#contract/fault'
import type { Store } from '#manager/store/port'
import { newPlace, openPlace, type TestPlace } from '../store/store.ts'
import { nodeOf, Story } from './release-world.ts'

const pipeline = (approval: string) => `pipeline:
  identifier: release_shop
  name: Release shop
  stages:
    - stage:
        identifier: gate
        name: Gate
        type: Approval
        spec:
          execution:
            steps:
              - step:
                  identifier: ok
                  name: Ok
                  type: HarnessApproval
                  spec: { ${approval} }
    - stage:
        identifier: go
        name: Go
        type: Custom
        spec:
          execution:
            steps:
              - step:
                  identifier: apply
                  name: Apply
                  type: DBSchemaApply
                  when:
                    stageStatus: Success
                    condition: <+pipeline.stages.gate.spec.execution.steps.ok.output.approverInputs.window> == "night"
                  spec: { dbSchema: shop, dbInstance: shop_dev }
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
const inputs =
  'approverInputs: [{ name: window, allowedValues: "day,night", required: true }, { name: ticket, regex: "[A-Z]+-[0-9]+" }]'
const approvers = (more: string) => `approvers: { minimumCount: 1, disallowPipelineExecutor: true ${more} }`

async function refusal(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.catch((reason: unknown) => reason)
  return error instanceof Fault ? `${error.code} ${error.message}` : `no fault: ${JSON.stringify(error)}`
}

describe('inputs', () => {
  let story: Story
  beforeEach(async () => {
    story = await Story.begin(store, pipeline(`${approvers('')}, ${inputs}`))
  })
  const approve = async (given: Record<string, string> | undefined) => {
    const execution = await story.run()
    const { id } = await story.waitingApproval(execution)
    const ann = await story.manager.as('Ann')
    const body = { action: 'APPROVE', comments: '', ...(given ? { inputs: given } : {}) } as const
    return { execution, decision: ann.decideApproval({ params: { ...story.here, approval: id }, body }) }
  }

  test('what approvers give can be read by what comes after', async () => {
    const { execution, decision } = await approve({ window: 'night' })
    expect(await decision).toMatchObject({ status: 'APPROVED', givenInputs: { window: 'night', ticket: '' } })
    const state = await story.read(execution)
    expect(nodeOf(state, 'gate.ok').output).toEqual({ approverInputs: { window: 'night', ticket: '' } })
    expect(nodeOf(state, 'go.apply').status).toBe('Queued')
    // It has the instance that the next one would wait for.
    await (await story.manager.as('Dana')).abortExecution({ params: { ...story.here, execution }, body: {} })
    const day = await approve({ window: 'day', ticket: 'OPS-1' })
    await day.decision
    expect(nodeOf(await story.read(day.execution), 'go.apply').status).toBe('Skipped')
  })
  test.each<[Record<string, string> | undefined, string]>([
    [undefined, 'The input window is missing.'],
    [{ window: 'noon' }, 'The input window cannot be `noon`: allowed are day, night.'],
    [{ window: 'day', ticket: 'x' }, 'The input ticket cannot be `x`: it does not match [A-Z]+-[0-9]+.'],
    [{ window: 'day', other: '1' }, 'The approval asks for no input other.'],
  ])('%j is refused, and nothing is decided', async (given, message) => {
    const { execution, decision } = await approve(given)
    expect(await refusal(decision)).toBe(`invalid-input ${message}`)
    expect((await story.waitingApproval(execution)).activities).toEqual([])
  })
})

test('only members of a group decide, and not those that the pipeline excludes', async () => {
  const story = await Story.begin(
    store,
    pipeline(approvers(', userGroups: [releasers, account.everywhere], disallowedUserEmails: [ada@example.org]')),
  )
  const execution = await story.run()
  const { id, notDecidableBecause } = await story.waitingApproval(execution)
  expect(notDecidableBecause).toBe('Only members of releasers, account.everywhere may decide.')
  expect(await refusal(story.decide('Ann', id, 'APPROVE'))).toContain('forbidden Only members of')
  const join = (person: string, project: boolean) =>
    sql`
    with g as (insert into scoped_entity (kind, organization_id, project_id, identifier, name)
      select 'user-group', ${project ? sql`p.organization_id` : null}, ${project ? sql`p.id` : null},
        ${project ? 'releasers' : 'everywhere'}, 'G'
      from project p join organization o on o.id = p.organization_id where o.identifier = ${story.here.org} returning id)
    insert into user_group_member (group_id, user_id)
    select g.id, u.id from g, user_account u where u.email = ${`${person}@example.org`}`.execute(store.db)
  await join('ann', true)
  await join('ada', false)
  expect(await refusal(story.decide('Bob', id, 'APPROVE'))).toContain('forbidden Only members of')
  expect(await refusal(story.decide('Ada', id, 'APPROVE'))).toContain('forbidden The pipeline says that you may not')
  expect((await story.decide('Ann', id, 'APPROVE')).status).toBe('APPROVED')
})

test('a newer run that was approved rejects the older ones that still wait', async () => {
  const story = await Story.begin(store, pipeline(`${approvers('')}, isAutoRejectEnabled: true`))
  const [first, second, third] = [await story.run(), await story.run(), await story.run()]
  await story.decide('Ann', (await story.waitingApproval(second)).id, 'APPROVE')
  await story.manager.executions.tick()
  const state = await story.read(first)
  expect([state.status, nodeOf(state, 'gate.ok').statusReason]).toEqual([
    'ApprovalRejected',
    'rejected by itself: a newer run was approved at this step',
  ])
  expect((await story.read(third)).status).toBe('ApprovalWaiting')
})

describe('an approval that is given by itself', () => {
  const byItself = (time: string, more = '') =>
    pipeline(
      `${approvers('')}, ${more} callbackId: "prod_<+pipeline.sequenceId>", autoApproval: { action: APPROVE, comments: Nobody minds, scheduledDeadline: { time: "${time}", timeZone: Asia/Kolkata } }`,
    )
  /** Years stand for waiting: the time of the row is moved, as if it had been asked for long ago. */
  const passTime = (id: string) =>
    sql`update approval set created_at = created_at - interval '20 years', auto_approve_at = now() - interval '1 second'
      where id = ${id}`.execute(store.db)
  const audited = async (execution: string) => {
    const { rows } = await sql<{ by: string }>`select actor_type || ' ' || actor_name as by
      from event where execution_id = ${execution} and type = 'approval.decided'`.execute(store.db)
    return rows.map(({ by }) => by)
  }

  test('waits for its time, can be found by its name, and is written down as nobody’s', async () => {
    const story = await Story.begin(store, byItself('2096-12-31 11:59 PM', 'isAutoRejectEnabled: true,'))
    const [older, execution] = [await story.run(), await story.run()]
    await story.manager.executions.tick()
    const approval = await story.waitingApproval(execution)
    const number = (await story.read(execution)).number
    expect(approval).toMatchObject({
      callbackId: `prod_${number}`,
      autoApproveAt: Date.parse('2096-12-31T18:29:00Z'),
      activities: [],
    })
    const ann = await story.manager.as('Ann')
    const found = (callback_id: string) => ann.listApprovals({ params: story.here, query: { callback_id } })
    expect((await found(`prod_${number}`)).rows.map((row) => row.id)).toEqual([approval.id])
    expect((await found('prod_')).rows).toEqual([])

    await passTime(approval.id)
    await story.manager.executions.tick()
    const state = await story.read(execution)
    expect(nodeOf(state, 'gate.ok')).toMatchObject({
      status: 'Success',
      statusReason: 'approved by itself at its time: Nobody minds',
    })
    const { activities, status } = await ann.getApproval({ params: { ...story.here, approval: approval.id } })
    expect([status, activities]).toMatchObject([
      'APPROVED',
      [{ user: 'autoApproval', action: 'APPROVE', comments: 'Nobody minds' }],
    ])
    expect(await audited(execution)).toEqual(['system autoApproval of release_shop'])
    await story.manager.executions.tick()
    expect((await story.read(older)).status).toBe('ApprovalRejected')
  })

  test('a person who rejects is before it', async () => {
    const story = await Story.begin(store, byItself('2096-12-31 23:59'))
    const execution = await story.run()
    const { id } = await story.waitingApproval(execution)
    await story.decide('Ann', id, 'REJECT')
    await passTime(id)
    await story.manager.executions.tick()
    expect((await story.read(execution)).status).toBe('ApprovalRejected')
    expect(await audited(execution)).toHaveLength(1)
  })

  test('a time that is over, or too near for anybody to look, approves nothing', async () => {
    const story = await Story.begin(store, byItself('2020-12-31 11:59 PM'))
    const execution = await story.run()
    await story.manager.executions.tick()
    const state = await story.read(execution)
    expect([state.status, nodeOf(state, 'gate.ok').statusReason]).toEqual([
      'ApprovalRejected',
      'rejected by itself: the time of autoApproval was less than 15 minutes away when the approval began',
    ])
  })

  test('a time that an expression gives has to be one', async () => {
    const story = await Story.begin(store, byItself('<+pipeline.name>'))
    const state = await story.read(await story.run())
    expect([state.status, JSON.stringify(nodeOf(state, 'gate.ok'))]).toEqual([
      'Errored',
      expect.stringContaining('`Release shop` is no time'),
    ])
  })
})
