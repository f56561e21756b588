// What the compatible MCP server sends for databases and for what stands around them, on the wire as the reference has it: prefix
// `/dbops`, four tolerated parameters on each call, partial updates without an identifier, and `{}` where nothing is asked.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addProject, openWorld, type World } from './world.ts'

let world: World
let key: string
beforeAll(async () => {
  world = await openWorld()
  await addProject(world)
  const { value } = await world.as('admin').createApiKey({ body: { identifier: 'mcp' } })
  key = value
})
afterAll(() => world.close())

const Q = 'accountIdentifier=acct&routingId=acct&orgIdentifier=default&projectIdentifier=shop'
const P = '/dbops/v1/orgs/default/projects/shop'
interface Answered {
  readonly status: number
  readonly headers: Headers
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any
}
async function send(method: string, path: string, body?: unknown): Promise<Answered> {
  const separator = path.includes('?') ? '&' : '?'
  const response = await world.app.request(`${path}${separator}${Q}`, {
    method,
    headers: {
      'x-api-key': key,
      'harness-account': 'acct',
      accept: '*/*',
      'user-agent': 'node',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) }
}
const pageOf = ({ headers }: Answered) =>
  ['x-total-elements', 'x-page-number', 'x-page-size'].map((name) => headers.get(name))

test('a schema: made, listed, read, changed in part, and its data kept', async () => {
  const changelog = { connector: 'git', location: 'db/changelog.yaml', repo: 'r' }
  const body = {
    identifier: 's1',
    name: 'S',
    migrationType: 'Liquibase',
    type: 'Repository',
    changelog,
    tags: { a: 'b' },
  }
  const made = await send('POST', `${P}/dbschema`, body)
  const whole = {
    ...body,
    usePercona: false,
    instanceCount: 0,
    created: expect.any(Number),
    updated: expect.any(Number),
    schemaSourceType: expect.any(String),
  }
  expect([made.status, made.body]).toEqual([201, expect.objectContaining(whole)])
  const list = await send('GET', `${P}/dbschema?search_term=S1&page=0&limit=20&migrationType=Liquibase`)
  expect([list.status, list.body]).toEqual([200, [expect.objectContaining(whole)]])
  expect(pageOf(list)).toEqual(['1', '0', '20'])
  const none = await send('GET', `${P}/dbschema?migrationType=Flyway&page=0&limit=20`)
  expect([none.body, pageOf(none)]).toEqual([[], ['0', '0', '20']])
  const changed = await send('PUT', `${P}/dbschema/s1`, { name: 'S 2' })
  expect([changed.status, changed.body]).toEqual([200, expect.objectContaining({ ...whole, name: 'S 2' })])
  expect((await send('GET', `${P}/dbschema/s1`)).body).toMatchObject({ name: 'S 2', tags: { a: 'b' }, changelog })
  expect(await send('GET', `${P}/dbschema/none`)).toMatchObject({ status: 404, body: { message: expect.any(String) } })
  expect((await send('POST', `${P}/dbschema`, { ...body, identifier: 'overview' })).status).toBe(400)
})

test('an instance: made, listed with an empty filter, changed in part', async () => {
  const body = { identifier: 'dev', name: 'Dev', connector: 'db', branch: 'main', context: 'c' }
  const made = await send('POST', `${P}/dbschema/s1/instance`, body)
  expect([made.status, made.body]).toEqual([201, expect.objectContaining({ ...body, lastDeployedChangeSetTag: '' })])
  const list = await send('POST', `${P}/dbschema/s1/instancelist?page=0&limit=20`, {})
  expect([list.body, pageOf(list)]).toEqual([[expect.objectContaining(body)], ['1', '0', '20']])
  const changed = await send('PUT', `${P}/dbschema/s1/instance/dev`, { gitTag: 'v1' })
  expect([changed.status, changed.body]).toEqual([
    200,
    expect.objectContaining({ name: 'Dev', gitTag: 'v1', context: 'c' }),
  ])
  expect(changed.body.branch ?? '').toBe('')
  const without = await send('POST', `${P}/dbschema/s1/instance`, { identifier: 'x', name: 'X', connector: 'db' })
  expect([without.status, without.body.message]).toEqual([400, expect.stringContaining('branch')])
})

test('what authors of change sets ask', async () => {
  expect((await send('POST', `${P}/dbschema/s1/changesets/existence`, { changeSets: [{ id: 'a' }] })).body).toEqual({
    existence: { a: false },
  })
  expect((await send('POST', `${P}/dbschema/s1/changesets/existence`, { changeSets: [] })).status).toBe(400)
  expect((await send('GET', `${P}/dbschema/s1/default-authoring-instance`)).body).toEqual({
    identifier: 'dev',
    name: 'Dev',
    hasSnapshot: false,
    connector: 'db',
  })
  expect((await send('GET', `${P}/default-llm-pipeline`)).status).toBe(501)
})

test('what stands around a database is listed in pages', async () => {
  const spec = { url: 'https://git.example.org/x', type: 'Http', connectionType: 'Account' }
  const scope = { orgIdentifier: 'default', projectIdentifier: 'shop' }
  await send('POST', '/ng/api/connectors', { connector: { type: 'Git', identifier: 'git', name: 'G', spec, ...scope } })
  const secret = { type: 'SecretText', identifier: 'pw', name: 'P', ...scope }
  const value = {
    type: 'SecretTextSpec',
    secretManagerIdentifier: 'harnessSecretManager',
    valueType: 'Inline',
    value: 'v',
  }
  await send('POST', '/ng/api/v2/secrets', { secret: { ...secret, spec: value } })
  const lists = [
    ['POST', '/ng/api/connectors/listV2?pageIndex=0&pageSize=20', { filterType: 'Connector' }, 1],
    ['POST', '/ng/api/v2/secrets/list/secrets?pageIndex=0&pageSize=20', { filterType: 'Secret' }, 1],
    ['GET', '/ng/api/environmentsV2?page=0&size=20', undefined, 0],
    ['GET', '/ng/api/servicesV2?page=0&size=20', undefined, 0],
    ['GET', '/ng/api/user-groups?pageIndex=0&pageSize=20', undefined, 0],
    ['GET', '/ng/api/organizations?pageIndex=0&pageSize=20', undefined, 1],
    ['GET', '/ng/api/projects?pageIndex=0&pageSize=20', undefined, 1],
  ] as const
  for (const [method, path, body, total] of lists) {
    const { status, body: answer } = await send(method, path, body)
    expect([path, status, answer.status]).toEqual([path, 200, 'SUCCESS'])
    expect(answer.data, path).toMatchObject({
      totalItems: total,
      totalElements: total,
      pageSize: 20,
      empty: total === 0,
    })
    expect(answer.data.content, path).toHaveLength(total)
  }
  // A value that was written is in no answer.
  const { body: secrets } = await send('POST', '/ng/api/v2/secrets/list/secrets', {})
  expect(secrets.data.content[0].secret.spec).not.toHaveProperty('value')
  const settings = await send('GET', '/ng/api/settings?category=CORE')
  expect([settings.status, settings.body.data]).toEqual([200, []])
  expect((await send('GET', '/ng/api/user/currentUser')).body.data).toMatchObject({ email: 'admin@example.com' })
  expect((await send('POST', '/audit/api/audits/list', { filterType: 'Audit' })).status).toBe(200)
})

test('deleting answers 204 without a body, and takes what hangs on it', async () => {
  const gone = await send('DELETE', `${P}/dbschema/s1`)
  expect([gone.status, gone.body]).toEqual([204, undefined])
  expect((await send('GET', `${P}/dbschema/s1/instance/dev`)).status).toBe(404)
})
