// Envelopes open with their root key at their place, and nowhere else; key files are private and made once.
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openEnvelope, sealEnvelope } from './envelope.ts'
import { loadRootKey, parseRootKey } from './root-key.ts'

const rootKey = new Uint8Array(randomBytes(32))
const place = { projectId: '7', identifier: 'db_password' }

describe('envelope', () => {
  test('round trip; never the same twice; no trace of the value', () => {
    for (const value of ['hunter2', '', 'ä🔑\n'.repeat(10_000)]) {
      const envelope = sealEnvelope(rootKey, value, place, randomBytes)
      expect(openEnvelope(rootKey, envelope, place)).toBe(value)
      expect(envelope).not.toBe(sealEnvelope(rootKey, value, place, randomBytes))
    }
    const envelope = sealEnvelope(rootKey, 'hunter2', place, randomBytes)
    for (const encoding of ['utf8', 'base64url', 'hex'] as const)
      expect(envelope).not.toContain(Buffer.from('hunter2').toString(encoding))
  })

  test('does not open at another place', () => {
    const envelope = sealEnvelope(rootKey, 'hunter2', place, randomBytes)
    for (const other of [
      { ...place, projectId: '8' },
      { ...place, identifier: 'other' },
    ])
      expect(() => openEnvelope(rootKey, envelope, other)).toThrow(/damaged or was moved/)
  })

  test('a data key cannot be combined with the value of another envelope', () => {
    const [one, other] = [1, 2].map(() => sealEnvelope(rootKey, 'hunter2', place, randomBytes).split('.'))
    const mixed = [one?.[0], one?.[1], one?.[2], other?.[3]].join('.')
    expect(() => openEnvelope(rootKey, mixed, place)).toThrow(/damaged/)
  })

  test('another root key is told as such; every changed character is found', () => {
    const envelope = sealEnvelope(rootKey, 'ab', place, randomBytes)
    expect(() => openEnvelope(new Uint8Array(32), envelope, place)).toThrow(/root key/)
    for (let index = 0; index < envelope.length; index++) {
      const changed = `${envelope.slice(0, index)}${envelope[index] === 'A' ? 'B' : 'A'}${envelope.slice(index + 1)}`
      // The last character of base64 may hold bits that mean nothing.
      const same = Buffer.from(changed.split('.')[3] ?? '', 'base64url').equals(
        Buffer.from(envelope.split('.')[3] ?? '', 'base64url'),
      )
      if (same && index === envelope.length - 1) continue
      expect(() => openEnvelope(rootKey, changed, place), `character ${index}`).toThrow(
        expect.objectContaining({ code: 'secret-unresolved' }),
      )
    }
  })
})

describe('root key file', () => {
  let directory = ''
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'sluice-key-'))
  })
  afterAll(() => rmSync(directory, { recursive: true }))

  test('is made once, private, and read again', () => {
    const path = join(directory, 'deep', 'root.key')
    const key = loadRootKey(path, randomBytes)
    expect(key).toHaveLength(32)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(loadRootKey(path, randomBytes)).toEqual(key)
    expect(parseRootKey(readFileSync(path, 'utf8'), 'here')).toEqual(key)
  })

  test('is refused when others may read it', () => {
    const path = join(directory, 'open.key')
    loadRootKey(path, randomBytes)
    chmodSync(path, 0o640)
    expect(() => loadRootKey(path, randomBytes)).toThrow(/other users/)
  })

  test.each(['', 'short', `${'A'.repeat(42)}==`, `${'!'.repeat(43)}=`])('is refused when it holds %j', (text) => {
    const path = join(directory, 'wrong.key')
    writeFileSync(path, text, { mode: 0o600 })
    expect(() => loadRootKey(path, randomBytes)).toThrow(/32 bytes/)
    rmSync(path)
  })
})
