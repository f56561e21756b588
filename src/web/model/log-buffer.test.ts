import { describe, expect, test } from 'vitest'
import { LogBuffer } from './log-buffer.ts'
import { findMatches, nextMatch, noMatches } from './log-search.ts'

describe('a log buffer', () => {
  test('joins lines that arrive in pieces', () => {
    const buffer = new LogBuffer()
    for (const piece of ['first li', 'ne', '\nsecond\n', '\nfourth', '\n', 'fifth']) buffer.append(piece)
    expect(buffer.lines).toEqual(['first line', 'second', '', 'fourth', 'fifth'])
  })

  test('is the same however the text is cut', () => {
    const text = 'a\n\nbb\nccc\n\n\ndd'
    for (let size = 1; size <= text.length; size += 1) {
      const buffer = new LogBuffer()
      for (let at = 0; at < text.length; at += size) buffer.append(text.slice(at, at + size))
      expect(buffer.lines).toEqual(text.split('\n'))
      expect(buffer.text()).toBe(text)
    }
  })

  test('begins anew', () => {
    const buffer = new LogBuffer()
    buffer.append('old\nhalf')
    buffer.clear()
    buffer.append('new')
    expect(buffer.lines).toEqual(['new'])
  })

  test('tells its readers about each append until they leave', () => {
    const buffer = new LogBuffer()
    let told = 0
    const leave = buffer.subscribe(() => {
      told += 1
    })
    buffer.append('a')
    buffer.append('')
    buffer.append('b\n')
    leave()
    buffer.append('c')
    expect(told).toBe(2)
    expect(buffer.version).toBe(3)
  })

  test('takes 200,000 lines in well under a second', () => {
    const buffer = new LogBuffer()
    const chunk = '2026-11-21T09:31:22.123Z INFO  one line of a long log\n'.repeat(1000)
    const started = performance.now()
    for (let i = 0; i < 200; i += 1) buffer.append(chunk)
    expect(buffer.lines).toHaveLength(200_000)
    expect(performance.now() - started).toBeLessThan(1000)
  })
})

describe('a search', () => {
  const lines = ['Alpha', 'beta', 'ALPHA beta', 'gamma']

  test('finds any case', () => {
    expect(findMatches(lines, 'alpha').lines).toEqual([0, 2])
    expect(findMatches(lines, '')).toBe(noMatches)
  })

  test('goes on where it stopped, and reads the line that was last again', () => {
    const before = findMatches(lines, 'beta')
    const grown = [...lines.slice(0, 3), 'gamma beta', 'beta']
    expect(findMatches(grown, 'beta', before).lines).toEqual([1, 2, 3, 4])
    expect(findMatches(lines, 'gamma', before).lines).toEqual([3])
    expect(findMatches(['beta'], 'beta', before).lines).toEqual([0])
  })

  test('steps round the matches', () => {
    expect(nextMatch(0, undefined, 1)).toBeUndefined()
    expect(nextMatch(3, undefined, 1)).toBe(0)
    expect(nextMatch(3, undefined, -1)).toBe(2)
    expect(nextMatch(3, 2, 1)).toBe(0)
    expect(nextMatch(3, 0, -1)).toBe(2)
  })
})
