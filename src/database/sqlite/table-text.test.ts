import { expect, test } from 'vitest'
import { readTableText } from './table-text.ts'

test('constraints are found with names, columns and texts, of columns and of the table', () => {
  const { constraints, options } = readTableText(`CREATE TABLE t ( -- first, of all
    id integer constraint pk primary key autoincrement,
    "a b" text not null default ('x, y') constraint u unique on conflict ignore check ("a b" <> ')'),
    ref int references other(id) on delete set null not deferrable constraint nn not null,
    constraint "c 1" check (id > 0 /* , */ and id < 9), foreign key (ref, [a b]) references o(x, y), unique (id, ref)
  ) STRICT, without  rowid`)
  expect(constraints).toEqual([
    { kind: 'primary', name: 'pk', columns: ['id'], text: 'primary key autoincrement' },
    { kind: 'unique', name: 'u', columns: ['a b'], text: 'unique on conflict ignore' },
    { kind: 'check', name: undefined, columns: ['a b'], text: `check ("a b" <> ')')` },
    {
      kind: 'foreign',
      name: undefined,
      columns: ['ref'],
      text: 'references other(id) on delete set null not deferrable',
    },
    { kind: 'check', name: 'c 1', columns: ['id'], text: 'check (id > 0 /* , */ and id < 9)' },
    { kind: 'foreign', name: undefined, columns: ['ref', 'a b'], text: 'foreign key (ref, [a b]) references o(x, y)' },
    { kind: 'unique', name: undefined, columns: ['id', 'ref'], text: 'unique (id, ref)' },
  ])
  expect(options).toEqual(['STRICT', 'WITHOUT ROWID'])
})

test('columns tell collation, expression and counting', () => {
  const { columns } = readTableText(
    'create table t (a text collate "nocase", b int as (a || 1), c int generated always as (b) stored, d integer primary key autoincrement)',
  )
  expect(columns).toEqual([
    { name: 'a', collation: 'nocase', generated: undefined, autoIncrement: false },
    { name: 'b', collation: undefined, generated: { expression: 'a || 1', stored: false }, autoIncrement: false },
    { name: 'c', collation: undefined, generated: { expression: 'b', stored: true }, autoIncrement: false },
    { name: 'd', collation: undefined, generated: undefined, autoIncrement: true },
  ])
})

test('what is no plain CREATE TABLE, or broken, gives nothing and does not hang', () => {
  expect(readTableText('create virtual table v using fts5(a, b)').columns).toEqual([])
  expect(readTableText("create table t (a text default 'x").columns).toEqual([])
})
