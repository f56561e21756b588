// Connectors and secrets on the wire of the platform services: envelopes, statuses, scopes in the query, forms, echoed specs.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addProject, openWorld, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  await addProject(world)
})
afterAll(() => world.close())

const scope = 'accountIdentifier=acc&orgIdentifier=default&projectIdentifier=shop'
interface Answered {
  readonly status: number
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any
}
async function call(method: string, path: string, body?: unknown): Promise<Answered> {
  const form = body instanceof FormData
  const response = await world.app.request(`/gateway${path}`, {
    method,
    headers: { ...world.sessionHeaders('admin'), ...(form ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: form ? body : `${JSON.stringify(body)}\n` }),
  })
  return { status: response.status, body: await response.json() }
}

const up = { username: 'u', passwordRef: 'account.pw' }
const specs: Record<string, object> = {
  JDBC: {
    url: 'jdbc:postgresql://db/shop',
    auth: { type: 'UsernamePassword', spec: up },
    delegateSelectors: ['a'],
    executeOnDelegate: true,
    ignoreTestConnection: false,
    later: { kept: true },
  },
  Git: {
    url: 'https://git/x',
    type: 'Http',
    connectionType: 'Repo',
    validationRepo: '',
    branchName: 'main',
    spec: { ...up, more: 1 },
  },
  Github: {
    url: 'https://github.com/x',
    type: 'Account',
    validationRepo: 'r',
    authentication: { type: 'Http', spec: { type: 'UsernameToken', spec: { username: 'u', tokenRef: 'account.t' } } },
    apiAccess: { type: 'Token', spec: { tokenRef: 'account.t' } },
  },
  Gitlab: {
    url: 'https://gitlab.com/x',
    type: 'Repo',
    authentication: { type: 'Http', spec: { type: 'UsernamePassword', spec: up } },
  },
  Bitbucket: {
    url: 'https://bitbucket.org/x',
    type: 'Repo',
    authentication: { type: 'Http', spec: { type: 'Anonymous', spec: null } },
  },
  AzureRepo: {
    url: 'https://dev.azure.com/x',
    type: 'Project',
    authentication: { type: 'Ssh', spec: { sshKeyRef: 'k' } },
  },
  Artifactory: { artifactoryServerUrl: 'https://a/artifactory', auth: { type: 'Anonymous' }, executeOnDelegate: true },
  DockerRegistry: {
    dockerRegistryUrl: 'https://r/v2/',
    providerType: 'Other',
    auth: { type: 'UsernamePassword', spec: up },
  },
  K8sCluster: {
    credential: { type: 'InheritFromDelegate', spec: null },
    delegateSelectors: ['k'],
    ignoreTestConnection: false,
  },
  Vault: {
    vaultUrl: 'https://v:8200',
    accessType: 'APP_ROLE',
    appRoleId: 'r',
    secretId: 'account.s',
    secretEngineVersion: 2,
    renewalIntervalMinutes: 10,
    default: false,
  },
  AwsSecretManager: { region: 'eu-central-1', credential: { type: 'AssumeIAMRole' }, secretNamePrefix: 'x/' },
  GcpSecretManager: { credentialsRef: 'account.key', default: false },
  AzureKeyVault: { clientId: 'c', secretKey: 'account.s', tenantId: 't', vaultName: 'shop', subscription: 'sub' },
}

describe('connectors', () => {
  test.each(Object.entries(specs))('%s lives, and its spec comes back as it went in', async (type, spec) => {
    const identifier = `c_${type}`
    const connector = {
      identifier,
      name: type,
      description: '',
      orgIdentifier: 'default',
      projectIdentifier: 'shop',
      tags: {},
      type,
      spec,
    }
    const created = await call('POST', `/ng/api/connectors?accountIdentifier=acc`, { connector })
    expect(created).toMatchObject({
      status: 200,
      body: { status: 'SUCCESS', data: { connector, harnessManaged: false } },
    })
    expect(created.body.data.connector.spec).toEqual(spec)
    const one = `/ng/api/connectors/${identifier}?${scope}`
    expect((await call('GET', one)).body.data).toEqual(created.body.data)
    const renamed = await call('PUT', `/ng/api/connectors?accountIdentifier=acc`, {
      connector: { ...connector, name: 'N' },
    })
    expect(renamed.body.data.connector).toEqual({ ...connector, name: 'N' })
  })

  test('lists: a page, by type under both names, by filter', async () => {
    const all = (await call('GET', `/ng/api/connectors?${scope}&pageSize=5`)).body.data
    expect(all).toMatchObject({
      totalItems: 13,
      totalPages: 3,
      pageItemCount: 5,
      pageSize: 5,
      pageIndex: 0,
      empty: false,
    })
    for (const name of ['Jdbc', 'JDBC']) {
      const { content } = (await call('GET', `/ng/api/connectors?${scope}&type=${name}`)).body.data
      expect(content.map((row: { connector: { type: string } }) => row.connector.type)).toEqual(['JDBC'])
    }
    const filtered = (
      await call('POST', `/ng/api/connectors/listV2?${scope}`, { filterType: 'Connector', types: ['Git', 'Vault'] })
    ).body.data
    expect(filtered.totalItems).toBe(2)
    expect((await call('GET', '/ng/api/connectors?accountIdentifier=acc')).body.data.empty).toBe(true)
  })

  test('of the account, the organization and the project one identifier is three', async () => {
    for (const place of [{}, { orgIdentifier: 'default' }]) {
      const connector = { identifier: 'c_JDBC', name: 'X', type: 'JDBC', spec: specs['JDBC'], ...place }
      expect((await call('POST', '/ng/api/connectors', { connector })).status).toBe(200)
    }
    const account = (
      await call('GET', '/ng/api/connectors/c_JDBC?accountIdentifier=acc&orgIdentifier=&projectIdentifier=')
    ).body.data.connector
    expect(account).not.toHaveProperty('orgIdentifier')
    expect(
      (await call('GET', '/ng/api/connectors/c_JDBC?orgIdentifier=default')).body.data.connector.orgIdentifier,
    ).toBe('default')
  })

  test('what is wrong: duplicates and passwords in addresses are 400, what is not there has its code', async () => {
    const connector = { identifier: 'c_Git', name: 'G', type: 'Git', spec: specs['Git'] }
    expect((await call('POST', `/ng/api/connectors?${scope}`, { connector })).status).toBe(400)
    const leaking = {
      ...connector,
      identifier: 'leak',
      type: 'Artifactory',
      spec: { artifactoryServerUrl: 'https://u:pw@a', auth: { type: 'Anonymous' } },
    }
    const refused = await call('POST', `/ng/api/connectors?${scope}`, { connector: leaking })
    expect(refused.status).toBe(400)
    expect(JSON.stringify(refused.body)).not.toContain('u:pw@a')
    expect((await call('DELETE', `/ng/api/connectors/c_Git?${scope}&forceDelete=true`)).body).toMatchObject({
      status: 'SUCCESS',
      data: true,
    })
    const gone = await call('GET', `/ng/api/connectors/c_Git?${scope}`)
    expect(gone.status).toBe(404)
    expect(['ENTITY_NOT_FOUND', 'RESOURCE_NOT_FOUND_EXCEPTION']).toContain(gone.body.code)
  })
})

describe('secrets', () => {
  const text = { type: 'SecretText', identifier: 'pw', name: 'pw', description: '', tags: {} }
  const inline = { type: 'SecretTextSpec', secretManagerIdentifier: 'harnessSecretManager', valueType: 'Inline' }

  test('a text of the account lives; its value is never read back, a reference is', async () => {
    const secret = { ...text, spec: { ...inline, value: 'hunter2-account' } }
    const created = await call('POST', '/ng/api/v2/secrets?accountIdentifier=acc&privateSecret=false', { secret })
    expect(created).toMatchObject({
      status: 200,
      body: { status: 'SUCCESS', data: { secret: { ...text, spec: inline }, draft: false } },
    })
    expect(JSON.stringify(await call('GET', '/ng/api/v2/secrets/pw?accountIdentifier=acc'))).not.toContain('hunter2')
    const reference = {
      ...text,
      spec: { ...inline, secretManagerIdentifier: 'vault', valueType: 'Reference', value: 'a/b#c' },
    }
    const updated = await call('PUT', '/ng/api/v2/secrets/pw?accountIdentifier=acc', { secret: reference })
    expect(updated.body.data.secret.spec).toEqual(reference.spec)
  })

  test('a file comes as a form, also with the second field of the Go client', async () => {
    const bytes = Buffer.from([0xff, 0, 0x80, 13, 10, 0x2d, 0x2d])
    const form = (name: string): FormData => {
      const data = new FormData()
      data.append(
        'spec',
        JSON.stringify({
          secret: {
            type: 'SecretFile',
            identifier: 'key',
            name,
            spec: { secretManagerIdentifier: 'harnessSecretManager' },
          },
        }),
      )
      data.append('file', '/home/me/key.bin')
      data.append('file', new Blob([bytes]), 'key.bin')
      return data
    }
    const created = await call('POST', `/ng/api/v2/secrets/files?${scope}`, form('Key'))
    expect(created).toMatchObject({
      status: 200,
      body: {
        data: {
          secret: {
            type: 'SecretFile',
            projectIdentifier: 'shop',
            spec: { type: 'SecretFileSpe', fileName: 'key.bin' },
          },
        },
      },
    })
    expect((await call('PUT', `/ng/api/v2/secrets/files/key?${scope}`, form('Key 2'))).body.data.secret.name).toBe(
      'Key 2',
    )
    const wrong = new FormData()
    wrong.append('spec', '{')
    expect((await call('POST', `/ng/api/v2/secrets/files?${scope}`, wrong)).status).toBe(400)
    const list = (await call('POST', `/ng/api/v2/secrets/list/secrets?${scope}`, { types: ['SecretFile'] })).body.data
    expect(list.content.map((row: { secret: { identifier: string } }) => row.secret.identifier)).toEqual(['key'])
  })

  test('gone is gone', async () => {
    expect((await call('DELETE', '/ng/api/v2/secrets/pw?accountIdentifier=acc')).body.data).toBe(true)
    expect((await call('GET', '/ng/api/v2/secrets/pw?accountIdentifier=acc')).status).toBe(404)
  })
})
