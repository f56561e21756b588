import { expect, test } from 'vitest'
import type { ColumnValue } from '#change/statement'
import { whereClause } from './condition.ts'

const writer = {
  name: (name: string): string => `"${name}"`,
  value: (value: ColumnValue): string => (value.kind === 'text' ? `'${value.text}'` : 'NULL'),
}
const text = (name: string, value: string) => ({ name, value: { kind: 'text', text: value } as const })

test('placeholders are filled in order, names and values each for themselves', () => {
  const where = {
    condition: ':name = :value and :name > ? or :namely = :values',
    parameters: [text('a', '1'), text('b', '2')],
  }
  expect(whereClause(where, writer)).toBe(` WHERE "a" = '1' and "b" > '2' or :namely = :values`)
})

test('placeholders without a parameter stay', () => {
  expect(whereClause({ condition: 'a = ? and b = ?', parameters: [text('x', '1')] }, writer)).toBe(
    " WHERE a = '1' and b = ?",
  )
  expect(whereClause(undefined, writer)).toBe('')
})
