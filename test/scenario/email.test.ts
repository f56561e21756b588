// The Email step over real SMTP: what it sends, what it waits for, and what becomes of a mail that nobody takes.
import type { AddressInfo } from 'node:net'
import { sql } from 'kysely'
import { SMTPServer } from 'smtp-server'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openMail } from '#outward/mail'
import type { Store } from '#manager/store/port'
import { newPlace, openPlace, type TestPlace } from '../store/store.ts'
import { letTimePass, network, Story } from './release-world.ts'
import { as } from './trigger-world.ts'

const mails: { readonly to: readonly string[]; readonly text: string }[] = []
const smtp = new SMTPServer({
  disabledCommands: ['STARTTLS', 'AUTH'],
  onRcptTo: ({ address }, _, done) => {
    const refusal = Object.assign(new Error('no such mailbox'), { responseCode: 550 })
    done(address === 'nobody@example.org' ? refusal : null)
  },
  onData: (stream, session, done) => {
    let text = ''
    stream.on('data', (chunk) => (text += String(chunk)))
    stream.on('end', () => {
      mails.push({ to: session.envelope.rcptTo.map(({ address }) => address), text })
      done()
    })
  },
})
let place: TestPlace
let store: Store
let story: Story
beforeAll(async () => {
  place = await newPlace('embedded')
  store = await openPlace(place)
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve))
  const { port } = smtp.server.address() as AddressInfo
  const from = 'Sluice <sluice@example.org>'
  network.sendMail = openMail({
    host: '127.0.0.1',
    port,
    security: 'none',
    user: undefined,
    passwordFile: undefined,
    from,
  })
})
afterAll(async () => {
  await store.close()
  await place.remove()
  await new Promise<void>((resolve) => smtp.close(resolve))
})
beforeEach(async () => {
  await sql`delete from sign_in_try`.execute(store.db)
  mails.length = 0
})

const due = () => sql`update notification set next_at = now() where state = 'open'`.execute(store.db)
const tick = () => story.manager.notifications.tick()
const withMail = (spec: string): string => `pipeline:
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
                  identifier: tell
                  name: Tell them
                  type: Email
                  timeout: 10m
                  spec: ${spec}
              - step:
                  identifier: apply
                  name: Apply it
                  type: DBSchemaApply
                  spec: { dbSchema: shop, dbInstance: shop_dev }
`
const ofSteps = async () =>
  (await (await as(story, 'Dana')).listNotifications({ params: story.here, query: { limit: 100 } })).rows

test('an Email step sends one mail with its values in it, as HTML where the author wrote it, and waits for the server', async () => {
  story = await Story.begin(
    store,
    withMail(
      `{ to: 'a@example.org, b@example.org', cc: c@example.org, subject: Run <+pipeline.sequenceId>, body: '<p>By <+pipeline.triggeredBy.name> &amp; for <b>all</b></p>' }`,
    ),
  )
  const execution = await story.run()
  expect((await story.read(execution)).nodes.find(({ id }) => id === 'dev.tell')).toMatchObject({ status: 'Running' })
  await Promise.all([tick(), tick()])
  expect(mails.map(({ to }) => to)).toEqual([['a@example.org', 'b@example.org', 'c@example.org']])
  expect(mails[0]?.text).toMatch(/Subject: Run \d+/)
  expect(mails[0]?.text).toContain('<p>By Dana &amp; for <b>all</b></p>')
  await story.delegate.workAll()
  expect((await story.read(execution)).status).toBe('Success')
  expect(await ofSteps()).toMatchObject([{ rule: 'Tell them', state: 'delivered', node: 'dev.tell' }])
})

test('a mail that the server will never take fails its step at once; one that it may take later is tried again', async () => {
  story = await Story.begin(store, withMail('{ to: nobody@example.org, subject: x, body: y }'))
  const refused = await story.run()
  await tick()
  expect((await story.read(refused)).nodes.find(({ id }) => id === 'dev.tell')).toMatchObject({
    status: 'Failed',
    fault: { code: 'request-failed', message: expect.stringContaining('no such mailbox') },
  })
  await story.delegate.workAll()
  const sender = network.sendMail
  network.sendMail = async () => {
    throw new Error('the server is away')
  }
  story = await Story.begin(store, withMail('{ to: a@example.org, subject: x, body: y }'))
  const late = await story.run()
  await tick()
  expect(await ofSteps()).toMatchObject([{ state: 'waiting', error: 'the server is away' }])
  expect((await story.read(late)).status).toBe('Running')
  await letTimePass(story.manager, late)
  expect((await story.read(late)).nodes.find(({ id }) => id === 'dev.tell')).toMatchObject({ status: 'Expired' })
  expect(await ofSteps()).toMatchObject([{ state: 'dead', error: 'its step waited no longer' }])
  if (sender) network.sendMail = sender
})

test('fireAndForget does not wait, and an abort takes back what was not sent', async () => {
  story = await Story.begin(store, withMail('{ to: a@example.org, subject: x, body: y, fireAndForget: true }'))
  const quick = await story.run()
  expect((await story.read(quick)).nodes.find(({ id }) => id === 'dev.tell')).toMatchObject({ status: 'Success' })
  await tick()
  expect(mails).toHaveLength(1)
  story = await Story.begin(store, withMail('{ to: a@example.org, subject: x, body: y }'))
  const aborted = await story.run()
  await (await as(story, 'Dana')).abortExecution({ params: { ...story.here, execution: aborted }, body: {} })
  await due()
  await tick()
  expect(mails).toHaveLength(1)
  expect((await story.read(aborted)).status).toBe('Aborted')
})

test('the members of a group count: a mail to more than a hundred is not sent, and its step says so', async () => {
  story = await Story.begin(store, withMail('{ to: a@example.org, toUserGroups: [all], subject: x, body: y }'))
  const scope = { orgIdentifier: story.here.org, projectIdentifier: story.here.project }
  const ada = await as(story, 'Ada')
  await ada.createUserGroup({ query: scope, body: { identifier: 'all', name: 'All', ...scope } })
  const join = (from: number, to: number) =>
    sql`with people as (
      insert into user_account (email, name, role, password_hash)
      select 'm' || n || '@example.org', 'M', 'member', 'x' from generate_series(${from}::int, ${to}::int) as n returning id
    ) insert into user_group_member (group_id, user_id)
      select (select id from scoped_entity where kind = 'user-group' order by id desc limit 1), id from people`.execute(
      store.db,
    )
  await join(1, 99)
  const fits = await story.run()
  await tick()
  expect(mails.map(({ to }) => to.length)).toEqual([100])
  expect((await story.read(fits)).nodes.find(({ id }) => id === 'dev.tell')).toMatchObject({ status: 'Success' })
  await story.delegate.workAll()
  await join(100, 100)
  const tooMany = await story.run()
  await tick()
  expect(mails).toHaveLength(1)
  expect((await story.read(tooMany)).nodes.find(({ id }) => id === 'dev.tell')).toMatchObject({
    status: 'Failed',
    fault: { code: 'too-large', message: expect.stringContaining('to has 101 addresses') },
  })
})
