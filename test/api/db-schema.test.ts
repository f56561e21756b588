// DB schemas and instances as the clients of the compatible API expect them: bodies, the two ways to update, revisions, limits.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addProject, openWorld, P, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  await addProject(world)
})
afterAll(() => world.close())

type Body = Record<string, unknown>
async function send(method: string, path: string, body?: unknown): Promise<{ status: number; body: Body }> {
  const response = await world.app.request(`${P}/dbschema${path}`, {
    method,
    headers: { ...world.sessionHeaders('admin'), 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Body) }
}
const changelog = { connector: 'account.git', location: 'db/changelog.yaml' }
const wrong = async (method: string, path: string, body: unknown, field: string) => {
  const answer = await send(method, path, body)
  expect(answer.status).toBe(400)
  expect(answer.body['message']).toContain(field)
}

describe('DB schema', () => {
  test('a created schema has everything that clients read', async () => {
    const { status, body } = await send('POST', '', {
      identifier: 's1$',
      name: 'S 1',
      changelog,
      tags: { foo: 'bar', empty: '' },
    })
    expect(status).toBe(201)
    expect(body).toEqual({
      identifier: 's1$',
      name: 'S 1',
      created: expect.any(Number),
      updated: expect.any(Number),
      tags: { foo: 'bar', empty: '' },
      changelog,
      instanceCount: 0,
      schemaSourceType: 'Git',
      type: 'Repository',
      migrationType: 'Liquibase',
      usePercona: false,
    })
    expect(body['created']).toBeGreaterThan(1_600_000_000)
    expect(body['created']).toBeLessThan(100_000_000_000)
    expect(await send('GET', '/s1$')).toEqual({ status: 200, body })
  })

  test.each([
    ['the built-in repository', { changelog: { connector: '', location: 'c.yaml', repo: 'r' } }, 'HarnessCode'],
    ['Artifactory', { changelog: { ...changelog, archivePath: 'a/b' } }, 'Artifactory'],
    ['Flyway', { migrationType: 'Flyway', changelog: { ...changelog, toml: 'f.toml' } }, 'Git'],
    [
      'a script',
      { type: 'Script', changeLogScript: { image: 'i', command: 'c', shell: 'Sh', location: 'l' } },
      'Custom',
    ],
    ['Percona and a service', { changelog, usePercona: true, service: 'svc' }, 'Git'],
  ])('%s comes back as it was', async (_, fields, schemaSourceType) => {
    const { status, body } = await send('POST', '', { identifier: 'variant', name: 'V', ...fields })
    expect(status).toBe(201)
    expect(body).toMatchObject({ ...fields, schemaSourceType })
    expect('changelog' in body && 'changeLogScript' in body).toBe(false)
    expect((await send('GET', '/variant')).body).toEqual(body)
    expect((await send('DELETE', '/variant')).status).toBe(204)
    expect((await send('GET', '/variant')).status).toBe(404)
  })

  test('what is wrong is refused with the name of the field', async () => {
    const base = { identifier: 'w', name: 'W', changelog }
    await wrong('POST', '', { ...base, identifier: 'overview' }, 'identifier')
    await wrong('POST', '', { ...base, identifier: '1a' }, 'identifier')
    await wrong('POST', '', { ...base, identifier: `a${'b'.repeat(128)}` }, 'identifier')
    await wrong('POST', '', { ...base, name: 'n'.repeat(129) }, 'name')
    await wrong('POST', '', { identifier: 'w', changelog }, 'name')
    await wrong('POST', '', { identifier: 'w', name: 'W' }, 'changelog')
    await wrong('POST', '', { ...base, changelog: { connector: 'c' } }, 'changelog.location')
    await wrong('POST', '', { ...base, changelog: { location: 'l' } }, 'changelog.repo')
    await wrong('POST', '', { ...base, changelog: { ...changelog, extra: 1 } }, 'extra')
    await wrong('POST', '', { ...base, type: 'Script' }, 'changeLogScript')
    await wrong('POST', '', { ...base, migrationType: 'Flyway', usePercona: true }, 'usePercona')
    await wrong('POST', '', { ...base, tags: { a: 'v'.repeat(129) } }, 'tags')
    const many = Object.fromEntries(Array.from({ length: 129 }, (_, index) => [`t${index}`, '']))
    await wrong('POST', '', { ...base, tags: many }, 'tags')
    await wrong('POST', '', { ...base, identifier: 's1$' }, 'exists already')
    expect((await send('GET', '/w')).status).toBe(404)
  })

  test('an identifier of 128 characters works', async () => {
    const identifier = `_${'x'.repeat(127)}`
    expect((await send('POST', '', { identifier, name: 'Long', changelog })).status).toBe(201)
    expect((await send('GET', `/${identifier}`)).body['identifier']).toBe(identifier)
  })

  test('an update without identifier merges', async () => {
    await send('POST', '', {
      identifier: 'm',
      name: 'M',
      changelog,
      tags: { a: '1' },
      service: 'svc',
      usePercona: true,
    })
    const { status, body } = await send('PUT', '/m', { name: 'M 2' })
    expect(status).toBe(200)
    expect(body).toMatchObject({ name: 'M 2', changelog, tags: { a: '1' }, service: 'svc', usePercona: true })
    const location = await send('PUT', '/m', { changelog: { location: 'other.yaml' } })
    expect(location.body['changelog']).toEqual({ ...changelog, location: 'other.yaml' })
    const code = await send('PUT', '/m', { changelog: { connector: '', repo: 'r' } })
    expect(code.body).toMatchObject({ schemaSourceType: 'HarnessCode', changelog: { connector: '', repo: 'r' } })
    expect((await send('PUT', '/m', {})).body).toMatchObject({ name: 'M 2', tags: { a: '1' } })
  })

  test('an update with identifier replaces: what is absent is cleared', async () => {
    await send('POST', '', {
      identifier: 'r',
      name: 'R',
      changelog,
      tags: { a: '1' },
      service: 'svc',
      usePercona: true,
    })
    const { body } = await send('PUT', '/r', { identifier: 'r', name: 'R', changelog, migrationType: 'Liquibase' })
    expect(body).toMatchObject({ tags: {}, usePercona: false, changelog })
    expect(body).not.toHaveProperty('service')
    await wrong('PUT', '/r', { identifier: 'r', name: 'R' }, 'changelog')
    await wrong('PUT', '/r', { identifier: 'other', name: 'R', changelog }, 'identifier')
  })

  test('the migration type cannot change', async () => {
    await wrong('PUT', '/r', { migrationType: 'Flyway' }, 'migrationType')
    expect((await send('PUT', '/r', { migrationType: 'Liquibase' })).status).toBe(200)
  })

  test('only the migration type asked for is listed', async () => {
    const rows = (await send('GET', '?migrationType=Flyway')).body as unknown as unknown[]
    expect(rows).toEqual([])
  })
})

describe('DB instance', () => {
  const base = { identifier: 'dev', connector: 'dev_db' }
  beforeAll(() => send('POST', '', { identifier: 'i', name: 'I', changelog }))

  test('a created instance has everything that clients read', async () => {
    const { status, body } = await send('POST', '/i/instance', { ...base, name: 'Dev', branch: 'main' })
    expect(status).toBe(201)
    expect(body).toEqual({
      identifier: 'dev',
      name: 'Dev',
      connector: 'dev_db',
      created: expect.any(Number),
      updated: expect.any(Number),
      tags: {},
      branch: 'main',
      commitSha: '',
      gitTag: '',
      context: '',
      substituteProperties: {},
      lastDeployedChangeSetTag: '',
      schemaIdentifier: 'i',
    })
    expect(await send('GET', '/i/instance/dev')).toEqual({ status: 200, body })
    expect((await send('GET', '/i')).body['instanceCount']).toBe(1)
  })

  test('setting one revision clears the others, in both ways to update', async () => {
    const revision = ({ branch, commitSha, gitTag }: Body) => [branch, commitSha, gitTag]
    expect(revision((await send('PUT', '/i/instance/dev', { commitSha: '<+pipeline.sha>' })).body)).toEqual([
      '',
      '<+pipeline.sha>',
      '',
    ])
    const full = { ...base, name: 'Dev', gitTag: 'v1' }
    expect(revision((await send('PUT', '/i/instance/dev', full)).body)).toEqual(['', '', 'v1'])
    expect(revision((await send('PUT', '/i/instance/dev', { name: 'Dev 2' })).body)).toEqual(['', '', 'v1'])
  })

  test('merge keeps, replace clears', async () => {
    await send('PUT', '/i/instance/dev', { context: 'prod', tags: { a: 'b' }, substituteProperties: { x: 'y' } })
    expect((await send('PUT', '/i/instance/dev', { name: 'N', version: 3 })).body).toMatchObject({
      name: 'N',
      context: 'prod',
      tags: { a: 'b' },
      substituteProperties: { x: 'y' },
    })
    const { body } = await send('PUT', '/i/instance/dev', { ...base, name: 'N', branch: 'main' })
    expect(body).toMatchObject({ context: '', tags: {}, substituteProperties: {}, branch: 'main' })
  })

  test('what is wrong is refused with the name of the field', async () => {
    const one = { identifier: 'w', connector: 'c' }
    await wrong('POST', '/i/instance', one, 'branch')
    await wrong('POST', '/i/instance', { ...one, branch: 'a', gitTag: 'b' }, 'branch')
    await wrong('POST', '/i/instance', { ...one, branch: 'a', connector: '<+input>' }, 'connector')
    await wrong('POST', '/i/instance', { identifier: 'w', branch: 'a' }, 'connector')
    await wrong('POST', '/i/instance', { ...base, branch: 'a' }, 'exists already')
    await wrong('PUT', '/i/instance/dev', { branch: '' }, 'branch')
    await wrong('PUT', '/i/instance/dev', { identifier: 'x', branch: 'b' }, 'identifier')
    expect((await send('POST', '/none/instance', { ...one, branch: 'a' })).status).toBe(404)
  })

  test.each(['../x.zip', 'a//b.zip', 'https://example.org/x.zip', 'x.zip@sha256:1', 'a b.zip', 'folder/'])(
    'the archive path %s is refused',
    async (archivePath) => {
      await wrong('POST', '', { identifier: 'p', name: 'P', changelog: { ...changelog, archivePath } }, 'archivePath')
    },
  )
  test('an archive needs no revision', async () => {
    await send('POST', '', { identifier: 'a', name: 'A', changelog: { ...changelog, archivePath: 'x' } })
    expect((await send('POST', '/a/instance', { identifier: 'x', connector: 'c' })).status).toBe(201)
  })

  test('deleting a schema deletes its instances; deleting an instance leaves the schema', async () => {
    expect((await send('DELETE', '/i/instance/dev')).status).toBe(204)
    expect((await send('GET', '/i/instance/dev')).status).toBe(404)
    await send('POST', '/i/instance', { ...base, branch: 'main' })
    expect((await send('DELETE', '/i')).status).toBe(204)
    expect((await send('GET', '/i/instance/dev')).status).toBe(404)
    expect((await send('DELETE', '/i')).status).toBe(404)
  })
})
