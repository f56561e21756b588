import { expect, test } from 'vitest'
import { namingFor } from './naming.ts'
import { quoteName } from './quote.ts'

test.each([
  ['person', 'person'],
  ['Person', 'Person'],
  ['order', '`order`'],
  ['DESCRIPTION', '`DESCRIPTION`'],
  ['value', 'value'],
  ['my col', '`my col`'],
  ['a-b', '`a-b`'],
  ['1a', '`1a`'],
  ['größe', '`größe`'],
  ['a`b', '`a``b`'],
  // Refused by MariaDB as bare names, though the original engine writes them so.
  ['offset', '`offset`'],
  ['returning', '`returning`'],
])('%s', (name, quoted) => {
  expect(quoteName(name, 'LEGACY')).toBe(quoted)
})

test('quoting everything', () => {
  expect(quoteName('person', 'QUOTE_ALL_OBJECTS')).toBe('`person`')
})

test('schema and catalog are the same thing, the catalog comes first', () => {
  const naming = namingFor('LEGACY', 'shop')
  expect(naming.table({ catalogName: undefined, schemaName: undefined, tableName: 't' })).toBe('shop.t')
  expect(naming.table({ catalogName: undefined, schemaName: 'other', tableName: 't' })).toBe('other.t')
  expect(naming.table({ catalogName: 'c', schemaName: 'other', tableName: 't' })).toBe('c.t')
  expect(naming.names(['a', 'order DESC'])).toBe('a, `order` DESC')
})
