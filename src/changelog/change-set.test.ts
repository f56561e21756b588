import { describe, expect, test } from 'vitest'
import { memorySource } from './memory.ts'
import type { ChangelogNode } from './node.ts'
import { type ReadOptions, readChangelog } from './read.ts'

const database = { shortName: 'postgresql', properties: {} }
const knownChangeTypes = new Set(['sql', 'createTable', 'addColumn', 'dropTable', 'empty', 'tagDatabase', 'stop'])
const xml = (body: string) =>
  `<databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog">\n${body}\n</databaseChangeLog>`

async function read(file: string, text: string, options: Partial<ReadOptions> = {}) {
  const result = await readChangelog({
    files: memorySource({ [file]: text }),
    file,
    database,
    knownChangeTypes,
    ...options,
  })
  return { ...result, changeSets: result.changelog?.changeSets ?? [] }
}
const yaml = (body: string, options?: Partial<ReadOptions>) =>
  read(
    'f.yaml',
    `databaseChangeLog:\n- changeSet:\n    id: 1\n    author: x\n${body.replace(/^(?=.)/gm, '    ')}`,
    options,
  )
const places = ({ diagnostics }: Awaited<ReturnType<typeof read>>) =>
  diagnostics.map(({ code, severity, span }) => `${severity} ${code.slice(10)} ${span?.line}:${span?.column}`)
const names = (nodes: readonly ChangelogNode[] | undefined) =>
  nodes?.map(({ name, value }) => `${name} ${value ?? ''}`.trim())

describe('attributes', () => {
  test('all of them, names in any case', async () => {
    const { changeSets, diagnostics } = await read(
      'f.xml',
      xml(`<changeSet id="1" author="a" contextFilter="x and y" context="no" labels="B, c" dbms="postgresql,!h2" runAlways="true" runOnChange=" true "
 failOnError="false" onValidationFail="MARK_RAN" runInTransaction="false" objectQuotingStrategy="QUOTE_ALL_OBJECTS" created="2020" ignore="true"
 logicalFilePath="/l\\p/../x" runWith="psql" runWithSpoolFile="s.log" runOrder="last"><comment> a </comment><empty/><comment>b
 c</comment></changeSet>`),
    )
    expect(diagnostics).toEqual([])
    expect(changeSets[0]).toEqual({
      id: '1',
      author: 'a',
      path: 'l/p/../x',
      physicalPath: 'f.xml',
      span: { file: 'f.xml', line: 2, column: 1, endLine: 5, endColumn: 25 },
      contextFilter: 'x and y',
      inheritedContextFilters: [],
      labels: ['b', 'c'],
      inheritedLabels: [],
      dbms: ['postgresql', '!h2'],
      runAlways: true,
      runOnChange: true,
      failOnError: false,
      onValidationFail: 'MARK_RAN',
      runInTransaction: false,
      runOrder: 'last',
      ignore: true,
      objectQuotingStrategy: 'QUOTE_ALL_OBJECTS',
      runWith: 'psql',
      runWithSpoolFile: 's.log',
      created: '2020',
      comment: 'a\nb\n c',
      validCheckSums: [],
      preconditions: undefined,
      changes: [expect.objectContaining({ name: 'empty' })],
      rollback: undefined,
      sqlVisitors: [],
      format: 'xml',
    })
    const lower = await yaml('RUNALWAYS: true\nComment: hi\nLABELS: A')
    expect(lower.changeSets[0]).toMatchObject({ runAlways: true, comment: 'hi', labels: ['a'] })
  })

  test('defaults', async () => {
    const { changeSets } = await yaml('')
    expect(changeSets[0]).toMatchObject({
      path: 'f.yaml',
      runAlways: false,
      runOnChange: false,
      failOnError: true,
      onValidationFail: 'HALT',
      runInTransaction: true,
      runOrder: undefined,
      ignore: false,
      objectQuotingStrategy: 'LEGACY',
      comment: '',
      changes: [],
      rollback: undefined,
    })
  })

  test.each([
    ['true', true],
    ['yes', true],
    ['"TRUE"', true],
    ['[true]', true],
    ['"yes"', false],
    ['1', false],
    ['" true "', false],
  ])('runAlways: %s is %s', async (written, expected) => {
    expect((await yaml(`runAlways: ${written}`)).changeSets[0]?.runAlways).toBe(expected)
  })

  test('runAlways goes before its old name', async () => {
    expect((await yaml('alwaysRun: true')).changeSets[0]?.runAlways).toBe(true)
    expect((await yaml('alwaysRun: true\nrunAlways: false')).changeSets[0]?.runAlways).toBe(false)
  })

  test('a change set for another database is skipped, and its mistakes are only warnings', async () => {
    const result = await yaml('dbms: oracle, h2\nchanges:\n- foo: {a: b}')
    expect(result.changelog).toMatchObject({ changeSets: [], skipped: [{ id: '1', dbms: ['oracle', 'h2'] }] })
    expect(places(result)).toEqual(['warning unknown-change-type 7:7'])
  })

  test.each<readonly [string, string, readonly string[]]>([
    ['', 'validCheckSum: ANY', ['1:ANY']],
    ['', 'validCheckSum: [any, "8:abc", 12]', ['1:any', '8:abc', '1:12']],
    ['', 'validCheckSums: 9:ff', ['9:ff']],
  ])('%s%s', async (_, written, expected) => {
    expect((await yaml(written)).changeSets[0]?.validCheckSums).toEqual(expected)
  })
})

describe('changes', () => {
  test('with the wrapper or without, in the order of the file', async () => {
    const { changeSets, diagnostics } = await yaml(
      'sql: a\nchanges:\n- sql: {sql: b}\n- tagDatabase: {tag: t}\nempty:\n',
    )
    expect(diagnostics).toEqual([])
    expect(names(changeSets[0]?.changes)).toEqual(['sql a', 'sql', 'tagDatabase', 'empty'])
  })

  test('rollback, modifySql and preConditions inside changes are what they are elsewhere', async () => {
    const { changeSets } = await yaml(
      'changes:\n- sql: a\n- rollback: {sql: b}\n- modifySql: {append: {value: x}}\n- preConditions: {dbms: {type: h2}}',
    )
    expect(names(changeSets[0]?.changes)).toEqual(['sql a'])
    expect(changeSets[0]).toMatchObject({
      rollback: { changes: [{ name: 'sql' }] },
      sqlVisitors: [{ type: 'append' }],
      preconditions: { onFail: 'HALT' },
    })
  })

  test('unknown ones: with children an error, a scalar is ignored with a warning', async () => {
    expect(places(await yaml('changes:\n- createtable: {tableName: t}'))).toEqual(['error unknown-change-type 6:7'])
    const scalar = await yaml('runonChanged: true\nRollback: drop x\nchanges:\n- foo: bar\n- comment: x')
    expect(places(scalar)).toEqual([
      'warning ignored-entry 5:5',
      'warning ignored-entry 6:5',
      'warning ignored-entry 8:7',
      'warning ignored-entry 9:7',
    ])
    expect(scalar.diagnostics[0]?.fix).toContain('Did you mean "runOnChange"?')
    expect(scalar.diagnostics[1]?.fix).toContain('Did you mean "rollback"?')
    expect(scalar.changeSets[0]).toMatchObject({ changes: [], rollback: undefined })
    expect(places(await read('f.xml', xml('<changeSet id="1" author="x"><foo/></changeSet>')))).toEqual([
      'error unknown-change-type 2:30',
    ])
  })

  test('without the names of change types nobody is refused', async () => {
    const { changeSets, diagnostics } = await yaml('changes:\n- anything: {a: b}\n- other: text', {
      knownChangeTypes: undefined as never,
    })
    expect(diagnostics).toEqual([])
    expect(names(changeSets[0]?.changes)).toEqual(['anything', 'other text'])
  })

  test('parse mode LAX leaves unknown ones out', async () => {
    const result = await yaml('changes:\n- foo: {a: b}\n- sql: x', { settings: { changeLogParseMode: 'LAX' } })
    expect(places(result)).toEqual(['warning unknown-change-type 6:7'])
    expect(names(result.changeSets[0]?.changes)).toEqual(['sql x'])
  })
})

describe('modifySql', () => {
  test('its filters go to each visitor, wherever they stand; the visitor may say otherwise', async () => {
    const { changeSets, diagnostics } = await yaml(
      'modifySql:\n- append: {value: " x"}\n- dbms: mysql, Oracle\n- contextFilter: c\n- labels: A,b\n- applyToRollback: true\n- replace: {replace: a, with: "", dbms: h2}\n- regExpReplace: {replace: "a+", with: b}\n- prepend: {value: q}',
    )
    expect(diagnostics).toEqual([])
    const shared = { dbms: ['mysql', 'oracle'], contextFilter: 'c', labels: ['a', 'b'], applyToRollback: true }
    expect(changeSets[0]?.sqlVisitors).toMatchObject([
      { type: 'append', value: ' x', ...shared },
      { type: 'replace', replace: 'a', with: '', ...shared, dbms: ['h2'] },
      { type: 'regExpReplace', replace: 'a+', with: 'b', ...shared },
      { type: 'prepend', value: 'q', ...shared },
    ])
  })

  test('what is no visitor is ignored with a warning', async () => {
    const result = await yaml('modifySql:\n- Append: {value: x}\n- append: x\n- appendSqlIfNotPresent: {value: y}')
    expect(places(result)).toEqual([
      'warning unknown-visitor 6:7',
      'warning missing-attribute 7:7',
      'warning unknown-visitor 8:7',
    ])
    expect(result.changeSets[0]?.sqlVisitors).toMatchObject([{ type: 'append', value: '' }])
  })
})

describe('findings about attributes', () => {
  test.each<readonly [string, readonly string[]]>([
    ['runOrder: middle', ['error bad-value 5:5']],
    ['onValidationFail: mark_ran', ['error bad-value 5:5']],
    ['objectQuotingStrategy: quote_all', ['error bad-value 5:5']],
    ['runAlways: "yes"', ['warning bad-boolean 5:5']],
    ['runAlways: {a: 1}', ['error bad-value 5:5']],
    ['context: [a, b]', ['warning list-instead-of-text 5:5']],
    ['context: (a', ['warning bad-expression 5:5']],
    ['dbms: postgresql, postgres', ['warning unknown-dbms 5:5']],
    ['ID: 2', ['error duplicate-attribute 5:5']],
    ['validCheckSum:\n- validCheckSum: 1:any', ['warning ignored-entry 6:7']],
    ['preConditions: []\npreconditions: []', ['warning duplicate-preconditions 6:5']],
  ])('%s', async (body, expected) => {
    expect(places(await yaml(body))).toEqual(expected)
  })

  test('an expression that cannot be evaluated is an error when there is something to evaluate', async () => {
    expect(places(await yaml('context: a and (b, c)', { contexts: 'a' }))).toEqual(['error bad-expression 5:5'])
  })

  test('id and author', async () => {
    const text =
      'databaseChangeLog:\n- changeSet: {author: x}\n- changeSet: {id: " ", author: x}\n- changeSet: {id: 1}\n- changeSet:\n'
    expect(places(await read('f.yaml', text))).toEqual([
      'error empty-id 2:3',
      'error empty-id 3:15',
      'warning empty-author 4:3',
      'error empty-id 5:3',
      'warning empty-author 5:3',
    ])
    const beside = await read('f.yaml', 'databaseChangeLog:\n- changeSet:\n  id: 1\n  author: x\n')
    expect(beside.diagnostics[0]?.fix).toContain('indented further than the word changeSet')
    expect(
      places(await read('f.yaml', 'databaseChangeLog:\n- changeSet: {id: 1}', { settings: { strict: true } })),
    ).toEqual(['error empty-author 2:3'])
  })
})
