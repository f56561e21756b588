// What MySQL 9.7 told of columns, and what is made of it. MariaDB's columns are in the suites of snapshots.
import { expect, test } from 'vitest'
import { columnType, defaultValue, plainExpressions } from './snapshot-type.ts'

const defaultOf = (type: string, value: string, extra = '') =>
  defaultValue(plainExpressions({ type_name: type, type, default_value: value, extra }), false)

test.each([
  ['varchar', String.raw`concat(_utf8mb4\'it\\\'s \\\\ x\',uuid())`, String.raw`(concat(_utf8mb4'it\'s \\ x',uuid()))`],
  ['text', String.raw`_utf8mb4\'none\'`, "(_utf8mb4'none')"],
  ['datetime', 'now()', '(now())'],
  ['datetime', 'CURRENT_TIMESTAMP(6)', 'CURRENT_TIMESTAMP(6)'],
])('an expression as default of a %s: %s', (type, value, expression) => {
  expect(defaultOf(type, value, 'DEFAULT_GENERATED')).toEqual({ kind: 'function', text: expression, expression })
})

test.each([
  ['varchar', String.raw`a\b's`, 'text', String.raw`'a\\b''s'`],
  ['int', '5', 'number', '5'],
  ['bit', "b'101'", 'function', "b'101'"],
  ['date', '2020-01-31', 'date', "'2020-01-31'"],
])('a literal as default of a %s: %s', (type, value, kind, expression) => {
  expect(defaultOf(type, value)).toMatchObject({ kind, expression })
})

test('what happens on update stays beside the default', () => {
  const told = defaultOf('datetime', 'CURRENT_TIMESTAMP(6)', 'DEFAULT_GENERATED on update CURRENT_TIMESTAMP(6)')
  expect(told?.expression).toBe('CURRENT_TIMESTAMP(6) on update current_timestamp(6)')
})

test('checks and generated columns are told as one would write them', () => {
  const clause = String.raw`(\`a\` <> _utf8mb4\'it\\\'s\')`
  expect(plainExpressions({ clause })).toEqual({ clause: String.raw`(${'`a`'} <> _utf8mb4'it\'s')` })
})

test.each([
  [{ type_name: 'bit', type: 'bit(64)', precision: 64 }, { size: 64, name: 'BIT' }, undefined],
  [{ type_name: 'double', type: 'double(5,2)', precision: 5, scale: 2 }, { size: 5, digits: 2 }, 5],
  [{ type_name: 'float', type: 'float(10,10)', precision: 10, scale: 10 }, { size: 10, digits: 10 }, undefined],
  [{ type_name: 'point', type: 'point' }, { name: 'GEOMETRY', text: 'point' }, undefined],
])('sizes are those of the driver of each: %j', (row, onMysql, sizeOnMariadb) => {
  expect(columnType(row, false)).toMatchObject(onMysql)
  expect(columnType(row, true)).toMatchObject({ size: sizeOnMariadb, digits: undefined })
})
