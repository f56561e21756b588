import { describe, expect, test } from 'vitest'
import { isClosed } from './closed.ts'

describe('a statement that another one may follow in the same message', () => {
  test.each([
    'create table t (id int)',
    "insert into t values ('it''s; fine', \"odd;name\")",
    'create function f() returns int language sql as $$ select 1; $$',
    'do $body$ begin perform 1; end $body$ -- last words; of it',
    'select 1 /* a; /* nested; */ comment */ + 2',
    'select a$b$c from t where x = $1',
    "select '🦆;' as é",
  ])('%s', (sql) => expect(isClosed(sql)).toBe(true))

  test.each([
    ['two commands', 'select 1; select 2'],
    ['a delimiter at the end', 'select 1;'],
    ['an open quote', "select 'a"],
    ['an open name', 'select "a'],
    ['an open dollar quote', 'do $a$ begin end $b$'],
    ['an open comment', 'select 1 /* /* */'],
    ['a backslash in a quote', "select E'a\\'; drop table t; --'"],
    ['nothing but comments', '-- nothing\n/* at all */'],
    ['nothing', ''],
    ['a character that ends a message', "select '\0'"],
  ])('but not %s', (_what, sql) => expect(isClosed(sql)).toBe(false))
})
