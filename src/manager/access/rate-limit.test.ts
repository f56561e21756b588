// Tries are counted by key and time, and memory stays bounded.
import { expect, test } from 'vitest'
import { RateLimit } from './rate-limit.ts'

function limitWith(maxKeys?: number) {
  const time = { now: 1000 }
  const options = { tries: 3, windowMilliseconds: 60_000, clock: () => time.now, ...(maxKeys ? { maxKeys } : {}) }
  return { limit: new RateLimit(options), time }
}

test('refuses the fourth try within the time, tells how long to wait, and counts by key', () => {
  const { limit, time } = limitWith()
  for (let count = 0; count < 3; count++) limit.take('a')
  time.now += 20_000
  expect(limit.take('a')).toBe(40)
  expect(limit.take('b')).toBeUndefined()
  time.now += 40_000
  expect(limit.take('a')).toBeUndefined()
})

test('forgets after a success', () => {
  const { limit } = limitWith()
  for (let count = 0; count < 3; count++) limit.take('a')
  limit.clear('a')
  expect(limit.take('a')).toBeUndefined()
})

test('many keys push out the oldest only', () => {
  const { limit } = limitWith(2)
  for (let count = 0; count < 3; count++) limit.take('a')
  for (let count = 0; count < 3; count++) limit.take('b')
  limit.take('c')
  expect(limit.take('b')).toBe(60)
  expect(limit.take('a')).toBeUndefined()
})
