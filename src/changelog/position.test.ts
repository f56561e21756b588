import { describe, expect, test } from 'vitest'
import { positionsOf } from './position.ts'

describe('positions', () => {
  const positions = positionsOf('f', 'one\ntwo\r\nthree\rfour')

  test.each([
    [0, 1, 1],
    [3, 1, 4],
    [4, 2, 1],
    [9, 3, 1],
    [15, 4, 1],
    [19, 4, 5],
  ])('offset %i is in line %i, column %i', (offset, line, column) => {
    expect(positions.span(offset)).toEqual({ file: 'f', line, column })
  })

  test('spans end where they end, and stay inside the text', () => {
    expect(positions.span(2, 6)).toEqual({ file: 'f', line: 1, column: 3, endLine: 2, endColumn: 3 })
    expect(positions.span(-5, 999)).toEqual({ file: 'f', line: 1, column: 1, endLine: 4, endColumn: 5 })
    expect(positions.line(2)).toEqual({ file: 'f', line: 2, column: 1, endLine: 2, endColumn: 4 })
    expect(positions.line(99)).toEqual({ file: 'f', line: 4, column: 1, endLine: 4, endColumn: 5 })
    expect(positionsOf('f', '').line(1)).toEqual({ file: 'f', line: 1, column: 1 })
  })
})
