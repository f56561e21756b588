import { describe, expect, test } from 'vitest'
import { didYouMean, nearest } from './spelling.ts'

describe('suggestions', () => {
  test.each([
    ['createtable', 'createTable'],
    ['creatTable', 'createTable'],
    ['craeteTable', 'createTable'],
    ['runonChanged', 'runOnChange'],
    ['lables', 'labels'],
  ])('%s is meant to be %s', (word, expected) => {
    expect(nearest(word, ['createTable', 'createView', 'runOnChange', 'runAlways', 'labels'])).toBe(expected)
  })

  test('nothing is better than something far away', () => {
    expect(nearest('foo', ['createTable', 'sql'])).toBeUndefined()
    expect(nearest('', ['sql'])).toBeUndefined()
    expect(didYouMean('foo', ['createTable'])).toBe('')
    expect(didYouMean('Sql', ['sql'])).toBe(' Did you mean "sql"?')
  })
})
