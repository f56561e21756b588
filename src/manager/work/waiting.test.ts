import { describe, expect, test } from 'vitest'
import type { ConsideredDelegate } from './considered.ts'
import { explainWaiting } from './waiting.ts'

const delegate = (name: string, change: Partial<ConsideredDelegate> = {}): ConsideredDelegate => ({
  id: name,
  name,
  tags: [],
  inScope: true,
  pressure: null,
  refusal: null,
  connected: true,
  capacity: 4,
  running: 0,
  ...change,
})

describe('explainWaiting', () => {
  test('is silent when a delegate is about to take it', () => {
    expect(explainWaiting(['EU', 'a'], [delegate('A', { tags: ['eu'] })], null)).toBeNull()
    expect(explainWaiting([], [delegate('a'), delegate('b', { running: 4 })], null)).toBeNull()
  })

  test.each<[string, readonly string[], readonly ConsideredDelegate[], string | null]>([
    ['Waits for another step on the same instance (attempt x).', [], [delegate('a')], 'x'],
    ['No delegate is registered. Install one with a delegate token.', [], [], null],
    ['No delegate is connected; registered: a, b.', [], [delegate('a'), delegate('b')].map(away), null],
    [
      'No connected delegate has all selectors (eu, linux): a lacks eu, linux; b lacks linux.',
      ['eu', 'linux'],
      [delegate('a'), delegate('b', { tags: ['EU'] }), away(delegate('c', { tags: ['eu', 'linux'] }))],
      null,
    ],
    ['All matching delegates are busy: a runs 4 of 4.', [], [delegate('a', { running: 4 })], null],
    [
      'No connected delegate may work for this project: a works for another organization or project.',
      [],
      [delegate('a', { inScope: false })],
      null,
    ],
    [
      'No delegate can take it now: a declined: db:5432 is not reachable; b runs 4 of 4; c takes nothing now: memory at 91 %.',
      ['eu'],
      [
        delegate('a', { tags: ['eu'], refusal: 'db:5432 is not reachable' }),
        delegate('b', { tags: ['eu'], running: 4 }),
        delegate('c', { tags: ['eu'], pressure: 'memory at 91 %' }),
        delegate('d'),
      ],
      null,
    ],
  ])('%s', (sentence, selectors, delegates, blockedBy) => {
    expect(explainWaiting(selectors, delegates, blockedBy)).toBe(sentence)
  })

  test('stays one sentence when there are many delegates', () => {
    const many = Array.from({ length: 40 }, (_, n) => delegate(`d${n}`))
    expect(explainWaiting(['x'], many, null)).toMatch(/; d4 lacks x; and 35 more\.$/)
    expect(explainWaiting(['x'], many.map(away), null)).toMatch(/d4 and 35 more\.$/)
  })
})

function away(one: ConsideredDelegate): ConsideredDelegate {
  return { ...one, connected: false }
}
