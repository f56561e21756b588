// Triggers: deliveries of every Git host, what is refused and why, what is not done twice, whose rights a run has, and schedules.
import { createHmac } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Fault } from '#contract/fault'
import { hashToken } from '#manager/access/token'
import type { Store } from '#manager/store/port'
import { newPlace, openPlace, sayWhatIsMissing, storeKinds, type TestPlace } from '../store/store.ts'
import { emailOf, startManager, Story } from './release-world.ts'
import {
  addHost,
  as,
  addSecret,
  azurePull,
  bitbucketPush,
  custom,
  deliver,
  enable,
  executions,
  githubPull,
  githubPush,
  gitlabMerge,
  history,
  pipelineYaml,
  provider,
  read,
  replace,
  save,
  schedule,
  secret,
  signed,
} from './trigger-world.ts'

sayWhatIsMissing('triggers')

async function refusal(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.catch((reason: unknown) => reason)
  return error instanceof Fault ? `${error.code} ${error.message}` : `no fault: ${String(error)}`
}

describe.each(storeKinds)('on the %s store', (kind) => {
  /** The same on both stores, and told once. */
  const once = (name: string, body: () => Promise<void>): void => {
    if (kind === 'embedded') test(name, body)
  }
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
    await sql`delete from sign_in_try`.execute(store.db)
    story = await Story.begin(store, pipelineYaml)
    await addSecret(story)
  })
  const github = async (yaml = provider('Github', 'Push')) => {
    await addHost(story, 'Github', 'https://github.com')
    return save(story, yaml)
  }
  /** The work of the newest run of this shop; other shops in the store have theirs. */
  const taken = async () => {
    const [run] = await executions(story)
    return (await story.delegate.take()).find(({ spec }) => spec.execution === run?.id)
  }
  const decided = async () => (await history(story)).map(({ status, reason }) => `${status} ${reason}`)

  once('a document is kept as written, listed, replaced, switched off and deleted', async () => {
    const yaml = provider('Github', 'Push', '', '  tags: { team: shop }\n')
    const made = await github(yaml)
    expect(made).toMatchObject({ yaml, enabled: true, owner: emailOf('Dana'), type: 'Webhook', tags: { team: 'shop' } })
    expect(made.webhookUrl).toMatch(
      /^\/ng\/api\/webhook\?accountIdentifier=\w+&orgIdentifier=o_\w+&projectIdentifier=shop$/,
    )
    expect(await refusal(save(story, yaml))).toBe('invalid-input Trigger hook exists already.')
    expect(await refusal(save(story, yaml.replace('type: Push', 'type: Pusch')))).toContain(
      'cannot be `Pusch`. (line 12, column 15)',
    )
    expect(await refusal(save(story, yaml.replace('release_shop', 'other')))).toContain('saved as release_shop')
    expect(await refusal(save(story, schedule('0 3 * * *', '  inputSetRefs: [none]\n')))).toContain('Input set none')
    await enable(story, 'hook', 'false')
    expect(await read(story, 'hook')).toMatchObject({ enabled: false, yaml: expect.stringContaining('enabled: false') })
    const again = await replace(story, 'hook', yaml.replace('name: Hook', 'name: Other'))
    expect(again).toMatchObject({ name: 'Other', enabled: true, version: 2 })
    const dana = await as(story, 'Dana')
    const query = { orgIdentifier: story.here.org, projectIdentifier: 'shop', targetIdentifier: 'release_shop' }
    expect((await dana.listTriggers({ query })).rows).toEqual([again])
    expect(await refusal(save(story, yaml, 'Mia'))).toContain('forbidden')
    expect(await dana.deleteTrigger({ params: { trigger: 'hook' }, query })).toBe(true)
    expect(await refusal(read(story, 'hook'))).toBe('not-found Trigger hook does not exist.')
  })

  test('a push to GitHub starts a run that knows what was pushed', async () => {
    const { webhookUrl } = await github()
    const delivery = await deliver(story, webhookUrl, signed('Github', githubPush()))
    const [event] = await history(story)
    expect(event).toMatchObject({
      delivery,
      status: 'TARGET_EXECUTION_REQUESTED',
      source: 'Github',
      trigger: 'hook',
      summary: { event: 'Push', targetBranch: 'main', repositoryName: 'acme/shop', sender: 'octocat' },
    })
    const [run] = await executions(story)
    expect(run).toMatchObject({
      id: event?.execution,
      triggeredBy: { type: 'WEBHOOK', identifier: emailOf('Dana'), trigger: 'hook' },
    })
    const known = { tag: '2222222222222222222222222222222222222222-main' }
    const work = await taken()
    expect(work?.spec.work).toMatchObject(known)
    // Gone on from, it still knows.
    if (work) await story.delegate.start(work)
    if (work) await story.delegate.end(work, { outcome: 'failure' })
    const dana = await as(story, 'Dana')
    await dana.retryExecution({ params: { ...story.here, execution: run?.id ?? '' }, body: {} })
    expect((await taken())?.spec.work).toMatchObject(known)
  })

  const hosts = [
    ['Gitlab', 'MergeRequest', 'https://gitlab.com', gitlabMerge, { pullRequest: 7, action: 'Sync', fork: false }],
    ['Bitbucket', 'Push', 'https://bitbucket.org', bitbucketPush, { targetBranch: 'main' }],
    ['AzureRepo', 'PullRequest', 'https://dev.azure.com/acme', azurePull, { pullRequest: 9, action: 'Create' }],
  ] as const
  test.each(kind === 'embedded' ? hosts : [])('%s', async (type, event, url, sending, summary) => {
    await addHost(story, type, url)
    const yaml = provider(type, event)
    const { webhookUrl } = await save(story, type === 'AzureRepo' ? yaml.replace('acme/shop', 'shop') : yaml)
    const init = signed(type, sending)
    await deliver(story, webhookUrl, init)
    await deliver(story, webhookUrl, init)
    const [proof = ''] = Object.entries(init.headers).find(([, value]) => /sha256|correct|Basic/.test(value)) ?? []
    await deliver(story, webhookUrl, { ...init, headers: { ...init.headers, [proof]: 'Basic d3Jvbmc=' } })
    const events = await history(story)
    expect(events.map(({ status }) => status)).toEqual([
      'TRIGGER_AUTHENTICATION_FAILED',
      'REPEATED_DELIVERY',
      'TARGET_EXECUTION_REQUESTED',
    ])
    expect(events[2]?.summary).toMatchObject(summary)
    expect(await executions(story)).toHaveLength(1)
  })

  once(
    'a signature that does not fit, none at all, or a trigger without a secret: nothing starts, and it is told why',
    async () => {
      const { webhookUrl } = await github()
      const init = signed('Github', githubPush())
      const tampered = { ...init, body: init.body.replace('main', 'next') }
      await deliver(story, webhookUrl, tampered)
      await deliver(story, webhookUrl, { ...init, headers: { 'x-github-event': 'push' } })
      const saved = await replace(story, 'hook', provider('Github', 'Push').replace(/  encrypted.*\n/, ''))
      expect(saved.diagnostics.map(({ code }) => code)).toEqual(['pipeline/no-secret'])
      await deliver(story, webhookUrl, init)
      expect(await decided()).toEqual([
        'TRIGGER_AUTHENTICATION_FAILED The trigger has no encryptedWebhookSecretIdentifier, so that nobody can prove who sends this.',
        'TRIGGER_AUTHENTICATION_FAILED The header x-hub-signature-256 is missing: give the sender the secret of the trigger.',
        'TRIGGER_AUTHENTICATION_FAILED The header x-hub-signature-256 does not fit the secret of the trigger.',
      ])
      expect(await executions(story)).toEqual([])
    },
  )

  test('what was sent before starts nothing again, under another id either, and from two replicas at once', async () => {
    const { webhookUrl } = await github()
    const other = await startManager(store)
    const init = signed('Github', githubPush())
    const again = { ...init, headers: { ...init.headers, 'x-github-delivery': 'another' } }
    const send = async ({ app }: typeof other, request: RequestInit) => app.request(webhookUrl, request)
    const answers = await Promise.all([
      send(story.manager, init),
      send(other, again),
      send(story.manager, again),
      send(other, init),
    ])
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect((await decided()).filter((line) => line.startsWith('REPEATED_DELIVERY'))).toHaveLength(3)
    expect(await executions(story)).toHaveLength(1)
  })

  once('a body that is too large, too deep, or no JSON is refused, and so is a flood', async () => {
    const { webhookUrl } = await github()
    const post = async (body: string, headers: Record<string, string> = {}) =>
      (
        await story.manager.app.request(webhookUrl, {
          method: 'POST',
          body,
          headers: { 'x-github-event': 'push', ...headers },
        })
      ).status
    expect(await post('x'.repeat(2_200_000))).toBe(413)
    expect(await post(`${'['.repeat(100)}${']'.repeat(100)}`)).toBe(400)
    expect(await post('{')).toBe(400)
    expect(await post('{}', { 'x-github-event': '' })).toBe(200)
    await sql`update sign_in_try set tries = 600 where tries < 600 and tries > 3`.execute(store.db)
    expect(await post('{}')).toBe(429)
  })

  once('what strangers send does not fill the history of a project without end', async () => {
    const { webhookUrl } = await github()
    const proved = signed('Github', githubPush())
    const stranger = { ...proved, headers: { ...proved.headers, 'x-hub-signature-256': 'sha256=0' } }
    await deliver(story, webhookUrl, stranger)
    const project = await store.db.selectFrom('project').select(sql<string>`max(id)`.as('id')).executeTakeFirstOrThrow()
    const own =
      await sql`update sign_in_try set tries = 600 where key_hash = ${hashToken(`webhook stranger in ${project.id}`)}`.execute(
        store.db,
      )
    expect(own.numAffectedRows).toBe(1n)
    await deliver(story, webhookUrl, stranger)
    await deliver(
      story,
      webhookUrl,
      signed('Github', githubPush({ repository: { html_url: 'https://github.com/x/y' } })),
    )
    await deliver(story, webhookUrl, signed('Github', githubPush()))
    expect((await history(story)).map(({ status }) => status)).toEqual([
      'TARGET_EXECUTION_REQUESTED',
      'TRIGGER_AUTHENTICATION_FAILED',
    ])
  })

  once('conditions decide, and the history names the first that is not met', async () => {
    const more = `          payloadConditions:
            - { key: targetBranch, operator: In, value: "main, next" }
            - { key: changedFiles, operator: Equals, value: "schemas/*.sql" }
          jexlCondition: <+trigger.payload.sender.login> != "robot"
`
    const { webhookUrl } = await github(provider('Github', 'Push', more))
    await deliver(story, webhookUrl, signed('Github', githubPush({ ref: 'refs/heads/dev' })))
    await deliver(story, webhookUrl, signed('Github', githubPush({ commits: [{ added: ['README.md'] }] })))
    await deliver(story, webhookUrl, signed('Github', githubPush({ sender: { login: 'robot' } })))
    await deliver(story, webhookUrl, signed('Github', githubPull('opened')))
    await deliver(story, webhookUrl, signed('Github', githubPush()))
    await deliver(
      story,
      webhookUrl,
      signed('Github', githubPush({ repository: { html_url: 'https://github.com/x/y' } })),
    )
    expect(await decided()).toEqual([
      'NO_MATCHING_TRIGGER No trigger waits for https://github.com/x/y.',
      'TARGET_EXECUTION_REQUESTED All conditions are met.',
      'TRIGGER_DID_NOT_MATCH It waits for Push, and this is PullRequest.',
      'TRIGGER_DID_NOT_MATCH The condition <+trigger.payload.sender.login> != "robot" is not met.',
      'TRIGGER_DID_NOT_MATCH None of the changed files counts: Equals schemas/*.sql is not met.',
      'TRIGGER_DID_NOT_MATCH targetBranch is `dev`: In main, next is not met.',
    ])
  })

  test('a newer run of the same pull request ends the older one, if the document says so', async () => {
    const more = '          actions: [Open, Synchronize]\n          autoAbortPreviousExecutions: true\n'
    const { webhookUrl } = await github(provider('Github', 'PullRequest', more))
    await deliver(story, webhookUrl, signed('Github', githubPull('opened')))
    await deliver(story, webhookUrl, signed('Github', githubPull('labeled')))
    await deliver(story, webhookUrl, signed('Github', githubPull('synchronize')))
    await story.manager.executions.tick()
    expect((await executions(story)).map(({ status }) => status)).toEqual(['Running', 'Aborted'])
  })

  once('what a stranger names cannot become an expression or another input', async () => {
    const { webhookUrl } = await github()
    const ref = 'refs/heads/<+secrets.getValue("hook_secret")>'
    await deliver(story, webhookUrl, signed('Github', githubPush({ ref })))
    const [line] = await decided()
    expect(line).toMatch(
      /^START_FAILED .*variables.branch.value cannot be `< \+secrets.getValue\("hook_secret"\)>`: allowed are/,
    )
  })

  test('whoever saved it last is whose rights its runs have; without them nothing starts', async () => {
    await addHost(story, 'Github', 'https://github.com')
    const { webhookUrl } = await save(story, provider('Github', 'Push'), 'Ada')
    await replace(story, 'hook', provider('Github', 'Push'))
    await sql`update user_account set role = 'viewer' where email = ${emailOf('Dana')}`.execute(store.db)
    await deliver(story, webhookUrl, signed('Github', githubPush()))
    await sql`delete from user_account where email = ${emailOf('Dana')}`.execute(store.db)
    await deliver(story, webhookUrl, signed('Github', githubPush({ after: 'abcdef' })))
    await story.restart()
    expect(await decided()).toEqual([
      `OWNER_WITHOUT_RIGHT ${emailOf('Dana')}, whose rights its runs had, is no more. Save the trigger again.`,
      `OWNER_WITHOUT_RIGHT ${emailOf('Dana')}, who owns the trigger, has not the permission pipeline.execute for release_shop.`,
    ])
    expect(await read(story, 'hook')).toMatchObject({ owner: '' })
  })

  once('other programs prove themselves with a token, or sign as Standard Webhooks say', async () => {
    const plain = pipelineYaml.replace('<+trigger.commitSha>', '<+trigger.payload.build.id>')
    const dana = await as(story, 'Dana')
    await dana.updatePipeline({
      params: { ...story.here, pipeline: 'release_shop' },
      body: { identifier: 'release_shop', name: 'Release shop', pipeline_yaml: plain },
    })
    const { webhookUrl } = await save(
      story,
      custom('spec: { payloadConditions: [{ key: build.ok, operator: Equals, value: "true" }] }'),
    )
    const payload = { build: { id: 7, ok: true } }
    await deliver(story, webhookUrl, signed('Custom', { headers: {}, payload }))
    expect((await taken())?.spec.work).toMatchObject({ tag: '7-none' })
    const standard = (time: number, id = 'msg_1') => {
      const body = JSON.stringify(payload)
      const sum = createHmac('sha256', secret).update(`${id}.${time}.${body}`).digest('base64')
      const headers = { 'webhook-id': id, 'webhook-timestamp': String(time), 'webhook-signature': `v1,${sum}` }
      return { method: 'POST', body, headers }
    }
    const time = Math.floor(Date.now() / 1000)
    await deliver(story, webhookUrl, standard(time))
    await deliver(story, webhookUrl, standard(time))
    await deliver(story, webhookUrl, standard(time - 1000, 'msg_2'))
    const stale = standard(time, 'msg_3')
    await deliver(story, webhookUrl, { ...stale, headers: { ...stale.headers, 'webhook-id': 'msg_4' } })
    expect((await history(story)).map(({ status }) => status)).toEqual([
      'TRIGGER_AUTHENTICATION_FAILED',
      'TRIGGER_AUTHENTICATION_FAILED',
      'REPEATED_DELIVERY',
      'TARGET_EXECUTION_REQUESTED',
      'TARGET_EXECUTION_REQUESTED',
    ])
  })

  // The embedded store has one connection, so that nothing is ever in between there.
  if (kind !== 'embedded')
    test('who switches it off while somebody replaces it loses nothing of what that one wrote', async () => {
      await github()
      let switched: Promise<unknown> = Promise.resolve()
      await store.transaction(async (tx) => {
        const yaml = provider('Github', 'Push', '', '  tags: { team: shop }\n')
        await sql`update pipeline_trigger set yaml = ${yaml} where id = (select max(id) from pipeline_trigger)`.execute(
          tx,
        )
        switched = enable(story, 'hook', 'false')
        await expect
          .poll(
            async () => {
              const { rows } = await sql`select 1 from pg_stat_activity
              where datname = current_database() and wait_event_type = 'Lock'`.execute(store.db)
              return rows.length
            },
            { timeout: 10_000 },
          )
          .toBe(1)
      })
      await switched
      const { yaml, enabled } = await read(story, 'hook')
      expect([enabled, yaml.includes('team: shop'), yaml.includes('enabled: false')]).toEqual([false, true, true])
    })

  describe('schedules', () => {
    const due = (minutes: number) =>
      sql`update pipeline_trigger set next_at = now() - make_interval(mins => ${minutes})
        where id = (select max(id) from pipeline_trigger)`.execute(store.db)

    once('show their next times, in their zone', async () => {
      const made = await save(story, schedule('30 2 * * *'))
      expect(made.nextFireTimes).toHaveLength(5)
      const hours = made.nextFireTimes.map((time) =>
        new Date(time).toLocaleTimeString('en-GB', { timeZone: 'Europe/Berlin', hour: '2-digit', minute: '2-digit' }),
      )
      // On the day on which the clocks jump it is another.
      expect(hours.filter((hour) => hour === '02:30').length).toBeGreaterThanOrEqual(4)
      await enable(story, 'nightly', 'false')
      expect(await read(story, 'nightly')).toMatchObject({ nextFireTimes: [], enabled: false })
    })

    test('start once for all replicas, and once after an outage', async () => {
      await save(story, schedule('*/5 * * * *'))
      expect(await story.manager.triggers.tick()).toBe(0)
      await due(180)
      const other = await startManager(store)
      const ticks = await Promise.all(
        [story.manager, other, story.manager, other].map(({ triggers }) => triggers.tick()),
      )
      expect(ticks.reduce((sum, count) => sum + count, 0)).toBe(1)
      expect(await story.manager.triggers.tick()).toBe(0)
      const [event, ...rest] = await history(story)
      expect(rest).toEqual([])
      expect(event).toMatchObject({ status: 'TARGET_EXECUTION_REQUESTED', source: 'Scheduled' })
      expect(event?.reason).toBe('It was due 180 minutes ago; times missed since are not made up for.')
      const [run] = await executions(story)
      expect(run?.triggeredBy).toMatchObject({ type: 'SCHEDULER_CRON', trigger: 'nightly' })
    })

    test('a start that fails is written down, and the next time comes all the same', async () => {
      await save(
        story,
        schedule('0 3 * * *', '  inputYaml: "pipeline: { variables: [{ name: branch, value: other }] }"\n'),
      )
      await due(0)
      expect(await story.manager.triggers.tick()).toBe(1)
      expect((await decided())[0]).toContain('START_FAILED The pipeline release_shop is not valid')
      expect(await story.manager.triggers.tick()).toBe(0)
    })
  })
})
