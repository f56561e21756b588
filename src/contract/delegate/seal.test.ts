// A sealed secret opens with the right key and binding, and with nothing else.
import { describe, expect, test } from 'vitest'
import { Fault } from '../fault.ts'
import { createSealingKeys, openBox, type SealBinding, sealBox } from './seal.ts'

const binding: SealBinding = { attempt: 'att_1', fence: '7', ref: 'account.password' }
const secret = 'pä$$wörd\n"quoted" 🔑'

describe('sealBox and openBox', () => {
  test('round trip, also of the empty and a long secret', () => {
    const keys = createSealingKeys()
    for (const value of [secret, '', 'x'.repeat(65_536)])
      expect(openBox(keys.privateKey, sealBox(keys.publicKey, value, binding), binding)).toBe(value)
  })

  test('costs 48 bytes and never gives the same box twice', () => {
    const keys = createSealingKeys()
    const one = sealBox(keys.publicKey, 'secret', binding)
    expect(Buffer.from(one, 'base64').length).toBe(6 + 48)
    expect(sealBox(keys.publicKey, 'secret', binding)).not.toBe(one)
  })

  test.each([
    { ...binding, attempt: 'att_2' },
    { ...binding, fence: '8' },
    { ...binding, ref: 'account.other' },
    { attempt: 'att_1","7', fence: '', ref: 'account.password' },
  ])('does not open under the binding %j', (other) => {
    const keys = createSealingKeys()
    const box = sealBox(keys.publicKey, secret, binding)
    expect(() => openBox(keys.privateKey, box, other)).toThrow(Fault)
  })

  test('does not open with another key, when any byte was changed, or when cut', () => {
    const keys = createSealingKeys()
    const box = Buffer.from(sealBox(keys.publicKey, 'ab', binding), 'base64')
    expect(() => openBox(createSealingKeys().privateKey, box.toString('base64'), binding)).toThrow(/cannot be opened/)
    for (let index = 0; index < box.length; index++) {
      const changed = Buffer.from(box)
      changed[index] = (changed[index] ?? 0) ^ 1
      expect(() => openBox(keys.privateKey, changed.toString('base64'), binding), `byte ${index}`).toThrow(Fault)
    }
    expect(() => openBox(keys.privateKey, box.subarray(0, 47).toString('base64'), binding)).toThrow(Fault)
  })

  test('the fault names the reference and not the secret', () => {
    const keys = createSealingKeys()
    const box = sealBox(keys.publicKey, secret, binding)
    try {
      openBox(keys.privateKey, box, { ...binding, fence: '9' })
      expect.unreachable()
    } catch (fault) {
      expect(fault).toMatchObject({ code: 'secret-unresolved', message: expect.stringContaining('account.password') })
      expect(String(fault)).not.toContain('wörd')
    }
  })

  test('refuses a key that is not 32 bytes, and a key that would give a predictable secret', () => {
    expect(() => sealBox('AAAA', secret, binding)).toThrow(/32 bytes/)
    expect(() => sealBox(Buffer.alloc(32).toString('base64url'), secret, binding)).toThrow(/usable/)
  })
})
