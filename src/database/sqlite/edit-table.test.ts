import { expect, test } from 'vitest'
import { withAutoIncrement, withDefault, withoutPrimaryKey } from './edit-table.ts'

const table = `CREATE TABLE "t" ( -- all of it
  id int constraint "p k" primary key asc on conflict abort autoincrement not null, -- counts
  a text, b varchar(10) not null check (b <> 'default 1'), c real default -1.5e+3 not null,
  d DEFAULT ('x' || ')') , unique (a, b)) STRICT`

test('a default goes behind the type, or in the place of the one that is there', () => {
  const line = (column: string, value: string): string | undefined =>
    withDefault(table, column, value)
      .split('\n')
      .find((_text, index) => _text !== table.split('\n')[index])
  expect(line('A', "'v'")).toBe(
    `  a text DEFAULT 'v', b varchar(10) not null check (b <> 'default 1'), c real default -1.5e+3 not null,`,
  )
  expect(line('b', '(1)')).toContain(`b varchar(10) DEFAULT (1) not null check (b <> 'default 1'), c real`)
  expect(line('c', '2')).toContain('c real default 2 not null,')
  expect(line('d', 'null')).toBe('  d DEFAULT null , unique (a, b)) STRICT')
  expect(withDefault('create table t (a int references u on delete set default on update set null)', 'a', '1')).toBe(
    'create table t (a int DEFAULT 1 references u on delete set default on update set null)',
  )
  expect(() => withDefault(table, 'e', '1')).toThrow('the table has no column e')
})

test('a key goes wherever it stands, with its name and all that belongs to it', () => {
  expect(withoutPrimaryKey(table)).toContain('  id int not null, -- counts\n')
  expect(
    withoutPrimaryKey('create table t (a int, b int, constraint k primary key (a, b) on conflict fail, c int)'),
  ).toBe('create table t (a int, b int, c int)')
  expect(withoutPrimaryKey('create table t (a int primary key)')).toBe('create table t (a int)')
  expect(() => withoutPrimaryKey('create table t (a int, primary_key int)')).toThrow('no primary key')
})

test('a column that counts has the key behind it, under the name of the key', () => {
  const counting = (sql: string): string => withAutoIncrement(sql, 'a', 'PK_T')
  expect(counting('create table t (a bigint not null default 1, b int, constraint "k" primary key (a))')).toBe(
    'create table t (a INTEGER CONSTRAINT "k" PRIMARY KEY AUTOINCREMENT not null default 1, b int)',
  )
  expect(counting('create table t (a int constraint k primary key not null)')).toBe(
    'create table t (a INTEGER CONSTRAINT k PRIMARY KEY AUTOINCREMENT not null)',
  )
  expect(counting('create table t (a primary key not null, b)')).toBe(
    'create table t (a INTEGER CONSTRAINT PK_T PRIMARY KEY AUTOINCREMENT not null, b)',
  )
  expect(counting('create table t (b, a)')).toBe(
    'create table t (b, a INTEGER CONSTRAINT PK_T PRIMARY KEY AUTOINCREMENT)',
  )
  expect(() => counting('create table t (a int, b int, primary key (a, b))')).toThrow('the primary key is a, b')
})
