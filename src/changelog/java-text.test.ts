import { describe, expect, test } from 'vitest'
import { dateText, doubleText, indentOf, timestampText, trimmed } from './java-text.ts'

// What Java 17 prints.
describe('text as Java prints it', () => {
  test.each([
    [10.5, '10.5'],
    [1, '1.0'],
    [1000, '1000.0'],
    [9_999_999, '9999999.0'],
    [10_000_000, '1.0E7'],
    [123456789.123, '1.23456789123E8'],
    [0.001, '0.001'],
    [0.0001, '1.0E-4'],
    [1.5e-7, '1.5E-7'],
    [1e22, '1.0E22'],
    [1.7976931348623157e308, '1.7976931348623157E308'],
    [5e-324, '4.9E-324'],
    [-0, '-0.0'],
    [-500, '-500.0'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
    [Number.NaN, 'NaN'],
  ])('%d is %s', (value, expected) => {
    expect(doubleText(value)).toBe(expected)
  })

  test('dates', () => {
    const date = new Date(Date.UTC(2020, 0, 2, 3, 4, 5, 678))
    expect(dateText(date)).toBe('Thu Jan 02 03:04:05 UTC 2020')
    expect(timestampText(date)).toBe('2020-01-02 03:04:05')
  })

  test('trimming takes control characters but no other blanks', () => {
    expect(trimmed(' \t\r\n\0 a b\u00a0 ')).toBe('a b\u00a0')
    expect(trimmed('  ')).toBe('')
    expect(indentOf(' \ta')).toBe(2)
  })
})
