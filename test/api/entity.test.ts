// The life of each entity over the API: create, read, list, update, delete, with the exact bodies and statuses.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { api } from '#contract/api/index'
import type { Client } from '#contract/client'
import { addProject, openWorld, P, type World } from './world.ts'

let world: World
let admin: Client<typeof api>
const params = { org: 'default', project: 'shop' }
beforeAll(async () => {
  world = await openWorld()
  admin = world.as('admin')
  await addProject(world)
})
afterAll(() => world.close())

const notFound = expect.objectContaining({ code: 'not-found' })
const taken = expect.objectContaining({ code: 'already-exists' })
const send = (method: string, path: string, body?: unknown) =>
  world.app.request(path, {
    method,
    headers: { ...world.sessionHeaders('admin'), 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
const events = () =>
  world.store.db
    .selectFrom('event')
    .where('type', 'like', 'entity.%')
    .select(['type', 'actor_type', 'actor_name', 'source_address', 'project_id', 'body'])
    .orderBy('id')
    .execute()

describe('organizations and projects', () => {
  test('an organization lives', async () => {
    const organization = { identifier: 'acme', name: 'Acme', description: 'd', tags: { a: 'b' } }
    const created = await admin.createOrganization({ body: { organization } })
    expect(created.organization).toEqual(organization)
    expect(created.createdAt).toBe(created.lastModifiedAt)
    await expect(admin.createOrganization({ body: { organization } })).rejects.toEqual(taken)
    const updated = await admin.updateOrganization({
      params: { org: 'acme' },
      body: { organization: { identifier: 'acme', name: 'Acme 2' } },
    })
    expect(updated.organization).toEqual({ identifier: 'acme', name: 'Acme 2', description: '', tags: {} })
    expect(updated.lastModifiedAt).toBeGreaterThanOrEqual(created.createdAt)
    expect(await admin.getOrganization({ params: { org: 'acme' } })).toEqual(updated)
    expect(await admin.deleteOrganization({ params: { org: 'acme' } })).toBeNull()
    await expect(admin.getOrganization({ params: { org: 'acme' } })).rejects.toEqual(notFound)
    await expect(admin.deleteOrganization({ params: { org: 'acme' } })).rejects.toEqual(notFound)
  })

  test('a project lives; colour and modules are computed and kept', async () => {
    const one = { org: 'default', project: 'other' }
    const created = await admin.createProject({
      params: { org: 'default' },
      body: { project: { identifier: 'other', name: 'Other', orgIdentifier: 'default' } },
    })
    expect(created.project).toMatchObject({ orgIdentifier: 'default', color: '#0063F7', modules: ['DBOPS'], tags: {} })
    const updated = await admin.updateProject({
      params: one,
      body: { project: { identifier: 'other', name: 'Other 2', color: '#fff' } },
    })
    expect(updated.project).toMatchObject({ name: 'Other 2', color: '#fff', modules: ['DBOPS'] })
    await expect(
      admin.updateProject({ params: one, body: { project: { identifier: 'else', name: 'x' } } }),
    ).rejects.toMatchObject({ code: 'invalid-input', message: expect.stringContaining('project.identifier') })
    await admin.deleteProject({ params: one })
    await expect(admin.getProject({ params: one })).rejects.toEqual(notFound)
    await expect(admin.getProject({ params: { org: 'none', project: 'shop' } })).rejects.toThrow(/Organization none/)
  })

  test('deleting an organization deletes all in it', async () => {
    await admin.createOrganization({ body: { organization: { identifier: 'gone', name: 'Gone' } } })
    const scope = { org: 'gone', project: 'p' }
    await admin.createProject({ params: { org: 'gone' }, body: { project: { identifier: 'p', name: 'P' } } })
    await admin.createDbSchema({
      params: scope,
      body: { identifier: 's', name: 'S', changelog: { connector: 'git', location: 'c.yaml' } },
    })
    await admin.createDbInstance({
      params: { ...scope, dbschema: 's' },
      body: { identifier: 'i', connector: 'c', branch: 'main' },
    })
    await admin.deleteOrganization({ params: { org: 'gone' } })
    const left = await world.store.db.selectFrom('db_instance').select('id').execute()
    expect(left).toEqual([])
  })
})

describe('connectors', () => {
  const jdbc = {
    identifier: 'dev',
    name: 'Dev',
    type: 'JDBC' as const,
    spec: {
      url: 'jdbc:postgresql://db:5432/shop?sslmode=require',
      auth: { type: 'UsernamePassword' as const, spec: { username: 'app', passwordRef: 'db_password' } },
      delegateSelectors: ['eu'],
      executeOnDelegate: true,
      unknownToUs: { kept: [1] },
    },
  }

  test('a connector lives, and its spec comes back as it was', async () => {
    const created = await admin.createConnector({ params, body: { connector: jdbc } })
    expect(created.connector).toEqual({
      ...jdbc,
      description: '',
      tags: {},
      orgIdentifier: 'default',
      projectIdentifier: 'shop',
    })
    await expect(admin.createConnector({ params, body: { connector: jdbc } })).rejects.toEqual(taken)
    const one = { ...params, connector: 'dev' }
    const updated = await admin.updateConnector({ params: one, body: { connector: { ...jdbc, name: 'Dev 2' } } })
    expect((await admin.getConnector({ params: one })).connector).toEqual(updated.connector)
    const git = { identifier: 'dev', name: 'x', type: 'Git' as const }
    const spec = { url: 'https://git/x.git', type: 'Http' as const, connectionType: 'Repo' as const }
    await expect(admin.updateConnector({ params: one, body: { connector: { ...git, spec } } })).rejects.toThrow(
      /Must stay JDBC/,
    )
    // Named by nothing yet; and if it were, clients delete in any order.
    await admin.deleteConnector({ params: one })
    await expect(admin.getConnector({ params: one })).rejects.toEqual(notFound)
  })

  test('an anonymous Git connector with `spec: null`', async () => {
    const spec = { url: 'file:///srv/git/shop.git', type: 'Http' as const, connectionType: 'Repo' as const, spec: null }
    const connector = { identifier: 'git', name: 'Git', type: 'Git' as const, spec }
    expect((await admin.createConnector({ params, body: { connector } })).connector.spec).toEqual(spec)
  })

  test.each([
    ['JDBC', 'jdbc:postgresql://app:hunter2@db:5432/shop'],
    ['JDBC', 'jdbc:postgresql://db/shop?user=app&password=hunter2'],
    ['JDBC', 'jdbc:sqlserver://db:1433;databaseName=shop;Password=hunter2'],
    ['JDBC', 'jdbc:oracle:thin:app/hunter2@db:1521:x'],
    ['JDBC', 'mongodb+srv://app:hunter2@db/shop'],
    ['Git', 'https://app:hunter2@git.example.com/x.git'],
    ['Git', 'https://hunter2@git.example.com/x.git'],
  ] as const)('%s refuses the password in %s and does not repeat it', async (type, url) => {
    const spec = type === 'JDBC' ? { ...jdbc.spec, url } : { url, type: 'Http', connectionType: 'Repo' }
    const response = await send('POST', `${P}/connectors`, { connector: { identifier: 'bad', name: 'x', type, spec } })
    expect(response.status).toBe(400)
    const text = await response.text()
    expect(text).toContain('passwordRef')
    expect(text).not.toContain('hunter2')
  })

  test.each([
    'jdbc:postgresql://db/shop?user=app&ssl=true',
    'jdbc:oracle:thin:@//db:1521/shop',
    'jdbc:sqlserver://db;databaseName=shop;encrypt=true',
    'jdbc:pglite:/data/dev',
  ])('takes %s', async (url) => {
    const spec = { ...jdbc.spec, url }
    const identifier = `ok_${url.replace(/\W/g, '_')}`.slice(0, 60)
    const { connector } = await admin.createConnector({
      params,
      body: { connector: { identifier, name: 'x', type: 'JDBC', spec } },
    })
    expect(connector.spec).toMatchObject({ url })
  })
})

describe('lists', () => {
  const schemas = { ...params, dbschema: 'listed' }
  beforeAll(async () => {
    await admin.createDbSchema({
      params,
      body: { identifier: 'listed', name: 'Listed', changelog: { connector: 'git', location: 'c.yaml' } },
    })
    for (const [index, name] of ['Beta', 'alpha', 'Gamma_1', 'gamma%2'].entries())
      await admin.createDbInstance({
        params: schemas,
        body: {
          identifier: `i${index}`,
          name,
          connector: 'dev',
          branch: 'main',
          tags: index % 2 === 0 ? { env: 'dev', team: 'a' } : { env: 'prod' },
        },
      })
  })
  const names = async (query: object, body: object = {}) => {
    const { rows, total } = await admin.listDbInstances({ params: schemas, query, body })
    return { names: rows.map(({ name }) => name), total }
  }

  test('newest first unless told; by name without regard to case; by identifier', async () => {
    expect((await names({})).names).toEqual(['gamma%2', 'Gamma_1', 'alpha', 'Beta'])
    expect((await names({ sort: 'name', order: 'ASC' })).names).toEqual(['alpha', 'Beta', 'gamma%2', 'Gamma_1'])
    expect((await names({ sort: 'identifier', order: 'ASC' })).names).toEqual(['Beta', 'alpha', 'Gamma_1', 'gamma%2'])
  })

  test('pages do not overlap and tell the number of all; beyond the end is empty', async () => {
    expect(await names({ limit: 3, page: 0 })).toEqual({ names: ['gamma%2', 'Gamma_1', 'alpha'], total: 4 })
    expect(await names({ limit: 3, page: 1 })).toEqual({ names: ['Beta'], total: 4 })
    expect(await names({ limit: 3, page: 9 })).toEqual({ names: [], total: 4 })
  })

  test('search finds in name and identifier, any case, with no wildcard', async () => {
    expect(await names({ search_term: 'GAMMA' })).toEqual({ names: ['gamma%2', 'Gamma_1'], total: 2 })
    expect((await names({ search_term: 'i1' })).names).toEqual(['alpha'])
    expect((await names({ search_term: '%' })).names).toEqual(['gamma%2'])
    expect((await names({ search_term: '_' })).names).toEqual(['Gamma_1'])
    expect((await names({ search_term: '' })).total).toBe(4)
  })

  test('instances are filtered by tags', async () => {
    const tag = (key: string, value?: string | null) => [{ key, ...(value === undefined ? {} : { value }) }]
    expect((await names({}, { instanceTags: tag('env', 'dev') })).names).toEqual(['Gamma_1', 'Beta'])
    expect((await names({}, { instanceTags: tag('team', null) })).names).toEqual(['Gamma_1', 'Beta'])
    expect((await names({}, { filterType: 'NotEquals', instanceTags: tag('env', 'dev') })).total).toBe(2)
    expect((await names({}, { instanceTags: [...tag('env', 'dev'), ...tag('team', 'b')] })).total).toBe(0)
    expect((await names({}, { filterType: 'NotEquals' })).total).toBe(4)
  })

  test('every list has its paging headers', async () => {
    for (const path of ['/v1/orgs', '/v1/orgs/default/projects', '/v1/users', '/v1/api-keys', `${P}/connectors`]) {
      const response = await send('GET', `${path}?limit=2`)
      const rows = (await response.json()) as unknown[]
      expect(Number(response.headers.get('x-total-elements')), path).toBeGreaterThanOrEqual(rows.length)
      expect([response.headers.get('x-page-number'), response.headers.get('x-page-size')]).toEqual(['0', '2'])
    }
  })
})

describe('audit', () => {
  test('each change is one event with who, from where, before and after', async () => {
    const before = (await events()).length
    await admin.createOrganization({ body: { organization: { identifier: 'seen', name: 'A' } } })
    await admin.updateOrganization({
      params: { org: 'seen' },
      body: { organization: { identifier: 'seen', name: 'B' } },
    })
    await admin.deleteOrganization({ params: { org: 'seen' } })
    const written = (await events()).slice(before)
    expect(written.map(({ type }) => type)).toEqual(['entity.created', 'entity.updated', 'entity.deleted'])
    for (const { actor_type, actor_name } of written)
      expect([actor_type, actor_name]).toEqual(['user', 'admin@example.com'])
    expect(written[1]?.body).toMatchObject({ kind: 'organization', before: { name: 'A' }, after: { name: 'B' } })
  })

  test('what is refused leaves no event and no row', async () => {
    const before = (await events()).length
    await expect(
      admin.createDbInstance({
        params: { ...params, dbschema: 'listed' },
        body: { identifier: 'i0', connector: 'c', branch: 'b' },
      }),
    ).rejects.toEqual(taken)
    expect(await events()).toHaveLength(before)
  })
})
