import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dbmsMatches } from './dbms.ts'
import { resolvePath } from './file.ts'
import { nearest } from '#contract/spelling'
import { hasOffset, numericLiteral, parseDate, parseNumeric } from './value.ts'

test.each([
  ['1.50', '1.50'],
  ['(5)', '5'],
  ['-0', '-0'],
  ['.5', '.5'],
  ['5abc', '5abc'],
  ['nextid()', undefined],
  ['+5', undefined],
  ['', undefined],
])('number %s', (written, expected) => {
  expect(parseNumeric(written)).toBe(expected)
})

test('grouped digits are one number', () => {
  expect(numericLiteral('1,234,567.80')).toBe('1234567.80')
  expect(numericLiteral('1,2')).toBe('1,2')
})

test.each([
  ['2020-01-02', '2020-01-02'],
  ['03:04:05', '03:04:05'],
  ['2020-01-02 03:04:05', '2020-01-02T03:04:05'],
  ['2020-01-02T03:04:05.6700', '2020-01-02T03:04:05.67'],
  ['2020-01-02T03:04:05.000', '2020-01-02T03:04:05'],
  ['2020-01-02T03:04:05+02:00', '2020-01-02T01:04:05'],
  ['Thu Jan 02 00:00:00 UTC 2020', '2020-01-02T00:00:00'],
  ['2020-02-30', undefined],
  ['24:00:00', undefined],
  ['now()', undefined],
])('date %s', (written, expected) => {
  expect(parseDate(written)).toBe(expected)
})

test('an offset is seen only after a time', () => {
  expect(hasOffset('2020-01-02T03:04:05+02:00')).toBe(true)
  expect(hasOffset('2020-01-02T03:04:05')).toBe(false)
})

test.each([
  [undefined, true],
  ['', true],
  ['postgresql', true],
  ['mysql, PostgreSQL', true],
  ['mysql', false],
  ['!mysql', true],
  ['!postgresql', false],
  ['all', true],
  ['none', false],
  ['!mysql, oracle', false],
])('dbms %s', (list, expected) => {
  expect(dbmsMatches(list, 'postgresql')).toBe(expected)
})

describe('paths of files', () => {
  test('count from the search path or from the changelog', () => {
    expect(resolvePath('sql/./a.sql', 'db/main.xml', false)).toBe('sql/a.sql')
    expect(resolvePath('../sql/a.sql', 'db/change/main.xml', true)).toBe('db/sql/a.sql')
    expect(resolvePath(String.raw`classpath:sql\a.sql`, 'main.xml', undefined)).toBe('sql/a.sql')
  })

  test('do not leave it', () => {
    expect(() => resolvePath('../../a.sql', 'db/main.xml', true)).toThrow(/leaves/)
  })
})

test('a suggestion is near', () => {
  expect(nearest('tabelName', ['schemaName', 'tableName'])).toBe('tableName')
  expect(nearest('xyz', ['schemaName', 'tableName'])).toBeUndefined()
})

test('moments of digits are judged as their patterns say', () => {
  const two = fc.integer({ min: 0, max: 99 }).map((number) => String(number).padStart(2, '0'))
  const parts = fc.tuple(two, two, two, two, two, two, two, fc.constantFrom(' ', 'T'))
  fc.assert(
    fc.property(parts, ([century, year, month, day, hour, minute, second, between]) => {
      const date = `${century}${year}-${month}-${day}`
      const time = `${hour}:${minute}:${second}`
      const fine = parseDate(date) !== undefined && parseDate(time) !== undefined
      expect(parseDate(`${date}${between}${time}`)).toBe(fine ? `${date}T${time}` : undefined)
      // The long way round: with a fraction of nothing.
      expect(parseDate(`${date}${between}${time}.0`)).toBe(fine ? `${date}T${time}` : undefined)
      const real = new Date(`${date}T00:00:00Z`)
      const isReal = !Number.isNaN(real.getTime()) && real.toISOString().slice(0, 10) === date
      expect(parseDate(date)).toBe(isReal ? date : undefined)
    }),
    { numRuns: 500 },
  )
})
