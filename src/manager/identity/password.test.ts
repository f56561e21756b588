// Password hashes: right and wrong, salted, with parameters of their own, one at a time.
import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createPasswordHasher } from './password.ts'

const hasher = createPasswordHasher(randomBytes, 10)

describe('createPasswordHasher', () => {
  test('knows the right password, also typed in another Unicode form, and no other', async () => {
    const hash = await hasher.hash('pa\u0308ssword')
    expect(hash).toMatch(/^scrypt\$10\$8\$1\$[\w-]{22}\$[\w-]{43}$/)
    expect(await hasher.verify('pässword', hash)).toBe(true)
    expect(await hasher.verify('password', hash)).toBe(false)
    expect(await hasher.verify('', hash)).toBe(false)
    expect(await hasher.verify('pässword', undefined)).toBe(false)
  })

  test('the same password never gives the same hash', async () => {
    expect(await hasher.hash('same')).not.toBe(await hasher.hash('same'))
  })

  test('a hash is checked with the parameters it was made with', async () => {
    expect(await createPasswordHasher(randomBytes, 11).verify('x', await hasher.hash('x'))).toBe(true)
  })

  test('the recommended parameters work within the memory they need', async () => {
    const real = createPasswordHasher(randomBytes)
    const hash = await real.hash('real')
    expect(hash).toMatch(/^scrypt\$17\$8\$1\$/)
    expect(await real.verify('real', hash)).toBe(true)
  })

  test('a flood is refused instead of queued, and the queue recovers', async () => {
    const tries = Array.from({ length: 60 }, async () => hasher.verify('x', undefined))
    const results = await Promise.allSettled(tries)
    const refused = results.filter((result) => result.status === 'rejected')
    expect(refused).toHaveLength(10)
    expect(refused[0]?.reason).toMatchObject({ code: 'too-many-requests' })
    expect(await hasher.verify('x', undefined)).toBe(false)
  })
})
