// Organizations and projects as the Terraform provider and the Go client speak of them: paths, envelopes, pages, errors.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openWorld, type World } from './world.ts'

let world: World
let key = ''
beforeAll(async () => {
  world = await openWorld()
  key = (await world.as('admin').createApiKey({ body: { identifier: 'terraform' } })).value
})
afterAll(() => world.close())

const account = 'accountIdentifier=acct'
async function send(method: string, path: string, body?: unknown) {
  // What the Go client sends: the raw key, JSON that ends with a newline.
  const headers = { 'x-api-key': key, accept: 'application/json', 'content-type': 'application/json' }
  const init = { method, headers, ...(body === undefined ? {} : { body: `${JSON.stringify(body)}\n` }) }
  const response = await world.app.request(path, init)
  expect(response.headers.get('content-type')).toContain('application/json')
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}
const enveloped = (data: unknown) => ({
  status: 200,
  body: { status: 'SUCCESS', data, metaData: null, correlationId: expect.any(String) },
})

describe.each(['/gateway', ''])('under the prefix "%s"', (prefix) => {
  const suffix = prefix === '' ? 'b' : 'a'
  const org = `org_${suffix}`
  const organization = { identifier: org, name: 'Org', description: 'd', tags: { foo: 'bar' } }
  const times = { createdAt: expect.any(Number), lastModifiedAt: expect.any(Number) }

  test('an organization lives as `terraform apply` has it', async () => {
    const created = await send('POST', `${prefix}/ng/api/organizations?${account}`, { organization })
    expect(created).toEqual(enveloped({ organization, ...times, harnessManaged: false }))
    const one = `${prefix}/ng/api/organizations/${org}?${account}`
    expect(await send('GET', one)).toEqual({ ...created, body: { ...created.body, correlationId: expect.any(String) } })
    const renamed = { ...organization, name: 'Org 2' }
    expect((await send('PUT', one, { organization: renamed })).body['data']).toMatchObject({ organization: renamed })
    const list = await send(
      'GET',
      `${prefix}/ng/api/organizations?${account}&searchTerm=org%202&pageIndex=0&pageSize=5`,
    )
    expect(list).toEqual(
      enveloped({
        totalPages: 1,
        totalItems: 1,
        totalElements: 1,
        pageItemCount: 1,
        pageSize: 5,
        pageIndex: 0,
        empty: false,
        content: [{ organization: renamed, ...times, harnessManaged: false }],
      }),
    )
    const none = await send('GET', `${prefix}/ng/api/organizations?${account}&identifiers=nobody&identifiers=else`)
    expect(none.body['data']).toMatchObject({ totalItems: 0, totalPages: 0, pageSize: 50, content: [], empty: true })
  })

  test('a project lives; colour and modules come back', async () => {
    const project = { orgIdentifier: org, identifier: 'shop', name: 'Shop', description: '', tags: {} }
    const created = await send('POST', `${prefix}/ng/api/projects?${account}&orgIdentifier=${org}`, { project })
    const shown = { ...project, color: '#0063F7', modules: ['DBOPS'] }
    expect(created).toEqual(enveloped({ project: shown, ...times, isFavorite: false }))
    const one = `${prefix}/ng/api/projects/shop?${account}&orgIdentifier=${org}`
    expect((await send('GET', one)).body['data']).toEqual(created.body['data'])
    const changed = { ...shown, name: 'Shop 2', color: '#fff' }
    expect((await send('PUT', one, { project: changed })).body['data']).toMatchObject({ project: changed })
    const list = await send('GET', `${prefix}/ng/api/projects?${account}&orgIdentifier=${org}`)
    expect(list.body['data']).toMatchObject({ totalItems: 1, content: [{ project: changed }] })
    const all = await send('GET', `${prefix}/ng/api/projects/list?${account}&orgIdentifiers=${org}&orgIdentifiers=x`)
    expect(all.body['data']).toMatchObject({ totalItems: 1, content: [{ project: changed }] })
    const elsewhere = `${prefix}/ng/api/projects?${account}&orgIdentifier=other`
    expect(await send('POST', elsewhere, { project })).toMatchObject({
      status: 400,
      body: { code: 'INVALID_REQUEST', message: expect.stringContaining('orgIdentifier') },
    })
    expect((await send('DELETE', one)).body).toMatchObject({ status: 'SUCCESS', data: true })
  })

  test('what is gone is told with the code that clients look for', async () => {
    const one = `${prefix}/ng/api/organizations/${org}?${account}`
    expect((await send('DELETE', one)).body).toMatchObject({ status: 'SUCCESS', data: true })
    for (const path of [one, `${prefix}/ng/api/projects/shop?${account}&orgIdentifier=${org}`])
      expect(await send('GET', path)).toEqual({
        status: 404,
        body: expect.objectContaining({
          status: 'ERROR',
          code: 'RESOURCE_NOT_FOUND_EXCEPTION',
          message: expect.stringContaining(org),
          correlationId: expect.any(String),
          responseMessages: [{ code: 'RESOURCE_NOT_FOUND_EXCEPTION', level: 'ERROR', message: expect.any(String) }],
        }),
      })
  })
})

test('what is taken is 400; what is not offered is 501, so that nothing is taken for gone', async () => {
  const organization = { identifier: 'twice', name: 'x' }
  await send('POST', '/ng/api/organizations', { organization })
  expect(await send('POST', '/ng/api/organizations', { organization })).toMatchObject({
    status: 400,
    body: { code: 'DUPLICATE_FIELD' },
  })
  expect(await send('GET', '/ng/api/gitops/agents')).toMatchObject({ status: 501, body: { code: 'not-offered' } })
  const clean = await send('GET', '/v1/orgs/nobody')
  expect(clean).toMatchObject({ status: 404, body: { code: 'not-found' } })
})
