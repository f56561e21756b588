import { describe, expect, test } from 'vitest'
import { formatDuration, formatExact, formatRelative } from './duration.ts'

describe('a duration', () => {
  test.each([
    [-5, '0 ms'],
    [320, '320 ms'],
    [4210, '4.2 s'],
    [9_949, '9.9 s'],
    [9_950, '10 s'],
    [59_400, '59 s'],
    [59_600, '1m 00s'],
    [187_000, '3m 07s'],
    [3_599_600, '1h 00m'],
    [7_500_000, '2h 05m'],
    [273_600_000, '3d 4h'],
  ])('of %i ms reads %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text)
  })
})

describe('a moment', () => {
  const now = Date.UTC(2026, 10, 21, 9, 31, 22)
  test.each([
    [now - 2000, 'just now'],
    [now - 25_000, '25 s ago'],
    [now - 59_600, '1 min ago'],
    [now - 3 * 60_000, '3 min ago'],
    [now + 86_399_000, 'in 1 d'],
    [now - 5 * 3_600_000, '5 h ago'],
    [now + 23 * 3_600_000, 'in 23 h'],
    [now - 4 * 86_400_000, '4 d ago'],
    [now - 90 * 86_400_000, '2026-08-23'],
  ])('relative to now: %#', (at, text) => {
    expect(formatRelative(at, now)).toBe(text)
  })

  test('exact, with its zone', () => {
    expect(formatExact(now)).toMatch(/^2026-11-2\d \d\d:\d\d:22 UTC/)
  })
})
