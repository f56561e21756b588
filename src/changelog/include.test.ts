import { describe, expect, test } from 'vitest'
import { Fault } from '#contract/fault'
import { memorySource } from './memory.ts'
import { type ReadOptions, readChangelog } from './read.ts'
import type { FileSource } from './source.ts'

const database = { shortName: 'postgresql', properties: {} }
const xml = (body: string, attributes = '') =>
  `<databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog" ${attributes}>\n${body}\n</databaseChangeLog>`
const changeSet = (id: string, attributes = '') => `<changeSet id="${id}" author="x" ${attributes}><empty/></changeSet>`

async function read(files: Readonly<Record<string, string>>, options: Partial<ReadOptions> = {}) {
  const result = await readChangelog({
    files: memorySource(files),
    file: Object.keys(files)[0] ?? '',
    database,
    ...options,
  })
  const places = result.diagnostics.map(
    ({ code, severity, span }) => `${severity} ${code.slice(10)} ${span?.file}:${span?.line}:${span?.column}`,
  )
  const paths = result.changelog?.changeSets.map(({ id, path }) => `${id} ${path}`)
  return { ...result, places, paths }
}

describe('include', () => {
  test('in place, from the root of the search path or next to the file', async () => {
    const { paths, changelog, places } = await read({
      'a/root.xml': xml(
        `${changeSet('1')}<include file="./b/../a/two.yaml"/><include file="three.json" relativeToChangelogFile="true"/>${changeSet('4')}<include file="/a/p.sql"/>`,
      ),
      'a/two.yaml':
        'databaseChangeLog:\n- changeSet: {id: 2, author: x}\n- include: {file: ../f.sql, relativeToChangelogFile: true}\n',
      'a/three.json': '{"databaseChangeLog": [{"changeSet": {"id": 3, "author": "x"}}]}',
      'a/p.sql': 'select 1',
      'f.sql': '--liquibase formatted sql\n--changeset x:f\nselect 1',
    })
    expect(places).toEqual([])
    expect(paths).toEqual(['1 a/root.xml', '2 a/two.yaml', 'f f.sql', '3 a/three.json', '4 a/root.xml', 'raw a/p.sql'])
    expect(changelog?.files).toEqual(['a/root.xml', 'a/two.yaml', 'f.sql', 'a/three.json', 'a/p.sql'])
    expect(changelog?.changeSets.map(({ format }) => format)).toEqual([
      'xml',
      'yaml',
      'formatted-sql',
      'json',
      'xml',
      'sql',
    ])
  })

  test('filters are handed down, nearest first; ignore as well', async () => {
    const { changelog } = await read({
      'r.xml': xml(
        `<include file="m.xml" contextFilter="inc2 or z" context="no" labels="IL2"/>${changeSet('r')}`,
        'context="rlog"',
      ),
      'm.xml': xml(
        `<include file="k.xml" context="inc1" labels="IL1,x" ignore="true"/>${changeSet('m')}`,
        'contextFilter="mlog"',
      ),
      'k.xml': xml(changeSet('k', 'context="own" labels="L"'), 'context="log"'),
    })
    expect(changelog?.changeSets).toMatchObject([
      {
        id: 'k',
        contextFilter: 'own',
        inheritedContextFilters: ['log', 'inc1', 'mlog', 'inc2 or z', 'rlog'],
        labels: ['l'],
        inheritedLabels: [['il1', 'x'], ['il2']],
        ignore: true,
      },
      { id: 'm', inheritedContextFilters: ['mlog', 'inc2 or z', 'rlog'], inheritedLabels: [['il2']], ignore: false },
      { id: 'r', inheritedContextFilters: ['rlog'], inheritedLabels: [], ignore: false },
    ])
  })

  test('what is wrong', async () => {
    const { places, diagnostics } = await read({
      'r.yaml':
        'databaseChangeLog:\n- include: {file: no.yaml}\n- include: {file: no.xml, errorIfMissing: false}\n- include: {file: readme.txt}\n- include: {file: ../out.yaml}\n- include: {}\n- include: x.yaml\n- include: {file: bad.xml, foo: x}\n- include: {file: .svn}\n',
      'readme.txt': 'hi',
      'bad.xml': '<a',
    })
    expect(places).toEqual([
      'error missing-include r.yaml:2:13',
      'error unknown-format r.yaml:4:13',
      'error outside r.yaml:5:13',
      'error missing-attribute r.yaml:6:3',
      'error missing-attribute r.yaml:7:3',
      'warning unknown-attribute r.yaml:8:28',
      'error malformed-xml bad.xml:1:2',
    ])
    expect(diagnostics.every(({ fix }) => fix)).toBe(true)
    const warned = await read(
      { 'r.yaml': 'databaseChangeLog:\n- include: {file: no.yaml}\n' },
      { settings: { onMissingIncludeChangelog: 'WARN' } },
    )
    expect(warned.places).toEqual(['warning missing-include r.yaml:2:13'])
    expect(warned.changelog).toBeDefined()
  })

  test('a circle is told with its whole way', async () => {
    const { diagnostics, changelog } = await read({
      'a.yaml': 'databaseChangeLog:\n- include: {file: b.yaml}\n',
      'b.yaml': 'databaseChangeLog:\n- include: {file: ./c.yaml}\n- changeSet: {id: 1, author: x}\n',
      'c.yaml': 'databaseChangeLog:\n- include: {file: b.yaml}\n',
    })
    expect(diagnostics).toMatchObject([
      { code: 'changelog/include-cycle', severity: 'error', span: { file: 'c.yaml', line: 2, column: 13 } },
    ])
    expect(diagnostics[0]?.message).toContain('b.yaml → c.yaml → b.yaml')
    expect(changelog).toBeUndefined()
  })

  test('a long way down ends in a finding', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 150 }, (_, index) => [
        `${index}.yaml`,
        `databaseChangeLog:\n- include: {file: ${index + 1}.yaml}\n`,
      ]),
    )
    expect((await read(files)).places).toEqual(['error too-large 99.yaml:2:13'])
  })

  test('what the source refuses is a finding, what it raises otherwise is not', async () => {
    const root = new TextEncoder().encode('databaseChangeLog:\n- include: {file: x.yaml}\n- includeAll: {path: y}\n')
    const source = (error: Error): FileSource => ({
      async read(path) {
        if (path !== 'r.yaml') throw error
        return root
      },
      async list() {
        throw error
      },
    })
    const refusing = await readChangelog({
      files: source(new Fault('invalid-input', 'leads out')),
      file: 'r.yaml',
      database,
    })
    expect(refusing.diagnostics).toMatchObject([
      { code: 'changelog/outside', span: { line: 2 } },
      { code: 'changelog/outside', span: { line: 3 } },
    ])
    await expect(readChangelog({ files: source(new Error('disk')), file: 'r.yaml', database })).rejects.toThrow('disk')
  })
})

describe('includeAll', () => {
  const folder = {
    'd/a.xml': xml(changeSet('a')),
    'd/B_1.xml': xml(changeSet('B_1')),
    'd/b_10.xml': xml(changeSet('b_10')),
    'd/b_2.xml': xml(changeSet('b_2')),
    'd/aa/k.xml': xml(changeSet('k')),
    'd/zz/k.xml': xml(changeSet('z')),
    'd/y.sql': 'select 1',
    'other/x.xml': xml(changeSet('x')),
  }

  test('by full path in code units, folders among files', async () => {
    const { paths } = await read({ 'r.xml': xml('<includeAll path="d/"/>'), ...folder })
    expect(paths).toEqual([
      'B_1 d/B_1.xml',
      'a d/a.xml',
      'k d/aa/k.xml',
      'b_10 d/b_10.xml',
      'b_2 d/b_2.xml',
      'raw d/y.sql',
      'z d/zz/k.xml',
    ])
  })

  test.each<readonly [string, readonly string[]]>([
    ['minDepth="2"', ['k', 'z']],
    ['minDepth="1" maxDepth="1"', ['B_1', 'a', 'b_10', 'b_2', 'raw']],
    ['endsWithFilter="K.XML"', ['k', 'z']],
    ['endsWithFilter=".sql"', ['raw']],
    ['maxDepth="0" errorIfMissingOrEmpty="false"', []],
  ])('%s', async (attributes, expected) => {
    const { changelog } = await read({ 'r.xml': xml(`<includeAll path="d" ${attributes}/>`), ...folder })
    expect(changelog?.changeSets.map(({ id }) => id)).toEqual(expected)
  })

  test('relative to the file, and files that are no changelogs are left out', async () => {
    const { paths, places } = await read({
      'sub/r.yaml': 'databaseChangeLog:\n- includeAll: {path: d, relativeToChangelogFile: true}\n',
      'sub/d/x.xml': xml(changeSet('x')),
      'sub/d/data.csv': 'a,b',
    })
    expect(paths).toEqual(['x sub/d/x.xml'])
    expect(places).toEqual(['warning left-out sub/d/data.csv:1:1'])
  })

  test.each<readonly [string, string]>([
    ['path="nowhere"', 'error empty-include-all r.xml:2:13'],
    ['path="d" endsWithFilter="q"', 'error empty-include-all r.xml:2:13'],
    ['path="../up"', 'error outside r.xml:2:13'],
    ['path=""', 'error missing-attribute r.xml:2:1'],
    ['path="d" filter="com.Filter"', 'error not-supported r.xml:2:22'],
    ['path="d" resourceComparator="com.Order"', 'error not-supported r.xml:2:22'],
    ['path="d" maxDepth="two"', 'error bad-value r.xml:2:22'],
  ])('%s', async (attributes, expected) => {
    expect((await read({ 'r.xml': xml(`<includeAll ${attributes}/>`), ...folder })).places).toContain(expected)
  })

  test('a folder that holds the file itself', async () => {
    const files = {
      'loop/m.yaml': 'databaseChangeLog:\n- includeAll: {path: loop}\n- changeSet: {id: 1, author: x}\n',
      'loop/n.xml': xml(changeSet('n')),
    }
    expect((await read(files)).places).toEqual(['error include-cycle loop/m.yaml:2:16'])
    const allowed = await read(files, { settings: { errorOnCircularIncludeAll: false } })
    expect(allowed.paths).toEqual(['n loop/n.xml', '1 loop/m.yaml'])
  })
})

// All of them recorded from Liquibase 4.33.0.
describe('logicalFilePath', () => {
  const leaf = xml(changeSet('leaf'))
  const sql =
    '--liquibase formatted sql\n--changeset x:f\nselect 1;\n--changeset x:g logicalFilePath:/own\\z\nselect 2;\n'

  test.each<readonly [string, Readonly<Record<string, string>>, readonly string[]]>([
    [
      'of the root goes before that of the include',
      { r: xml('<include file="leaf.xml" logicalFilePath="INC"/>', 'logicalFilePath="ROOT"') },
      ['leaf ROOT'],
    ],
    [
      'of the include',
      { r: xml(`<include file="leaf.xml" logicalFilePath="INC"/>${changeSet('1')}`) },
      ['leaf INC', '1 r.xml'],
    ],
    [
      'of the included file, kept as written',
      { r: xml('<include file="own.xml" logicalFilePath="INC"/>', 'logicalFilePath="ROOT"') },
      ['a /LEAF\\x/../y.xml', 'b own/p/../q.xml'],
    ],
    ['the nearest one', { r: xml('<include file="mid.xml"/>', 'logicalFilePath="ROOT"') }, ['leaf MID', 'mid MID']],
    [
      'an include further out, when there is none inside',
      { r: xml('<include file="plainmid.xml" logicalFilePath="INC"/>') },
      ['leaf INC2', 'raw INC', 'f INC', 'g INC'],
    ],
    [
      'not for plain SQL that is included directly',
      { r: xml('<include file="p.sql" logicalFilePath="INC"/><includeAll path="d" logicalFilePath="IA"/>') },
      ['raw p.sql', 'x IA', 'raw d/y.sql'],
    ],
    [
      'blank stays blank where nothing else is named',
      { r: xml(`<include file="blank.xml"/>${changeSet('0')}`, 'logicalFilePath=""') },
      ['1   ', '0 '],
    ],
    ['blank is none', { r: xml('<include file="blank.xml" logicalFilePath="INC"/>') }, ['1 INC']],
  ])('%s', async (_, { r }, expected) => {
    const files = {
      'r.xml': r ?? '',
      'leaf.xml': leaf,
      'own.xml': xml(
        `${changeSet('a')}${changeSet('b', 'logicalFilePath="/own\\p/../q.xml"')}`,
        'logicalFilePath="/LEAF\\x/../y.xml"',
      ),
      'mid.xml': xml(`<include file="leaf.xml"/>${changeSet('mid')}`, 'logicalFilePath="MID"'),
      'plainmid.xml': xml(
        '<include file="leaf.xml" logicalFilePath="INC2"/><include file="p.sql"/><include file="f.sql"/>',
      ),
      'blank.xml': xml(changeSet('1'), 'logicalFilePath="  "'),
      'p.sql': 'select 1',
      'f.sql': sql,
      'd/x.xml': xml(changeSet('x')),
      'd/y.sql': 'select 2',
    }
    expect((await read(files)).paths).toEqual(expected)
  })

  test('what the history knows by its old path keeps it', async () => {
    const files = {
      'r.xml': xml('<include file="leaf.xml"/><include file="two.xml"/>', 'logicalFilePath="ROOT"'),
      'leaf.xml': leaf,
      'two.xml': xml(changeSet('2')),
    }
    const { paths } = await read(files, {
      isRecorded: ({ path, id, author }) => `${path}::${id}::${author}` === 'leaf.xml::leaf::x',
    })
    expect(paths).toEqual(['leaf leaf.xml', '2 ROOT'])
  })
})

describe('modifyChangeSets and removeChangeSetProperty', () => {
  test('runWith and stripComments for what does not say so itself, also further down', async () => {
    const { changelog, places } = await read({
      'r.xml': xml(
        '<modifyChangeSets runWith="psql" runWithSpoolFile="s.log" stripComments="true"><include file="m.yaml"/><include file="f.sql"/></modifyChangeSets><include file="g.sql"/>',
      ),
      'm.yaml':
        'databaseChangeLog:\n- include: {file: k.yaml}\n- changeSet: {id: 1, author: x, runWith: own, changes: [{sql: {sql: a, stripComments: false}}, {sqlFile: {path: p}}]}\n',
      'k.yaml': 'databaseChangeLog:\n- changeSet: {id: k, author: x, changes: [{sql: a}]}\n',
      'f.sql': '--liquibase formatted sql\n--changeset x:f stripComments:false\nselect 1',
      'g.sql': '--liquibase formatted sql\n--changeset x:g\nselect 1',
    })
    expect(places).toEqual([])
    const strips = changelog?.changeSets.map(({ id, runWith, runWithSpoolFile, changes }) => [
      id,
      runWith,
      runWithSpoolFile,
      changes.map(({ children }) => children.find(({ name }) => name === 'stripComments')?.value),
    ])
    expect(strips).toEqual([
      ['k', 'psql', 's.log', ['true']],
      ['1', 'own', 's.log', ['false', 'true']],
      ['f', 'psql', 's.log', ['false']],
      ['g', undefined, undefined, ['true']],
    ])
  })

  test('a property of addColumn goes, on that database, from there on, in that file', async () => {
    const add = (id: number) =>
      `- changeSet: {id: ${id}, author: x, changes: [{addColumn: {tableName: t, columns: [{column: {name: a, afterColumn: z, position: 3}}]}}]}\n`
    const { changelog } = await read({
      'r.yaml': `databaseChangeLog:\n${add(1)}- removeChangeSetProperty: {change: addColumn, dbms: postgresql, remove: afterColumn}\n- removeChangeSetProperty: {change: addColumn, dbms: mysql, remove: position}\n${add(2)}- include: {file: k.yaml}\n`,
      'k.yaml': `databaseChangeLog:\n${add(3)}`,
    })
    const left = changelog?.changeSets.map(({ changes }) =>
      changes[0]?.children[1]?.children[0]?.children.map(({ name }) => name),
    )
    expect(left).toEqual([
      ['name', 'afterColumn', 'position'],
      ['name', 'position'],
      ['name', 'afterColumn', 'position'],
    ])
  })

  test.each<readonly [string, string]>([
    ['removeChangeSetProperty: {change: createTable, dbms: h2, remove: remarks}', 'warning no-effect r.yaml:2:3'],
    [
      'removeChangeSetProperty: {change: addColumn, dbms: h2, remove: "afterColumn,position"}',
      'error bad-value r.yaml:2:3',
    ],
    ['removeChangeSetProperty: {change: addColumn, remove: position}', 'warning no-effect r.yaml:2:3'],
    ['modifyChangeSets: {endDelimiter: /}', 'warning no-effect r.yaml:2:3'],
    ['modifyChangeSets: {changes: [{include: {file: x}}]}', 'error unknown-element r.yaml:2:22'],
    ['changeset: {id: 1}', 'error unknown-element r.yaml:2:3'],
    ['foo: bar', 'warning ignored-entry r.yaml:2:3'],
  ])('%s', async (entry, expected) => {
    expect((await read({ 'r.yaml': `databaseChangeLog:\n- ${entry}\n` })).places).toEqual([expected])
  })
})
