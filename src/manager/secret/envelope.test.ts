// Envelopes open with their root key at their place, and nowhere else; key files are private and made once.
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openEnvelope, rewrapEnvelope, type RootKeys, rootKeyId, sealEnvelope } from './envelope.ts'
import { type KeyService, loadRootKeys, parseRootKey, replaceKeyFile } from './root-key.ts'

const newKeys = (...older: Uint8Array[]): RootKeys => ({ current: new Uint8Array(randomBytes(32)), older })
const keys = newKeys()
const place = { owner: '7', identifier: 'db_password' }
const bytes = (text: string) => Buffer.from(text, 'utf8')
const { signal } = new AbortController()

describe('envelope', () => {
  test('round trip; never the same twice; no trace of the value', () => {
    for (const value of ['hunter2', '', 'ä🔑\n'.repeat(10_000)]) {
      const envelope = sealEnvelope(keys, bytes(value), place, randomBytes)
      expect(openEnvelope(keys, envelope, place).toString('utf8')).toBe(value)
      expect(envelope).not.toBe(sealEnvelope(keys, bytes(value), place, randomBytes))
    }
    const envelope = sealEnvelope(keys, bytes('hunter2'), place, randomBytes)
    for (const encoding of ['utf8', 'base64url', 'hex'] as const)
      expect(envelope).not.toContain(Buffer.from('hunter2').toString(encoding))
  })

  test('does not open at another place', () => {
    const envelope = sealEnvelope(keys, bytes('hunter2'), place, randomBytes)
    for (const other of [
      { ...place, owner: '8' },
      { ...place, owner: 'organization:7' },
      { ...place, owner: 'account' },
      { ...place, identifier: 'other' },
    ])
      expect(() => openEnvelope(keys, envelope, other)).toThrow(/damaged or was moved/)
  })

  test('a data key cannot be combined with the value of another envelope', () => {
    const [one, other] = [1, 2].map(() => sealEnvelope(keys, bytes('hunter2'), place, randomBytes).split('.'))
    const mixed = [one?.[0], one?.[1], one?.[2], other?.[3]].join('.')
    expect(() => openEnvelope(keys, mixed, place)).toThrow(/damaged/)
  })

  test('another root key is told as such; every changed character is found', () => {
    const envelope = sealEnvelope(keys, bytes('ab'), place, randomBytes)
    expect(() => openEnvelope(newKeys(), envelope, place)).toThrow(/root key/)
    for (let index = 0; index < envelope.length; index++) {
      const changed = `${envelope.slice(0, index)}${envelope[index] === 'A' ? 'B' : 'A'}${envelope.slice(index + 1)}`
      // The last character of base64 may hold bits that mean nothing.
      const same = Buffer.from(changed.split('.')[3] ?? '', 'base64url').equals(
        Buffer.from(envelope.split('.')[3] ?? '', 'base64url'),
      )
      if (same && index === envelope.length - 1) continue
      expect(() => openEnvelope(keys, changed, place), `character ${index}`).toThrow(
        expect.objectContaining({ code: 'secret-unresolved' }),
      )
    }
  })
})

describe('rotation of the root key', () => {
  test('what was encrypted before opens with the older key, and is rewrapped without opening the value', () => {
    const envelope = sealEnvelope(keys, bytes('hunter2'), place, randomBytes)
    const rotated = newKeys(keys.current)
    expect(openEnvelope(rotated, envelope, place).toString()).toBe('hunter2')
    const again = rewrapEnvelope(rotated, envelope, place, randomBytes) ?? ''
    expect(again.split('.')[3]).toBe(envelope.split('.')[3])
    expect(again.split('.')[1]).toBe(rootKeyId(rotated.current))
    const alone = { current: rotated.current, older: [] }
    expect(openEnvelope(alone, again, place).toString()).toBe('hunter2')
    expect(() => openEnvelope(keys, again, place)).toThrow(/root key/)
    expect(rewrapEnvelope(rotated, again, place, randomBytes)).toBeUndefined()
  })

  test('an envelope of another place is not rewrapped', () => {
    const envelope = sealEnvelope(keys, bytes('hunter2'), place, randomBytes)
    const other = { ...place, identifier: 'other' }
    expect(() => rewrapEnvelope(newKeys(keys.current), envelope, other, randomBytes)).toThrow(/damaged or was moved/)
  })
})

describe('root keys', () => {
  let directory = ''
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'sluice-key-'))
  })
  afterAll(() => rmSync(directory, { recursive: true }))
  const load = (file: string, more: { text?: string; service?: KeyService } = {}) =>
    loadRootKeys({ file, ...more }, signal, randomBytes)

  test('a file is made once, private, and read again', async () => {
    const path = join(directory, 'deep', 'root.key')
    const found = await load(path)
    expect(found.current).toHaveLength(32)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(await load(path)).toEqual(found)
    expect(parseRootKey(readFileSync(path, 'utf8'), 'here')).toEqual(found.current)
  })

  test('the first line is the current key, the others open what is older; a replaced file stays private', async () => {
    const path = join(directory, 'two.key')
    const lines = [randomBytes(32), randomBytes(32)].map((key) => key.toString('base64'))
    replaceKeyFile(path, lines)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const { current, older } = await load(path)
    expect([current, ...older].map((key) => Buffer.from(key).toString('base64'))).toEqual(lines)
  })

  test('from the environment; the file is neither made nor read', async () => {
    const path = join(directory, 'unused.key')
    const text = ` ${randomBytes(32).toString('base64')}\n${randomBytes(32).toString('base64')} `
    expect((await load(path, { text })).older).toHaveLength(1)
    expect(existsSync(path)).toBe(false)
    await expect(load(path, { text: ' ' })).rejects.toThrow(/no root key in the environment/)
  })

  test('wrapped by a key service: the file never holds the key', async () => {
    const path = join(directory, 'wrapped.key')
    const mask = randomBytes(32)
    const turn = (key: Uint8Array) => new Uint8Array(key.map((byte, index) => byte ^ (mask[index] ?? 0)))
    const service: KeyService = {
      mark: 'ours:',
      wrap: async (key) => Buffer.from(turn(key)).toString('base64url'),
      unwrap: async (text) => turn(Buffer.from(text, 'base64url')),
    }
    const { current } = await load(path, { service })
    const text = readFileSync(path, 'utf8')
    expect(text).toMatch(/^wrapped:ours:/)
    expect(text).not.toContain(Buffer.from(current).toString('base64').slice(0, 20))
    expect((await load(path, { service })).current).toEqual(current)
    await expect(load(path)).rejects.toThrow(/wrapped by a key service/)
    await expect(load(path, { service: { ...service, mark: 'theirs:' } })).rejects.toThrow(/another key service/)
  })

  test('a key service that does not open what it wrapped leaves no file', async () => {
    const path = join(directory, 'one-way.key')
    const service: KeyService = { mark: '', wrap: async () => 'x', unwrap: async () => new Uint8Array(32) }
    await expect(load(path, { service })).rejects.toThrow(/does not open what it has just wrapped/)
    expect(existsSync(path)).toBe(false)
  })

  test('a file that others may read is refused', async () => {
    const path = join(directory, 'open.key')
    await load(path)
    chmodSync(path, 0o640)
    await expect(load(path)).rejects.toThrow(/other users/)
  })

  test.each(['short', `${'A'.repeat(42)}==`, `${'!'.repeat(43)}=`])('is refused when it holds %j', async (text) => {
    const path = join(directory, 'wrong.key')
    writeFileSync(path, text, { mode: 0o600 })
    await expect(load(path)).rejects.toThrow(/32 bytes/)
    rmSync(path)
  })
})
