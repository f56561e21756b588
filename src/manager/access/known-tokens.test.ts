import { expect, test } from 'vitest'
import { KnownTokens } from './known-tokens.ts'

test('a token is known until its time is over', () => {
  let now = 0
  const known = new KnownTokens<string>(() => now)
  known.put('a', 'anna', 1000)
  expect(known.get('a')).toBe('anna')
  expect(known.get('b')).toBeUndefined()
  now = 999
  expect(known.get('a')).toBe('anna')
  now = 1000
  expect(known.get('a')).toBeUndefined()
  now = 0
  expect(known.get('a')).toBeUndefined()
})

test('it does not grow without end: the oldest are forgotten', () => {
  const known = new KnownTokens<number>(() => 0)
  for (let n = 0; n < 20_001; n += 1) known.put(String(n), n, 1)
  expect(known.get('0')).toBeUndefined()
  expect(known.get('1')).toBe(1)
  expect(known.get('20000')).toBe(20_000)
})
