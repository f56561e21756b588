import { expect, test } from 'vitest'
import { isCovered } from './effect.ts'

test.each([
  ['insert into t values (1)', true],
  ['  -- note\n/* more */ UPDATE t SET a = 1', true],
  ['(select 1 from dual)', true],
  ['MERGE INTO t USING s ON (1 = 1)', true],
  ['create table t (a integer)', false],
  ['COMMENT ON TABLE t IS 1', false],
  ['begin insert into t values (1); commit; end;', false],
  ['truncate table t', false],
  ['', false],
])('%s', (sql, expected) => {
  expect(isCovered(sql)).toBe(expected)
})
