// Deliveries that come again long after, or after they were refused; and what a newer run replaces when the manager dies meanwhile.
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Store } from '#manager/store/port'
import { newPlace, openPlace, type TestPlace } from '../store/store.ts'
import { emailOf, Story } from './release-world.ts'
import {
  addHost,
  addSecret,
  deliver,
  executions,
  githubPush,
  history,
  pipelineYaml,
  provider,
  save,
  signed,
} from './trigger-world.ts'

let place: TestPlace
let store: Store
let story: Story
let webhookUrl: string
beforeAll(async () => {
  place = await newPlace('embedded')
  store = await openPlace(place)
})
afterAll(async () => {
  await store.close()
  await place.remove()
})
beforeEach(async () => {
  story = await Story.begin(store, pipelineYaml)
  await addSecret(story)
  await addHost(story, 'Github', 'https://github.com')
  ;({ webhookUrl } = await save(story, provider('Github', 'Push')))
})
const decided = async () => (await history(story)).map(({ status }) => status)

test('bytes that somebody signed and that started a run start none years after, under another id either', async () => {
  const init = signed('Github', githubPush())
  await deliver(story, webhookUrl, init)
  await sql`update trigger_delivery set seen_at = now() - interval '3 years'`.execute(store.db)
  await story.manager.triggers.tidy()
  await deliver(story, webhookUrl, { ...init, headers: { ...init.headers, 'x-github-delivery': 'much later' } })
  expect(await decided()).toEqual(['REPEATED_DELIVERY', 'TARGET_EXECUTION_REQUESTED'])
  // What nobody needs to know any more is gone.
  const keys = await store.db.selectFrom('trigger_delivery').where('key', 'like', 'id:%').select('key').execute()
  expect(keys).toEqual([{ key: 'id:much later' }])
})

test('what was refused because the owner lacked the right may be delivered again once the owner has it', async () => {
  const own = store.db.selectFrom('user_account').where('email', '=', emailOf('Dana'))
  const { role } = await own.select('role').executeTakeFirstOrThrow()
  const become = (next: string) =>
    sql`update user_account set role = ${next} where email = ${emailOf('Dana')}`.execute(store.db)
  const init = signed('Github', githubPush())
  await become('viewer')
  await deliver(story, webhookUrl, init)
  await become(role)
  await deliver(story, webhookUrl, init)
  await deliver(story, webhookUrl, init)
  expect(await decided()).toEqual(['REPEATED_DELIVERY', 'TARGET_EXECUTION_REQUESTED', 'OWNER_WITHOUT_RIGHT'])
})

test('a run that was to be replaced when the manager died is ended by the next one', async () => {
  await deliver(story, webhookUrl, signed('Github', githubPush()))
  const [run] = await executions(story)
  await sql`insert into replaced_run values (${run?.id}, 'hook'), ('no longer there', 'hook')`.execute(store.db)
  await story.restart()
  expect(await story.manager.triggers.tick()).toBe(1)
  expect(await story.manager.triggers.tick()).toBe(0)
  await story.manager.executions.tick()
  expect((await executions(story)).map(({ status }) => status)).toEqual(['Aborted'])
  await story.manager.triggers.tidy()
  expect(await store.db.selectFrom('replaced_run').selectAll().execute()).toEqual([])
})
