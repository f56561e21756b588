// Artifacts from a registry that sells tokens for a password, as most do.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fetchArtifact } from './oci.ts'
import { archiveLimits } from './unpack.ts'

let folder: string
let server: Server
let origin: string
const served = new Map<string, Uint8Array>()
const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-oci-'))
  server = createServer((request, response) => {
    const { url = '', headers } = request
    const basic = `Basic ${Buffer.from('reader:token').toString('base64')}`
    if (url.startsWith('/token')) {
      const isRight = headers.authorization === basic && url.includes('scope=repository%3Ateam%2Fshop%3Apull')
      return response.writeHead(isRight ? 200 : 401).end(JSON.stringify({ token: 'bought' }))
    }
    if (headers.authorization !== 'Bearer bought') {
      const challenge = `Bearer realm="${origin}/token",service="test"`
      return response.writeHead(401, { 'www-authenticate': challenge }).end()
    }
    const bytes = served.get(url)
    return response.writeHead(bytes ? 200 : 404).end(bytes)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

function blob(bytes: Uint8Array, mediaType: string, annotations: Record<string, string> = {}) {
  served.set(`/v2/team/shop/blobs/${digestOf(bytes)}`, bytes)
  return { mediaType, digest: digestOf(bytes), size: bytes.length, annotations }
}
function push(reference: string, layers: readonly object[]): string {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, layers }))
  served.set(`/v2/team/shop/manifests/${reference}`, bytes)
  served.set(`/v2/team/shop/manifests/${digestOf(bytes)}`, bytes)
  return digestOf(bytes)
}
function fetched(reference: string, password = 'token') {
  const source = { type: 'oci' as const, url: origin, repository: 'team/shop', reference, path: 'c.yaml' }
  const credentials = { username: 'reader', password }
  const options = { source, credentials, folder: join(folder, 'out'), line: () => {}, fetch }
  return fetchArtifact(options, new AbortController().signal)
}
const named = (name: string) => ({ 'org.opencontainers.image.title': name })

describe('an artifact', () => {
  test('of files and a packed folder is unpacked, by tag and by digest', async () => {
    writeFileSync(join(folder, 'packed.sql'), 'select 2;')
    const packed = execFileSync('tar', ['-C', folder, '-czf', '-', 'packed.sql'])
    const digest = push('1.0', [
      blob(Buffer.from('databaseChangeLog: []'), 'application/yaml', named('db/c.yaml')),
      blob(packed, 'application/vnd.oci.image.layer.v1.tar+gzip', named('db')),
    ])
    for (const reference of ['1.0', digest]) {
      const { root, commit } = await fetched(reference)
      expect(commit).toBe(digest)
      expect(readFileSync(join(root, 'db', 'c.yaml'), 'utf8')).toBe('databaseChangeLog: []')
      expect(readFileSync(join(root, 'packed.sql'), 'utf8')).toBe('select 2;')
    }
  })
  test('whose bytes are not those of its digest is refused', async () => {
    const layer = blob(Buffer.from('one'), 'text/plain', named('c.yaml'))
    served.set(`/v2/team/shop/blobs/${layer.digest}`, Buffer.from('two'))
    push('bad', [layer])
    await expect(fetched('bad')).rejects.toMatchObject({ code: 'changelog-invalid' })
    const digest = push('moved', [layer])
    served.set(`/v2/team/shop/manifests/${digest}`, Buffer.from('{}'))
    await expect(fetched(digest)).rejects.toThrow('other bytes')
  })
  test('with a name that leads out is refused', async () => {
    push('evil', [blob(Buffer.from('x'), 'text/plain', named('../../etc/cron.d/x'))])
    await expect(fetched('evil')).rejects.toThrow('leads out')
  })
  test('whose layers hold too much together is refused', async () => {
    writeFileSync(join(folder, 'empty'), '')
    const header = execFileSync('tar', ['-C', folder, '-cf', '-', 'empty']).subarray(0, 512)
    const half = Buffer.concat(Array<Buffer>(archiveLimits.files / 2 + 1).fill(header))
    const layer = blob(gzipSync(half), 'application/vnd.oci.image.layer.v1.tar+gzip')
    push('large', [layer, layer])
    await expect(fetched('large')).rejects.toThrow(`more than ${archiveLimits.files} files`)
  })
  test('that is none, or not there, or not for these credentials, says so', async () => {
    push('index', [])
    await expect(fetched('index')).rejects.toThrow('no artifact with files')
    await expect(fetched('none')).rejects.toMatchObject({ code: 'source-reference-not-found' })
    await expect(fetched('1.0', 'wrong')).rejects.toMatchObject({ code: 'source-authentication' })
  })
})
