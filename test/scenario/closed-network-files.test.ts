// What else a delegate and its steps reach in a closed network, each through the proxy and by the company's own authority: archives,
// buckets, artifacts of a registry, requests, a secret manager. The certificate for the manager is shown to none of them.
import { execFileSync, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer as createHttp, type IncomingMessage, type ServerResponse, type Server } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { StepSpec } from '#contract/delegate/step-spec'
import { signInProvider } from '#cli/process/sign-in'
import { createApiClient } from '#delegate/runner/kubernetes/client'
import { findCluster } from '#delegate/runner/kubernetes/credential'
import { createProvider } from '#manager/identity/provider'
import { openFetch } from '#outward/fetch'
import { readOutward } from '#outward/setting'
import { type Certificate, createAuthority } from './certificate.ts'
import { type Proxy, showing, startClosedDelegate, startProxy } from './closed-network.ts'
import { type Edge, startEdge } from './edge.ts'
import { createWorld, type StepWorld, tables } from './step-world.ts'

let world: StepWorld
let manager: Edge
let proxy: Proxy
let delegate: ChildProcess
let own: Certificate
let caFile: string
let secure: Server
let plain: Server
/** What was asked of the servers, with the host and what it was signed with. */
const asked: string[] = []
/** Certificates that were shown to them. */
const shown: unknown[] = []
const portOf = (server: Server): number => (server.address() as AddressInfo).port

const hosts = ['archive', 'bucket', 'registry', 'hook', 'vault', 'cluster', 'direct', 'login']
const files = new Map<string, Buffer>()
const digestOf = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`
/** An archive under two paths, and an artifact in a registry. */
function makeFiles(folder: string): void {
  const tree = join(folder, 'tree')
  mkdirSync(tree)
  writeFileSync(join(tree, 'changelog.sql'), tables('alpha'))
  execFileSync('tar', ['czf', 'shop.tar.gz', '-C', tree, '.'], { cwd: folder })
  const archive = readFileSync(join(folder, 'shop.tar.gz'))
  for (const path of ['/shop.tar.gz', '/bucket/shop.tar.gz']) files.set(path, archive)
  const layer = readFileSync(join(tree, 'changelog.sql'))
  const config = Buffer.from('{}')
  const described = (bytes: Buffer, mediaType: string) => ({ mediaType, digest: digestOf(bytes), size: bytes.length })
  const manifest = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: described(config, 'application/vnd.oci.empty.v1+json'),
    layers: [{ ...described(layer, 'text/plain'), annotations: { 'org.opencontainers.image.title': 'changelog.sql' } }],
  }
  for (const bytes of [layer, config]) files.set(`/v2/team/shop/blobs/${digestOf(bytes)}`, bytes)
  files.set('/v2/team/shop/manifests/1', Buffer.from(JSON.stringify(manifest)))
  files.set(
    '/v1/secret/data/shop',
    Buffer.from(JSON.stringify({ data: { data: { token: 'from-vault' }, metadata: { version: 1 } } })),
  )
  files.set('/v1/auth/token/revoke-self', Buffer.from('{}'))
}

function answer(incoming: IncomingMessage, outgoing: ServerResponse): void {
  const certificate = (incoming.socket as Partial<TLSSocket>).getPeerCertificate?.()
  if (certificate?.subject) shown.push(certificate.subject.CN)
  const signed = incoming.headers.authorization?.split(' ')[0] ?? incoming.headers['x-vault-token'] ?? ''
  asked.push(`${incoming.headers.host?.split(':')[0]} ${incoming.url} ${String(signed)}`.trim())
  const found = files.get(incoming.url ?? '')
  const type = incoming.url?.includes('/manifests/') ? 'application/vnd.oci.image.manifest.v1+json' : 'application/json'
  outgoing.writeHead(found || incoming.url === '/hook' ? 200 : 404, { 'content-type': type }).end(found ?? '{}')
}

beforeAll(async () => {
  world = await createWorld()
  const authority = createAuthority(world.folder)
  makeFiles(world.folder)
  const { cert, key } = authority.issue('files', hosts.map((host) => `DNS:${host}.test`).join())
  const ca = readFileSync(authority.caFile, 'utf8')
  secure = createHttps({ cert, key, ca, requestCert: true, rejectUnauthorized: false }, answer)
  plain = createHttp(answer)
  for (const server of [secure, plain]) await once(server.listen(0, '127.0.0.1'), 'listening')
  manager = await startEdge(authority, world.manager.url, true)
  proxy = await startProxy()
  own = authority.issue('delegate-eu')
  caFile = authority.caFile
  const flags = ['--ca-file', caFile, ...showing(own)]
  delegate = startClosedDelegate(world, { manager, proxy }, flags).child
}, 60_000)
afterAll(async () => {
  delegate?.kill('SIGKILL')
  proxy?.child.kill('SIGKILL')
  for (const server of [secure, plain]) {
    server?.closeAllConnections()
    server?.close()
  }
  await manager?.close()
  await world?.close()
})

/** The attempt with its end and its log. */
async function run(
  spec: StepSpec,
  secrets?: Record<string, string>,
  places?: Parameters<StepWorld['manager']['enqueue']>[2],
) {
  const attempt = world.manager.enqueue(spec, secrets, places)
  await world.manager.until(() => attempt.state === 'finished')
  expect(attempt.finish, attempt.log.toString()).toMatchObject({ outcome: 'success' })
  return attempt
}
const tunnelled = (host: string): string => `CONNECT ${host}:${portOf(secure)}`

describe('in a closed network', { timeout: 60_000 }, () => {
  test.each([
    ['an archive', 'archive.test', () => ({ url: at('archive.test/shop.tar.gz') }), '/shop.tar.gz'],
    [
      'an archive in a bucket',
      'bucket.test',
      () => ({
        url: at('bucket.test/bucket/shop.tar.gz'),
        s3: { region: 'eu-west-1' },
        username: 'AKID',
        passwordRef: 'key',
      }),
      '/bucket/shop.tar.gz AWS4-HMAC-SHA256',
    ],
    [
      'an artifact',
      'registry.test',
      () => ({ type: 'oci', url: at('registry.test'), repository: 'team/shop', reference: '1' }),
      '/v2/team/shop/manifests/1',
    ],
  ] as const)('%s comes through the proxy', async (name, host, source, path) => {
    const spec = world.spec(name.replaceAll(' ', '-'), {
      type: 'DBSchemaApply',
      source: { type: 'archive', path: 'changelog.sql', ...source() } as never,
      connection: { url: `jdbc:sqlite:${join(world.folder, `${host}.db`)}` },
    })
    await run(spec, { key: 'secret-key' })
    expect(proxy.asked).toContain(tunnelled(host))
    expect(asked).toContain(`${host} ${path}`)
  })

  test('requests go through the proxy: tunnelled with TLS, asked of the proxy itself without; a secret comes from Vault the same way', async () => {
    const vault = {
      ref: 'token',
      path: 'shop#token',
      manager: {
        name: 'vault',
        type: 'Vault',
        spec: { vaultUrl: at('vault.test').replace(/\/$/, ''), accessType: 'TOKEN', authToken: 'vault_token' },
      },
    }
    const plainUrl = `http://hook.test:${portOf(plain)}/hook`
    for (const [attempt, url] of [
      ['http', plainUrl],
      ['https', at('hook.test/hook')],
    ] as const) {
      const headers = [{ name: 'authorization', value: [{ secret: 'token' }] }]
      const work = { type: 'Http' as const, method: 'GET' as const, url: [url], headers }
      const { finish } = await run(
        { ...world.spec(attempt, { type: 'DBSchemaApply' }), work },
        { vault_token: 'hvs' },
        [vault],
      )
      expect(finish?.output).toMatchObject({ httpResponseCode: 200 })
    }
    expect(asked.filter((line) => line === 'hook.test /hook from-vault')).toHaveLength(2)
    expect(asked).toContain('vault.test /v1/secret/data/shop hvs')
    expect(proxy.asked).toEqual(
      expect.arrayContaining([tunnelled('vault.test'), tunnelled('hook.test'), `GET ${plainUrl}`]),
    )
    expect(proxy.asked).not.toContain(`CONNECT hook.test:${portOf(plain)}`)
  })

  test('only the manager saw the certificate of the delegate', async () => {
    expect(manager.callers).toEqual(new Set(['delegate-eu']))
    expect(shown).toEqual([])
    // They would have seen it.
    const settings = { ...readOutward({ HTTPS_PROXY: proxy.url }), caFile }
    const send = await openFetch({ ...settings, certificateFile: own.certFile, keyFile: own.keyFile }, undefined)
    await send(at('direct.test/hook'), { method: 'GET', headers: {} })
    expect(shown).toEqual(['delegate-eu'])
  })

  test('the manager asks a sign-in provider through the proxy', async () => {
    const issuer = at('login.test').replace(/\/$/, '')
    const described = { issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token` }
    files.set('/.well-known/openid-configuration', Buffer.from(JSON.stringify(described)))
    const own = { SLUICE_OIDC_ISSUER: issuer, SLUICE_OIDC_CLIENT_ID: 'sluice', SLUICE_OIDC_CLIENT_SECRET: 's' }
    const program = { ...own, HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: caFile }
    const options = signInProvider(program, '127.0.0.1', 7400)
    if (!options) throw new Error('There is no provider.')
    const begun = await createProvider(options).begin({ state: 's', nonce: 'n', verifier: 'v'.repeat(43) })
    expect(begun).toContain(`${issuer}/authorize?`)
    expect(proxy.asked).toContain(tunnelled('login.test'))
  })

  test.each(['proxy-url', 'HTTPS_PROXY'])('the API of a cluster is reached through the proxy of %s', async (way) => {
    const file = join(world.folder, `kubeconfig-${way}`)
    const cluster = { server: at('cluster.test').replace(/\/$/, ''), 'certificate-authority': caFile }
    const config = {
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: way === 'proxy-url' ? { ...cluster, [way]: proxy.url } : cluster }],
      users: [{ name: 'u', user: { token: 'cluster-token' } }],
    }
    writeFileSync(file, JSON.stringify(config))
    const client = createApiClient(await findCluster(file, way === 'proxy-url' ? {} : { [way]: proxy.url }))
    try {
      const before = proxy.asked.length
      expect(await client.call({ method: 'GET', path: '/hook' })).toEqual({})
      expect(proxy.asked.slice(before)).toEqual([tunnelled('cluster.test')])
      expect(asked).toContain('cluster.test /hook Bearer')
    } finally {
      client.close()
    }
    const wrong = createApiClient(await findCluster(file, { HTTPS_PROXY: proxy.url.replace('closed', 'open') }))
    if (way === 'HTTPS_PROXY')
      await expect(wrong.call({ method: 'GET', path: '/hook' })).rejects.toThrow(/answered 407/)
  })
})

/** `host/path` as an address of the server with TLS. */
function at(place: string): string {
  const [host, ...path] = place.split('/')
  return `https://${host}:${portOf(secure)}/${path.join('/')}`
}
