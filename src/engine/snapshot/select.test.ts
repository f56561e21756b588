import { expect, test } from 'vitest'
import { objectTypesOf } from './object-type.ts'
import { selectionOf } from './select.ts'

test('a pattern matches the whole name, of the object or of its table', () => {
  const { includes } = selectionOf({ excludeObjects: 'order.*, (?i)SECRET, column:hash' })
  expect(includes('table', 'orders')).toBe(false)
  expect(includes('table', 'reorders')).toBe(true)
  expect(includes('index', 'ix', { type: 'table', name: 'orders' })).toBe(false)
  expect(includes('view', 'secret')).toBe(false)
  expect(includes('column', 'hash', { type: 'table', name: 'customer' })).toBe(false)
  expect(includes('table', 'hash')).toBe(true)
})

test('an include list takes in what stands on its tables, and nothing else', () => {
  const { includes } = selectionOf({ includeObjects: 'table:cust.*' })
  expect(includes('table', 'customer')).toBe(true)
  expect(includes('column', 'name', { type: 'table', name: 'customer' })).toBe(true)
  expect(includes('column', 'customer', { type: 'view', name: 'customer' })).toBe(false)
  expect(includes('sequence', 'customer')).toBe(false)
})

test('kinds go by any of their names; mistakes are told with what is known', () => {
  expect([...objectTypesOf('Tables, foreign key,liquibase.structure.core.UniqueConstraint', 'diff-types')]).toEqual([
    'table',
    'foreignKey',
    'uniqueConstraint',
  ])
  expect(objectTypesOf(undefined, 'diff-types').has('data')).toBe(false)
  expect(() => objectTypesOf('tabels', 'diff-types')).toThrow(/"tabels" is not a kind of object/)
  expect(() => selectionOf({ includeObjects: 'a(' })).toThrow(/not a regular expression/)
  expect(() => selectionOf({ includeObjects: 'tabel:a' })).toThrow(/not a kind of object/)
  expect(() => selectionOf({ includeObjects: 'a', excludeObjects: 'b' })).toThrow(/together/)
})
