import { describe, expect, test } from 'vitest'
import { memorySource } from './memory.ts'
import { type ReadOptions, readChangelog } from './read.ts'

const database = { shortName: 'postgresql', properties: { typeName: 'postgresql', defaultSchemaName: 'public' } }
const xml = (body: string) =>
  `<databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog">\n${body}\n</databaseChangeLog>`
const sql = (id: number | string, text: string) => `<changeSet id="${id}" author="x"><sql>${text}</sql></changeSet>`

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
  return { ...result, places, texts: result.changelog?.changeSets.map(({ changes }) => changes[0]?.value) }
}

describe('which definition counts', () => {
  test('the first; names in any case; values are expanded when they are used', async () => {
    const body = `<property name="p" value="v\${q}"/><property name="q" value="one"/><property name="q" value="two"/>${sql(1, '${p} ${Q} ${no} ${p${no}}')}`
    expect((await read({ 'f.xml': xml(body) })).texts).toEqual(['vone one ${no} ${p${no}}'])
  })

  test('global before local; of local ones the last, then those of the including file', async () => {
    const { texts } = await read({
      'r.xml': xml(
        `<property name="g" value="G"/><property name="g" value="x" global="false"/><property name="l" value="L1" global="false"/><property name="l" value="L2" global="false"/><property name="m" value="M" global="false"/><include file="k.xml"/>${sql(1, '${g} ${l} ${m} ${k}')}`,
      ),
      'k.xml': xml(
        `<property name="l" value="K" global="false"/><property name="k" value="K" global="false"/>${sql(2, '${l} ${m} ${k}')}`,
      ),
    })
    expect(texts).toEqual(['K M K', 'G L2 M ${k}'])
  })

  test('from outside: environment, then parameters, then the database, then defaults, then the changelog', async () => {
    const body = `${['a', 'b', 'd', 'e', 'database.typeName'].map((name) => `<property name="${name}" value="log"/>`).join('')}${sql(1, '${a} ${b} ${d} ${e} ${database.typeName} ${database.defaultSchemaName}')}`
    const { texts } = await read(
      { 'f.xml': xml(body) },
      {
        environment: { A: 'env', unset: undefined },
        parameters: { a: 'par', b: 'par' },
        defaults: { b: 'def', d: 'def' },
      },
    )
    expect(texts).toEqual(['env par def log postgresql public'])
  })

  test('filters', async () => {
    const properties =
      '<property name="p" value="pg" dbms="postgresql"/><property name="p" value="all"/><property name="o" value="ora" dbms="oracle"/><property name="c" value="ctx" context="foo"/><property name="l" value="lbl" labels="a,b"/>'
    const body = xml(properties + sql(1, '${p} ${o} ${c} ${l}'))
    expect((await read({ 'f.xml': body })).texts).toEqual(['pg ${o} ctx lbl'])
    expect((await read({ 'f.xml': body }, { contexts: 'bar', labelFilter: 'q' })).texts).toEqual(['pg ${o} ${c} ${l}'])
  })

  test('YAML: all of the file wherever they stand, and contextFilter is not looked at', async () => {
    const text =
      'databaseChangeLog:\n- changeSet: {id: 1, author: x, changes: [{sql: "${p} ${c} ${d}"}]}\n- property: {name: p, value: v}\n- property: {name: c, value: cf, contextFilter: zz}\n- property: {name: d, value: c, context: zz}\n'
    expect((await read({ 'f.yaml': text }, { contexts: 'bar' })).texts).toEqual(['v cf ${d}'])
  })

  test('what an included file defines counts for what comes after it', async () => {
    const { texts, changelog } = await read({
      'r.yaml':
        'databaseChangeLog:\n- changeSet: {id: 0, author: x, changes: [{sql: "${p}"}]}\n- include: {file: props.yaml}\n- changeSet: {id: "${p}", author: "${p}", context: "${p}", changes: [{sql: "${p}"}]}\n- include: {file: after.xml}\n',
      'props.yaml': 'databaseChangeLog:\n- property: {name: p, value: INC}\n',
      'after.xml': xml(sql(2, '${p}')),
    })
    expect(texts).toEqual(['${p}', 'INC', 'INC'])
    expect(changelog?.changeSets[1]).toMatchObject({ id: 'INC', author: 'INC', contextFilter: 'INC' })
  })

  test('a property file, in ISO-8859-1', async () => {
    const { texts, places } = await read({
      'd/f.xml': xml(
        `<property file="x.properties" relativeToChangelogFile="true"/><property file="no.properties" errorIfMissing="false"/>${sql(1, '${a} ${b}')}`,
      ),
      'd/x.properties': Buffer.from('a = caf\xe9\nb=${a}!\n', 'latin1'),
    })
    expect(places).toEqual([])
    expect(texts).toEqual(['café café!'])
  })

  test('the change set and its file', async () => {
    const { texts } = await read(
      {
        'd/f.xml': xml(
          sql(
            'i1',
            '${LIQUIBASE_EXECUTION_CHANGESET_ID} ${liquibase_execution_changeset_author} ${LIQUIBASE_EXECUTION_CHANGELOG_FILE} ${LIQUIBASE_EXECUTION_DEPLOYMENT_ID}',
          ),
        ),
      },
      { settings: { deploymentId: '42' } },
    )
    expect(texts).toEqual(['i1 x d/f.xml 42'])
  })
})

describe('what is expanded', () => {
  test('every text of a tree, includes and the attributes of the changelog', async () => {
    const { changelog, places } = await read({
      'r.yaml':
        'databaseChangeLog:\n- property: {name: n, value: "5"}\n- property: {name: f, value: k.xml}\n- changeSet:\n    id: ${n}\n    author: ${n}\n    labels: ${n}\n    comment: ${n}\n    preConditions: {tableExists: {tableName: "${n}"}}\n    changes:\n    - createTable: {tableName: "${n}", columns: [{column: {name: "${n}"}}], list: ["${n}", b]}\n    rollback: drop ${n}\n    modifySql: {append: {value: "${n}"}}\n- include: {file: "${f}"}\n',
      'k.xml':
        '<databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog" logicalFilePath="L${n}">\n<changeSet id="k" author="x"/></databaseChangeLog>',
    })
    expect(places).toEqual([])
    expect(changelog?.changeSets[0]).toMatchObject({
      id: '5',
      author: '5',
      labels: ['5'],
      comment: '5',
      preconditions: { conditions: [{ attributes: { tableName: '5' } }] },
      rollback: { changes: [{ value: 'drop 5' }] },
      sqlVisitors: [{ value: '5' }],
    })
    expect(JSON.stringify(changelog?.changeSets[0]?.changes)).not.toContain('${')
    expect(changelog?.changeSets[0]?.changes[0]?.children[2]?.items).toEqual(['5', 'b'])
    expect(changelog?.changeSets[1]?.path).toBe('L5')
  })

  test('YAML: also the path of the file, with its own properties', async () => {
    const text =
      'databaseChangeLog:\n- logicalFilePath: L${n}\n- changeSet: {id: 1, author: x}\n- property: {name: n, value: 7}\n'
    expect((await read({ 'f.yaml': text })).changelog?.changeSets[0]?.path).toBe('L7')
  })

  test('late, with what the change set sees in the end', async () => {
    const nobody = { id: 'z', author: 'y', span: { file: 'f', line: 1, column: 1 } }
    const { changelog, expanderFor } = await read({
      'r.xml': xml(`<include file="a.xml"/><include file="b.xml"/>`),
      'a.xml': xml(`<property name="l" value="A" global="false"/>${sql(1, 'x')}`),
      'b.xml': xml(`<property name="l" value="B" global="false"/><property name="g" value="G"/>${sql(2, 'x')}`),
    })
    const [first = nobody, second = nobody] = changelog?.changeSets ?? []
    expect(expanderFor(first)('${l} ${g} ${LIQUIBASE_EXECUTION_CHANGESET_ID}')).toBe('A G 1')
    expect(expanderFor({ ...second })('${l} ${g}')).toBe('B G')
    expect(expanderFor(nobody)('${l} ${g} ${LIQUIBASE_EXECUTION_CHANGESET_ID}')).toBe('${l} G z')
  })
})

describe('findings', () => {
  test.each<readonly [string, readonly string[]]>([
    ['<property value="x"/>', ['error missing-attribute f.xml:2:1']],
    ['<property file="no.properties"/>', ['error missing-properties-file f.xml:2:11']],
    ['<property file="../no.properties"/>', ['error outside f.xml:2:11']],
    ['<property name="a" value="b" dbms="postgres"/>', ['warning unknown-dbms f.xml:2:30']],
    [
      '<property name="a" value="${b}"/><property name="b" value="${a}"/><changeSet id="1" author="x"><sql>${a}</sql></changeSet>',
      ['error property-cycle f.xml:2:96'],
    ],
  ])('%s', async (body, expected) => {
    expect((await read({ 'f.xml': xml(body) })).places).toEqual(expected)
  })

  test('a mistake in the filter is an error only when it would be used', async () => {
    const body = xml('<property name="a" value="b" context="(x"/>')
    expect((await read({ 'f.xml': body })).places).toEqual(['warning bad-expression f.xml:2:1'])
    expect((await read({ 'f.xml': body }, { contexts: 'x' })).places).toEqual(['error bad-expression f.xml:2:1'])
  })

  test('missing ones, if that is asked for', async () => {
    const text = xml(sql(1, 'a ${no}'))
    expect((await read({ 'f.xml': text }, { settings: { missingPropertyMode: 'ERROR' } })).places).toEqual([
      'error missing-property f.xml:2:30',
    ])
    const included = {
      'r.yaml': 'databaseChangeLog:\n- include: {file: p.yaml}\n- changeSet: {id: 1, author: x, comment: "${p}"}\n',
      'p.yaml': 'databaseChangeLog:\n- property: {name: p, value: v}\n',
    }
    expect((await read(included, { settings: { missingPropertyMode: 'ERROR' } })).places).toEqual([])
    expect((await read({ 'f.xml': text }, { settings: { missingPropertyMode: 'EMPTY' } })).texts).toEqual(['a '])
    expect(
      (await read({ 'f.xml': xml(sql(1, '${:a}')) }, { settings: { supportPropertyEscaping: true } })).texts,
    ).toEqual(['${a}'])
  })
})
