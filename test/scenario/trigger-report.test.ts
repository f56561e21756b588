// What Git hosts are told of the runs that they cause: a status of the commit and one comment with the SQL, over real HTTP, through
// hosts that fail, managers that die and comments that somebody deletes.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { openGuardedFetch } from '#outward/fetch'
import { ownNetwork } from '#outward/guard'
import { readOutward } from '#outward/setting'
import type { Store } from '#manager/store/port'
import { newPlace, openPlace, type TestPlace } from '../store/store.ts'
import { emailOf, network, Story } from './release-world.ts'
import {
  addHost,
  as,
  addSecret,
  azurePull,
  deliver,
  githubPull,
  gitlabMerge,
  history,
  provider,
  save,
  signed,
  type Sending,
} from './trigger-world.ts'

const pipelineYaml = `pipeline:
  identifier: release_shop
  name: Release shop
  stages:
    - stage:
        identifier: look
        name: Look
        type: Custom
        spec:
          execution:
            steps:
              - step:
                  identifier: preview
                  name: Preview
                  type: DBSchemaUpdateSQL
                  strategy: { repeat: { items: [shop_dev, shop_prod] } }
                  spec: { dbSchema: shop, dbInstance: <+repeat.item> }
`
type Kind = 'Github' | 'Gitlab' | 'Bitbucket' | 'AzureRepo'

/** Keeps statuses and comments as the hosts do, in the shapes of their answers. */
class Host {
  readonly statuses: string[] = []
  readonly comments = new Map<number, string>()
  readonly authorizations = new Set<string>()
  /** Answers so many calls with 500. */
  failing = 0
  /** A commit status is answered when this has come. */
  status: Promise<unknown> = Promise.resolve()
  readonly server: Server
  #next = 1

  constructor(kind: Kind) {
    const respond = async (request: IncomingMessage, answer: ServerResponse): Promise<void> => {
      const [status, reply] = this.#answer(kind, request.method ?? '', request.url ?? '', await read(request))
      if (/\/statuses\b/.test(request.url ?? '')) await this.status
      this.authorizations.add(String(request.headers.authorization ?? request.headers['private-token']))
      answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(reply))
    }
    this.server = createServer((request, answer) => void respond(request, answer)).listen(0, '127.0.0.1')
  }
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  #answer(kind: Kind, method: string, url: string, body: Record<string, unknown>): [number, unknown] {
    if (this.failing > 0) {
      this.failing -= 1
      return [500, { message: 'try later' }]
    }
    if (/\/files\?/.test(url)) return [200, [{ filename: 'schemas/a.sql' }]]
    if (/\/statuses\b/.test(url)) {
      this.statuses.push(String(body['state']))
      return [201, {}]
    }
    if (method === 'GET') return [200, this.#list(kind)]
    const known = Number(/(?:comments|notes|threads)\/(\d+)/.exec(url)?.[1] ?? 0)
    if (known > 0 && !this.comments.has(known)) return [404, { message: 'Not Found' }]
    const id = known > 0 ? known : this.#next++
    this.comments.set(id, textOf(body))
    return [known > 0 ? 200 : 201, kind === 'AzureRepo' ? { id, comments: [{ id: 1 }] } : { id }]
  }
  #list(kind: Kind): unknown {
    const all = [...this.comments]
    if (kind === 'Bitbucket') return { values: all.map(([id, raw]) => ({ id, content: { raw } })) }
    if (kind === 'AzureRepo') return { value: all.map(([id, content]) => ({ id, comments: [{ id: 1, content }] })) }
    return all.map(([id, body]) => ({ id, body }))
  }
}

function textOf(body: Record<string, unknown>): string {
  const {
    body: plain,
    content,
    comments,
  } = body as {
    body?: string
    content?: string | { raw: string }
    comments?: { content: string }[]
  }
  return plain ?? (typeof content === 'object' ? content.raw : content) ?? comments?.[0]?.content ?? ''
}

async function read(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
}

let place: TestPlace
let store: Store
let story: Story
let host: Host
beforeAll(async () => {
  place = await newPlace('embedded')
  store = await openPlace(place)
})
afterAll(async () => {
  await store.close()
  await place.remove()
})
beforeEach(async () => {
  await sql`delete from sign_in_try`.execute(store.db)
  await sql`delete from git_report`.execute(store.db)
  story = await Story.begin(store, pipelineYaml)
  await addSecret(story)
  await addSecret(story, 'host_token', 'token-of-the-host')
})
afterEach(() => {
  host.server.closeAllConnections()
  host.server.close()
})

async function open(kind: Kind): Promise<void> {
  host = new Host(kind)
  await new Promise((resolve) => host.server.once('listening', resolve))
  const guarded = await openGuardedFetch(readOutward({}), ownNetwork('127.0.0.1'))
  network.fetch = (url, init) => guarded(url.replace('https://api.bitbucket.org', host.url), init)
}
/** The sending with addresses of the test's host. */
const moved = ({ headers, payload }: Sending): Sending => ({
  headers,
  payload: JSON.parse(
    JSON.stringify(payload).replace(/https:\/\/(?:acme@)?(?:github\.com|gitlab\.com|dev\.azure\.com)/g, host.url),
  ),
})
const bitbucketPull: Sending = {
  headers: { 'x-event-key': 'pullrequest:created' },
  payload: {
    actor: { nickname: 'dana' },
    repository: { full_name: 'acme/shop', links: { html: { href: 'https://bitbucket.org/acme/shop' } } },
    pullrequest: {
      id: 5,
      title: 'Add orders',
      source: { branch: { name: 'feature' }, commit: { hash: '333333333333' }, repository: { full_name: 'acme/shop' } },
      destination: { branch: { name: 'main' }, commit: { hash: '111111111111' } },
    },
  },
}
/** As if time had passed: everything open is due. */
async function tick(manager = story.manager): Promise<void> {
  await sql`update git_report set next_at = now()`.execute(store.db)
  await manager.triggers.report()
}
const rows = () =>
  store.db.selectFrom('git_report').select(['kind', 'state', 'tries', 'error']).orderBy('kind').execute()

test.each([
  ['Github', 'PullRequest', 'Bearer token-of-the-host', ['pending', 'success']],
  ['Gitlab', 'MergeRequest', 'token-of-the-host', ['running', 'success']],
  ['Bitbucket', 'PullRequest', `Basic ${btoa('bot:token-of-the-host')}`, ['INPROGRESS', 'SUCCESSFUL']],
  ['AzureRepo', 'PullRequest', `Basic ${btoa(':token-of-the-host')}`, ['pending', 'succeeded']],
] as const)(
  '%s gets a status and one comment, which a second run of the pull request replaces',
  async (kind, event, token, states) => {
    await open(kind)
    const url = {
      Github: host.url,
      Gitlab: host.url,
      Bitbucket: 'https://bitbucket.org',
      AzureRepo: `${host.url}/acme`,
    }[kind]
    await addHost(story, kind, url)
    const yaml = provider(kind, event, '', '')
    const { webhookUrl } = await save(story, kind === 'AzureRepo' ? yaml.replace('acme/shop', 'shop') : yaml)
    const sending = {
      Github: githubPull('opened'),
      Gitlab: gitlabMerge,
      Bitbucket: bitbucketPull,
      AzureRepo: azurePull,
    }[kind]
    await deliver(story, webhookUrl, signed(kind, moved(sending)))
    await tick()
    await story.delegate.workAll()
    await tick()
    await tick()
    expect(host.statuses).toEqual(states)
    expect([...host.authorizations]).toEqual([token])
    const [comment = ''] = [...host.comments.values()]
    expect(comment).toMatch(
      /^(?:<!-- sluice o_\w+\/shop\/release_shop -->|\[\/\/\]: # \(sluice o_\w+\/shop\/release_shop\))\n/,
    )
    expect(comment).toContain('### Release shop: Success')
    expect(comment).toMatch(
      /#### shop \/ shop_dev: 3 change sets\n\n```sql\n[\s\S]+#### shop \/ shop_prod: 3 change sets\n\n```sql\n/,
    )
    expect(await rows()).toMatchObject([
      { kind: 'comment', state: 'done' },
      { kind: 'status', state: 'done' },
    ])
    const again = JSON.stringify(moved(sending))
      .replaceAll('Add orders', 'Add orders now')
      .replace('03c164c2', '03c164c3')
    await deliver(story, webhookUrl, signed(kind, JSON.parse(again) as Sending))
    await story.delegate.workAll()
    await tick()
    expect(host.comments.size).toBe(1)
    expect([...host.comments.values()][0]).toContain('Run 2')
  },
)

test('a host that fails, a manager that dies, a comment that was deleted or whose id was lost', async () => {
  await open('Github')
  await addHost(story, 'Github', host.url)
  const { webhookUrl } = await save(story, provider('Github', 'PullRequest', '', ''))
  host.failing = 2
  await deliver(story, webhookUrl, signed('Github', moved(githubPull('opened'))))
  await tick()
  expect(await rows()).toMatchObject([
    { kind: 'comment', state: 'open', tries: 1, error: expect.stringContaining('answered 500: try later') },
    { kind: 'status', state: 'open', tries: 1 },
  ])
  await story.delegate.workAll()
  await story.restart()
  await tick()
  expect([host.statuses, host.comments.size]).toEqual([['success'], 1])
  // It was written, and the manager died before it could remember that.
  await sql`update git_report set remote_id = null, sent_digest = null, state = 'open'`.execute(store.db)
  await tick()
  expect(host.comments.size).toBe(1)
  host.comments.clear()
  await sql`update git_report set sent_digest = null, state = 'open'`.execute(store.db)
  await tick()
  expect(host.comments.size).toBe(1)
})

test('a host that does not answer holds up neither what else is told nor a schedule', async () => {
  await open('Github')
  await addHost(story, 'Github', host.url)
  const { webhookUrl } = await save(story, provider('Github', 'PullRequest', '', ''))
  await deliver(story, webhookUrl, signed('Github', moved(githubPull('opened'))))
  let answer = (): void => {}
  host.status = new Promise<void>((resolve) => (answer = resolve))
  const telling = tick()
  await expect.poll(() => host.comments.size, { timeout: 10_000 }).toBe(1)
  expect(await story.manager.triggers.tick()).toBe(0)
  answer()
  await telling
})

test('what cannot be told is given up after ten tries, and the history says so', async () => {
  await open('Github')
  await addHost(story, 'Github', host.url)
  const { webhookUrl } = await save(story, provider('Github', 'PullRequest', '', ''))
  network.fetch = await openGuardedFetch(readOutward({}), ownNetwork(''))
  await deliver(story, webhookUrl, signed('Github', moved(githubPull('opened'))))
  for (let round = 0; round < 11; round += 1) await tick()
  expect(await rows()).toMatchObject([
    { state: 'dead', tries: 10 },
    { state: 'dead', tries: 10 },
  ])
  const lost = (await history(story)).filter(({ status }) => status === 'REPORT_FAILED')
  expect(lost.map(({ reason }) => reason).toSorted()).toEqual([
    'The comment on the pull request could not be written: 127.0.0.1 is an address of the own network, which is not called. An administrator can allow it.',
    'The status of the commit could not be written: 127.0.0.1 is an address of the own network, which is not called. An administrator can allow it.',
  ])
  expect(JSON.stringify(await store.db.selectFrom('git_report').selectAll().execute())).not.toContain(
    'token-of-the-host',
  )

  network.fetch = await openGuardedFetch(readOutward({}), ownNetwork('127.0.0.1'))
  const params = { ...story.here, execution: lost[0]?.execution ?? '' }
  const resend = async (person: 'Ann' | 'Dana') => (await as(story, person)).resendReports({ params })
  await expect(resend('Ann')).rejects.toMatchObject({ code: 'forbidden' })
  expect(await resend('Dana')).toEqual({ resent: 2 })
  await tick()
  expect([host.statuses, host.comments.size]).toEqual([['pending'], 1])
  await expect(resend('Dana')).rejects.toMatchObject({ code: 'conflict' })
  const events = await store.db
    .selectFrom('event')
    .where('type', '=', 'report.resent')
    .select(['actor_name', 'execution_id', 'body'])
    .execute()
  expect(events).toMatchObject([
    { actor_name: emailOf('Dana'), execution_id: params.execution, body: { pipeline: 'release_shop', reports: 2 } },
  ])
  await expect(
    (await as(story, 'Dana')).resendReports({ params: { ...params, execution: 'other' } }),
  ).rejects.toMatchObject({ code: 'not-found' })
})

test('changed files of a pull request are asked for', async () => {
  await open('Github')
  await addHost(story, 'Github', host.url)
  const files = (value: string) =>
    `          payloadConditions: [{ key: changedFiles, operator: Equals, value: "${value}" }]\n`
  const { webhookUrl } = await save(story, provider('Github', 'PullRequest', files('schemas/*.sql'), ''))
  await save(
    story,
    provider('Github', 'PullRequest', files('docs/*'), '').replace('identifier: hook\n', 'identifier: other\n'),
  )
  await deliver(story, webhookUrl, signed('Github', moved(githubPull('opened'))))
  expect((await history(story)).map(({ trigger, status }) => `${trigger} ${status}`).toSorted()).toEqual([
    'hook TARGET_EXECUTION_REQUESTED',
    'other TRIGGER_DID_NOT_MATCH',
  ])
})

test('a run that goes on from one that failed takes over what the host is told', async () => {
  await open('Github')
  await addHost(story, 'Github', host.url)
  const { webhookUrl } = await save(story, provider('Github', 'PullRequest', '', ''))
  await deliver(story, webhookUrl, signed('Github', moved(githubPull('opened'))))
  const dana = await story.manager.as('Dana')
  const [first] = (await dana.listExecutions({ params: story.here })).rows
  const execution = first?.id ?? ''
  await dana.abortExecution({ params: { ...story.here, execution }, body: {} })
  await tick()
  const { execution_details: next } = await dana.retryExecution({ params: { ...story.here, execution }, body: {} })
  await story.delegate.workAll()
  await tick()
  await tick()
  expect(host.statuses.at(-1)).toBe('success')
  expect([...host.comments.values()]).toEqual([expect.stringContaining('Run 2')])
  expect((await story.read(next.execution_id)).triggeredBy).toMatchObject({ type: 'MANUAL', trigger: 'hook' })
  // What the trigger told is still there when the run is read again.
  const row = await store.db.selectFrom('execution').where('id', '=', next.execution_id).selectAll().executeTakeFirst()
  expect(row).toMatchObject({ trigger: { prNumber: expect.anything() }, trigger_subject: expect.any(String) })
})
