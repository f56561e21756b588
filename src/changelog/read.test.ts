import { describe, expect, test } from 'vitest'
import { changelogLimits } from './limit.ts'
import { memorySource } from './memory.ts'
import { type ReadOptions, readChangelog } from './read.ts'
import type { FileSource } from './source.ts'

const database = { shortName: 'postgresql', properties: {} }

async function read(files: Readonly<Record<string, string | Uint8Array>>, options: Partial<ReadOptions> = {}) {
  const result = await readChangelog({
    files: memorySource(files),
    file: Object.keys(files)[0] ?? '',
    database,
    ...options,
  })
  const places = result.diagnostics.map(
    ({ code, severity, span }) => `${severity} ${code.slice(10)} ${span?.file}:${span?.line}:${span?.column}`,
  )
  return { ...result, places }
}

describe('readChangelog', () => {
  test('one change set in four formats is the same', async () => {
    const changes = await Promise.all([
      read({
        'f.yaml':
          'databaseChangeLog:\n- changeSet:\n    id: 1\n    author: x\n    changes:\n    - sql: {sql: select 1, splitStatements: false}\n',
      }),
      read({
        'f.json':
          '{"databaseChangeLog": [{"changeSet": {"id": 1, "author": "x", "changes": [{"sql": {"splitStatements": false, "sql": "select 1"}}]}}]}',
      }),
      read({
        'f.xml':
          '<databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog"><changeSet id="1" author="x"><sql splitStatements="false">select 1</sql></changeSet></databaseChangeLog>',
      }),
      read({ 'f.sql': '--liquibase formatted sql\n--changeset x:1 splitStatements:false\nselect 1' }),
    ])
    for (const { changelog, diagnostics } of changes) {
      expect(diagnostics).toEqual([])
      const [changeSet] = changelog!.changeSets
      expect(changeSet).toMatchObject({ id: '1', author: 'x', dbms: [], changes: [{ name: 'sql' }] })
      const change = changeSet?.changes[0]
      expect(change?.children.find(({ name }) => name === 'splitStatements')?.value).toBe('false')
      expect(change?.value ?? change?.children.find(({ name }) => name === 'sql')?.value).toBe('select 1')
    }
  })

  test('the root file is normalised; a missing one is a finding', async () => {
    const { changelog } = await read(
      { 'a/f.yaml': 'databaseChangeLog:\n- changeSet: {id: 1, author: x}\n' },
      { file: '/a/../a/./f.yaml' },
    )
    expect(changelog).toMatchObject({ file: 'a/f.yaml', files: ['a/f.yaml'], changeSets: [{ path: 'a/f.yaml' }] })
    expect((await read({ x: '' }, { file: 'no.yaml' })).places).toEqual(['error missing-changelog no.yaml:1:1'])
    expect((await read({ x: '' }, { file: 'x' })).places).toEqual(['error unknown-format x:1:1'])
    expect((await read({ x: '' }, { file: '../x.yaml' })).places).toEqual(['error outside ../x.yaml:1:1'])
  })

  test('all findings of all files at once, and no changelog when one is an error', async () => {
    const { places, changelog } = await read({
      'r.yaml':
        'databaseChangeLog:\n- changeSet: {id: "", author: x, runAlways: "yes"}\n- include: {file: a.xml}\n- include: {file: b.sql}\n- include: {file: no.yaml}\n- chngeSet: {id: 2}\n',
      'a.xml':
        '<databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog"><changeSet id="1" author="x" foo="1"/></databaseChangeLog>',
      'b.sql': '--liquibase formatted sql\n-changeset a:1\nx\n',
    })
    expect(places).toEqual([
      'error empty-id r.yaml:2:15',
      'warning bad-boolean r.yaml:2:34',
      'error unknown-attribute a.xml:1:101',
      'error malformed-directive b.sql:2:1',
      'error missing-include r.yaml:5:13',
      'error unknown-element r.yaml:6:3',
    ])
    expect(changelog).toBeUndefined()
  })

  test('runOrder moves, everything else keeps its order', async () => {
    const { changelog } = await read({
      'r.yaml':
        'databaseChangeLog:\n- changeSet: {id: 1, author: x}\n- changeSet: {id: l1, author: x, runOrder: last}\n- include: {file: k.yaml}\n- changeSet: {id: f2, author: x, runOrder: first}\n- changeSet: {id: 4, author: x}\n',
      'k.yaml':
        'databaseChangeLog:\n- changeSet: {id: 2, author: x}\n- changeSet: {id: f1, author: x, runOrder: first}\n- changeSet: {id: l2, author: x, runOrder: last}\n- changeSet: {id: 3, author: x}\n',
    })
    expect(changelog?.changeSets.map(({ id }) => id)).toEqual(['f1', 'f2', '1', '2', '3', '4', 'l1', 'l2'])
  })

  test('the signal stops it', async () => {
    const controller = new AbortController()
    controller.abort(new Error('enough'))
    await expect(
      readChangelog(
        { files: memorySource({ 'f.yaml': 'databaseChangeLog: []' }), file: 'f.yaml', database },
        controller.signal,
      ),
    ).rejects.toThrow('enough')
  })

  test('contexts and labels of the run that nobody can parse are a Fault', async () => {
    await expect(read({ 'f.yaml': 'databaseChangeLog: []' }, { contexts: '(a' })).rejects.toMatchObject({
      code: 'invalid-input',
    })
    await expect(read({ 'f.yaml': 'databaseChangeLog: []' }, { labelFilter: 'a and (b, c)' })).rejects.toMatchObject({
      code: 'invalid-input',
    })
  })
})

describe('identity', () => {
  const two = (first: string, second: string) =>
    `databaseChangeLog:\n- changeSet: {id: 1, author: x${first}}\n- changeSet: {id: 1, author: x${second}}\n`

  test('the same twice, with both places', async () => {
    const { diagnostics } = await read({ 'f.yaml': two('', ', logicalFilePath: ./f.yaml') })
    expect(diagnostics).toMatchObject([
      { code: 'changelog/duplicate-identity', severity: 'error', span: { file: 'f.yaml', line: 3, column: 3 } },
    ])
    expect(diagnostics[0]?.message).toContain('f.yaml::1::x')
    expect(diagnostics[0]?.message).toContain('f.yaml:2:3')
  })

  test('one file included twice', async () => {
    const files = {
      'r.yaml': 'databaseChangeLog:\n- include: {file: k.yaml}\n- include: {file: ./k.yaml}\n',
      'k.yaml': 'databaseChangeLog:\n- changeSet: {id: 1, author: x}\n',
    }
    const { diagnostics } = await read(files)
    expect(diagnostics).toMatchObject([
      { code: 'changelog/duplicate-identity', message: expect.stringContaining('included twice') },
    ])
    const apart = await read({
      ...files,
      'r.yaml':
        'databaseChangeLog:\n- include: {file: k.yaml, logicalFilePath: a}\n- include: {file: k.yaml, logicalFilePath: b}\n',
    })
    expect(apart.changelog?.changeSets.map(({ path }) => path)).toEqual(['a', 'b'])
  })

  // As the original engine: it looks at those only that the run takes.
  test.each<readonly [string, string, string, Partial<ReadOptions>, number]>([
    ['databases', ', dbms: postgresql', ', dbms: oracle', {}, 0],
    ['contexts, none given', ', context: a', ', context: b', {}, 1],
    ['contexts, one given', ', context: a', ', context: b', { contexts: 'a' }, 0],
    ['labels', ', labels: a', ', labels: b', { labelFilter: 'b' }, 0],
    ['ignored ones', '', ', ignore: true', {}, 0],
    ['another case', '', ', logicalFilePath: F.yaml', {}, 0],
    [
      'allowed by the settings',
      ', labels: a',
      ', labels: b',
      { settings: { allowDuplicatedChangesetIdentifiers: true } },
      0,
    ],
    [
      'equal in everything, when the settings allow it',
      '',
      '',
      { settings: { allowDuplicatedChangesetIdentifiers: true } },
      0,
    ],
  ])('%s', async (_, first, second, options, expected) => {
    expect((await read({ 'f.yaml': two(first, second) }, options)).diagnostics).toHaveLength(expected)
  })
})

describe('limits', () => {
  test('a file that is too large is not parsed', async () => {
    const { places } = await read({ 'f.yaml': new Uint8Array(changelogLimits.fileBytes + 1).fill(32) })
    expect(places).toEqual(['error too-large f.yaml:1:1'])
  })

  test('of very many findings the rest is counted', async () => {
    const entries = '- changeSet: {id: "", author: x}\n'.repeat(1500)
    const { diagnostics } = await read({ 'f.yaml': `databaseChangeLog:\n${entries}` })
    expect(diagnostics).toHaveLength(changelogLimits.findings + 1)
    expect(diagnostics.at(-1)).toMatchObject({
      code: 'changelog/too-many-findings',
      severity: 'error',
      message: '500 more findings, 500 of them errors, are not shown.',
    })
  })

  test('properties that double one another', async () => {
    const properties = Array.from(
      { length: 40 },
      (_, index) => `- property: {name: p${index}, value: "\${p${index + 1}}\${p${index + 1}}"}\n`,
    ).join('')
    const { places } = await read({
      'f.yaml': `databaseChangeLog:\n${properties}- changeSet: {id: 1, author: x, comment: "\${p0}"}\n`,
    })
    expect(places).toEqual(['error property-too-long f.yaml:42:33'])
  })

  test('each file is read once, however often it is included', async () => {
    let reads = 0
    const inner = memorySource({
      'r.yaml': `databaseChangeLog:\n${Array.from({ length: 50 }, (_, index) => `- include: {file: k.yaml, logicalFilePath: p${index}}\n`).join('')}`,
      'k.yaml': 'databaseChangeLog:\n- changeSet: {id: 1, author: x}\n',
    })
    const files: FileSource = {
      read(path) {
        reads += 1
        return inner.read(path)
      },
      list: (folder) => inner.list(folder),
    }
    const { changelog } = await readChangelog({ files, file: 'r.yaml', database })
    expect(changelog?.changeSets).toHaveLength(50)
    expect(reads).toBe(2)
  })
})
