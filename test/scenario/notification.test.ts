// Notifications over real HTTP and SMTP: who is told what, once, through receivers that fail and managers that die.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { SMTPServer } from 'smtp-server'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openGuardedFetch } from '#outward/fetch'
import { ownNetwork } from '#outward/guard'
import { openMail } from '#outward/mail'
import { readOutward } from '#outward/setting'
import type { Store } from '#manager/store/port'
import { newPlace, openPlace, type TestPlace } from '../store/store.ts'
import { network, Story } from './release-world.ts'
import { addSecret, as } from './trigger-world.ts'

interface Call {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: Record<string, unknown>
}
const calls: Call[] = []
/** Answers so many calls with this status. */
const failing = { count: 0, status: 500 }
const web = createServer((request, answer) => {
  let text = ''
  request.on('data', (chunk) => (text += String(chunk)))
  request.on('end', () => {
    const fails = failing.count > 0
    if (fails) failing.count -= 1
    else calls.push({ path: request.url ?? '', headers: request.headers, body: JSON.parse(text) as Call['body'] })
    answer.writeHead(fails ? failing.status : 202)
    if (request.url === '/broken') answer.write('{', () => answer.destroy())
    else answer.end('{}')
  })
})
const mails: { readonly to: readonly string[]; readonly text: string; readonly login: string }[] = []
const smtp = new SMTPServer({
  disabledCommands: ['STARTTLS'],
  allowInsecureAuth: true,
  onAuth: ({ username, password }, _, done) =>
    done(password === 'mail password' ? null : new Error('no'), { user: username }),
  onRcptTo: ({ address }, _, done) => {
    const refusal = Object.assign(new Error('no such mailbox'), { responseCode: 550 })
    done(address === 'nobody@example.org' ? refusal : null)
  },
  onData: (stream, session, done) => {
    let text = ''
    stream.on('data', (chunk) => (text += String(chunk)))
    stream.on('end', () => {
      mails.push({ to: session.envelope.rcptTo.map(({ address }) => address), text, login: String(session.user) })
      done()
    })
  },
})

let place: TestPlace
let store: Store
let story: Story
let base = ''
let directory = ''
beforeAll(async () => {
  place = await newPlace('embedded')
  store = await openPlace(place)
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(web.address() as AddressInfo).port}`
  const { port } = smtp.server.address() as AddressInfo
  directory = await mkdtemp(join(tmpdir(), 'sluice-mail-'))
  const passwordFile = join(directory, 'password')
  await writeFile(passwordFile, 'mail password\n')
  const from = 'Sluice <sluice@example.org>'
  network.sendMail = openMail({ host: '127.0.0.1', port, security: 'none', user: 'sluice', passwordFile, from })
  const guarded = await openGuardedFetch(readOutward({}), ownNetwork('127.0.0.1'))
  network.fetch = (url, init) => guarded(url.replace('https://events.pagerduty.com', base), init)
})
afterAll(async () => {
  await store.close()
  await place.remove()
  await rm(directory, { recursive: true })
  web.closeAllConnections()
  web.close()
  await new Promise<void>((resolve) => smtp.close(resolve))
})
beforeEach(async () => {
  await sql`delete from sign_in_try`.execute(store.db)
  await sql`delete from notification`.execute(store.db)
  calls.length = 0
  mails.length = 0
  failing.count = 0
})

const rule = (events: string, method: string): string => `
    - name: tell
      enabled: true
      pipelineEvents: [${events}]
      notificationMethod: ${method}`
const slack = (path: string) => `{ type: Slack, spec: { userGroups: [], webhookUrl: ${base}${path} } }`
const yamlOf = (rules: string, steps = ''): string => `pipeline:
  identifier: release_shop
  name: Release shop
  notificationRules:${rules}
  stages:
    - stage:
        identifier: dev
        name: Dev
        type: Custom
        spec:
          execution:
            steps:${steps}
              - step:
                  identifier: apply
                  name: Apply it
                  type: DBSchemaApply
                  spec: { dbSchema: shop, dbInstance: shop_dev }
`
async function listed(state?: 'waiting' | 'delivered' | 'dead') {
  const query = { limit: 100, ...(state === undefined ? {} : { state }) }
  return (await (await as(story, 'Dana')).listNotifications({ params: story.here, query })).rows
}
const due = () => sql`update notification set next_at = now() where state = 'open'`.execute(store.db)
const tick = () => story.manager.notifications.tick()
const textOf = ({ body }: Call): string => String(body['text'])

test('each event is told once, however many managers look, with what failed and where to read on', async () => {
  story = await Story.begin(
    store,
    yamlOf(
      rule(
        '{ type: PipelineStart }, { type: StepFailed }, { type: PipelineFailed }, { type: PipelineEnd }',
        slack('/a'),
      ),
    ),
  )
  story.delegate.failing.add('shop_dev/c2')
  const execution = await story.run()
  await story.delegate.workAll()
  await Promise.all([tick(), tick(), tick()])
  expect(calls.map((call) => textOf(call).split('\n')[0] ?? '').toSorted()).toEqual([
    `<https://sluice.example.org/orgs/${story.here.org}/projects/shop/executions/${execution}|Release shop 1: has ended: Failed>`,
    `<https://sluice.example.org/orgs/${story.here.org}/projects/shop/executions/${execution}|Release shop 1: has failed>`,
    `<https://sluice.example.org/orgs/${story.here.org}/projects/shop/executions/${execution}|Release shop 1: has started>`,
    `<https://sluice.example.org/orgs/${story.here.org}/projects/shop/executions/${execution}|Release shop 1: the step Apply it has failed>`,
  ])
  const failed = calls.find((call) => textOf(call).includes('the step Apply it'))
  expect(failed && textOf(failed)).toContain('*Instance:* shop/shop_dev\n*Reason:* c2 failed.')
  expect(await listed('delivered')).toHaveLength(4)
})

test('what is written is escaped, and a mention is none', async () => {
  story = await Story.begin(store, yamlOf(rule('{ type: PipelineFailed }', slack('/a'))))
  const [, taken] = [await story.run(), (await story.delegate.take())[0]]
  if (!taken) throw new Error('Nothing was offered.')
  await story.delegate.start(taken)
  const fault = { code: 'statement-failed', message: '<!channel> a & b > c' } as const
  await story.delegate.end(taken, { outcome: 'failure', fault })
  await tick()
  expect(calls.map(textOf).join()).toContain('*Reason:* &lt;!channel&gt; a &amp; b &gt; c')
})

test('each receiver gets its own form; values of secrets are opened when it is sent, and stand nowhere', async () => {
  const rules = [
    `{ type: MsTeams, spec: { msTeamKeys: ["${base}/teams"] } }`,
    `{ type: PagerDuty, spec: { integrationKey: <+secrets.getValue("pager")> } }`,
    `{ type: Webhook, spec: { webhookUrl: "${base}/hook/<+secrets.getValue('pager')>", headers: { x-token: "Bearer <+secrets.getValue(\\"pager\\")>", x-run: <+pipeline.sequenceId> } } }`,
  ]
  story = await Story.begin(store, yamlOf(rules.map((method) => rule('{ type: PipelineSuccess }', method)).join('')))
  await addSecret(story, 'pager', 'R0UT1NGKEY')
  const execution = await story.run()
  await story.delegate.workAll()
  await tick()
  const at = (path: string) => calls.find((call) => call.path === path)
  expect(at('/teams')?.body).toMatchObject({
    attachments: [{ content: { type: 'AdaptiveCard', actions: [{ type: 'Action.OpenUrl' }] } }],
  })
  const [pagerDuty] = (await listed()).filter(({ method }) => method === 'PagerDuty')
  expect(at('/v2/enqueue')?.body).toMatchObject({
    routing_key: 'R0UT1NGKEY',
    event_action: 'trigger',
    dedup_key: pagerDuty?.id,
    payload: { summary: 'Release shop 1: has ended well', severity: 'info' },
  })
  const hook = at('/hook/R0UT1NGKEY')
  expect(hook?.headers).toMatchObject({
    'x-token': 'Bearer R0UT1NGKEY',
    'x-run': '1',
    'content-type': 'application/json',
  })
  expect(hook?.body['eventData']).toMatchObject({
    orgIdentifier: story.here.org,
    projectIdentifier: 'shop',
    pipelineIdentifier: 'release_shop',
    planExecutionId: execution,
    eventType: 'PipelineSuccess',
    nodeStatus: 'Success',
    triggeredBy: { name: 'Dana', email: 'dana@example.org' },
  })
  const { rows } = await sql<{ all: string }>`select string_agg(n::text, '') as all from notification n`.execute(
    store.db,
  )
  expect(rows[0]?.all).not.toContain('R0UT1NGKEY')
  expect(JSON.stringify(await listed())).not.toContain('R0UT1NGKEY')
})

test('mail goes to people and to the members of groups; a mailbox that is none is given up', async () => {
  const spec = '{ recipients: [eve@example.org, nobody@example.org], userGroups: [account.watchers] }'
  story = await Story.begin(
    store,
    yamlOf(rule('{ type: StageSuccess, forStages: [dev] }', `{ type: Email, spec: ${spec} }`)),
  )
  const group = { identifier: 'watchers', name: 'Watchers', users: ['ann@example.org', 'bob@example.org'] }
  await (await as(story, 'Ada')).createUserGroup({ query: {}, body: group })
  // A group is told whole, however many they are.
  await sql`with many as (insert into user_account (email, name, role, password_hash)
      select 'z' || n || '@example.org', 'Z', 'viewer', '' from generate_series(1, 150) n returning id)
    insert into user_group_member (group_id, user_id)
    select scoped_entity.id, many.id from scoped_entity, many where identifier = 'watchers'`.execute(store.db)
  await story.run()
  await story.delegate.workAll()
  await tick()
  expect(mails.map(({ to }) => [to.length, ...to.slice(0, 2)].join()).toSorted()).toEqual([
    '1,eve@example.org',
    '152,ann@example.org,bob@example.org',
  ])
  const [first] = mails
  expect(first?.login).toBe('sluice')
  expect(first?.text).toContain('Subject: Release shop 1: the stage Dev is done')
  expect(first?.text).toMatch(/^Message-ID: <[0-9a-f-]{36}@example\.org>/m)
  const dead = await listed('dead')
  expect(dead).toMatchObject([{ destination: 'nobody@example.org', tries: 1 }])
  // It is dropped: gone from the list, and an event of the audit trail.
  const notification = dead[0]?.id ?? ''
  await (await as(story, 'Dana')).dropNotification({ params: { ...story.here, notification } })
  expect(await listed('dead')).toEqual([])
  const events = store.db.selectFrom('event').where('type', '=', 'notification.dropped').select('body')
  expect(await events.execute()).toMatchObject([{ body: { notification } }])
})

test('what fails is tried again with growing pauses, is given up, and is sent again when somebody says so', async () => {
  story = await Story.begin(store, yamlOf(rule('{ type: PipelineStart }', slack('/a'))))
  const execution = await story.run()
  failing.count = 100
  for (let tries = 1; tries <= 10; tries += 1) {
    await due()
    expect(await tick()).toBe(1)
    expect(await tick()).toBe(0)
    const [row] = await listed()
    expect(row).toMatchObject({
      tries,
      state: tries < 10 ? 'waiting' : 'dead',
      error: expect.stringMatching(/answered 500/),
    })
    if (row?.nextTryAt) {
      const pause = (row.nextTryAt - Date.now()) / 1000
      const wanted = Math.min(5 * 2 ** tries, 1800)
      expect(pause).toBeGreaterThan(wanted * 0.8 - 5)
      expect(pause).toBeLessThan(wanted * 1.2 + 5)
    }
  }
  // The run knows nothing of it.
  await story.delegate.workAll()
  expect((await story.read(execution)).status).toBe('Success')
  failing.count = 0
  const [dead] = await listed('dead')
  const params = { ...story.here, notification: dead?.id ?? '' }
  await expect((await as(story, 'Ann')).retryNotification({ params })).rejects.toMatchObject({ code: 'forbidden' })
  await expect((await as(story, 'Ann')).dropNotification({ params })).rejects.toMatchObject({ code: 'forbidden' })
  await (await as(story, 'Dana')).retryNotification({ params })
  // It waits now; what waits is not taken away from under the sender.
  await expect((await as(story, 'Dana')).dropNotification({ params })).rejects.toMatchObject({ code: 'conflict' })
  await tick()
  expect(calls).toHaveLength(1)
  expect(await listed('delivered')).toHaveLength(1)
  await expect((await as(story, 'Dana')).retryNotification({ params })).rejects.toMatchObject({ code: 'conflict' })
})

test('a manager that dies between the event and the delivery loses nothing', async () => {
  story = await Story.begin(store, yamlOf(rule('{ type: PipelineEnd }', slack('/a'))))
  await story.run()
  await story.delegate.workAll()
  // Claimed by a process that is gone: the lease is not over yet, then it is.
  await sql`update notification set next_at = now() + interval '120 seconds'`.execute(store.db)
  await story.restart()
  expect(await tick()).toBe(0)
  await due()
  expect(await tick()).toBe(1)
  expect(calls).toHaveLength(1)
})

test('a receiver that took it and then says nothing more is not told again', async () => {
  story = await Story.begin(store, yamlOf(rule('{ type: PipelineStart }', slack('/broken'))))
  await story.run()
  expect(await tick()).toBe(1)
  expect(await listed()).toMatchObject([{ state: 'delivered', tries: 1 }])
  await story.delegate.workAll()
})

test('an event that is rolled back is told to nobody', async () => {
  story = await Story.begin(store, yamlOf(rule('{ type: PipelineStart }', slack('/a'))))
  const { executions } = story.manager
  const caller = { principal: undefined } as never
  await expect(
    store.transaction((tx) =>
      executions.start(tx, { ...story.here, pipeline: 'release_shop', notes: undefined, given: {}, caller }),
    ),
  ).rejects.toThrow()
  expect(await listed()).toEqual([])
})

test('addresses of the own network, no addresses, and secrets that the manager cannot read are given up with words', async () => {
  const methods = [
    '{ type: Slack, spec: { webhookUrl: "http://169.254.169.254/latest" } }',
    '{ type: Webhook, spec: { webhookUrl: "file:///etc/passwd" } }',
    `{ type: Webhook, spec: { webhookUrl: "${base.replace('//', '//eve:hunter2@')}/s3cret" } }`,
    '{ type: Slack, spec: { webhookUrl: <+secrets.getValue("not_there")> } }',
    '{ type: Slack, spec: { userGroups: [not_there] } }',
  ]
  story = await Story.begin(store, yamlOf(methods.map((method) => rule('{ type: PipelineStart }', method)).join('')))
  await story.run()
  await tick()
  const errors = (await listed()).map(({ error, state }) => `${state}: ${error}`).toSorted()
  expect(errors).toEqual([
    'dead: The address has a user name or password in it; send them as a header of a webhook.',
    'dead: The address is no http or https URL.',
    'dead: There is no secret not_there.',
    'dead: User group not_there does not exist.',
    expect.stringMatching(/^waiting: 169\.254\.169\.254 is an address of the own network/),
  ])
  // Or the next story's delegate would do it.
  await story.delegate.workAll()
})

test('who waits for people says so, with the digest of what they decide about', async () => {
  const steps = `
              - step:
                  identifier: look
                  name: Look
                  type: DBSchemaUpdateSQL
                  spec: { dbSchema: shop, dbInstance: shop_dev }
              - step:
                  identifier: ask
                  name: Ask Ann
                  type: HarnessApproval
                  timeout: 1d
                  spec:
                    approvalMessage: Please
                    includePipelineExecutionHistory: false
                    approvers: { minimumCount: 1, disallowPipelineExecutor: true, userGroups: [account._account_all_users] }`
  story = await Story.begin(store, yamlOf(rule('{ type: WaitingForUserAction }', slack('/a')), steps))
  await story.run()
  await story.delegate.workAll()
  await tick()
  expect(calls.map(textOf).join()).toMatch(
    /Release shop 1: Ask Ann waits for approval[^]*\*SQL of shop\/shop_dev:\* 3 change sets, digest \w/,
  )
})
