// Signatures for S3 against the examples that Amazon published, and a server that checks them for every request.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { signRequest } from '#outward/signature'
import { fetchArchive } from './archive.ts'

// "Examples: Signature Calculations" of the API reference of S3.
const published = { accessKey: 'AKIAIOSFODNN7EXAMPLE', secretKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' }
test.each([
  ['/test.txt', { range: 'bytes=0-9' }, 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41'],
  ['/?lifecycle', {}, 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
  ['/?max-keys=2&prefix=J', {}, '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
])('signs GET %s as published', (path, headers, signature) => {
  const url = `https://examplebucket.s3.amazonaws.com${path}`
  const scope = { region: 'us-east-1', service: 's3', now: Date.parse('2013-05-24T00:00:00Z') }
  const signed = signRequest({ method: 'GET', url, headers, body: '' }, published, scope)
  expect(signed['authorization']).toContain(`Signature=${signature}`)
})

describe('a bucket', () => {
  const keys = { username: 'AKIA1', password: 'secret/of+1', sessionToken: 'session' }
  let tar: Buffer
  let folder: string
  let server: Server
  let origin: string
  /** Paths as they were asked for. */
  const asked: (string | undefined)[] = []
  const error = (code: string): string =>
    `<Error><Code>${code}</Code><Message>No.</Message><Region>eu-south-2</Region></Error>`
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-s3-'))
    writeFileSync(join(folder, 'c.yaml'), 'databaseChangeLog: []\n')
    tar = execFileSync('tar', ['-C', folder, '-cf', '-', 'c.yaml'])
    server = createServer(({ url = '', headers }, response) => {
      asked.push(url)
      const region = /\/(\w+-\w+-\d)\/s3\//.exec(headers.authorization ?? '')?.[1] ?? ''
      if (region !== 'eu-central-1')
        return response.writeHead(301, { location: 'http://127.0.0.1:1/' }).end(error('PermanentRedirect'))
      const now = Date.parse(String(headers['x-amz-date']).replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'))
      if (Math.abs(now - Date.now()) > 900_000) return response.writeHead(403).end(error('RequestTimeTooSkewed'))
      const expected = signRequest(
        { method: 'GET', url: `${origin}${url}`, headers: {}, body: '' },
        { accessKey: keys.username, secretKey: keys.password, sessionToken: keys.sessionToken },
        { region, service: 's3', now },
      )
      if (headers.authorization !== expected['authorization'])
        return response.writeHead(403).end('<Error><Code>SignatureDoesNotMatch</Code><Message>No.</Message></Error>')
      if (!url.startsWith('/releases/')) return response.writeHead(404).end('<Error><Code>NoSuchBucket</Code></Error>')
      return response.end(tar)
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => {
    server.close()
    rmSync(folder, { recursive: true })
  })
  const fetched = (path: string, { region = 'eu-central-1', ...more }: { region?: string; password?: string } = {}) => {
    const source = { type: 'archive' as const, url: `${origin}${path}`, path: 'c.yaml', s3: { region } }
    const options = { source, credentials: { ...keys, ...more }, folder: join(folder, 'out'), line: () => {}, fetch }
    return fetchArchive(options, new AbortController().signal)
  }

  test('gives an archive, whatever stands in its name', async () => {
    const { root, commit } = await fetched("/releases/a%20(1)'!%2B*.tar")
    expect(readFileSync(join(root, 'c.yaml'), 'utf8')).toBe('databaseChangeLog: []\n')
    expect(commit).toBe(createHash('sha256').update(tar).digest('hex'))
  })

  test.each([
    ['another secret key', '/releases/a.tar', { password: 'other' }, 'source-authentication', 'SignatureDoesNotMatch'],
    ['a bucket that is not there', '/other/a.tar', {}, 'source-reference-not-found', 'NoSuchBucket'],
    ['another region, to which nobody is led', '/releases/a.tar', { region: 'us-east-1' }, 'source-unreachable', '301'],
  ])('%s is told', async (_, path, more, code, word) => {
    const failure: unknown = await fetched(path, more).catch((caught: unknown) => caught)
    expect(failure).toMatchObject({ code, message: expect.stringContaining(word) })
    if (word === '301') expect(failure).toMatchObject({ hint: expect.stringContaining('eu-south-2') })
    expect(JSON.stringify(failure)).not.toContain(keys.password)
  })

  test('one key alone asks for nothing', async () => {
    const before = asked.length
    await expect(fetched('/releases/a.tar', { password: '' })).rejects.toMatchObject({ code: 'source-authentication' })
    expect(asked).toHaveLength(before)
  })
})
