import { expect, test } from 'vitest'
import { hasSeveralStatements } from './statement-count.ts'

test.each([
  ['select 1', false],
  ['select 1;', false],
  ['select 1; -- that was it\n /* really */ ;', false],
  ["select ';a'; ", false],
  ['select "a;b", `c;d`, [e;f]', false],
  ["select 'it''s; fine'", false],
  ['select 1; select 2', true],
  ['create trigger t after insert on a begin delete from b; end', true],
  ['-- ; \nselect 1', false],
])('%s', (sql, expected) => {
  expect(hasSeveralStatements(sql)).toBe(expected)
})
