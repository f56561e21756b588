import { describe, expect, test } from 'vitest'
import { type SplitOptions, splitSql } from './split.ts'

const split = (text: string, options: Partial<SplitOptions> = {}): readonly string[] =>
  splitSql(text, { splitStatements: true, stripComments: false, endDelimiter: undefined, ...options }).map(
    ({ sql }) => sql,
  )

describe('delimiters', () => {
  test('semicolons, without empty statements', () => {
    expect(split('drop a;; drop b ;\n')).toEqual(['drop a', 'drop b'])
  })

  test('go and / only at the start of a line', () => {
    expect(split('a\nGO\nb\n/\nc/d go')).toEqual(['a', 'b', 'c/d go'])
    expect(split('a\n  go\nb')).toEqual(['a\n  go\nb'])
  })

  test('an own one is a text or a regular expression, in any case', () => {
    expect(split('a; b ~~ c', { endDelimiter: '~~' })).toEqual(['a; b', 'c'])
    expect(split('a;\ngo\nb', { endDelimiter: String.raw`\nGO` })).toEqual(['a;', 'b'])
    expect(split('a|b', { endDelimiter: '|' })).toEqual(['a', 'b'])
    expect(split('a/b\n/\nc', { endDelimiter: '/' })).toEqual(['a/b', 'c'])
  })

  test('one that is no regular expression stands for itself', () => {
    expect(split('a (( b', { endDelimiter: '((' })).toEqual(['a', 'b'])
  })
})

describe('what hides a delimiter', () => {
  test('quotes, brackets and comments', () => {
    const text = `insert into t values ('a;''b', "c;d", \`e;f\`, [g;h]) -- i;j\n/* k;l */`
    expect(split(`${text}; next`)).toEqual([text, 'next'])
  })

  test('a backslash may hide the quote that ends a text', () => {
    expect(split(String.raw`insert into t values ('C:\'); b; select 'x'`)).toHaveLength(1)
  })

  test('begin … end, but not begin transaction', () => {
    expect(split('create trigger t begin a; b; end; c')).toEqual(['create trigger t begin a; b; end', 'c'])
    expect(split('begin transaction; a; commit')).toEqual(['begin transaction', 'a', 'commit'])
  })

  test('dollar quotes do not, for compatibility', () => {
    expect(split('as $$ a; b $$')).toEqual(['as $$ a', 'b $$'])
  })
})

test('comments are stripped with what they hide', () => {
  expect(split('a -- b;\n; /* c; */ d', { stripComments: true })).toEqual(['a', 'd'])
  expect(split(' a; -- b\n', { stripComments: true, splitStatements: false })).toEqual(['a;'])
})

test('statements know where they begin', () => {
  const text = 'first;\r\n  -- why\r\n  second;third\n\n;\tfourth'
  const found = splitSql(text, { splitStatements: true, stripComments: true, endDelimiter: undefined })
  expect(found).toEqual([
    { sql: 'first', line: 1, column: 1 },
    { sql: 'second', line: 3, column: 3 },
    { sql: 'third', line: 3, column: 10 },
    { sql: 'fourth', line: 5, column: 3 },
  ])
})

test('a large file takes no longer than its size', () => {
  const text = `${'x '.repeat(50)}${' '.repeat(1000)}'unclosed \n`.repeat(2000)
  const start = performance.now()
  expect(split(text).length).toBeGreaterThan(0)
  expect(performance.now() - start).toBeLessThan(3000)
})
