// Triggers of a shop: documents, the secrets that deliveries are proved with, and deliveries as the Git hosts send them.
import { createHmac, randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import type { TriggerEvent } from '#contract/api/trigger'
import type { Story } from './release-world.ts'

export const secret = 'correct horse battery staple'

/** Applies to the development instance, whose tag says what started it. */
export const pipelineYaml = `pipeline:
  identifier: release_shop
  name: Release shop
  variables:
    - { name: branch, type: String, value: "<+input>.default(none).allowedValues(none,main,next,feature)" }
  stages:
    - stage:
        identifier: dev
        name: Dev
        type: Custom
        spec:
          execution:
            steps:
              - step:
                  identifier: apply
                  name: Apply
                  type: DBSchemaApply
                  spec: { dbSchema: shop, dbInstance: shop_dev, tag: "<+trigger.commitSha>-<+pipeline.variables.branch>" }
`

export const provider = (
  type: string,
  event: string,
  more = '',
  trigger = `  inputYaml: |
    pipeline:
      variables:
        - { name: branch, value: <+trigger.branch> }
`,
): string => `trigger:
  identifier: hook
  name: Hook
  pipelineIdentifier: release_shop
  encryptedWebhookSecretIdentifier: hook_secret
${trigger}  source:
    type: Webhook
    spec:
      type: ${type}
      spec:
        type: ${event}
        spec:
          connectorRef: host
          repoName: acme/shop
${more}`

export const custom = (more = 'spec: {}'): string => `trigger:
  identifier: hook
  name: Hook
  pipelineIdentifier: release_shop
  encryptedWebhookSecretIdentifier: hook_secret
  source:
    type: Webhook
    spec: { type: Custom, ${more} }
`

export const schedule = (expression: string, more = ''): string => `trigger:
  identifier: nightly
  name: Nightly
  pipelineIdentifier: release_shop
${more}  source:
    type: Scheduled
    spec: { type: Cron, spec: { type: UNIX, expression: "${expression}", timezone: Europe/Berlin } }
`

type Person = Parameters<Story['manager']['as']>[0]
type Api = Awaited<ReturnType<Story['manager']['as']>>
const sessions = new WeakMap<Story['manager'], Map<Person, Promise<Api>>>()
/** One sign-in for each person and manager. */
export function as({ manager }: Story, person: Person): Promise<Api> {
  const known = sessions.get(manager) ?? new Map<Person, Promise<Api>>()
  const client = known.get(person) ?? manager.as(person)
  sessions.set(manager, known.set(person, client))
  return client
}

const bytes = (text: string) => new TextEncoder().encode(text)
const queryOf = ({ org, project }: Story['here']) => ({
  orgIdentifier: org,
  projectIdentifier: project,
  targetIdentifier: 'release_shop',
})

/** The shop with the secret of its hooks, and a connector to each Git host that is named. */
export async function addHost(story: Story, type: 'Github' | 'Gitlab' | 'Bitbucket' | 'AzureRepo', url: string) {
  const ada = await as(story, 'Ada')
  await ada.createConnector({
    params: story.here,
    body: {
      connector: {
        identifier: 'host',
        name: 'Host',
        type,
        spec: {
          url,
          type: 'Account',
          authentication: {
            type: 'Http',
            spec: { type: 'UsernameToken', spec: { username: 'bot', tokenRef: 'host_token' } },
          },
        },
      },
    },
  } as never)
}

export async function addSecret(story: Story, identifier = 'hook_secret', value = secret): Promise<void> {
  const ada = await as(story, 'Ada')
  const spec = {
    type: 'SecretTextSpec',
    secretManagerIdentifier: 'harnessSecretManager',
    valueType: 'Inline',
    value,
  } as const
  await ada.createSecret({
    params: story.here,
    body: { secret: { type: 'SecretText', identifier, name: identifier, spec } },
  })
}

export async function save(story: Story, yaml: string, person: 'Ada' | 'Dana' | 'Mia' = 'Dana') {
  return (await as(story, person)).createTrigger({ query: queryOf(story.here), raw: bytes(yaml) })
}
export async function replace(story: Story, trigger: string, yaml: string) {
  const dana = await as(story, 'Dana')
  return dana.updateTrigger({ params: { trigger }, query: queryOf(story.here), raw: bytes(yaml) })
}
export const read = async (story: Story, trigger: string) =>
  (await as(story, 'Dana')).getTrigger({ params: { trigger }, query: queryOf(story.here) })
export const enable = async (story: Story, trigger: string, status: 'true' | 'false') =>
  (await as(story, 'Dana')).setTriggerStatus({
    params: { trigger },
    query: { ...queryOf(story.here), status },
  })

/** Newest first. */
export async function history(story: Story): Promise<readonly TriggerEvent[]> {
  const { rows } = await (await as(story, 'Dana')).listTriggerEvents({ params: story.here, query: { limit: 100 } })
  return rows
}
export const executions = async (story: Story) =>
  (await (await as(story, 'Dana')).listExecutions({ params: story.here, query: { limit: 100 } })).rows

export interface Sending {
  readonly headers: Readonly<Record<string, string>>
  readonly payload: unknown
}
const signature = (body: string, key = secret): string =>
  `sha256=${createHmac('sha256', key).update(body).digest('hex')}`

/** As it goes over the wire: proved in the way of the Git host, unless the headers do it already. */
export function signed(
  kind: 'Github' | 'Gitlab' | 'Bitbucket' | 'AzureRepo' | 'Custom',
  { headers, payload }: Sending,
) {
  const body = JSON.stringify(payload)
  const proofs: Record<typeof kind, Record<string, string>> = {
    Github: { 'x-hub-signature-256': signature(body), 'x-github-delivery': randomUUID() },
    Bitbucket: { 'x-hub-signature': signature(body), 'x-request-uuid': randomUUID() },
    Gitlab: { 'x-gitlab-token': secret, 'x-gitlab-event-uuid': randomUUID() },
    AzureRepo: { authorization: `Basic ${Buffer.from(`hook:${secret}`).toString('base64')}` },
    Custom: { 'x-sluice-token': secret },
  }
  return { method: 'POST', headers: { 'content-type': 'application/json', ...proofs[kind], ...headers }, body } as const
}

/** Sends to the address that the trigger shows; gives the id of the delivery. */
export async function deliver(story: Story, url: string, init: RequestInit): Promise<string> {
  const response = await story.manager.app.request(url, init)
  const text = await response.text()
  expect(response.status, text).toBe(200)
  const { status, data } = JSON.parse(text) as { status: string; data: string }
  expect(status).toBe('SUCCESS')
  return data
}

const repository = { html_url: 'https://github.com/acme/shop', full_name: 'acme/shop' }
export const githubPush = (more: object = {}): Sending => ({
  headers: { 'x-github-event': 'push' },
  payload: {
    ref: 'refs/heads/main',
    before: '1111111111111111111111111111111111111111',
    after: '2222222222222222222222222222222222222222',
    repository,
    sender: { login: 'octocat' },
    deleted: false,
    commits: [{ added: ['schemas/a.sql'], modified: [], removed: [] }],
    head_commit: { message: 'Add a table\n\nand more' },
    ...more,
  },
})
export const githubPull = (action: string, more: object = {}): Sending => ({
  headers: { 'x-github-event': 'pull_request' },
  payload: {
    action,
    number: 12,
    pull_request: {
      number: 12,
      title: 'Add orders',
      head: { ref: 'feature', sha: '3333333333333333333333333333333333333333', repo: { full_name: 'acme/shop' } },
      base: { ref: 'main', sha: '1111111111111111111111111111111111111111', repo: { full_name: 'acme/shop' } },
      ...more,
    },
    repository,
    sender: { login: 'octocat' },
  },
})
export const gitlabMerge: Sending = {
  headers: { 'x-gitlab-event': 'Merge Request Hook' },
  payload: {
    object_kind: 'merge_request',
    user: { username: 'root' },
    project: { web_url: 'https://gitlab.com/acme/shop', path_with_namespace: 'acme/shop' },
    object_attributes: {
      iid: 7,
      title: 'Add orders',
      action: 'update',
      oldrev: '1111111111111111111111111111111111111111',
      source_branch: 'feature',
      target_branch: 'main',
      source_project_id: 5,
      target_project_id: 5,
      last_commit: { id: '3333333333333333333333333333333333333333' },
    },
  },
}
export const bitbucketPush: Sending = {
  headers: { 'x-event-key': 'repo:push' },
  payload: {
    actor: { nickname: 'dana' },
    repository: { full_name: 'acme/shop', links: { html: { href: 'https://bitbucket.org/acme/shop' } } },
    push: {
      changes: [
        {
          old: { target: { hash: '1111111111111111111111111111111111111111' } },
          new: { type: 'branch', name: 'main', target: { hash: '2222222222222222222222222222222222222222' } },
        },
      ],
    },
  },
}
export const azurePull: Sending = {
  headers: {},
  payload: {
    subscriptionId: '00000000-0000-0000-0000-000000000001',
    id: '03c164c2-8912-4d5e-8009-3707d5f83734',
    eventType: 'git.pullrequest.created',
    publisherId: 'tfs',
    resource: {
      repository: { name: 'shop', remoteUrl: 'https://acme@dev.azure.com/acme/Sales/_git/shop' },
      pullRequestId: 9,
      title: 'Add orders',
      createdBy: { uniqueName: 'dana@example.org' },
      sourceRefName: 'refs/heads/feature',
      targetRefName: 'refs/heads/main',
      lastMergeSourceCommit: { commitId: '3333333333333333333333333333333333333333' },
      lastMergeTargetCommit: { commitId: '1111111111111111111111111111111111111111' },
    },
  },
}
