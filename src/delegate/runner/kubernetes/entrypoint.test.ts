// What a registry tells of how an image is started: a server on this machine that wants a password.
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '#contract/delegate/repeat'
import { createEntrypoints, credentialsFor, type EntrypointOf, placeOf } from './entrypoint.ts'
import { readKubernetesSettings } from './settings.ts'

let folder: string
let server: Server
let host: string
let asked: string[] = []
const served = new Map<string, string>()
const auth = Buffer.from('puller:pass').toString('base64')

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-entrypoint-'))
  server = createServer(({ url = '', headers }, response) => {
    if (headers.authorization !== `Basic ${auth}`)
      return response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
    asked.push(url)
    const text = served.get(url)
    return response.writeHead(text === undefined ? 404 : 200).end(text)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  writeFileSync(join(folder, 'registry.json'), JSON.stringify({ auths: { [host]: { auth } } }))
})
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

function put(kind: 'manifests' | 'blobs', value: object, name?: string): string {
  const text = JSON.stringify(value)
  const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`
  for (const one of [digest, ...(name === undefined ? [] : [name])]) served.set(`/v2/team/tool/${kind}/${one}`, text)
  return digest
}
const image = (config: object, name?: string): string =>
  put('manifests', { config: { digest: put('blobs', { config }) }, layers: [] }, name)
const open = (more: object = {}): EntrypointOf => {
  const images = { step: 'a', source: 'b', plainHttpRegistries: [host], ...more }
  const settings = readKubernetesSettings({ images, registryCredentialsFile: join(folder, 'registry.json') }, 'test')
  return createEntrypoints({ settings, fetch, clock: systemClock })
}

describe('an image whose entry point nobody named', () => {
  test('is asked for at its registry, once, by tag and by digest', async () => {
    const digest = image({ Entrypoint: ['/bin/sh', '-c'], Cmd: ['run'] }, '1.0')
    const entrypointOf = open()
    asked = []
    expect(await entrypointOf(`${host}/team/tool:1.0`)).toEqual(['/bin/sh', '-c', 'run'])
    expect(await entrypointOf(`${host}/team/tool:1.0`)).toEqual(['/bin/sh', '-c', 'run'])
    expect(asked).toHaveLength(2)
    expect(await entrypointOf(`${host}/team/tool@${digest}`)).toEqual(['/bin/sh', '-c', 'run'])
  })
  test('for several machines is that for this one', async () => {
    const architecture = process.arch === 'x64' ? 'amd64' : process.arch
    const other = image({ Entrypoint: ['/other'] })
    const own = image({ Entrypoint: ['/own'] })
    const manifests = [
      { digest: other, platform: { os: 'windows', architecture } },
      { digest: own, platform: { os: 'linux', architecture } },
    ]
    put('manifests', { manifests }, 'many')
    expect(await open()(`${host}/team/tool:many`)).toEqual(['/own'])
  })
  test.each([
    ['none', 'is not there'],
    ['empty', 'no entry point'],
  ])('%s: says what to do', async (tag, words) => {
    image({ Entrypoint: null }, 'empty')
    const error = await open()(`${host}/team/tool:${tag}`).catch((raised: unknown) => raised)
    expect(error).toMatchObject({ code: 'invalid-input' })
    expect(`${(error as Error).message} ${(error as { hint: string }).hint}`).toMatch(
      new RegExp(`${words}.*images\\.entrypoints, under ${host}/team/tool`),
    )
  })
  test('is never asked for what the settings name', async () => {
    asked = []
    const entrypoints = { [`${host}/team/tool`]: ['/named'] }
    expect(await open({ entrypoints })(`${host}/team/tool:1.0`)).toEqual(['/named'])
    expect(asked).toEqual([])
  })
})

test.each([
  ['alpine', 'docker.io', 'library/alpine', 'latest'],
  ['plugins/drone-liquibase:1.2', 'docker.io', 'plugins/drone-liquibase', '1.2'],
  ['localhost/x:1', 'localhost', 'x', '1'],
  [`r.example.com:5000/a/b:1@sha256:${'0'.repeat(64)}`, 'r.example.com:5000', 'a/b', `sha256:${'0'.repeat(64)}`],
])('%s', (name, server, repository, reference) => {
  expect(placeOf(name)).toEqual({ host: server, repository, reference })
})
test('credentials in every form that Docker writes', () => {
  const auths = { 'https://index.docker.io/v1/': { auth: Buffer.from('me:pa:ss').toString('base64') } }
  expect(credentialsFor(JSON.stringify({ auths }), 'docker.io')).toEqual({ username: 'me', password: 'pa:ss' })
  const older = { 'r:5000': { username: 'u', password: 'p' } }
  expect(credentialsFor(JSON.stringify(older), 'r:5000')).toEqual({ username: 'u', password: 'p' })
  expect(credentialsFor(JSON.stringify(older), 'other')).toEqual({})
})
