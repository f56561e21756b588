// Every directive of formatted SQL, with each of its attributes, says what XML says; what is misspelt is told with its place.
import { expect, test } from 'vitest'
import { lines } from '#changelog/formatted-sql-attribute'
import type { Part } from './contract.ts'
import { misspelt, read, setOf, summary } from './read.ts'
import { formats } from './write.ts'

const sqlPart = (attributes: Readonly<Record<string, string>> = {}): Part => ({
  name: 'sql',
  attributes: { splitStatements: 'true', stripComments: 'true', ...attributes },
  text: ['sql', 'select 1'],
})

/** The one change set of both, which must be the same; nothing is found in either. */
async function compare(sql: string, entries: readonly Part[], own: Readonly<Record<string, string>> = {}) {
  const inXml = await read('f.xml', formats.xml(entries, own))
  const inSql = await read('f.sql', sql)
  expect([...inXml.diagnostics, ...inSql.diagnostics]).toEqual([])
  const [one] = inXml.changelog?.changeSets ?? []
  const [other] = inSql.changelog?.changeSets ?? []
  if (!one || !other) throw new Error('not read')
  expect(await summary(other)).toEqual(await summary(one))
  return await summary(one)
}

const header = '--liquibase formatted sql\n'
const plain = setOf(sqlPart())

interface LineCase {
  readonly line: string
  readonly attributes: Readonly<Record<string, string>>
  /** Of the sql change. */
  readonly ofSql?: Readonly<Record<string, string>>
}

test.each([
  { line: 'runOnChange:true', attributes: { runOnChange: 'true' } },
  { line: 'runAlways:true', attributes: { runAlways: 'true' } },
  { line: 'failOnError:false', attributes: { failOnError: 'false' } },
  { line: 'runInTransaction:false', attributes: { runInTransaction: 'false' } },
  { line: 'context:"a or b"', attributes: { context: 'a or b' } },
  { line: 'contextFilter:"a and b"', attributes: { contextFilter: 'a and b' } },
  { line: 'labels:"One, two"', attributes: { labels: 'One, two' } },
  { line: 'logicalFilePath:x/y.sql', attributes: { logicalFilePath: 'x/y.sql' } },
  { line: 'dbms:postgresql,!h2', attributes: { dbms: 'postgresql,!h2' } },
  { line: 'ignore:true', attributes: { ignore: 'true' } },
  { line: 'runWith:psql', attributes: { runWith: 'psql' } },
  { line: 'runWithSpoolFile:out.log', attributes: { runWithSpoolFile: 'out.log' } },
  { line: 'splitStatements:false', attributes: {}, ofSql: { splitStatements: 'false' } },
  { line: 'stripComments:false', attributes: {}, ofSql: { stripComments: 'false' } },
  { line: 'endDelimiter:GO', attributes: {}, ofSql: { endDelimiter: 'GO' } },
] as readonly LineCase[])(
  'a changeset line with $line says what XML says',
  async ({ line, attributes, ofSql = {} }) => {
    const set: Part = {
      name: 'changeSet',
      attributes: { id: '1', author: 'a', ...attributes },
      parts: [sqlPart(ofSql)],
    }
    const given = await compare(`${header}--changeset a:1 ${line}\nselect 1\n`, [set])
    expect(given).not.toEqual(await compare(`${header}--changeset a:1\nselect 1\n`, [plain]))
  },
)

const rollbackOf = (text: string, attributes: Readonly<Record<string, string>> = {}): Part => ({
  name: 'rollback',
  parts: [
    {
      name: 'sql',
      attributes: { splitStatements: 'true', stripComments: 'false', ...attributes },
      text: ['sql', text],
    },
  ],
})

test.each([
  ['--rollback drop table t;', rollbackOf('drop table t;')],
  ['  -- Rollback drop a;\n--rollback drop b;', rollbackOf('drop a;\ndrop b;')],
  ['/* liquibase rollback\n drop a;\ndrop b;\n*/', rollbackOf('drop a;\ndrop b;')],
  ['--rollback empty', { name: 'rollback' }],
  ['--rollback not required', { name: 'rollback' }],
] as readonly (readonly [string, Part])[])('the rollback %j says what XML says', async (text, rollback) => {
  const given = await compare(`${header}--changeset a:1\nselect 1\n${text}\n`, [setOf(sqlPart(), rollback)])
  expect(given).not.toEqual(await compare(`${header}--changeset a:1\nselect 1\n`, [plain]))
})

test.each([
  // The attribute for the statements themselves matches the end of this one, too.
  ['rollbackSplitStatements:false', { splitStatements: 'false' }, { splitStatements: 'false' }],
  ['rollbackEndDelimiter:GO', {}, { endDelimiter: 'GO' }],
] as const)('a changeset line with %s says what XML says', async (line, ofSql, ofRollback) => {
  const set = setOf(sqlPart(ofSql), rollbackOf('drop a', ofRollback))
  await compare(`${header}--changeset a:1 ${line}\nselect 1\n--rollback drop a\n`, [set])
})

test('a rollback that names a change set says what XML says', async () => {
  const first: Part = { name: 'changeSet', attributes: { id: '0', author: 'b' }, parts: [sqlPart()] }
  const names = { changeSetId: '0', changeSetAuthor: 'b' }
  const inXml = await read('f.xml', formats.xml([first, setOf(sqlPart(), { name: 'rollback', attributes: names })]))
  for (const path of ['', ' changesetPath:f.sql']) {
    const text = `${header}--changeset b:0\nselect 1\n--changeset a:1\nselect 1\n--rollback changesetId:0 changesetAuthor:b${path}\n`
    const { changelog, diagnostics } = await read('f.sql', text)
    expect(diagnostics).toEqual([])
    const [, one] = changelog?.changeSets ?? []
    const [, other] = inXml.changelog?.changeSets ?? []
    expect(one?.rollback?.references).toMatchObject([{ id: '0', author: 'b', path: 'f.sql' }])
    expect(other?.rollback?.references).toMatchObject([{ id: '0', author: 'b', path: 'f.xml' }])
  }
})

const check = (name: string, attributes: Readonly<Record<string, string>>, text?: string): Part => ({
  name,
  attributes,
  ...(text === undefined ? {} : { text: ['sql', text] as const }),
})

test.each([
  ['onFail:MARK_RAN', { onFail: 'MARK_RAN' }],
  ['onError:CONTINUE', { onError: 'CONTINUE' }],
  ['onSqlOutput:TEST', { onSqlOutput: 'TEST' }],
  ['onUpdateSQL:FAIL', { onSqlOutput: 'FAIL' }],
  ['onFail:WARN onError:warn onSqlOutput:IGNORE', { onFail: 'WARN', onError: 'WARN' }],
])('a preconditions line with %s says what XML says', async (line, attributes) => {
  const parts = [check('tableExists', { tableName: 't' })]
  const text = (options: string) =>
    `${header}--changeset a:1\n--preconditions${options}\n--precondition-table-exists table:t\nselect 1\n`
  const given = await compare(text(` ${line}`), [setOf({ name: 'preConditions', attributes, parts }, sqlPart())])
  expect(given).not.toEqual(await compare(text(''), [setOf({ name: 'preConditions', parts }, sqlPart())]))
})

test.each([
  [
    'sql-check expectedResult:0 select count(*) from t',
    check('sqlCheck', { expectedResult: '0' }, 'select count(*) from t'),
  ],
  ['sql-check 0 select 1', check('sqlCheck', { expectedResult: '0' }, 'select 1')],
  ['sql-check expectedResult:"a b" select 1', check('sqlCheck', { expectedResult: 'a b' }, 'select 1')],
  ["sql-check expectedResult:'-1' select 1", check('sqlCheck', { expectedResult: '-1' }, 'select 1')],
  ['table-exists table:t', check('tableExists', { tableName: 't' })],
  ['table-exists table:t schema:s', check('tableExists', { tableName: 't', schemaName: 's' })],
  ['view-exists view:v', check('viewExists', { viewName: 'v' })],
  ['view-exists schema:s view:v', check('viewExists', { viewName: 'v', schemaName: 's' })],
] as readonly (readonly [string, Part])[])('the precondition %j says what XML says', async (line, part) => {
  const set = setOf({ name: 'preConditions', parts: [part] }, sqlPart())
  await compare(`${header}--changeset a:1\n--preconditions onFail:HALT\n--precondition-${line}\nselect 1\n`, [set])
  await compare(`${header}--changeset a:1\n--precondition-${line}\nselect 1\n`, [set])
})

test.each([
  ['--comment first', { name: 'comment', text: ['', 'first'] }],
  ['-- Comment: first', { name: 'comment', text: ['', 'first'] }],
  ['--validCheckSum: 8:abc', { name: 'validCheckSum', text: ['', '8:abc'] }],
  ['--validCheckSum ANY', { name: 'validCheckSum', text: ['', 'ANY'] }],
] as readonly (readonly [string, Part])[])('%j says what XML says', async (line, part) => {
  const given = await compare(`${header}--changeset a:1\n${line}\nselect 1\n`, [setOf(part, sqlPart())])
  expect(given).not.toEqual(await compare(`${header}--changeset a:1\nselect 1\n`, [plain]))
})

test('the path on the header is that of the changelog', async () => {
  const sql = '-- liquibase formatted sql logicalFilePath:x/y.sql\n--changeset a:1\nselect 1\n'
  await compare(sql, [plain], { logicalFilePath: 'x/y.sql' })
})

test.each([
  ['--ignoreLines:2\nnot\nthis\nselect 1'],
  ['--ignoreLines:start\nnot\n--changeset x:y\n--ignoreLines:end\nselect 1'],
  ['select 1\n--ignoreLines:1\nnot this'],
])('%j leaves out what it says', async (body) => {
  await compare(`${header}--changeset a:1\n${body}\n`, [plain])
})

test.each([
  ['name:v value:1', { name: 'v', value: '1' }, '1'],
  ['name: v value: 1', { name: 'v', value: '1' }, '1'],
  ['name:v value:1 global:false', { name: 'v', value: '1', global: 'false' }, '1'],
  ['name:v value:1 dbms:oracle,h2', { name: 'v', value: '1', dbms: 'oracle,h2' }, '${v}'],
  ['name:v value:1 dbms:!h2', { name: 'v', value: '1', dbms: '!h2' }, '1'],
  ['name:v value:1 context:"x or y"', { name: 'v', value: '1', context: 'x or y' }, '1'],
  ['name:v value:1 contextFilter:x', { name: 'v', value: '1', contextFilter: 'x' }, '1'],
  ['name:v value:1 labels:x', { name: 'v', value: '1', labels: 'x' }, '1'],
])('a property line with %s says what XML says', async (line, attributes, labels) => {
  const set: Part = { name: 'changeSet', attributes: { id: '1', author: 'a', labels: '${v}' }, parts: [sqlPart()] }
  const sql = `${header}--property ${line}\n--changeset a:1 labels:\${v}\nselect 1\n`
  expect(await compare(sql, [{ name: 'property', attributes }, set])).toMatchObject({ labels: [labels] })
})

const around: Readonly<Record<keyof typeof lines, (pair: string) => string>> = {
  header: (pair) => `--liquibase formatted sql ${pair}\n--changeset a:1\nselect 1\n`,
  property: (pair) => `${header}--property name:n value:v ${pair}\n--changeset a:1\nselect 1\n`,
  changeSet: (pair) => `${header}--changeset a:1 ${pair}\nselect 1\n`,
  preconditions: (pair) => `${header}--changeset a:1\n--preconditions ${pair}\nselect 1\n`,
  tableExists: (pair) => `${header}--changeset a:1\n--precondition-table-exists table:t ${pair}\nselect 1\n`,
  viewExists: (pair) => `${header}--changeset a:1\n--precondition-view-exists view:v ${pair}\nselect 1\n`,
  rollback: (pair) => `${header}--changeset a:1\nselect 1\n--rollback changesetId:1 changesetAuthor:a ${pair}\n`,
}

test.each(
  Object.entries(lines).flatMap(([kind, { names }]) =>
    names.map((name) => [kind as keyof typeof lines, name] as const),
  ),
)('on a %s line a misspelt %s is told with its place and what was meant', async (kind, name) => {
  const text = around[kind](`${misspelt(name)}:true`)
  const { diagnostics } = await read('f.sql', text)
  const line = text.split('\n').findIndex((one) => one.includes(misspelt(name)))
  const column = (text.split('\n')[line] ?? '').indexOf(misspelt(name))
  expect(diagnostics).toHaveLength(1)
  expect(diagnostics[0]).toMatchObject({
    severity: 'warning',
    message: expect.stringContaining(misspelt(name)),
    fix: expect.stringContaining(`Did you mean "${name}"?`),
    // Several lines may make up a rollback, which has one place.
    span: { line: line + 1, column: kind === 'rollback' ? 1 : column + 1 },
  })
})
