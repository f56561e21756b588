import { expect, test } from 'vitest'
import { planText } from './plan-text.ts'

const common = { fileName: 'a.sql', author: 'ann', description: 'sql', direction: 'apply' } as const

test('each change set stands under its name', () => {
  expect(
    planText([
      { ...common, id: '1', comment: 'First\nof two', statements: ['CREATE TABLE a (id int)\n', 'SELECT 1'] },
      { ...common, id: '2', statements: [] },
    ]),
  ).toBe(`-- a.sql::1::ann
-- First
-- of two
CREATE TABLE a (id int);
SELECT 1;

-- a.sql::2::ann
-- no SQL`)
})

test('a rollback and what cannot be undone say so, and no comment can become a statement', () => {
  expect(
    planText([
      {
        ...common,
        id: '1\nDROP TABLE a; ',
        direction: 'rollback',
        irreversible: 'no\r\nblock\rhere',
        statements: ['SELECT 1'],
      },
    ]),
  ).toBe(`-- roll back a.sql::1
-- DROP TABLE a; ::ann
-- cannot be rolled back: no
-- block
-- here
SELECT 1;`)
})
