import { describe, expect, test } from 'vitest'
import { memorySource } from './memory.ts'
import type { ChangelogNode } from './node.ts'
import { type ReadOptions, readChangelog } from './read.ts'

const header = '--liquibase formatted sql\n'
const database = { shortName: 'postgresql', properties: { typeName: 'postgresql' } }

async function read(body: string, options: Partial<ReadOptions> = {}) {
  const result = await readChangelog({
    files: memorySource({ 'f.sql': header + body }),
    file: 'f.sql',
    database,
    ...options,
  })
  return { ...result, changeSets: result.changelog?.changeSets ?? [] }
}
const places = async (body: string) =>
  (await read(body)).diagnostics.map(
    ({ code, severity, span }) => `${severity} ${code.slice(10)} ${span?.line}:${span?.column}`,
  )
const options = (node: ChangelogNode | undefined) =>
  Object.fromEntries(node?.children.map(({ name, value }) => [name, value]) ?? [])

describe('change sets', () => {
  test('what stands on the line and below it', async () => {
    const { changeSets, diagnostics } = await read(
      '--changeset bob:1 labels:a,b context:"x or y" splitStatements:true\n--comment: first\n--comment my comment\ncreate table t (id int);\n-- ordinary comment\n\n  insert into t values (1);  \n\n--rollback drop table t;\n--rollback drop table u;\n--validCheckSum: 8:abc\n--validCheckSum ANY\n',
    )
    expect(diagnostics).toEqual([])
    expect(changeSets).toHaveLength(1)
    expect(changeSets[0]).toMatchObject({
      id: '1',
      author: 'bob',
      path: 'f.sql',
      contextFilter: 'x or y',
      labels: ['a', 'b'],
      comment: 'my comment',
      validCheckSums: ['8:abc', '1:ANY'],
      failOnError: true,
      objectQuotingStrategy: 'LEGACY',
      span: { line: 2, column: 1, endLine: 14 },
    })
    const sql = changeSets[0]?.changes[0]
    expect(sql).toMatchObject({
      name: 'sql',
      value: 'create table t (id int);\n-- ordinary comment\n\n  insert into t values (1);',
      valueSpan: { line: 5, column: 1, endLine: 8, endColumn: 30 },
    })
    expect(options(sql)).toEqual({ splitStatements: 'true', stripComments: 'true' })
    expect(changeSets[0]?.rollback?.changes.map(({ value }) => value)).toEqual(['drop table t;\ndrop table u;'])
    expect(options(changeSets[0]?.rollback?.changes[0])).toEqual({ splitStatements: 'true', stripComments: 'false' })
  })

  test('every attribute, the last one counts, only true is true', async () => {
    const { changeSets } = await read(
      '--changeset bob:1 runInTransaction:false runOnChange:TRUE runAlways:true runAlways:false failOnError:false stripComments:false splitStatements:false endDelimiter:\\nGO rollbackEndDelimiter:/ contextFilter:b context:a labels:"A, b c" dbms:postgresql,!h2 ignore:true runWith:psql runWithSpoolFile:a b.log\nselect 1\n--rollback a; b',
    )
    expect(changeSets[0]).toMatchObject({
      runInTransaction: false,
      runOnChange: true,
      runAlways: false,
      failOnError: false,
      contextFilter: 'b',
      labels: ['a', 'b c'],
      dbms: ['postgresql', '!h2'],
      ignore: true,
      runWith: 'psql',
      runWithSpoolFile: 'a b.log',
    })
    expect(options(changeSets[0]?.changes[0])).toEqual({
      splitStatements: 'false',
      stripComments: 'false',
      endDelimiter: '\\nGO',
    })
    expect(options(changeSets[0]?.rollback!.changes[0])).toEqual({
      splitStatements: 'true',
      stripComments: 'false',
      endDelimiter: '/',
    })
  })

  test('dbms drops nothing while reading', async () => {
    const { changelog } = await read('--changeset a:1 dbms:oracle\nselect 1')
    expect(changelog).toMatchObject({ changeSets: [{ id: '1', dbms: ['oracle'] }], skipped: [] })
  })

  test('rollbackSplitStatements also switches splitStatements, as in the original engine', async () => {
    const { changeSets } = await read(
      '--changeset a:1 splitStatements:true rollbackSplitStatements:false\nselect 1\n--rollback x',
    )
    expect(options(changeSets[0]?.changes[0])).toMatchObject({ splitStatements: 'false' })
    expect(options(changeSets[0]?.rollback!.changes[0])).toMatchObject({ splitStatements: 'false' })
  })

  test('a slash alone on the last line becomes the end delimiter', async () => {
    const delimiters = await Promise.all(
      ['select 1\n/\n', 'select 1\r\n/ \r\n', 'select 1 /\n', 'x\n/\n-- end\n'].map(
        async (sql) => options((await read(`--changeset a:1\n${sql}`)).changeSets[0]?.changes[0])['endDelimiter'],
      ),
    )
    expect(delimiters).toEqual(['\n/$', '\n/$', undefined, undefined])
    const given = await read('--changeset a:1 endDelimiter:/\nselect 1\n/\n')
    expect(options(given.changeSets[0]?.changes[0])).toMatchObject({ endDelimiter: '/' })
  })

  test('directives between lines of SQL are taken out; then the place of each line is unknown', async () => {
    const { changeSets } = await read('--changeset a:1\nselect 1;\n--rollback x\nselect 2;')
    expect(changeSets[0]?.changes[0]?.value).toBe('select 1;\nselect 2;')
    expect(changeSets[0]?.changes[0]?.valueSpan).toBeUndefined()
  })

  test('ignored lines', async () => {
    const { changeSets, diagnostics } = await read(
      '--ignoreLines:1\nskipped\n--changeset a:1\nselect 1;\n--ignoreLines:start\nbad\n--changeset x:y\n--ignoreLines:end\nselect 2;\n--ignoreLines:2\nskip\nskip\nselect 3;',
    )
    expect(diagnostics).toEqual([])
    expect(changeSets.map(({ changes }) => changes[0]?.value)).toEqual(['select 1;\nselect 2;\nselect 3;'])
  })

  test('the header may name the path; that of a change set is normalised', async () => {
    const files = memorySource({
      'f.sql':
        '\n-- liquibase formatted sql logicalFilePath:foo/bar.sql\n--changeset a:1\nx\n--changeset a:2 logicalFilePath:/own\\z/../y.sql\nx',
    })
    const { changelog } = await readChangelog({ files, file: 'f.sql', database })
    expect(changelog?.changeSets.map(({ path, physicalPath }) => [path, physicalPath])).toEqual([
      ['foo/bar.sql', 'f.sql'],
      ['own/y.sql', 'f.sql'],
    ])
  })
})

describe('rollback', () => {
  test.each([
    ['--rollback empty', []],
    ['--rollback EMPTY because', []],
    ['--rollback not required', []],
    ['--rollback not required because\n--rollback drop', ['not required because\ndrop']],
    ['--rollback a;\n/* liquibase rollback\nb\nc;\n*/\n--rollback d', ['a;\nb\nc;\n\nd']],
    ['/* liquibase rollback\n drop ${database.typeName} */', ['drop postgresql']],
  ])('%j', async (directives, expected) => {
    const { changeSets } = await read(`--changeset a:1\nselect 1;\n${directives}\n`)
    expect(changeSets[0]?.rollback?.changes.map(({ value }) => value)).toEqual(expected)
  })

  test('none at all', async () => {
    const { changeSets } = await read('--changeset a:1\nselect 1;\n--rollback \n')
    expect(changeSets[0]?.rollback).toBeUndefined()
  })

  test('another change set, in this file unless it says otherwise', async () => {
    const { changeSets, diagnostics } = await read(
      '--changeset a:1\nx\n--changeset a:2\nx\n--rollback changesetId:1 changesetAuthor:a\n--changeset a:3\nx\n--rollback changeSetId:1 changeSetAuthor:a changeSetPath:./f.sql\n',
    )
    expect(diagnostics).toEqual([])
    expect(
      changeSets.map(({ rollback }) => rollback?.references.map(({ path, id, author }) => [path, id, author])),
    ).toEqual([undefined, [['f.sql', '1', 'a']], [['f.sql', '1', 'a']]])
  })
})

describe('preconditions', () => {
  test('options and checks', async () => {
    const { changeSets } = await read(
      '--property name:t value:users\n--changeset a:1\n--preconditions onFail:MARK_RAN onError:warn onUpdateSQL:TEST\n--precondition-sql-check expectedResult:0 select count(*) from ${t}\n--precondition-sql-check "a b" select 1\n--precondition-table-exists table:foo schema:s\n--precondition-view-exists view:v\nselect 1;',
    )
    expect(changeSets[0]?.preconditions).toMatchObject({
      onFail: 'MARK_RAN',
      onError: 'WARN',
      onSqlOutput: 'TEST',
      span: { line: 4, column: 1 },
      conditions: [
        { name: 'sqlCheck', attributes: { expectedResult: '0', sql: 'select count(*) from users' } },
        { name: 'sqlCheck', attributes: { expectedResult: 'a b', sql: 'select 1' } },
        { name: 'tableExists', attributes: { tableName: 'foo', schemaName: 's' } },
        { name: 'viewExists', attributes: { viewName: 'v' } },
      ],
    })
  })

  test('checks alone have the usual options', async () => {
    const { changeSets } = await read('--changeset a:1\n--precondition-sql-check 5 select 1\nselect 1;')
    expect(changeSets[0]?.preconditions).toMatchObject({ onFail: 'HALT', onError: 'HALT', onSqlOutput: 'IGNORE' })
  })
})

describe('properties', () => {
  test('what is expanded and what is not', async () => {
    const { changeSets } = await read(
      '--property name:p value:V\n--changeset ${p}:${p} context:${p} labels:${p} logicalFilePath:${p} runWith:${p} endDelimiter:${p}\n--comment ${p}\n--validCheckSum ${p}\nselect ${p} ${database.typeName} ${no}\n--rollback ${p}',
    )
    expect(changeSets[0]).toMatchObject({
      id: 'V',
      author: 'V',
      contextFilter: 'V',
      labels: ['v'],
      path: 'V',
      runWith: 'V',
      comment: '${p}',
      validCheckSums: ['1:${p}'],
    })
    expect(changeSets[0]?.changes[0]?.value).toBe('select V postgresql ${no}')
    expect(options(changeSets[0]?.changes[0])).toMatchObject({ endDelimiter: '${p}' })
  })

  test('filters, locals, and that a definition counts for the change set it stands in', async () => {
    const { changeSets } = await read(
      '--property name:o value:1 dbms:oracle\n--property name:c value:2 context:"foo or bar"\n--property name:l value:3 global:false\n--changeset a:1\nselect ${o} ${c} ${l} ${late}\n--property name:late value:4\n--changeset a:2\nselect ${late}',
      { contexts: 'bar' },
    )
    expect(changeSets.map(({ changes }) => changes[0]?.value)).toEqual(['select ${o} 2 3 4', 'select 4'])
  })
})

describe('findings', () => {
  test.each<readonly [string, readonly string[]]>([
    ['', ['warning no-change-set 1:1']],
    ['select 0;\n--changeset a:1\nx', ['warning ignored-entry 2:1']],
    ['/* licence\n * text\n */\n-- text\n--changeset a:1\nx', []],
    ['--changeset a:1\n--changeset a:2\nx', ['error no-sql 2:1']],
    ['--changeset a:1\nx\n--changeset a:2\n', ['warning no-sql 4:1']],
    ['--changeset a: 1\nx\n--changeset a:2\nx', ['error malformed-directive 2:1']],
    ['--changeset a:""\nx', ['error empty-id 2:1']],
    ['--changeset a:1\nx\n--liquibase formatted sql\n', ['error duplicate-header 4:1']],
    ['--comment x\n--changeset a:1\nx', ['error misplaced-comment 2:1']],
    ['--rollback x\n--changeset a:1\nx', ['warning ignored-directive 2:1']],
    ['--changeset a:1\nx\n-rollback y', ['error malformed-directive 4:1']],
    ['--changeset a:1\nx\n--changset a:2\ny', ['warning misspelt-directive 4:1']],
    ['--changeset a:1\nx\n--rollbackSqlFile path:y', ['warning not-supported 4:1']],
    ['--changeset a:1\nx\n/* liquibase rollback\ny', ['error open-rollback 4:1']],
    ['--changeset a:1\nx\n--ignoreLines:start\ny', ['warning open-ignore 4:1']],
    ['--changeset a:1\nx\n--ignoreLines:foo\ny', ['error malformed-directive 4:1']],
    [
      '--changeset a:1 runonchnage:true created:2020 failOnError: false dbms:postgresql, oracle splitStatements:0\nx',
      [
        'warning unknown-attribute 2:17',
        'warning unknown-attribute 2:34',
        'warning missing-value 2:47',
        'warning bad-value 2:66',
        'warning bad-boolean 2:90',
      ],
    ],
    ['--changeset a:1 dbms:postgres\nx', ['warning unknown-dbms 2:1']],
    ['--changeset a:1 context:"(x"\nx', ['warning bad-expression 2:1']],
    ['--changeset a:1\n--preconditions onFail:FOO onUpdateSQL:TEST onSqlOutput:FAIL\nx', ['error bad-value 3:1']],
    ['--changeset a:1\n--precondition-table-exists table:"a b"\nx', ['error missing-attribute 3:1']],
    ['--changeset a:1\n--precondition-sql-check expectedResult:-1 select 1\nx', ['error missing-attribute 3:1']],
    ['--changeset a:1\n--precondition-tableExists table:a\nx', ['error unknown-precondition 3:1']],
    [
      '--changeset a:1\n--precondition-view-exists view:a\n--preconditions onFail:WARN\nx',
      ['warning ignored-directive 3:1'],
    ],
    ['--changeset a:1\nx\n--rollback changesetId:1', ['error rollback-reference 4:1']],
    ['--changeset a:1\nx\n--rollback changesetId:9 changesetAuthor:a', ['error rollback-reference 4:1']],
    [
      '--property foo:a bar:b\n--changeset a:1\nx',
      ['warning unknown-attribute 2:12', 'warning unknown-attribute 2:18', 'error missing-attribute 2:1'],
    ],
    ['--property name:a value:b c\n--changeset a:1\nx', ['warning ignored-text 2:27']],
    ['--property name: a value: http://b global:no\n--changeset a:1\nx', ['warning bad-boolean 2:36']],
    ['--changeset a:1 context:a or b\nx', ['warning bad-value 2:17']],
    ['--changeset a:1 labels:a, b dbms:h2\nx', ['warning bad-value 2:17']],
    ['--changeset a:1 labels:a,b context:"a or b" of the shop\nx', []],
    ['--changeset a:1\n--preconditions onFail HALT\nx', ['warning ignored-text 3:17']],
    ['--changeset a:1\n--precondition-table-exists table:s.t\nx', ['warning bad-value 3:29']],
    ['--changeset a:1\nx\n--rollback emty', ['warning misspelt-directive 4:1']],
    ['--changeset a:1\nx\n--rollback commit', []],
    ['--changeset a:1\nx\n/* liquibase rollback y */', ['warning misspelt-directive 4:1']],
  ])('%j', async (body, expected) => {
    expect(await places(body)).toEqual(expected)
  })

  test('all of them at once, each with what to do', async () => {
    const { diagnostics, changelog } = await read(
      '--changeset a\nx\n--changeset a:1\n-rollback x\n--precondition-foo bar\nx\n--changeset b:1\n',
    )
    expect(diagnostics.map(({ code }) => code)).toEqual([
      'changelog/malformed-directive',
      'changelog/malformed-directive',
      'changelog/unknown-precondition',
      'changelog/no-sql',
    ])
    expect(diagnostics.every(({ fix }) => fix)).toBe(true)
    expect(changelog).toBeUndefined()
  })
})

describe('plain SQL', () => {
  test('is one change set, not expanded and not split', async () => {
    const files = memorySource({ 'sub/x.sql': '\n  select ${a};\r\n\r\nselect 2;\n\n' })
    const { changelog, diagnostics } = await readChangelog({
      files,
      file: 'sub/x.sql',
      database,
      parameters: { a: '1' },
    })
    expect(diagnostics).toEqual([])
    expect(changelog?.changeSets).toMatchObject([{ id: 'raw', author: 'includeAll', path: 'sub/x.sql', format: 'sql' }])
    const sql = changelog?.changeSets[0]?.changes[0]
    expect(sql).toMatchObject({ value: 'select ${a};\n\nselect 2;', valueSpan: { line: 2, column: 3 } })
    expect(options(sql)).toEqual({ splitStatements: 'false', stripComments: 'false' })
  })

  test('keeps the id that version 4.30 gave it, if the history has it', async () => {
    const files = memorySource({ 'sub/x.sql': 'select 1' })
    const isRecorded = ({ id }: { readonly id: string }) => id === 'raw_sub_x.sql'
    const { changelog } = await readChangelog({ files, file: 'sub/x.sql', database, isRecorded })
    expect(changelog?.changeSets[0]?.id).toBe('raw_sub_x.sql')
  })

  test('an empty file is an error', async () => {
    const { diagnostics } = await readChangelog({ files: memorySource({ 'x.sql': '' }), file: 'x.sql', database })
    expect(diagnostics).toMatchObject([
      { code: 'changelog/empty-file', severity: 'error', span: { file: 'x.sql', line: 1, column: 1 } },
    ])
  })
})
