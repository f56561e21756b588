import { describe, expect, test } from 'vitest'
import { locateInLines } from './locate.ts'

const place = (
  file: string,
  sql: string,
  token: string,
  span = { line: 1, endLine: undefined as number | undefined },
) =>
  locateInLines(
    file.split('\n'),
    {
      sql,
      endDelimiter: ';',
      span: { file: 'c.sql', line: span.line, column: 1, ...(span.endLine ? { endLine: span.endLine } : {}) },
    },
    sql.indexOf(token),
  )

describe('the place of a failing statement', () => {
  test('is the line and column of the token in formatted SQL', () => {
    const file = '-- liquibase formatted sql\n-- changeset a:1\nselect 1;\n  select nme\n    from person;'
    expect(place(file, 'select nme\n    from person', 'nme')).toEqual({ file: 'c.sql', line: 4, column: 10 })
    expect(place(file, 'select nme\n    from person', 'person')).toEqual({ file: 'c.sql', line: 5, column: 10 })
  })

  test('is found although YAML cut the indentation', () => {
    const file = ['- sql:', '    sql: |', '      create table a (', '        b integr', '      )'].join('\n')
    expect(place(file, 'create table a (\n  b integr\n)', 'integr')).toEqual({ file: 'c.sql', line: 4, column: 11 })
  })

  test('of two equal lines is the one whose neighbours agree', () => {
    const file = 'insert into t\nvalues (1);\nupdate t\nset a = 1;\ninsert into u\nvalues (1);'
    expect(place(file, 'insert into u\nvalues (1)', 'values')).toEqual({ file: 'c.sql', line: 6, column: 1 })
  })

  test('stays inside the span of the change', () => {
    const file = 'select x;\nselect y;\nselect x;'
    expect(place(file, 'select x', 'x', { line: 2, endLine: 3 })).toMatchObject({ line: 3, column: 8 })
    expect(place(file, 'select x', 'x', { line: 2, endLine: 2 })).toBeUndefined()
  })

  test('is unknown for SQL that a writer made', () => {
    expect(place('- createTable:\n    tableName: t', 'CREATE TABLE public.t (id INTEGER)', 'CREATE')).toBeUndefined()
  })
})
