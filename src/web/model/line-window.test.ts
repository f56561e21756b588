import { expect, test } from 'vitest'
import { lineWindow } from './line-window.ts'

test('the visible lines are always drawn, and few others', () => {
  for (let count = 0; count < 120; count += 7) {
    for (let top = 0; top <= Math.max(0, count - 20); top += 0.5) {
      const { first, end } = lineWindow(count, top, 20)
      expect(first).toBeLessThanOrEqual(Math.floor(top))
      expect(end).toBeGreaterThanOrEqual(Math.min(count, Math.ceil(top + 20)))
      expect(end - first).toBeLessThanOrEqual(92)
    }
  }
})

test('a place beyond the end shows the end', () => {
  expect(lineWindow(1000, Number.POSITIVE_INFINITY, 20)).toEqual({ first: 950, end: 1000 })
  expect(lineWindow(5, Number.POSITIVE_INFINITY, 20)).toEqual({ first: 0, end: 5 })
  expect(lineWindow(0, 0, 20)).toEqual({ first: 0, end: 0 })
})
