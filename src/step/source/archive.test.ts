// Archives as tar makes them and as attackers do, from a real server.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, deflateRawSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fetchArchive } from './archive.ts'
import { unpack } from './unpack.ts'

let folder: string
let server: Server
const served = new Map<string, Uint8Array>()
const checksums = new Map<string, string>()
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-archive-'))
  server = createServer((request, response) => {
    const wanted = `Basic ${Buffer.from('reader:token').toString('base64')}`
    if (request.headers.authorization !== wanted) response.writeHead(401).end()
    else {
      const bytes = served.get(request.url ?? '')
      const checksum = checksums.get(request.url ?? '')
      response.writeHead(bytes ? 200 : 404, checksum ? { 'x-checksum-sha256': checksum } : {}).end(bytes)
    }
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
})
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

const credentials = { username: 'reader', password: 'token' }
function fetched(path: string, more: { sha256?: string; password?: string } = {}) {
  const { port } = server.address() as AddressInfo
  const { sha256, password = 'token' } = more
  const source = { type: 'archive' as const, url: `http://127.0.0.1:${port}${path}`, path: 'c.yaml', sha256 }
  const options = {
    source,
    credentials: { ...credentials, password },
    folder: join(folder, 'out'),
    line: () => {},
    fetch,
  }
  return fetchArchive(options, new AbortController().signal)
}

/** A zip of one file, by hand: tools refuse to make bad ones. */
function zip(name: string, text: string, mode = 0o100644): Uint8Array {
  const bytes = Buffer.from(text)
  const packed = deflateRawSync(bytes)
  const crc = crc32(bytes)
  const local = Buffer.alloc(30)
  local.writeUInt32LE(0x04034b50, 0)
  local.writeUInt16LE(8, 8)
  local.writeUInt16LE(name.length, 26)
  const entry = Buffer.alloc(46)
  entry.writeUInt32LE(0x02014b50, 0)
  entry.writeUInt16LE(8, 10)
  entry.writeUInt32LE(crc, 16)
  entry.writeUInt32LE(packed.length, 20)
  entry.writeUInt32LE(bytes.length, 24)
  entry.writeUInt16LE(name.length, 28)
  entry.writeUInt32LE(mode * 65_536, 38)
  const start = Buffer.concat([local, Buffer.from(name), packed])
  const directory = Buffer.concat([entry, Buffer.from(name)])
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(start.length, 16)
  return Buffer.concat([start, directory, end])
}

function tar(flag: string, ...more: string[]): Uint8Array {
  const tree = join(folder, 'tree')
  mkdirSync(join(tree, 'db', 'x'.repeat(120)), { recursive: true })
  writeFileSync(join(tree, 'db', 'c.yaml'), 'databaseChangeLog: []\n')
  writeFileSync(join(tree, 'db', 'x'.repeat(120), 'long.sql'), 'select 1;\n')
  return execFileSync('tar', ['-C', tree, flag, '-', ...more, 'db'])
}

describe('an archive', () => {
  test.each([
    ['tar.gz with pax names', () => tar('-czf', '--format=pax')],
    ['tar with GNU names', () => tar('-cf', '--format=gnu')],
  ])('%s is unpacked whole', async (_, make) => {
    const bytes = make()
    served.set('/a', bytes)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const { root } = await fetched('/a', { sha256 })
    expect(readFileSync(join(root, 'db', 'c.yaml'), 'utf8')).toBe('databaseChangeLog: []\n')
    expect(readFileSync(join(root, 'db', 'x'.repeat(120), 'long.sql'), 'utf8')).toBe('select 1;\n')
  })
  test('zip is unpacked', () => {
    const [file] = unpack(zip('db/c.yaml', 'text'))
    expect([file?.path, Buffer.from(file?.bytes ?? []).toString()]).toEqual(['db/c.yaml', 'text'])
  })
  test.each(['../c.yaml', 'a/../../c.yaml', '/etc/passwd', 'C:/x', 'a\\..\\b'])(
    'with the path %s is refused',
    (name) => {
      expect(() => unpack(zip(name, 'x'))).toThrow('The archive cannot be used')
    },
  )
  test('with a link is refused', () => {
    expect(() => unpack(zip('link', '/etc/passwd', 0o120777))).toThrow('is a link')
    execFileSync('ln', ['-sf', '/etc/passwd', join(folder, 'link')])
    const linked = execFileSync('tar', ['-C', folder, '-cf', '-', 'link'])
    expect(() => unpack(linked)).toThrow('is a link')
  })
  test('that is damaged or none is refused', () => {
    const bytes = Buffer.from(zip('c.yaml', 'text'.repeat(100)))
    bytes.writeUInt32LE(1, bytes.length - 22 - 46 - 6 + 16)
    expect(() => unpack(bytes)).toThrow('is damaged')
    expect(() => unpack(Buffer.from('<html>an error page</html>'.repeat(40)))).toThrow('neither zip nor tar')
    expect(() => unpack(tar('-cf').subarray(0, 700))).toThrow('cut off')
  })
  test('of another checksum is refused before anything is written', async () => {
    served.set('/a', zip('c.yaml', 'x'))
    await expect(fetched('/a', { sha256: '0'.repeat(64) })).rejects.toMatchObject({ code: 'changelog-invalid' })
  })
  test('that is not what its server says it is is refused', async () => {
    served.set('/checked', zip('c.yaml', 'x'))
    checksums.set('/checked', '0'.repeat(64))
    await expect(fetched('/checked')).rejects.toThrow('its server says 000')
    checksums.set(
      '/checked',
      createHash('sha256')
        .update(served.get('/checked') ?? '')
        .digest('hex'),
    )
    expect((await fetched('/checked')).commit).toBe(checksums.get('/checked'))
  })
  test.each([
    ['/a', 'wrong', 'source-authentication'],
    ['/none', 'token', 'source-reference-not-found'],
  ])('%s with %s: %s', async (path, password, code) => {
    served.set('/a', zip('c.yaml', 'x'))
    await expect(fetched(path, { password })).rejects.toMatchObject({ code })
  })
})
