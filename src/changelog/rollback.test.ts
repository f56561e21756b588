import { describe, expect, test } from 'vitest'
import { memorySource } from './memory.ts'
import { readChangelog } from './read.ts'

const database = { shortName: 'postgresql', properties: {} }
const knownChangeTypes = new Set(['sql', 'dropTable', 'empty'])
const xml = (body: string) =>
  `<databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog">\n${body}\n</databaseChangeLog>`

async function read(files: Readonly<Record<string, string>>) {
  const result = await readChangelog({
    files: memorySource(files),
    file: Object.keys(files)[0] ?? '',
    database,
    knownChangeTypes,
  })
  const places = result.diagnostics.map(
    ({ code, severity, span }) => `${severity} ${code.slice(10)} ${span?.line}:${span?.column}`,
  )
  return { ...result, places, rollback: result.changelog?.changeSets.at(-1)?.rollback }
}
const yaml = (body: string) =>
  read({ 'f.yaml': `databaseChangeLog:\n- changeSet:\n    id: 1\n    author: x\n${body.replace(/^(?=.)/gm, '    ')}` })

describe('rollback', () => {
  test.each<readonly [string, readonly string[]]>([
    ['rollback: drop a; drop b', ['sql drop a; drop b']],
    ['rollback: |\n  -- c\n  drop a;\n', ['sql -- c\ndrop a;']],
    ['rollback:\n- sql: drop a\n- dropTable: {tableName: t}', ['sql drop a', 'dropTable ']],
    ['rollback: {sql: drop a, dropTable: {tableName: t}}', ['sql drop a', 'dropTable ']],
    ['rollback:\n- comment: hi\n- sql: x', ['sql x']],
    ['rollback: []', []],
    ['rollback:', []],
    ['rollback: ""', []],
    ['rollback: empty', []],
    ['rollback: [{empty: {}}]', []],
  ])('%j', async (body, expected) => {
    const { rollback, places } = await yaml(body)
    expect(places).toEqual([])
    expect(rollback?.changes.map(({ name, value = '' }) => `${name} ${value}`)).toEqual(expected)
    expect(rollback?.references).toEqual([])
  })

  test('none at all is the automatic one', async () => {
    expect((await yaml('sql: x')).rollback).toBeUndefined()
  })

  test('text is one sql change that is split and stripped; its place is known', async () => {
    const { rollback } = await yaml('rollback: |\n  drop a;\n  drop b;\n')
    expect(rollback?.changes).toMatchObject([
      {
        valueSpan: { line: 6, column: 7 },
        valueIndent: 6,
        children: [
          { name: 'splitStatements', value: 'true' },
          { name: 'stripComments', value: 'true' },
        ],
      },
    ])
  })

  test('XML: several elements add up, changes come before text', async () => {
    const { rollback } = await read({
      'f.xml': xml(
        '<changeSet id="1" author="x"><sql>s</sql><rollback>drop a;<dropTable tableName="t"/> drop c</rollback><rollback><sql>d</sql></rollback></changeSet>',
      ),
    })
    expect(rollback?.changes.map(({ name, value = '' }) => `${name} ${value}`)).toEqual([
      'dropTable ',
      'sql drop a; drop c',
      'sql d',
    ])
    expect(
      (await read({ 'f.xml': xml('<changeSet id="1" author="x"><sql>s</sql><rollback/></changeSet>') })).rollback,
    ).toMatchObject({ changes: [] })
  })

  test('references become the exact identity of what they mean', async () => {
    const { changelog, places } = await read({
      'root.yaml':
        'databaseChangeLog:\n- include: {file: sub/a.yaml}\n- changeSet:\n    id: 2\n    author: y\n    rollback: {changeSetId: 1, changeSetAuthor: x, changeSetPath: /sub/./a.yaml}\n',
      'sub/a.yaml':
        'databaseChangeLog:\n- logicalFilePath: logical/a\n- changeSet: {id: 1, author: x}\n- changeSet:\n    id: 3\n    author: x\n    rollback:\n    - changeSetId: 1\n    - changeSetAuthor: x\n',
    })
    expect(places).toEqual([])
    const references = changelog?.changeSets.map(({ id, rollback }) => [
      id,
      rollback?.references.map(({ path }) => path),
    ])
    expect(references).toEqual([
      ['1', undefined],
      ['3', ['logical/a']],
      ['2', ['logical/a']],
    ])
  })

  test.each<readonly [string, readonly string[]]>([
    ['rollback: {changeSetId: 9, changeSetAuthor: y}', ['error rollback-reference 5:5']],
    ['rollback: {changeSetId: 1}', ['error rollback-reference 5:5']],
    ['rollback: [drop a, drop b]', ['error bad-value 5:5']],
    ['rollback: [{foo: {a: b}}]', ['error unknown-change-type 5:17']],
    ['rollback: [{foo: b}]', ['warning ignored-entry 5:17']],
    ['rollback: {changes: [{sql: a}]}', ['error unknown-change-type 5:16']],
    ['rollback: not required', ['warning rollback-text 5:5']],
  ])('%s', async (body, expected) => {
    expect((await yaml(body)).places).toEqual(expected)
  })

  test('a reference to what comes only later is doubtful', async () => {
    const { places } = await read({
      'f.yaml':
        'databaseChangeLog:\n- changeSet: {id: 1, author: x, rollback: {changeSetId: 2, changeSetAuthor: x}}\n- changeSet: {id: 2, author: x}\n',
    })
    expect(places).toEqual(['warning rollback-reference 2:33'])
  })
})
