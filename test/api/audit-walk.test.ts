// Every endpoint that changes something, called for real: each leaves an event with who, from which address, what was before and after.
import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { api } from '#contract/api/index'
import { createClient } from '#contract/client'
import { type Manager, startManager } from '#manager/main'
import { isAudited } from '#manager/audit/record'
import type { Store } from '#manager/store/port'
import { newPlace, openPlace, type TestPlace } from '../store/store.ts'
import { elsewhere, reading } from './audit-exempt.ts'

const P = { org: 'default', project: 'shop' }
const Q = { orgIdentifier: 'default', projectIdentifier: 'shop' }
const password = 'correct horse battery'
const hidden = 'tr0ub4dor&3'
const later = 'hunter2-hunter2'
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const admin = 'ada@example.org'
const address = '203.0.113.9'

const git = (identifier: string, name: string) => ({
  connector: {
    type: 'Git',
    identifier,
    name,
    spec: { url: 'https://git.example.org/x', type: 'Http', connectionType: 'Account' },
  },
})
const auth = { type: 'UsernamePassword', spec: { username: 'shop', passwordRef: 'db' } }
const database = {
  connector: { type: 'JDBC', identifier: 'jdbc', name: 'J', spec: { url: 'jdbc:postgresql://db.example.org/x', auth } },
}
const secret = (identifier: string, value: string) => ({
  secret: { type: 'SecretText', identifier, name: identifier, spec: { value } },
})
const platformSecret = (value: string) => ({
  secret: {
    type: 'SecretText',
    identifier: 'ps',
    name: 'ps',
    spec: { secretManagerIdentifier: 'harnessSecretManager', valueType: 'Inline', value },
  },
})
const pipeline = (name: string) => ({
  identifier: 'gate',
  name,
  pipeline_yaml: `pipeline:
  identifier: gate
  name: ${name}
  orgIdentifier: default
  projectIdentifier: shop
  stages:
    - stage:
        identifier: ask
        name: Ask
        type: Custom
        spec:
          execution:
            steps:
              - step:
                  identifier: ok
                  name: Ok
                  type: HarnessApproval
                  timeout: 1d
                  spec: { approvers: { minimumCount: 1, disallowPipelineExecutor: false } }
              - step:
                  identifier: late
                  name: Late
                  type: DBSchemaApply
                  spec: { dbSchema: s, dbInstance: dev, tag: "<+input>.executionInput()" }
`,
})
const inputSet = (name: string) => ({
  identifier: 'some',
  name,
  input_set_yaml: `inputSet: { identifier: some, name: ${name}, pipeline: { identifier: gate } }`,
})
const trigger = (hour: number) =>
  bytes(`trigger:
  identifier: nightly
  source: { type: Scheduled, spec: { type: Cron, spec: { expression: "0 ${hour} * * *" } } }
`)
const freeze = (name: string) =>
  bytes(`freeze:
  identifier: holidays
  name: ${name}
  status: Enabled
  entityConfigs:
    - name: All
      entities: [{ type: Org, filterType: All }, { type: Project, filterType: All }, { type: Service, filterType: All },
        { type: EnvType, filterType: All }]
  windows: [{ timeZone: UTC, startTime: "2030-12-24 00:00", duration: 3d }]
`)

type Input = Readonly<Record<string, unknown>>
type Call = readonly [name: string, input: Input | (() => Promise<Input>)]
let place: TestPlace
let store: Store
let manager: Manager
let call: (name: string, input: Input) => Promise<unknown>
beforeAll(async () => {
  place = await newPlace('embedded')
  store = await openPlace(place)
  manager = await startManager({
    store,
    rootKeys: { current: new Uint8Array(randomBytes(32)), older: [] },
    host: '127.0.0.1',
    port: 0,
    secure: false,
    trustProxy: true,
    log: pino({ level: 'silent' }),
    version: '1.2.3',
    webDirectory: '.',
    fetch,
    prepare: async (users) => void (await users.ensureUser({ email: admin, name: 'Ada', role: 'admin', password })),
  })
  const headers: Record<string, string> = { 'x-forwarded-for': address }
  const remember: typeof fetch = async (input, init) => {
    const response = await fetch(input, init)
    const [cookie] = response.headers.getSetCookie()
    if (cookie?.startsWith('sluice_session=')) headers['cookie'] = cookie.split(';', 1)[0] ?? ''
    return response
  }
  const client = createClient(api, { baseUrl: manager.url, fetch: remember, headers })
  call = async (name, input) => {
    const method = (client as unknown as Record<string, (given: Input) => Promise<unknown>>)[name]
    const reply = await method?.(input)
    if (name === 'signIn') headers['x-csrf-token'] = (reply as { csrfToken: string }).csrfToken
    return reply
  }
})
afterAll(async () => {
  await manager.close()
  await store.close()
  await place.remove()
})

interface Written {
  readonly id: string
  readonly actor: string
  readonly address: string
  readonly type: string
  readonly body: Readonly<Record<string, unknown>>
}
async function eventsAfter(id: string): Promise<readonly Written[]> {
  const { rows } =
    await sql<Written>`select id::text, actor_name as actor, source_address as address, type, body from event
    where id > ${id}::bigint and actor_type <> 'system' and ${isAudited(sql`type`, sql`body`)} order by id`.execute(
      store.db,
    )
  return rows
}

let execution = ''
const run = { ...P, pipeline: 'gate' }
const inRun = () => ({ params: { ...P, execution } })
async function waiting(status: string): Promise<void> {
  const found = (await call('getExecution', inRun())) as { status: string }
  if (found.status !== status) throw new Error(`The execution is ${found.status}, not ${status}.`)
}
const approval = async (): Promise<Input> => {
  await waiting('ApprovalWaiting')
  const { rows } = (await call('listApprovals', { params: P, query: { execution, status: 'WAITING' } })) as {
    rows: { id: string }[]
  }
  return { params: { ...P, approval: rows[0]?.id }, body: { action: 'APPROVE' } }
}
const newest = async (list: string): Promise<string> => {
  const { rows } = (await call(list, { params: P })) as { rows: { id?: string; execution_id?: string }[] }
  return rows[0]?.id ?? rows[0]?.execution_id ?? ''
}
const assignment = { identifier: 'as', roleIdentifier: 'r', resourceGroupIdentifier: 'rg' }
const principal = { type: 'USER', identifier: 'bob@example.org' }
const key = { apiKeyType: 'USER', parentIdentifier: admin }
const token = { identifier: 't', name: 'T', apiKeyIdentifier: 'k', ...key }
const inInstance = { params: { ...P, dbschema: 's', dbinstance: 'dev' } }
const images = [{ field: 'mongoTag', value: 'team/a:1' }]
const helper = [{ field: 'addonTag', value: 'team/b:1' }]
const named = (identifier: string, name: string, more: Input = {}) => ({ identifier, name, ...Q, ...more })
const resources = [{ resourceType: 'DATABASE_SCHEMA', identifiers: ['s'] }]
const group = (name: string) => ({ resourceGroup: { ...named('rg', name), resourceFilter: { resources } } })

const calls: readonly Call[] = [
  ['signIn', { body: { email: admin, password } }],
  ['createOrganization', { body: { organization: { identifier: 'default', name: 'D' } } }],
  ['updateOrganization', { params: { org: 'default' }, body: { organization: { identifier: 'default', name: 'E' } } }],
  ['createProject', { params: { org: 'default' }, body: { project: { identifier: 'shop', name: 'Shop' } } }],
  ['updateProject', { params: P, body: { project: { identifier: 'shop', name: 'Shop 2' } } }],
  ['createConnector', { params: P, body: git('git', 'Git') }],
  ['updateConnector', { params: { ...P, connector: 'git' }, body: git('git', 'Git 2') }],
  ['createConnector', { params: P, body: database }],
  ['createOrganizationConnector', { params: { org: 'default' }, body: git('og', 'Git') }],
  ['updateOrganizationConnector', { params: { org: 'default', connector: 'og' }, body: git('og', 'Git 2') }],
  ['deleteOrganizationConnector', { params: { org: 'default', connector: 'og' } }],
  ['createAccountConnector', { body: git('ag', 'Git') }],
  ['updateAccountConnector', { params: { connector: 'ag' }, body: git('ag', 'Git 2') }],
  ['deleteAccountConnector', { params: { connector: 'ag' } }],
  ['createSecret', { params: P, body: secret('db', hidden) }],
  ['updateSecret', { params: { ...P, secret: 'db' }, body: secret('db', later) }],
  ['createOrganizationSecret', { params: { org: 'default' }, body: secret('os', hidden) }],
  ['updateOrganizationSecret', { params: { org: 'default', secret: 'os' }, body: secret('os', later) }],
  ['deleteOrganizationSecret', { params: { org: 'default', secret: 'os' } }],
  ['createAccountSecret', { body: secret('acs', hidden) }],
  ['updateAccountSecret', { params: { secret: 'acs' }, body: secret('acs', later) }],
  ['deleteAccountSecret', { params: { secret: 'acs' } }],
  [
    'createDbSchema',
    {
      params: P,
      body: { identifier: 's', name: 'S', changelog: { connector: 'git', location: 'c.yaml', repo: 'r.git' } },
    },
  ],
  ['updateDbSchema', { params: { ...P, dbschema: 's' }, body: { name: 'S 2' } }],
  [
    'createDbInstance',
    { params: { ...P, dbschema: 's' }, body: { identifier: 'dev', connector: 'jdbc', branch: 'main' } },
  ],
  [
    'createDbInstance',
    { params: { ...P, dbschema: 's' }, body: { identifier: 'prod', connector: 'jdbc', branch: 'main' } },
  ],
  ['updateDbInstance', { ...inInstance, body: { name: 'Dev' } }],
  ['createPipeline', { params: P, body: pipeline('Gate') }],
  ['updatePipeline', { params: run, body: pipeline('Gate 2') }],
  ['createInputSet', { params: P, query: { pipeline: 'gate' }, body: inputSet('some') }],
  ['updateInputSet', { params: { ...P, inputSet: 'some' }, query: { pipeline: 'gate' }, body: inputSet('more') }],
  ['createTrigger', { query: { ...Q, targetIdentifier: 'gate' }, raw: trigger(3) }],
  ['updateTrigger', { params: { trigger: 'nightly' }, query: { ...Q, targetIdentifier: 'gate' }, raw: trigger(4) }],
  ['setTriggerStatus', { params: { trigger: 'nightly' }, query: { ...Q, targetIdentifier: 'gate', status: 'false' } }],
  ['createFreeze', { raw: freeze('Holidays') }],
  ['updateFreeze', { params: { freeze: 'holidays' }, raw: freeze('More holidays') }],
  ['setFreezeStatus', { query: { status: 'Disabled' }, body: ['holidays'] }],
  ['executePipeline', { params: run, body: {} }],
  [
    'pauseExecution',
    async () => {
      execution = await newest('listExecutions')
      await waiting('ApprovalWaiting')
      return { ...inRun(), body: {} }
    },
  ],
  ['resumeExecution', async () => inRun()],
  ['decideApproval', approval],
  [
    'giveInputs',
    async () => {
      await waiting('InputWaiting')
      return { params: { ...P, execution, node: 'ask.late' }, body: { inputs: { 'spec.tag': 'v1' } } }
    },
  ],
  ['abortExecution', async () => ({ ...inRun(), body: {} })],
  ['retryExecution', async () => ({ ...inRun(), body: {} })],
  ['testInstance', { ...inInstance, body: {} }],
  ['abortTask', async () => ({ params: { ...P, task: await newest('listTasks') }, body: {} })],
  ['previewInstance', { ...inInstance, body: {} }],
  ['syncInstance', { ...inInstance, body: {} }],
  ['diffInstance', { ...inInstance, body: { dbInstance: 'prod' } }],
  ['takeSnapshot', { ...inInstance, body: {} }],
  ['testConnector', { params: { ...P, connector: 'jdbc' }, body: {} }],
  ['createUser', { body: { email: 'bob@example.org', name: 'Bob', role: 'viewer', password: hidden } }],
  ['updateUser', { params: { email: 'bob@example.org' }, body: { name: 'Bobby', password: later } }],
  ['createApiKey', { body: { identifier: 'ci' } }],
  ['updateApiKey', { params: { key: 'ci' }, body: { name: 'CI' } }],
  ['deleteApiKey', { params: { key: 'ci' } }],
  ['createAccessKey', { body: { identifier: 'k', name: 'K', ...key } }],
  ['updateAccessKey', { params: { identifier: 'k' }, body: { identifier: 'k', name: 'K 2', ...key } }],
  ['createAccessToken', { body: token }],
  ['updateAccessToken', { params: { identifier: 't' }, body: { ...token, name: 'T 2' } }],
  ['rotateAccessToken', { params: { identifier: 't' }, query: { ...key, apiKeyIdentifier: 'k' } }],
  ['deleteAccessToken', { params: { identifier: 't' }, query: { ...key, apiKeyIdentifier: 'k' } }],
  ['deleteAccessKey', { params: { identifier: 'k' }, query: key }],
  ['createEnvironment', { body: named('e', 'E', { type: 'Production' }) }],
  ['updateEnvironment', { body: named('e', 'E 2', { type: 'Production' }) }],
  ['deleteEnvironment', { params: { identifier: 'e' }, query: Q }],
  ['createService', { body: named('w', 'W') }],
  ['updateService', { body: named('w', 'W 2') }],
  ['deleteService', { params: { identifier: 'w' }, query: Q }],
  ['createServiceAccount', { query: Q, body: named('sa', 'SA') }],
  ['updateServiceAccount', { params: { identifier: 'sa' }, query: Q, body: named('sa', 'SA 2') }],
  ['deleteServiceAccount', { params: { identifier: 'sa' }, query: Q }],
  ['createUserGroup', { query: Q, body: named('ug', 'UG') }],
  ['updateUserGroup', { query: Q, body: named('ug', 'UG 2') }],
  ['deleteUserGroup', { params: { identifier: 'ug' }, query: Q }],
  ['createRole', { query: Q, body: named('r', 'R', { permissions: ['schema.view'] }) }],
  ['updateRole', { params: { identifier: 'r' }, query: Q, body: named('r', 'R 2', { permissions: ['schema.view'] }) }],
  ['createResourceGroup', { query: Q, body: group('RG') }],
  ['updateResourceGroup', { params: { identifier: 'rg' }, query: Q, body: group('RG 2') }],
  ['createRoleAssignment', { query: Q, body: { ...assignment, principal } }],
  [
    'updateRoleAssignment',
    { params: { identifier: 'as' }, query: Q, body: { ...assignment, principal, disabled: true } },
  ],
  ['deleteRoleAssignment', { params: { identifier: 'as' }, query: Q }],
  ['deleteResourceGroup', { params: { identifier: 'rg' }, query: Q }],
  ['deleteRole', { params: { identifier: 'r' }, query: Q }],
  ['deleteUser', { params: { email: 'bob@example.org' } }],
  ['createDelegateToken', { body: { identifier: 'dt' } }],
  ['rotateDelegateToken', { params: { token: 'dt' }, body: {} }],
  ['updateDelegateToken', { params: { token: 'dt' }, body: { status: 'REVOKED' } }],
  ['deleteDelegateToken', { params: { token: 'dt' } }],
  ['updateImages', { body: images }],
  ['pinImages', { body: { value: '{"mongoTag": "team/c:1"}' } }],
  ['resetImages', { body: [{ field: 'mongoTag' }] }],
  ['deleteImages', {}],
  ['updateHelperImages', { body: helper }],
  ['resetHelperImages', { body: [{ field: 'addonTag' }] }],
  ['updateSettings', { body: [{ identifier: 'retention_logs_days', value: '9', updateType: 'UPDATE' }] }],
  ['platformCreateOrganization', { body: { organization: { identifier: 'po', name: 'PO' } } }],
  ['platformUpdateOrganization', { params: { org: 'po' }, body: { organization: { identifier: 'po', name: 'PO 2' } } }],
  [
    'platformCreateProject',
    { query: { orgIdentifier: 'po' }, body: { project: { identifier: 'pp', name: 'PP', orgIdentifier: 'po' } } },
  ],
  [
    'platformUpdateProject',
    {
      params: { project: 'pp' },
      query: { orgIdentifier: 'po' },
      body: { project: { identifier: 'pp', name: 'PP 2', orgIdentifier: 'po' } },
    },
  ],
  ['platformDeleteProject', { params: { project: 'pp' }, query: { orgIdentifier: 'po' } }],
  ['platformDeleteOrganization', { params: { org: 'po' } }],
  ['platformCreateConnector', { body: git('pc', 'PC') }],
  ['platformUpdateConnector', { body: git('pc', 'PC 2') }],
  ['platformDeleteConnector', { params: { connector: 'pc' } }],
  ['platformCreateSecret', { body: platformSecret(hidden) }],
  ['platformUpdateSecret', { params: { secret: 'ps' }, body: platformSecret(later) }],
  ['platformDeleteSecret', { params: { secret: 'ps' } }],
  ['deleteFreeze', { params: { freeze: 'holidays' } }],
  ['deleteTrigger', { params: { trigger: 'nightly' }, query: { ...Q, targetIdentifier: 'gate' } }],
  ['deleteInputSet', { params: { ...P, inputSet: 'some' }, query: { pipeline: 'gate' } }],
  ['deletePipeline', { params: run }],
  ['deleteDbInstance', inInstance],
  ['deleteDbSchema', { params: { ...P, dbschema: 's' } }],
  ['deleteSecret', { params: { ...P, secret: 'db' } }],
  ['deleteConnector', { params: { ...P, connector: 'git' } }],
  ['deleteConnector', { params: { ...P, connector: 'jdbc' } }],
  ['deleteProject', { params: P }],
  ['deleteOrganization', { params: { org: 'default' } }],
  ['signOut', {}],
]

/** What is wrong with the events of a call; '' when nothing is. */
function wrongWith(name: string, events: readonly Written[]): string {
  const text = JSON.stringify(events)
  if (events.length === 0) return 'left no event'
  if (events.some(({ actor }) => actor !== admin)) return `is of somebody else: ${text}`
  if (events.some((event) => event.address !== address)) return `is from somewhere else: ${text}`
  if ([hidden, later, password].some((value) => text.includes(value))) return `shows a secret: ${text}`
  const parts = /[Cc]reate/.test(name) ? ['after'] : /[Dd]elete/.test(name) ? ['before'] : ['before', 'after']
  const entity = events.find(({ type }) => type.startsWith('entity.'))
  if (entity && !name.endsWith('Images') && parts.some((part) => entity.body[part] == null))
    return `says too little: ${text}`
  if (/^(?:platform)?(?:[Cc]reate|[Uu]pdate|[Dd]elete)/.test(name) && !entity) return `has no entity: ${text}`
  return ''
}

test('each leaves an event with actor, address, before and after, without secrets', async () => {
  const problems: string[] = []
  for (const [name, input] of calls) {
    const last = await store.db.selectFrom('event').select('id').orderBy('id', 'desc').limit(1).executeTakeFirst()
    try {
      await call(name, typeof input === 'function' ? await input() : input)
      const problem = wrongWith(name, await eventsAfter(last?.id ?? '0'))
      if (problem !== '') problems.push(`${name} ${problem}`)
    } catch (error) {
      problems.push(`${name} failed: ${(error as Error).message}`)
    }
  }
  expect(problems).toEqual([])
}, 120_000)

test('no endpoint that changes something is left out', () => {
  const changing = Object.values(api)
    .filter(({ method }) => method !== 'GET')
    .map(({ name }) => name)
  const known = new Set([...calls.map(([name]) => name), ...[...reading, ...elsewhere].join(' ').split(' ')])
  expect([...known].toSorted()).toEqual(changing.toSorted())
})
