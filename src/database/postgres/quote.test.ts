import { describe, expect, test } from 'vitest'
import { quoteName as quoteSqlite } from '../sqlite/quote.ts'
import { namingFor } from './naming.ts'
import { quoteName } from './quote.ts'

test.each([
  ['customer', 'customer'],
  ['CUSTOMER', 'CUSTOMER'],
  ['Customer', '"Customer"'],
  ['order', '"order"'],
  ['my-table', '"my-table"'],
  ['2nd', '"2nd"'],
  ['a"b', '"a""b"'],
  ['größe', '"größe"'],
])('%s', (name, expected) => {
  expect(quoteName(name, 'LEGACY')).toBe(expected)
})

describe('other strategies', () => {
  test('all objects, or only where it must be', () => {
    expect(quoteName('customer', 'QUOTE_ALL_OBJECTS')).toBe('"customer"')
    expect(quoteName('Customer', 'QUOTE_ONLY_RESERVED_WORDS')).toBe('Customer')
    expect(quoteName('order', 'QUOTE_ONLY_RESERVED_WORDS')).toBe('"order"')
  })

  test('SQLite keeps letter case and has its own reserved words', () => {
    expect(quoteSqlite('Customer', 'LEGACY')).toBe('Customer')
    expect(quoteSqlite('order', 'LEGACY')).toBe('"order"')
    expect(quoteSqlite('user', 'LEGACY')).toBe('user')
  })
})

test('schemas: the own one, the one for output, or none', () => {
  const table = { catalogName: 'c', schemaName: undefined, tableName: 'Ship' }
  expect(namingFor('LEGACY', undefined).table(table)).toBe('"Ship"')
  expect(namingFor('LEGACY', 'public').table(table)).toBe('public."Ship"')
  expect(namingFor('LEGACY', 'public').table({ ...table, schemaName: 'Dock' })).toBe('"Dock"."Ship"')
  expect(namingFor('LEGACY', undefined).names(['a', 'B desc', 'C D'])).toBe('a, B desc, "C D"')
})
