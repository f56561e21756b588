import { describe, expect, test } from 'vitest'
import { memorySource } from './memory.ts'
import type { Precondition } from './model.ts'
import { readChangelog } from './read.ts'

const database = { shortName: 'postgresql', properties: {} }
const xml = (body: string) =>
  `<databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog" xmlns:ext="urn:ext">\n${body}\n</databaseChangeLog>`

async function read(files: Readonly<Record<string, string>>) {
  const result = await readChangelog({ files: memorySource(files), file: Object.keys(files)[0] ?? '', database })
  const places = result.diagnostics.map(
    ({ code, severity, span }) => `${severity} ${code.slice(10)} ${span?.line}:${span?.column}`,
  )
  return { ...result, places }
}
const yaml = (body: string) =>
  read({
    'f.yaml': `databaseChangeLog:\n- changeSet:\n    id: 1\n    author: x\n    preConditions:\n${body.replace(/^(?=.)/gm, '    ')}`,
  })
const told = (condition: Precondition): string => {
  if (condition.type === 'check') {
    return `${condition.name}{${Object.entries(condition.attributes)
      .map(([name, value]) => `${name}=${value}`)
      .join(' ')}}`
  }
  const options = condition.onFail ? `[${condition.onFail} ${condition.onError}]` : ''
  return `${condition.type}${options}(${condition.conditions.map(told).join(' ')})`
}

describe('preconditions of a change set', () => {
  test('options and conditions mixed in a list', async () => {
    const { changelog, places } = await yaml(
      '- onFail: MARK_RAN\n- onError: warn\n- onFailMessage: m\n- onSqlOutput: TEST\n- tableExists: {tableName: t}\n- not:\n  - viewExists: {viewName: v}\n  - tableExists: {tableName: u}\n- or:\n  - dbms: {type: "h2, !mysql"}\n  - and:\n    - runningAs: {username: u}\n    - sqlCheck: {expectedResult: 0, sql: select 1}\n- changeSetExecuted: {id: 1, author: a}\n- preConditions:\n  - onFail: WARN\n  - rowCount: {tableName: t, expectedRows: 5}\n',
    )
    expect(places).toEqual([])
    const preconditions = changelog?.changeSets[0]?.preconditions
    expect(preconditions).toMatchObject({
      onFail: 'MARK_RAN',
      onError: 'WARN',
      onSqlOutput: 'TEST',
      onFailMessage: 'm',
      onErrorMessage: undefined,
      span: { line: 5, column: 5 },
    })
    expect(preconditions?.conditions.map(told)).toEqual([
      'tableExists{tableName=t}',
      'not(viewExists{viewName=v} tableExists{tableName=u})',
      'or(dbms{type=h2, !mysql} and(runningAs{username=u} sqlCheck{expectedResult=0 sql=select 1}))',
      'changeSetExecuted{id=1 author=a changeLogFile=f.yaml}',
      'and[WARN HALT](rowCount{tableName=t expectedRows=5})',
    ])
    expect(preconditions?.conditions[1]?.span).toMatchObject({ line: 11, column: 7 })
  })

  test('as a map, and under the other name', async () => {
    const { changelog } = await read({
      'f.yaml':
        'databaseChangeLog:\n- changeSet: {id: 1, author: x, preconditions: {onFail: mark_ran, not: {dbms: {type: h2}}}}',
    })
    expect(changelog?.changeSets[0]?.preconditions).toMatchObject({ onFail: 'MARK_RAN', onSqlOutput: 'IGNORE' })
    expect(changelog?.changeSets[0]?.preconditions?.conditions.map(told)).toEqual(['not(dbms{type=h2})'])
  })

  test('the text of an XML sqlCheck is its SQL', async () => {
    const { changelog } = await read({
      'f.xml': xml(
        '<changeSet id="1" author="x"><preConditions><sqlCheck expectedResult="1"> select 1; </sqlCheck></preConditions></changeSet>',
      ),
    })
    expect(changelog?.changeSets[0]?.preconditions?.conditions.map(told)).toEqual([
      'sqlCheck{expectedResult=1 sql=select 1;}',
    ])
  })

  test.each<readonly [string, readonly string[]]>([
    ['- onFail: FOO', ['error bad-value 6:7']],
    ['- onUpdateSql: FAIL', ['warning unknown-precondition 6:7']],
    ['- tableexists: {tableName: t}', ['error unknown-precondition 6:7']],
    ['- foo: bar', ['warning unknown-precondition 6:7']],
    ['- dbms: h2', ['error missing-attribute 6:7']],
    ['- tableExists: {TableName: t}', ['warning unknown-attribute 6:21', 'error missing-attribute 6:7']],
    ['- rowCount: {tableName: t, expectedRows: "x"}', ['error bad-value 6:7']],
    ['- customPrecondition: {className: a.B, param: {name: c, value: d}}', ['warning not-supported 6:7']],
    ['- sqlCheck: {expectedResult: "", sql: select 1}', []],
  ])('%s', async (body, expected) => {
    expect((await yaml(body)).places).toEqual(expected)
  })

  test('suggestions', async () => {
    const { diagnostics } = await yaml('- tableexists: {tableName: t}\n- onFial: HALT')
    expect(diagnostics.map(({ fix }) => fix)).toEqual([
      expect.stringContaining('Did you mean "tableExists"?'),
      expect.stringContaining('Did you mean "onFail"?'),
    ])
  })

  test('an unknown element of another namespace is an error here, too', async () => {
    const { places } = await read({
      'f.xml': xml('<changeSet id="1" author="x"><preConditions><ext:foo/></preConditions></changeSet>'),
    })
    expect(places).toEqual(['error unknown-precondition 2:45'])
  })
})

describe('preconditions of changelogs', () => {
  test('those of included files are nested, with what they say about failing', async () => {
    const { changelog, places } = await read({
      'root.xml': xml('<preConditions onFail="WARN"><dbms type="h2"/></preConditions><include file="sub.yaml"/>'),
      'sub.yaml':
        'databaseChangeLog:\n- preConditions:\n  - onError: WARN\n  - changeSetExecuted: {id: 1, author: a}\n- include: {file: leaf.yaml}\n',
      'leaf.yaml': 'databaseChangeLog:\n- preConditions: [{runningAs: {username: u}}]\n',
    })
    expect(places).toEqual([])
    expect(changelog?.preconditions).toMatchObject({ onFail: 'WARN', span: { file: 'root.xml', line: 2 } })
    expect(changelog?.preconditions?.conditions.map(told)).toEqual([
      'dbms{type=h2}',
      'and[HALT WARN](changeSetExecuted{id=1 author=a changeLogFile=sub.yaml})',
      'and[HALT HALT](runningAs{username=u})',
    ])
  })

  test('none of its own: a container that halts', async () => {
    const { changelog } = await read({
      'root.yaml': 'databaseChangeLog:\n- include: {file: sub.yaml}\n',
      'sub.yaml': 'databaseChangeLog:\n- preConditions: [{onFail: WARN}, {dbms: {type: h2}}]\n',
    })
    expect(changelog?.preconditions).toMatchObject({ onFail: 'HALT', onError: 'HALT' })
    expect(changelog?.preconditions?.conditions.map(told)).toEqual(['and[WARN HALT](dbms{type=h2})'])
    expect((await read({ 'f.yaml': 'databaseChangeLog: []' })).changelog?.preconditions).toBeUndefined()
  })

  test('CONTINUE and MARK_RAN are for change sets', async () => {
    expect((await read({ 'f.yaml': 'databaseChangeLog:\n- preConditions: [{onFail: MARK_RAN}]\n' })).places).toEqual([
      'warning bad-value 2:20',
    ])
    expect((await read({ 'f.xml': xml('<preConditions onFail="CONTINUE"/>') })).places).toEqual([
      'error bad-value 2:16',
    ])
  })
})
