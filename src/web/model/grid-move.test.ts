import { expect, test } from 'vitest'
import { type GridPlace, type GridShape, moveInGrid } from './grid-move.ts'

// Rows 0 and 3 are headings.
const shape: GridShape = { rows: 6, columns: 3, hasCells: (row) => row !== 0 && row !== 3 }
const move = (row: number, column: number, key: string): string => {
  const place: GridPlace | undefined = moveInGrid(shape, { row, column }, key, 3)
  return place ? `${place.row},${place.column}` : 'nowhere'
}

test('arrows step over headings and stop at the edges', () => {
  expect(move(2, 1, 'ArrowDown')).toBe('4,1')
  expect(move(4, 1, 'ArrowUp')).toBe('2,1')
  expect(move(5, 1, 'ArrowDown')).toBe('5,1')
  expect(move(1, 1, 'ArrowUp')).toBe('1,1')
  expect(move(1, 2, 'ArrowRight')).toBe('1,2')
  expect(move(1, 0, 'ArrowLeft')).toBe('1,0')
})

test('pages and ends always land on a row with cells', () => {
  expect(move(1, 1, 'PageDown')).toBe('4,1')
  expect(move(5, 1, 'PageUp')).toBe('2,1')
  expect(move(4, 2, 'Home')).toBe('1,2')
  expect(move(1, 2, 'End')).toBe('5,2')
  expect(move(5, 0, 'PageDown')).toBe('5,0')
})

test('other keys mean nothing', () => {
  expect(move(1, 1, 'a')).toBe('nowhere')
})
