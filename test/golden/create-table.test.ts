// createTable: the order of what its columns ask for.
import { expect, test } from 'vitest'
import { contextOf, parsedOf } from '../database/change-set.ts'

const column = (name: string, uniqueConstraintName?: string) => ({
  column: {
    name,
    type: 'int',
    constraints: { unique: true, ...(uniqueConstraintName ? { uniqueConstraintName } : {}) },
  },
})

test('unique constraints without a name come before the others, and columns of one name are one constraint', async () => {
  const columns = [column('a', 'uq'), column('b'), column('c', 'other'), column('d', 'uq'), column('e')]
  const [change] = parsedOf([{ createTable: { tableName: 't', columns } }], 'postgresql')
  const statements = await change?.type.statements(change.attributes, contextOf('postgresql'), change.span)
  expect(statements?.[0]).toMatchObject({
    uniqueConstraints: [
      { name: undefined, columns: ['b'] },
      { name: undefined, columns: ['e'] },
      { name: 'uq', columns: ['a', 'd'] },
      { name: 'other', columns: ['c'] },
    ],
  })
})
