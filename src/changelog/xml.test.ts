import { describe, expect, test } from 'vitest'
import type { Diagnostic } from '#contract/diagnostic'
import type { ChangelogNode } from './node.ts'
import { readXml } from './xml.ts'

const open =
  '<databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog" xmlns:ext="http://www.liquibase.org/xml/ns/dbchangelog-ext">'
const log = (body: string) => `${open}\n${body}\n</databaseChangeLog>`

function read(text: string) {
  const findings: Diagnostic[] = []
  const root = readXml('f.xml', text, (finding) => findings.push(finding))
  return { root, findings }
}
/** `code line:column` of each finding. */
const places = (text: string) => read(text).findings.map(({ code, span }) => `${code} ${span?.line}:${span?.column}`)
const plain = (node: ChangelogNode | undefined): unknown =>
  node && [node.name, node.value ?? null, node.children.map(plain)]

describe('the tree', () => {
  test('attributes and elements are children, in order, with their places', () => {
    const { root, findings } = read(
      log('<changeSet id="1"  author="é &lt; b">\n <sql dbms="h2"> select 1\n </sql></changeSet>'),
    )
    expect(findings).toEqual([])
    const [changeSet] = root!.children
    expect(plain(changeSet)).toEqual([
      'changeSet',
      null,
      [
        ['id', '1', []],
        ['author', 'é < b', []],
        ['sql', 'select 1', [['dbms', 'h2', []]]],
      ],
    ])
    expect(changeSet?.span).toEqual({ file: 'f.xml', line: 2, column: 1, endLine: 4, endColumn: 20 })
    expect(changeSet?.children.map(({ span }) => [span.line, span.column, span.endColumn])).toEqual([
      [2, 12, 18],
      [2, 20, 37],
      [3, 2, 8],
    ])
  })

  test('text is trimmed, pieces around markup are joined, attribute values stay as they are', () => {
    const { root } = read(
      log(
        '<changeSet id="1" author=" x "><sql>a<comment>c</comment>b <![CDATA[ <x> ]]></sql><empty>  </empty></changeSet>',
      ),
    )
    expect(plain(root!.children[0])).toEqual([
      'changeSet',
      null,
      [
        ['id', '1', []],
        ['author', ' x ', []],
        ['sql', 'ab  <x>', [['comment', 'c', []]]],
        ['empty', null, []],
      ],
    ])
  })

  test('the place of a text is known when its lines are lines of the file', () => {
    const sqlOf = (body: string) =>
      read(log(`<changeSet id="1" author="x"><sql>${body}</sql></changeSet>`)).root!.children[0]?.children[2]
    expect(sqlOf('\n   select 1\n  from t\n')?.valueSpan).toMatchObject({
      line: 3,
      column: 4,
      endLine: 4,
      endColumn: 9,
    })
    expect(sqlOf('<![CDATA[\nselect 1]]>')?.valueSpan).toMatchObject({ line: 3, column: 1 })
    expect(sqlOf('<!-- x --> select 1')?.valueSpan).toMatchObject({ line: 2, column: 46 })
    expect(sqlOf('select <!-- x --> 1')?.valueSpan).toBeUndefined()
    expect(sqlOf('select&#10;1')?.valueSpan).toBeUndefined()
  })

  test('prefixes, comments, processing instructions and attributes of other namespaces', () => {
    const text = `<?xml version="1.0"?>\n<!-- c --><l:databaseChangeLog xmlns:l="http://www.liquibase.org/xml/ns/dbchangelog" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b" xmlns:q="urn:q" q:foo="1"><?pi x?><l:changeSet id="1" author="x" q:bar="2"><q:any q:k="v" m="n"/></l:changeSet></l:databaseChangeLog>`
    const { root, findings } = read(text)
    expect(findings).toEqual([])
    expect(plain(root)).toEqual([
      'databaseChangeLog',
      null,
      [
        [
          'changeSet',
          null,
          [
            ['id', '1', []],
            ['author', 'x', []],
            [
              'any',
              null,
              [
                ['k', 'v', []],
                ['m', 'n', []],
              ],
            ],
          ],
        ],
      ],
    ])
  })

  test('entities of the file itself are text; those from outside are refused', () => {
    const withType = (declarations: string, sql: string) =>
      `<!DOCTYPE databaseChangeLog [${declarations}]>\n${log(`<changeSet id="1" author="x"><sql>${sql}</sql></changeSet>`)}`
    expect(read(withType('<!ENTITY a "hello">', '&a;')).root!.children[0]?.children[2]?.value).toBe('hello')
    expect(places(withType('<!ENTITY a SYSTEM "file:///etc/passwd">', '&a;'))).toEqual([
      'changelog/external-entity 1:30',
    ])
    expect(places(withType('<!ENTITY % a PUBLIC "x" "http://x/">', ''))).toEqual(['changelog/external-entity 1:30'])
    expect(places(withType('<!ENTITY a "&b;&b;">', '&a;'))).toEqual(['changelog/external-entity 1:30'])
    expect(places(log('<changeSet id="1" author="x"><sql>&constructor;</sql></changeSet>'))).toEqual([
      'changelog/malformed-xml 2:35',
    ])
  })
})

describe('what is not well-formed', () => {
  test.each([
    ['', 'changelog/malformed-xml 1:1'],
    [log('<changeSet id="1" author="x">'), 'changelog/malformed-xml 3:1'],
    [log('<changeSet id="1" author="x"><sql>a < b</sql></changeSet>'), 'changelog/malformed-xml 2:38'],
    [log('<changeSet id="1" author="x"><sql>a & b</sql></changeSet>'), 'changelog/malformed-xml 2:37'],
    [log('<changeSet id="1" author="x"><sql>a & b; c</sql></changeSet>'), 'changelog/malformed-xml 2:37'],
    [log('<changeSet id="1" author="x"><sql><![CDATA[x</sql></changeSet>'), 'changelog/malformed-xml 2:35'],
    [log('<changeSet id="1" author="x"><!-- x</changeSet>'), 'changelog/malformed-xml 2:30'],
    [log('</foo>'), 'changelog/malformed-xml 2:1'],
    [log('<changeSet id="1" id="2" author="x"/>'), 'changelog/malformed-xml 2:37'],
    [log('<x:changeSet/>'), 'changelog/malformed-xml 2:14'],
    [open, 'changelog/malformed-xml 1:1'],
    [`${log('')}<more/>`, 'changelog/malformed-xml 3:26'],
  ])('%j', (text, expected) => {
    expect(places(text)).toEqual([expected])
    expect(read(text).root).toBeUndefined()
    expect(read(text).findings[0]?.fix).toBeTruthy()
  })

  test('an element that is never closed is named where it begins', () => {
    const { findings } = read(`${open}\n <changeSet id="1" author="x">\n`)
    expect(findings).toMatchObject([
      { message: 'The element <changeSet> is never closed.', span: { line: 2, column: 2 } },
    ])
  })

  test('a closing tag names what it should have closed', () => {
    const { findings } = read(log('<changeSet id="1" author="x"><sql>a</sq></changeSet>'))
    expect(findings).toMatchObject([
      { message: 'This closing tag does not close <sql>.', span: { line: 2, column: 36 } },
    ])
  })

  test('too deep', () => {
    expect(places(log('<a>'.repeat(300)))).toEqual(['changelog/too-deep 2:598'])
  })
})

describe('what the schema demands', () => {
  test.each<readonly [string, readonly string[]]>([
    ['<foo/>', ['unknown-element 2:1']],
    ['<ext:foo/>', ['unknown-element 2:1']],
    ['text', ['unexpected-text 2:1']],
    ['<property name="a" value="b"/><removeChangeSetProperty/>', ['wrong-order 2:31']],
    ['<changeSet id="1" author="x"/>\n<property name="a" value="b"/>', ['wrong-order 3:1']],
    ['<changeSet id="1" author="x"/><preConditions/>', ['wrong-order 2:31']],
    ['<preConditions/><preConditions/>', ['wrong-order 2:17']],
    ['<changeSet author="x" runonchange="true"/>', ['unknown-attribute 2:23', 'missing-attribute 2:1']],
    ['<changeSet id="1" author="x" runAlways="yes" ignore=""/>', ['bad-boolean 2:30', 'bad-boolean 2:46']],
    ['<changeSet id="1" author="x" runAlways=" true " ignore="${x.y}"/>', []],
    ['<changeSet id="1" author="x" onValidationFail="mark_ran"/>', ['bad-value 2:30']],
    ['<changeSet id="1" author="x"><changes/></changeSet>', ['unknown-element 2:30']],
    ['<changeSet id="1" author="x"><modifySql/><sql>s</sql></changeSet>', ['wrong-order 2:42']],
    ['<changeSet id="1" author="x"><sql>s</sql><preConditions/></changeSet>', ['wrong-order 2:42']],
    ['<changeSet id="1" author="x"><preConditions/><validCheckSum/></changeSet>', ['wrong-order 2:46']],
    ['<changeSet id="1" author="x"><sql>s</sql><tagDatabase tag="a"/></changeSet>', ['wrong-order 2:42']],
    ['<changeSet id="1" author="x"><tagDatabase tag="a"/><rollback/></changeSet>', ['wrong-order 2:52']],
    ['<changeSet id="1" author="x"><preConditions/><tagDatabase tag="a"/><modifySql/></changeSet>', []],
    [
      '<changeSet id="1" author="x"><sql>s</sql><rollback><tagDatabase tag="a"/></rollback></changeSet>',
      ['unknown-element 2:52'],
    ],
    [
      '<changeSet id="1" author="x"><sql>s</sql><modifySql><append/><replace replace="a"/><foo/></modifySql></changeSet>',
      ['unknown-element 2:84', 'missing-attribute 2:53', 'missing-attribute 2:62'],
    ],
    ['<preConditions onFail="CONTINUE"><tableexists/></preConditions>', ['bad-value 2:16', 'unknown-element 2:34']],
    ['<preConditions><not><or><dbms/></or></not><ext:foo/></preConditions>', ['missing-attribute 2:25']],
    ['<include/><includeAll path="x" depth="2"/>', ['missing-attribute 2:1', 'unknown-attribute 2:32']],
    ['<modifyChangeSets runWith="x"><changeSet id="1" author="x"/></modifyChangeSets>', ['unknown-element 2:31']],
  ])('%s', (body, expected) => {
    expect(places(log(body))).toEqual(expected.map((place) => `changelog/${place}`))
  })

  test('a suggestion for what is misspelt', () => {
    const fixes = read(log('<changeset id="1"/><include fille="x" file="y"/>')).findings.map(({ fix }) => fix)
    expect(fixes[0]).toContain('Did you mean "changeSet"?')
    expect(fixes[1]).toContain('Did you mean "file"?')
  })

  test.each([
    ['<databaseChangeLog/>', 'changelog/namespace 1:1'],
    ['<databaseChangeLog xmlns="https://www.liquibase.org/xml/ns/dbchangelog"/>', 'changelog/namespace 1:1'],
    ['<foo xmlns="http://www.liquibase.org/xml/ns/dbchangelog"/>', 'changelog/not-a-changelog 1:1'],
  ])('a wrong root: %s', (text, expected) => {
    expect(places(text)).toEqual([expected])
  })
})
