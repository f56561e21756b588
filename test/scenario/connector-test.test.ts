// Tests of connectors that are no database and no repository, through a delegate whose steps are real processes: registries, secret
// managers, clusters, and those that belong to no project.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ConnectorInfo } from '#contract/api/connector'
import type { Task } from '#contract/api/task'
import { startVault, type VaultPeer } from '../secret/vault-peer.ts'
import { createAuthority } from './certificate.ts'
import { here, openRealWorld, processRunner, type RealWorld } from './real-world.ts'

let world: RealWorld
let vault: VaultPeer
let registry: Server
let registryUrl: string
let cluster: Server
let clusterUrl: string
let folder: string
beforeAll(async () => {
  vault = await startVault({ rootToken: 'hvs.root', serviceAccountToken: 'x' })
  vault.roles.set('sluice', 'right-secret-id')
  // Sells tokens as the token service of a registry does: for the right password, and with no repository in the scope.
  registry = createServer(({ url = '', headers }, response) => {
    const basic = `Basic ${Buffer.from('reader:pull-only').toString('base64')}`
    if (url === '/token?service=images')
      return response.writeHead(headers.authorization === basic ? 200 : 401).end(JSON.stringify({ token: 'bought' }))
    if (url === '/v2/' && headers.authorization === 'Bearer bought') return response.end('{}')
    return response.writeHead(401, { 'www-authenticate': `Bearer realm="${registryUrl}/token",service="images"` }).end()
  })
  await new Promise<void>((done) => registry.listen(0, '127.0.0.1', done))
  registryUrl = `http://127.0.0.1:${(registry.address() as AddressInfo).port}`
  folder = mkdtempSync(join(tmpdir(), 'sluice-cluster-api-'))
  const authority = createAuthority(folder)
  const [server, client] = [authority.issue('api'), authority.issue('somebody')]
  const ca = readFileSync(authority.caFile, 'utf8')
  // Knows two by whom it is asked: the token and the certificate; nobody else may ask what he may do.
  const { cert, key } = server
  cluster = createHttps({ cert, key, ca, requestCert: true, rejectUnauthorized: false }, (request, response) => {
    const isKnown = request.headers.authorization === 'Bearer cluster-token' || (request.socket as TLSSocket).authorized
    if (request.url === '/version') return response.end(JSON.stringify({ gitVersion: 'v1.99.0' }))
    if (!isKnown) return response.writeHead(401).end(JSON.stringify({ kind: 'Status', message: 'who are you' }))
    return response.writeHead(201).end(JSON.stringify({ status: { allowed: false } }))
  })
  await new Promise<void>((done) => cluster.listen(0, '127.0.0.1', done))
  clusterUrl = `https://127.0.0.1:${(cluster.address() as AddressInfo).port}`
  world = await openRealWorld({
    passwords: {
      cluster_token: 'cluster-token',
      cluster_ca: ca,
      client_cert: Buffer.from(client.cert).toString('base64'),
      client_key: client.key,
      pull: 'pull-only',
      wrong: 'wrong-password',
      role_secret: 'right-secret-id',
      other_secret: 'another-id',
    },
  })
  await world.delegate('near', await world.token(), { runner: processRunner(), checks: {} })
}, 60_000)
afterAll(async () => {
  await world.close()
  await vault.close()
  registry.close()
  cluster.close()
  rmSync(folder, { recursive: true })
})

async function ended(task: Task): Promise<Task> {
  if (task.status !== 'queued' && task.status !== 'running') return task
  return ended(await world.client.getTask({ params: { ...here, task: task.id }, query: { wait: 20 } }))
}
const create = (connector: Pick<ConnectorInfo, 'type' | 'spec' | 'identifier'>) =>
  world.client.createConnector({
    params: here,
    body: { connector: { name: connector.identifier, ...connector } as ConnectorInfo },
  })
const ask = (connector: string) => world.client.testConnector({ params: { ...here, connector }, body: {} })
const tested = async (connector: string) => ended(await ask(connector))
const logOf = async ({ id }: Task) => (await world.client.getTaskLog({ params: { ...here, task: id } })).text

const registryOf = (identifier: string, passwordRef: string, url = `${registryUrl}/v2/`) =>
  create({
    identifier,
    type: 'DockerRegistry',
    spec: {
      dockerRegistryUrl: url,
      auth: { type: 'UsernamePassword', spec: { username: 'reader', passwordRef } },
    },
  })
const vaultOf = (secretId: string, vaultUrl = vault.url) => ({
  type: 'Vault' as const,
  spec: { vaultUrl, accessType: 'APP_ROLE' as const, appRoleId: 'sluice', secretId },
})

describe('a registry', { timeout: 60_000 }, () => {
  test('takes the credentials, refuses them, or is not there', async () => {
    await registryOf('images', 'pull')
    await registryOf('images_wrong', 'wrong')
    await registryOf('images_gone', 'pull', 'http://127.0.0.1:1')
    const found = await tested('images')
    expect(found).toMatchObject({ status: 'succeeded', delegate: 'near' })
    expect(found.output).toMatchObject({ checks: [{ what: 'registry', detail: 'It took the credentials' }] })
    const refused = await tested('images_wrong')
    expect(refused).toMatchObject({ status: 'failed', delegate: 'near', fault: { code: 'source-authentication' } })
    expect(await logOf(refused)).not.toContain('wrong-password')
    const gone = await tested('images_gone')
    expect(gone).toMatchObject({ status: 'failed', fault: { code: 'no-delegate' } })
    expect(gone.fault?.message).toMatch(/near: .*127\.0\.0\.1:1/)
  })
})

describe('a secret manager', { timeout: 60_000 }, () => {
  test('takes the sign-in of the delegate, refuses it, or is not there; no secret of it comes to the step', async () => {
    await create({ identifier: 'vault', ...vaultOf('role_secret') })
    await create({ identifier: 'vault_wrong', ...vaultOf('other_secret') })
    await create({ identifier: 'vault_gone', ...vaultOf('role_secret', 'http://127.0.0.1:1') })
    const found = await tested('vault')
    expect(found).toMatchObject({ status: 'succeeded', delegate: 'near' })
    expect(found.output).toMatchObject({
      checks: [{ what: 'secret manager', detail: 'It took the sign-in, with the policies default, sluice' }],
    })
    const refused = await tested('vault_wrong')
    expect(refused).toMatchObject({ status: 'failed', delegate: 'near', fault: { code: 'secret-manager-refused' } })
    expect(refused.fault?.message).toContain('invalid role or secret ID')
    expect(`${JSON.stringify(refused)}${await logOf(refused)}`).not.toContain('another-id')
    expect(await tested('vault_gone')).toMatchObject({ status: 'failed', fault: { code: 'no-delegate' } })
  })

  test('the sign-in that a test made is ended', async () => {
    await expect.poll(() => vault.tokens.size, { timeout: 20_000 }).toBe(1)
  })
})

describe('a cluster', { timeout: 60_000 }, () => {
  test('needs a delegate whose steps are pods, and this one says that its are not', async () => {
    await create({
      identifier: 'cluster',
      type: 'K8sCluster',
      spec: { credential: { type: 'InheritFromDelegate' } },
    })
    const task = await tested('cluster')
    expect(task).toMatchObject({ status: 'failed', fault: { code: 'no-delegate' } })
    expect(task.fault?.message).toContain('near: its steps are processes, and this one needs a pod')
  })

  const own = (auth: object, masterUrl = clusterUrl) => ({
    type: 'K8sCluster' as const,
    spec: { credential: { type: 'ManualConfig' as const, spec: { masterUrl, auth } } } as ConnectorInfo['spec'],
  })
  const byToken = (serviceAccountTokenRef: string) => ({
    type: 'ServiceAccount',
    spec: { serviceAccountTokenRef, caCertRef: 'cluster_ca' },
  })

  test('takes the token of a service account or a client certificate of a connector, or refuses them', async () => {
    await create({ identifier: 'by_token', ...own(byToken('cluster_token')) })
    await create({ identifier: 'by_wrong', ...own(byToken('wrong')) })
    await create({
      identifier: 'unsafe',
      ...own({ type: 'ServiceAccount', spec: { serviceAccountTokenRef: 'cluster_token' } }),
    })
    const certificate = { clientCertRef: 'client_cert', clientKeyRef: 'client_key', caCertRef: 'cluster_ca' }
    await create({ identifier: 'by_certificate', ...own({ type: 'ClientKeyCert', spec: certificate }) })
    for (const name of ['by_token', 'by_certificate']) {
      const found = await tested(name)
      expect(found).toMatchObject({ status: 'succeeded', delegate: 'near' })
      expect(found.output).toMatchObject({
        checks: [{ what: 'cluster', detail: 'It took the sign-in (Kubernetes v1.99.0)' }],
      })
    }
    const refused = await tested('by_wrong')
    expect(refused).toMatchObject({ status: 'failed', fault: { code: 'cluster-refused' } })
    expect(refused.fault?.message).toContain('who are you')
    // Its authority is not named.
    expect(await tested('unsafe')).toMatchObject({ status: 'failed', fault: { code: 'cluster-unreachable' } })
    expect(JSON.stringify([refused, await logOf(refused)])).not.toContain('wrong-password')
  })

  test('other ways to sign in to one are not offered', async () => {
    await create({
      identifier: 'by_user',
      ...own({ type: 'UsernamePassword', spec: { username: 'u', passwordRef: 'pull' } }),
    })
    await expect(ask('by_user')).rejects.toMatchObject({ code: 'not-offered' })
  })
})

describe('of no project', { timeout: 60_000 }, () => {
  test('a connector of the account or an organization is tested from a project whose delegates can reach it', async () => {
    await world.client.createProject({
      params: { org: here.org },
      body: { project: { identifier: 'later', name: 'Later', orgIdentifier: here.org } },
    })
    const connector = { identifier: 'wide', name: 'Wide', ...vaultOf('account.wide_secret') }
    const secret = {
      identifier: 'wide_secret',
      name: 'Wide',
      type: 'SecretText' as const,
      spec: {
        secretManagerIdentifier: 'harnessSecretManager',
        valueType: 'Inline' as const,
        value: 'right-secret-id',
      },
    }
    await world.client.createAccountSecret({ body: { secret } })
    await world.client.createAccountConnector({ body: { connector } })
    await world.client.createOrganizationConnector({ params: { org: here.org }, body: { connector } })
    for (const query of [{}, { orgIdentifier: here.org }]) {
      const said = await world.client.platformTestConnection({ params: { connector: 'wide' }, query })
      expect(said).toMatchObject({ status: 'SUCCESS', errors: [] })
      const task = await world.client.getTask({ params: { ...here, task: said.taskId } })
      expect(task.connector).toBe('orgIdentifier' in query ? 'org.wide' : 'account.wide')
    }
    await expect(
      world.client.platformTestConnection({ params: { connector: 'org.wide' }, query: {} }),
    ).rejects.toMatchObject({ code: 'invalid-input' })
  })
})
