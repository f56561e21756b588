// Rules of the original engine that are easily lost, each in the formats that it holds for. Where the other tests of this room
// hold a rule already it is not repeated here.
import { describe, expect, test } from 'vitest'
import { memorySource } from './memory.ts'
import type { ChangelogNode } from './node.ts'
import { type ReadOptions, readChangelog } from './read.ts'

const database = { shortName: 'postgresql', properties: {} }
const namespace = 'xmlns="http://www.liquibase.org/xml/ns/dbchangelog"'
const xml = (body: string, attributes = '') =>
  `<databaseChangeLog ${namespace} ${attributes}>\n${body}\n</databaseChangeLog>`
const json = (...entries: readonly object[]) => JSON.stringify({ databaseChangeLog: entries })

async function read(files: Readonly<Record<string, string>>, options: Partial<ReadOptions> = {}) {
  const file = Object.keys(files)[0] ?? ''
  const result = await readChangelog({ files: memorySource(files), file, database, ...options })
  const places = result.diagnostics.map(
    ({ code, severity, span }) => `${severity} ${code.slice(10)} ${span?.file}:${span?.line}:${span?.column}`,
  )
  return { ...result, places, changeSets: result.changelog?.changeSets ?? [] }
}
const first = async (files: Readonly<Record<string, string>>) => (await read(files)).changeSets[0]
const child = (node: ChangelogNode | undefined, name: string) => node?.children.find((one) => one.name === name)?.value

describe('formats by the name of the file', () => {
  const yaml = 'databaseChangeLog:\n- changeSet: {id: 1, author: x}\n'
  test.each([
    ['f.yml', yaml, 'yaml'],
    ['F.YAML', yaml, 'yaml'],
    ['f.JSON', json({ changeSet: { id: '1', author: 'x' } }), 'json'],
    ['f.Xml', xml('<changeSet id="1" author="x"/>'), 'xml'],
    ['f.SQL', 'select 1', 'sql'],
    ['f.sql', '\n \n--Liquibase Formatted SQL\n--changeset x:1\nselect 1', 'formatted-sql'],
    ['f.sql', '-- a comment\n--liquibase formatted sql\n--changeset x:1\nselect 1', 'sql'],
  ])('%s %j', async (file, text, format) => {
    expect((await first({ [file]: text }))?.format).toBe(format)
  })
})

describe('databaseChangeLog', () => {
  test.each([
    [
      'f.xml',
      xml(
        '<changeSet id="1" author="x"/><changeSet id="2" author="x" objectQuotingStrategy="LEGACY"/>',
        'objectQuotingStrategy="QUOTE_ONLY_RESERVED_WORDS" changeLogId="c" context="c" logicalFilePath="l"',
      ),
    ],
    [
      'f.yaml',
      'databaseChangeLog:\n- objectQuotingStrategy: QUOTE_ONLY_RESERVED_WORDS\n- changeLogId: c\n- context: c\n- logicalFilePath: l\n- changeSet: {id: 1, author: x}\n- changeSet: {id: 2, author: x, objectQuotingStrategy: LEGACY}\n',
    ],
    [
      'f.json',
      json(
        { objectQuotingStrategy: 'QUOTE_ONLY_RESERVED_WORDS' },
        { changeLogId: 'c' },
        { context: 'c' },
        { logicalFilePath: 'l' },
        { changeSet: { id: '1', author: 'x' } },
        { changeSet: { id: '2', author: 'x', objectQuotingStrategy: 'LEGACY' } },
      ),
    ],
  ])('its attributes hold for the change sets: %s', async (file, text) => {
    const { changeSets, places } = await read({ [file]: text })
    expect(places).toEqual([])
    expect(changeSets).toMatchObject([
      { id: '1', objectQuotingStrategy: 'QUOTE_ONLY_RESERVED_WORDS', inheritedContextFilters: ['c'], path: 'l' },
      { id: '2', objectQuotingStrategy: 'LEGACY' },
    ])
  })

  test('its quoting is its own: an included file begins anew', async () => {
    const { changeSets } = await read({
      'r.xml': xml('<include file="k.yaml"/>', 'objectQuotingStrategy="QUOTE_ALL_OBJECTS"'),
      'k.yaml': 'databaseChangeLog:\n- changeSet: {id: 1, author: x}\n',
    })
    expect(changeSets[0]?.objectQuotingStrategy).toBe('LEGACY')
  })

  test('one that cannot be is an error with its place', async () => {
    expect((await read({ 'f.yaml': 'databaseChangeLog:\n- objectQuotingStrategy: ALL\n' })).places).toEqual([
      'error bad-value f.yaml:2:3',
    ])
    expect((await read({ 'f.xml': xml('', 'objectQuotingStrategy="ALL"') })).places).toEqual([
      'error bad-value f.xml:1:72',
    ])
  })
})

describe('changeSet', () => {
  test.each([
    ['1.10', '1.1'],
    ['010', '8'],
    ['1_000', '1000'],
    ['"010"', '010'],
    ['2020-01-02', 'Thu Jan 02 00:00:00 UTC 2020'],
    ['on', 'true'],
  ])('an id %s in YAML is %s', async (written, id) => {
    expect((await first({ 'f.yaml': `databaseChangeLog:\n- changeSet: {id: ${written}, author: x}\n` }))?.id).toBe(id)
  })

  test('labels are a set in lower case', async () => {
    const set = await first({ 'f.yaml': 'databaseChangeLog:\n- changeSet: {id: 1, author: x, labels: "B, a ,b"}\n' })
    expect(set?.labels).toEqual(['b', 'a'])
  })

  test.each([
    [
      'f.xml',
      xml(
        '<changeSet id="1" author="x"><validCheckSum>any</validCheckSum><validCheckSum> 8:a </validCheckSum><comment>a</comment><empty/><comment> b </comment></changeSet>',
      ),
    ],
    ['f.json', json({ changeSet: { id: '1', author: 'x', validCheckSum: ['any', '8:a'], comment: 'a\nb' } })],
  ])('several checksums and comments: %s', async (file, text) => {
    expect(await first({ [file]: text })).toMatchObject({ validCheckSums: ['1:any', '8:a'], comment: 'a\nb' })
  })
})

describe('preconditions in XML are those of YAML and JSON', () => {
  const conditions = [
    ['dbms', { type: 'h2' }],
    ['runningAs', { username: 'u' }],
    ['changeSetExecuted', { id: '1', author: 'a', changeLogFile: 'f' }],
    ['columnExists', { tableName: 't', columnName: 'c', schemaName: 's', catalogName: 'g' }],
    ['tableExists', { tableName: 't', schemaName: 's', catalogName: 'g' }],
    ['viewExists', { viewName: 'v', schemaName: 's', catalogName: 'g' }],
    [
      'foreignKeyConstraintExists',
      { foreignKeyName: 'f', foreignKeyTableName: 't', schemaName: 's', catalogName: 'g' },
    ],
    ['indexExists', { indexName: 'i', tableName: 't', columnNames: 'a,b', schemaName: 's', catalogName: 'g' }],
    ['primaryKeyExists', { primaryKeyName: 'p', tableName: 't', schemaName: 's', catalogName: 'g' }],
    [
      'uniqueConstraintExists',
      { tableName: 't', constraintName: 'u', columnNames: 'a', schemaName: 's', catalogName: 'g' },
    ],
    ['sequenceExists', { sequenceName: 'q', schemaName: 's', catalogName: 'g' }],
    ['rowCount', { tableName: 't', expectedRows: '5', schemaName: 's', catalogName: 'g' }],
    ['tableIsEmpty', { tableName: 't', schemaName: 's', catalogName: 'g' }],
    ['changeLogPropertyDefined', { property: 'p', value: 'v' }],
    ['expectedQuotingStrategy', { strategy: 'LEGACY' }],
  ] as const

  test.each(conditions)('%s', async (name, attributes) => {
    const written = Object.entries(attributes)
      .map(([key, value]) => `${key}="${value}"`)
      .join(' ')
    const texts = {
      'f.xml': xml(`<changeSet id="1" author="x"><preConditions><${name} ${written}/></preConditions></changeSet>`),
      'f.json': json({ changeSet: { id: '1', author: 'x', preConditions: [{ [name]: attributes }] } }),
      'f.yaml': `databaseChangeLog:\n- changeSet: {id: 1, author: x, preConditions: [${JSON.stringify({ [name]: attributes })}]}\n`,
    }
    for (const [file, text] of Object.entries(texts)) {
      const { changeSets, places } = await read({ [file]: text })
      expect({ file, places }).toEqual({ file, places: [] })
      expect(changeSets[0]?.preconditions?.conditions).toMatchObject([{ type: 'check', name, attributes }])
    }
  })

  test.each(conditions)('%s: a misspelt attribute has its place', async (name) => {
    const yaml = `databaseChangeLog:\n- changeSet:\n    id: 1\n    author: x\n    preConditions:\n    - ${name}: {tabelName: t}\n`
    expect((await read({ 'f.yaml': yaml })).places[0]).toBe(`warning unknown-attribute f.yaml:6:${name.length + 10}`)
    const text = xml(`<changeSet id="1" author="x"><preConditions><${name} tabelName="t"/></preConditions></changeSet>`)
    expect((await read({ 'f.xml': text })).places[0]).toBe(`error unknown-attribute f.xml:2:${name.length + 47}`)
  })
})

describe('property', () => {
  test('JSON looks at context only, as YAML does; JSON has no order either', async () => {
    const text = json(
      { changeSet: { id: '${p}', author: '${c}${d}' } },
      { property: { name: 'p', value: 'v' } },
      { property: { name: 'c', value: 'w', contextFilter: 'zz' } },
      { property: { name: 'd', value: 'x', context: 'zz' } },
    )
    expect((await read({ 'f.json': text }, { contexts: 'bar' })).changeSets).toMatchObject([
      { id: 'v', author: 'w${d}' },
    ])
  })

  test('labels and dbms filter in every format; global is true unless it says false', async () => {
    const xmlText = xml(
      '<property name="p" value="1" labels="a" dbms="!postgresql"/><property name="p" value="2" labels="q,r" global="false"/><include file="k.yaml"/>',
    )
    const yamlText =
      'databaseChangeLog:\n- property: {name: p, value: "1", dbms: "!postgresql"}\n- property: {name: p, value: "2", labels: "q,r", global: "no"}\n- include: {file: k.yaml}\n'
    const k = 'databaseChangeLog:\n- changeSet: {id: "${p}", author: x}\n'
    // A local property of the including file is seen from inside, too.
    expect((await read({ 'r.xml': xmlText, 'k.yaml': k }, { labelFilter: 'r' })).changeSets[0]?.id).toBe('2')
    expect((await read({ 'r.yaml': yamlText, 'k.yaml': k }, { labelFilter: 'r' })).changeSets[0]?.id).toBe('2')
    expect((await read({ 'r.yaml': yamlText, 'k.yaml': k }, { labelFilter: 'z' })).changeSets[0]?.id).toBe('${p}')
  })

  test('what is not closed stays', async () => {
    expect((await first({ 'f.yaml': 'databaseChangeLog:\n- changeSet: {id: "a${b", author: x}\n' }))?.id).toBe('a${b')
  })
})

describe('include and includeAll', () => {
  test('attributes without meaning are taken, and what version control leaves lies there unread', async () => {
    const { places } = await read({
      'r.xml': xml('<include id="1" author="a" created="2020" file="k.yaml"/><include file="CVS"/>'),
      'k.yaml': 'databaseChangeLog: []',
    })
    expect(places).toEqual([])
  })

  test('WEB-INF/classes/ does not count for the order', async () => {
    const { changeSets } = await read({
      'r.xml': xml('<includeAll path="w"/>'),
      'w/WEB-INF/classes/b.sql': 'select 2',
      'w/a.sql': 'select 1',
      'w/c.sql': 'select 3',
    })
    expect(changeSets.map(({ path }) => path)).toEqual(['w/a.sql', 'w/WEB-INF/classes/b.sql', 'w/c.sql'])
  })

  test.each([
    ['f.json', json({ includeAll: { path: 'd', maxDepth: '1', labels: 'A', context: 'c', ignore: true } })],
    ['f.yaml', 'databaseChangeLog:\n- includeAll: {path: d, maxDepth: 1, labels: A, contextFilter: c, ignore: true}\n'],
    ['f.xml', xml('<includeAll path="d" maxDepth="1" labels="A" contextFilter="c" ignore="true"/>')],
  ])('filters of includeAll: %s', async (file, text) => {
    const { changeSets } = await read({ [file]: text, 'd/a.sql': 'select 1', 'd/e/b.sql': 'select 2' })
    expect(changeSets).toMatchObject([
      { path: 'd/a.sql', inheritedLabels: [['a']], inheritedContextFilters: ['c'], ignore: true },
    ])
  })
})

describe('formatted SQL', () => {
  const sql = (text: string) => first({ 'f.sql': `--liquibase formatted sql\n${text}` })

  test('an attribute is found wherever its name ends, also inside of a longer word', async () => {
    expect((await sql('--changeset a:1 mycontext:x\nselect 1'))?.contextFilter).toBe('x')
    expect((await sql('--changeset a:1 runWithSpoolFile:s.log\nselect 1'))?.runWith).toBeUndefined()
  })

  test('context goes behind contextFilter, and the last of each counts', async () => {
    expect((await sql('--changeset a:1 context:a contextFilter:b context:c\nselect 1'))?.contextFilter).toBe('b')
  })

  test('quotes around contexts and labels are taken off', async () => {
    expect(await sql('--changeset a:1 context:"a and b" labels:"x, Y"\nselect 1')).toMatchObject({
      contextFilter: 'a and b',
      labels: ['x', 'y'],
    })
  })

  test('failOnError, ignore and runAlways are false unless they say true', async () => {
    expect(await sql('--changeset a:1 failOnError:no ignore:yes runAlways:1\nselect 1')).toMatchObject({
      failOnError: false,
      ignore: false,
      runAlways: false,
    })
  })

  test('the last comment counts', async () => {
    expect((await sql('--changeset a:1\n--comment one\n--comment: two\nselect 1'))?.comment).toBe('two')
  })
})

describe('values', () => {
  const insert = (value: string) =>
    `databaseChangeLog:\n- changeSet: {id: 1, author: x, changes: [{insert: {tableName: t, columns: [{column: {name: a, ${value}}}]}}, {update: {tableName: t, where: " a = :value "}}]}\n`

  test.each([
    ['valueNumeric: 10.50', 'valueNumeric', '10.5'],
    ['valueNumeric: 010', 'valueNumeric', '8'],
    ['valueNumeric: 1e3', 'valueNumeric', '1000.0'],
    ['valueNumeric: "10.50"', 'valueNumeric', '10.50'],
    ['value: yes', 'value', 'true'],
    ['value: 12345678901234567890123', 'value', '12345678901234567890123'],
  ])('%s', async (written, name, expected) => {
    const [change] = (await first({ 'f.yaml': insert(written) }))?.changes ?? []
    const [column] = change?.children.find((one) => one.name === 'columns')?.children ?? []
    expect(child(column, name)).toBe(expected)
  })

  test('where keeps its blanks in YAML and JSON, and loses them in XML', async () => {
    const yaml = (await first({ 'f.yaml': insert('value: a') }))?.changes[1]
    expect(child(yaml, 'where')).toBe(' a = :value ')
    const change = { update: { tableName: 't', where: ' a = 1 ' } }
    const ours = (await first({ 'f.json': json({ changeSet: { id: '1', author: 'x', changes: [change] } }) }))
      ?.changes[0]
    expect(child(ours, 'where')).toBe(' a = 1 ')
    const text = xml('<changeSet id="1" author="x"><update tableName="t"><where> a = 1 </where></update></changeSet>')
    expect(child((await first({ 'f.xml': text }))?.changes[0], 'where')).toBe('a = 1')
  })

  test('a list without changes is a change set all the same', async () => {
    const text = json({ changeSet: { id: '1', author: 'x', changes: [] } })
    expect(await first({ 'f.json': text })).toMatchObject({ changes: [] })
  })
})

describe('modifySql in XML is that of YAML and JSON', () => {
  const visitors = { dbms: 'h2', context: 'c', labels: 'A', applyToRollback: true }
  test.each([
    [
      'f.xml',
      xml(
        '<changeSet id="1" author="x"><empty/><modifySql dbms="h2" context="c" labels="A" applyToRollback="true"><append value=" x"/><prepend value="p"/><replace replace="a" with="b"/><regExpReplace replace="c+" with="$0"/></modifySql></changeSet>',
      ),
    ],
    [
      'f.json',
      json({
        changeSet: {
          id: '1',
          author: 'x',
          changes: [],
          modifySql: {
            ...visitors,
            append: { value: ' x' },
            prepend: { value: 'p' },
            replace: { replace: 'a', with: 'b' },
            regExpReplace: { replace: 'c+', with: '$0' },
          },
        },
      }),
    ],
  ])('%s', async (file, text) => {
    const { changeSets, places } = await read({ [file]: text })
    expect(places).toEqual([])
    const shared = { dbms: ['h2'], contextFilter: 'c', labels: ['a'], applyToRollback: true }
    expect(changeSets[0]?.sqlVisitors).toMatchObject([
      { type: 'append', value: ' x', ...shared },
      { type: 'prepend', value: 'p', ...shared },
      { type: 'replace', replace: 'a', with: 'b', ...shared },
      { type: 'regExpReplace', replace: 'c+', with: '$0', ...shared },
    ])
  })
})
