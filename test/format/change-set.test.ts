// Every attribute of a change set, its parts and its preconditions are the same in every format that has them.
import { expect, test } from 'vitest'
import type { Part } from './contract.ts'
import { compare, misspelt, read, setOf } from './read.ts'
import { formats } from './write.ts'

const sets: Readonly<Record<string, string>> = {
  context: 'a and !b',
  contextFilter: 'a or b',
  labels: 'One, two',
  dbms: 'postgresql, !h2',
  runOnChange: 'true',
  runAlways: 'true',
  failOnError: 'false',
  onValidationFail: 'MARK_RAN',
  runInTransaction: 'false',
  logicalFilePath: '/x\\y.xml',
  objectQuotingStrategy: 'QUOTE_ALL_OBJECTS',
  created: 'yesterday',
  runOrder: 'last',
  ignore: 'true',
  runWith: 'psql',
  runWithSpoolFile: 'out.log',
}

test.each(Object.entries(sets))('changeSet %s is the same in XML, YAML and JSON, and counts', async (name, value) => {
  const plain = await compare([setOf({ name: 'empty' })])
  const set = { ...setOf({ name: 'empty' }), attributes: { id: '1', author: 'a', [name]: value } }
  expect(await compare([set])).not.toEqual(plain)
  for (const format of ['xml', 'yaml', 'json'] as const) {
    const wrong = { ...set, attributes: { id: '1', author: 'a', [misspelt(name)]: value } }
    const written = formats[format]([wrong])
    const { diagnostics } = await read(`f.${format}`, written)
    const line = written.split('\n').findIndex((one) => one.includes(misspelt(name))) + 1
    expect(
      diagnostics.map(({ span }) => span?.line),
      format,
    ).toEqual([line])
    expect(diagnostics[0]?.message).toContain(misspelt(name))
  }
})

test.each([
  ['comment', [{ name: 'comment', text: ['', "it's <one>"] }]],
  ['validCheckSum', [{ name: 'validCheckSum', text: ['', 'ANY'] }]],
  [
    'rollback',
    [{ name: 'rollback', parts: [{ name: 'dropTable', attributes: { tableName: 't' } }, { name: 'empty' }] }],
  ],
  [
    'modifySql',
    [
      {
        name: 'modifySql',
        attributes: { dbms: 'postgresql', context: 'a', labels: 'l', applyToRollback: 'true' },
        parts: [
          { name: 'append', attributes: { value: ' a' } },
          { name: 'prepend', attributes: { value: 'b ' } },
          { name: 'replace', attributes: { replace: 'c', with: 'd' } },
          { name: 'regExpReplace', attributes: { replace: '(e)', with: '$1' } },
        ],
      },
    ],
  ],
] as readonly (readonly [string, readonly Part[]])[])(
  '%s is the same in XML, YAML and JSON, and counts',
  async (name, parts) => {
    const plain = await compare([setOf({ name: 'empty' })])
    const set = name === 'modifySql' ? setOf({ name: 'empty' }, ...parts) : setOf(...parts, { name: 'empty' })
    expect(await compare([set])).not.toEqual(plain)
  },
)

const names = 'schemaName catalogName'
const preconditions: Readonly<Record<string, string>> = {
  dbms: 'type',
  runningAs: 'username',
  changeSetExecuted: 'id author changeLogFile',
  columnExists: `tableName columnName ${names}`,
  tableExists: `tableName ${names}`,
  viewExists: `viewName ${names}`,
  foreignKeyConstraintExists: `foreignKeyName foreignKeyTableName ${names}`,
  indexExists: `indexName tableName columnNames ${names}`,
  primaryKeyExists: `primaryKeyName tableName ${names}`,
  uniqueConstraintExists: `tableName constraintName columnNames ${names}`,
  sequenceExists: `sequenceName ${names}`,
  rowCount: `tableName expectedRows ${names}`,
  tableIsEmpty: `tableName ${names}`,
  sqlCheck: 'expectedResult | sql',
  changeLogPropertyDefined: 'property value',
  expectedQuotingStrategy: 'strategy',
}

test.each(Object.entries(preconditions))('precondition %s is the same in XML, YAML and JSON', async (name, text) => {
  const [own = '', body] = text.split('|').map((one) => one.trim())
  const special: Record<string, string> = { type: 'postgresql', expectedRows: '3', strategy: 'LEGACY' }
  const attributes = Object.fromEntries(own.split(' ').map((one) => [one, special[one] ?? `the ${one}`]))
  const check: Part = { name, attributes, ...(body === undefined ? {} : { text: [body, 'select 1 < 2'] as const }) }
  const container: Part = {
    name: 'preConditions',
    attributes: {
      onFail: 'MARK_RAN',
      onError: 'CONTINUE',
      onSqlOutput: 'TEST',
      onFailMessage: "it's <no>",
      onErrorMessage: 'broken',
    },
    parts: [
      check,
      {
        name: 'or',
        parts: [
          { name: 'not', parts: [check] },
          { name: 'and', parts: [check, check] },
        ],
      },
    ],
  }
  const [one] = (await compare([setOf(container, { name: 'empty' })])) as [{ preconditions: { conditions: unknown[] } }]
  const expected = {
    type: 'check',
    name,
    attributes: { ...attributes, ...(body === undefined ? {} : { sql: 'select 1 < 2' }) },
  }
  expect(one.preconditions).toMatchObject({
    onFail: 'MARK_RAN',
    onError: 'CONTINUE',
    onSqlOutput: 'TEST',
    onFailMessage: "it's <no>",
    onErrorMessage: 'broken',
    conditions: [
      expected,
      {
        type: 'or',
        conditions: [
          { type: 'not', conditions: [expected] },
          { type: 'and', conditions: [expected, expected] },
        ],
      },
    ],
  })
})
