import { expect, test } from 'vitest'
import type { SqlVisitor } from '#changelog/model'
import type { ChangelogNode } from '#changelog/node'
import type { Change } from './change.ts'
import { acceptedChecksums, canonicalForm, changeSetChecksum } from './checksum.ts'
import { describeChanges } from './describe.ts'
import { hashSetOrder } from './java-set.ts'
import { parseChange } from './registry.ts'
import { serialise } from './serialise.ts'

const span = { file: 'a.xml', line: 1, column: 1 }

function node(name: string, value: unknown): ChangelogNode {
  if (typeof value === 'string') return { name, value, children: [], span }
  const children = Object.entries(value as object).map(([key, inner]) => node(key, inner))
  return { name, value: undefined, children, span }
}

function changeOf(name: string, attributes: unknown): Change {
  const { change } = parseChange(node(name, attributes), 'postgresql')
  if (!change) throw new Error(name)
  return change
}

const subjectOf = (changes: readonly Change[], visitors: readonly SqlVisitor[] = [], dbms = 'postgresql') => ({
  changes,
  visitors,
  context: {
    dbms,
    files: { read: () => Promise.resolve(undefined), list: () => Promise.resolve(undefined) },
    changelogPath: 'a.xml',
    expand: (text: string) => text,
  },
})

const visitor = (more: Partial<SqlVisitor>): SqlVisitor => ({
  type: 'append',
  value: '',
  replace: '',
  with: '',
  dbms: [],
  contextFilter: '',
  labels: [],
  applyToRollback: false,
  span,
  ...more,
})

test('no changes', async () => {
  expect(await changeSetChecksum(subjectOf([]))).toBe('9:d41d8cd98f00b204e9800998ecf8427e')
})

test('SQL in both versions', async () => {
  const subject = subjectOf([changeOf('sql', 'select 1;  -- hello\n select 2')])
  expect(await changeSetChecksum(subject)).toBe('9:d98be1be257c2d4ef1a2e6fd6d7d747e')
  const [change] = subject.changes
  expect(await change?.type.checksum(change.attributes, { ...canonicalForm, version: 8 }, subject.context)).toBe(
    '8:3102aca567a0956a208b05e4df6b4344',
  )
})

test('changes for other databases count in version 8 only', async () => {
  const changes = [
    changeOf('sql', { dbms: 'mysql', sql: 'select 1' }),
    changeOf('sql', { dbms: 'postgresql,h2', sql: 'select 2' }),
    changeOf('insert', { dbms: 'oracle', tableName: 't', column: { name: 'a', value: 'b' } }),
  ]
  expect(await changeSetChecksum(subjectOf(changes))).toBe('9:544e616a927aa802443672ed60087670')
  expect(await changeSetChecksum(subjectOf(changes, [], 'oracle'))).toBe('9:08aec12f48435b7bf8f00418e4c5fcdb')
  for (const dbms of ['postgresql', 'oracle']) {
    expect(await changeSetChecksum(subjectOf(changes, [], dbms), { ...canonicalForm, version: 8 })).toBe(
      '8:77a3d33aa70866414247b974d75e6aca',
    )
  }
})

test('visitors count; whom they are for only in version 8', async () => {
  const changes = [changeOf('sql', 'select 1')]
  const all = [visitor({ value: 'x' })]
  const some = [visitor({ value: 'x', dbms: ['mysql'] })]
  expect(await changeSetChecksum(subjectOf(changes, all))).toBe(await changeSetChecksum(subjectOf(changes, some)))
  expect(await changeSetChecksum(subjectOf(changes, all))).not.toBe(await changeSetChecksum(subjectOf(changes)))
  const version8 = { ...canonicalForm, version: 8 } as const
  expect(await changeSetChecksum(subjectOf(changes, all), version8)).not.toBe(
    await changeSetChecksum(subjectOf(changes, some), version8),
  )
})

test('every value that an engine may have stored is accepted, the canonical one first', async () => {
  const column = { name: 'd', valueDate: '2020-01-02T03:04:05+02:00' }
  const subject = subjectOf([changeOf('insert', { tableName: 't', column })])
  const accepted = await acceptedChecksums(subject, 9)
  expect(accepted).toHaveLength(4)
  expect(accepted[0]).toBe(await changeSetChecksum(subject))
  expect(accepted).toContain(await changeSetChecksum(subject, { ...canonicalForm, rawDateValue: true }))
  expect(await acceptedChecksums(subjectOf([changeOf('dropTable', { tableName: 't' })]), 9)).toHaveLength(1)
})

test('a missing file is a fault of the changelog', async () => {
  const subject = subjectOf([changeOf('sqlFile', { path: 'no.sql' })])
  await expect(changeSetChecksum(subject)).rejects.toMatchObject({ code: 'changelog-invalid' })
})

test('the serialised form: sorted lines, objects without a name, lists and maps', () => {
  const text = serialise('x', {
    kind: 'object',
    fields: [
      ['z', 'a "b"\r\nc'],
      ['nothing', undefined],
      ['inner', { kind: 'object', fields: [['k', 'v']] }],
      ['list', { kind: 'list', items: ['p', { kind: 'object', fields: [] }] }],
      [
        'map',
        {
          kind: 'map',
          entries: [
            ['b', '2'],
            ['a', '1'],
          ],
        },
      ],
      ['none', { kind: 'list', items: [] }],
    ],
  })
  expect(text).toBe(`x:[
    [
        k="v"
    ]
    list=[
        p,
        []
    ]
    map={
        a="1",
        b="2"
    }
    none=[]
    z="a "b"
c"
]`)
})

test('the order of a Java set, also when it has grown', () => {
  expect(hashSetOrder(['mysql', 'h2', 'oracle', 'mysql'])).toEqual(['oracle', 'mysql', 'h2'])
  const many = Array.from({ length: 30 }, (_, index) => `name${index}`)
  const inJava = `19 18 17 16 15 14 13 12 11 10 29 28 27 6 26 5 25 4 24 3 23 22 9 21 8 20 7 2 1 0`.split(' ')
  expect(hashSetOrder(many)).toEqual(inJava.map((number) => `name${number}`))
})

test('the description names objects and paths, and is cut', () => {
  const changes = [
    changeOf('createIndex', { tableName: 't', indexName: 'ix', schemaName: 's', column: { name: 'a' } }),
    changeOf('sqlFile', { path: 'a.sql' }),
    changeOf('empty', {}),
  ]
  expect(describeChanges(changes)).toBe('createIndex indexName=ix, tableName=t; sqlFile path=a.sql; empty')
  expect(describeChanges([])).toBe('empty')
  const long = describeChanges(Array.from({ length: 20 }, () => changes).flat())
  expect(long).toHaveLength(250)
  expect(long.endsWith('...')).toBe(true)
})
