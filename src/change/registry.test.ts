import { describe, expect, test } from 'vitest'
import type { ChangelogNode } from '#changelog/node'
import { changeTypeNames, parseChange } from './registry.ts'

/** `line` of each element is its place in reading order. */
function node(name: string, children: Readonly<Record<string, unknown>> | string, line = 1): ChangelogNode {
  const span = { file: 'a.yaml', line, column: 3 }
  if (typeof children === 'string') return { name, value: children, children: [], span }
  const inner = Object.entries(children).map(([key, value], index) => node(key, value as string, line + index + 1))
  return { name, value: undefined, children: inner, span }
}

const found = (name: string, attributes: Readonly<Record<string, unknown>>, dbms = 'postgresql') =>
  parseChange(node(name, attributes), dbms).diagnostics

test('an unknown type is an error with a suggestion, and case counts', () => {
  expect(parseChange(node('creteTable', {}), 'postgresql')).toEqual({
    change: undefined,
    diagnostics: [
      {
        code: 'change/unknown-type',
        severity: 'error',
        message: 'there is no change type "creteTable"',
        span: { file: 'a.yaml', line: 1, column: 3 },
        fix: 'Did you mean "createTable"?',
      },
    ],
  })
  expect(parseChange(node('createtable', {}), 'postgresql').diagnostics[0]?.fix).toContain('createTable')
  expect(parseChange(node('somethingElseEntirely', {}), 'postgresql').diagnostics[0]?.fix).not.toContain('mean')
})

test('the names that the open engine has', () => {
  expect(changeTypeNames.size).toBe(47)
})

describe('attributes', () => {
  test('a missing one is an error at the change', () => {
    expect(found('dropTable', {})).toMatchObject([
      {
        code: 'change/missing-attribute',
        severity: 'error',
        message: 'dropTable needs "tableName" on postgresql',
        span: { line: 1 },
      },
    ])
  })

  test('an empty one is missing', () => {
    expect(found('dropTable', { tableName: '' })).toMatchObject([{ code: 'change/missing-attribute' }])
  })

  test('one that only some databases need', () => {
    const attributes = { tableName: 't', oldColumnName: 'a', newColumnName: 'b' }
    expect(found('renameColumn', attributes)).toEqual([])
    expect(found('renameColumn', attributes, 'mysql')).toMatchObject([
      { message: expect.stringContaining('columnDataType') as string },
    ])
  })

  test('an unknown one is a warning at its own place', () => {
    expect(found('dropTable', { tableName: 't', cascadeConstraint: 'true' })).toMatchObject([
      {
        code: 'change/unknown-attribute',
        severity: 'warning',
        span: { line: 3 },
        fix: 'Did you mean "cascadeConstraints"?',
      },
    ])
  })

  test('letter case of names does not matter', () => {
    expect(found('dropTable', { TABLENAME: 't' })).toEqual([])
  })

  test('the same one twice is an error', () => {
    expect(found('dropTable', { tableName: 't', tablename: 'u' })).toMatchObject([
      { code: 'change/duplicate-attribute' },
    ])
  })

  test('a number must be one, a boolean should', () => {
    expect(found('createSequence', { sequenceName: 's', startValue: 'five' })).toMatchObject([
      { code: 'change/not-a-number', span: { line: 3 } },
    ])
    expect(found('createSequence', { sequenceName: 's', cycle: 'yes' })).toMatchObject([
      { code: 'change/not-a-boolean', severity: 'warning' },
    ])
  })
})

describe('columns', () => {
  const column = (attributes: Readonly<Record<string, string>>) => ({ tableName: 't', columns: { column: attributes } })

  test('need name and type where the change makes them', () => {
    expect(found('createTable', column({ nam: 'a' })).map(({ code, span }) => [code, span?.line])).toEqual([
      ['change/unknown-attribute', 5],
      ['change/missing-attribute', 4],
      ['change/missing-attribute', 4],
    ])
    expect(found('createTable', { tableName: 't' })).toMatchObject([
      { message: 'createTable needs "columns" on postgresql' },
    ])
  })

  test('stand where only some databases can put them', () => {
    const attributes = column({ name: 'a', type: 'int', afterColumn: 'b' })
    expect(found('addColumn', attributes, 'mysql')).toEqual([])
    expect(found('addColumn', attributes)).toMatchObject([
      { code: 'change/attribute-not-supported', span: { line: 4 } },
    ])
  })

  test('that a database refuses are named, and only when they ask for something', () => {
    const key = { constraintName: 'f', baseTableName: 't', baseColumnNames: 'a' }
    const reference = { ...key, referencedTableName: 'u', referencedColumnNames: 'b' }
    const asking = { ...reference, deferrable: 'true' }
    expect(found('addForeignKeyConstraint', asking)).toEqual([])
    expect(found('addForeignKeyConstraint', asking, 'mysql')).toMatchObject([
      { code: 'change/attribute-not-supported', message: '"deferrable" is not allowed on mysql' },
    ])
    expect(found('addForeignKeyConstraint', { ...reference, deferrable: 'false' }, 'mysql')).toEqual([])
    expect(found('createSequence', { sequenceName: 's', ordered: 'false' })).toMatchObject([
      { message: '"ordered" is not allowed on postgresql' },
    ])
  })

  test('have what the database can add', () => {
    expect(
      found('addColumn', column({ name: 'a', type: 'int', defaultValueComputed: 'now()' }), 'sqlite'),
    ).toMatchObject([
      { code: 'change/not-supported', message: 'column a: sqlite cannot add a column with a computed default' },
    ])
  })
})

test('a change that the database cannot do is still there to be hashed', () => {
  const { change, diagnostics } = parseChange(
    node('modifyDataType', { tableName: 't', columnName: 'c', newDataType: 'int' }),
    'sqlite',
  )
  expect(change?.type.name).toBe('modifyDataType')
  expect(diagnostics).toMatchObject([{ code: 'change/not-supported', severity: 'error' }])
})

test('what a database leaves out is a warning', () => {
  expect(found('createSequence', { sequenceName: 's' }, 'sqlite')).toMatchObject([
    { code: 'change/left-out', severity: 'warning' },
  ])
})
