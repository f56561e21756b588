import { describe, expect, test } from 'vitest'
import type { Diagnostic } from '#contract/diagnostic'
import type { ChangelogNode } from './node.ts'
import { readYaml } from './yaml.ts'

function read(text: string) {
  const findings: Diagnostic[] = []
  const root = readYaml('f.yaml', text, (finding) => findings.push(finding))
  return { root, findings }
}
const places = (text: string) => read(text).findings.map(({ code, span }) => `${code} ${span?.line}:${span?.column}`)
const plain = (node: ChangelogNode | undefined): unknown =>
  node && [node.name, node.value ?? null, node.children.map(plain)]
const entriesOf = (text: string) => read(`databaseChangeLog:\n${text}`).root!.children.map(plain)

describe('the tree', () => {
  test('maps are children, lists of maps are children of their node, a list of texts is a value', () => {
    expect(
      entriesOf(
        '- changeSet:\n    id: 010\n    changes:\n    - sql: a\n    - sql: {sql: b, dbms: [h2, 1.50]}\n    - stop: [only]\n    none:\n',
      ),
    ).toEqual([
      [
        'changeSet',
        null,
        [
          ['id', '8', []],
          [
            'changes',
            null,
            [
              ['sql', 'a', []],
              [
                'sql',
                null,
                [
                  ['sql', 'b', []],
                  ['dbms', '[h2, 1.5]', []],
                ],
              ],
              ['stop', 'only', []],
            ],
          ],
          ['none', null, []],
        ],
      ],
    ])
    expect(read('databaseChangeLog:\n- a: {b: [x, 2]}').root!.children[0]?.children[0]?.items).toEqual(['x', '2'])
  })

  test('an empty list or nothing at all is an empty changelog', () => {
    expect(entriesOf('')).toEqual([])
    expect(entriesOf('  []')).toEqual([])
  })

  test('aliases, merge keys and anchors that are defined again', () => {
    const text =
      '- changeSet: &a {id: 1, changes: &c [{sql: x}]}\n- changeSet: {<<: *a, id: 2}\n- changeSet: {id: 3, changes: *c}\n- x: &a {y: 1}\n- x: *a\n'
    expect(read(`databaseChangeLog:\n${text}`).findings).toEqual([])
    expect(entriesOf(text)).toEqual([
      [
        'changeSet',
        null,
        [
          ['id', '1', []],
          ['changes', null, [['sql', 'x', []]]],
        ],
      ],
      [
        'changeSet',
        null,
        [
          ['changes', null, [['sql', 'x', []]]],
          ['id', '2', []],
        ],
      ],
      [
        'changeSet',
        null,
        [
          ['id', '3', []],
          ['changes', null, [['sql', 'x', []]]],
        ],
      ],
      ['x', null, [['y', '1', []]]],
      ['x', null, [['y', '1', []]]],
    ])
  })

  test('places of entries, and of values whose lines are lines of the file', () => {
    const text =
      'databaseChangeLog:\n- changeSet:\n    id: "a b"\n    sql: |\n\n      select 1\n        from t\n    folded: >\n      x\n      y\n'
    const children = read(text).root?.children[0]?.children
    expect(children?.map(({ span }) => [span.line, span.column])).toEqual([
      [3, 5],
      [4, 5],
      [8, 5],
    ])
    expect(children?.[0]?.valueSpan).toEqual({ file: 'f.yaml', line: 3, column: 10, endLine: 3, endColumn: 13 })
    expect(children?.[1]).toMatchObject({
      value: '\nselect 1\n  from t\n',
      valueIndent: 6,
      valueSpan: { line: 5, column: 1 },
    })
    expect(children?.[2]?.valueSpan).toBeUndefined()
  })
})

describe('findings', () => {
  test.each<readonly [string, readonly string[]]>([
    ['', ['empty-file 1:1']],
    ['# only a comment\n', ['empty-file 1:1']],
    ['~', ['empty-file 1:1']],
    ['- changeSet: {id: 1}', ['not-a-changelog 1:1']],
    ['DatabaseChangeLog: []', ['not-a-changelog 1:1']],
    ['databaseChangeLog: {changeSet: {id: 1}}', ['not-a-changelog 1:1']],
    ['databaseChangeLog: hi', ['not-a-changelog 1:1']],
    ['databaseChangeLog:\n-\tchangeSet: {id: 1}', ['malformed-yaml 2:2']],
    ['databaseChangeLog:\n- changeSet:\n    - id: 1\n    author: x\n', ['malformed-yaml 4:1']],
    ['databaseChangeLog:\n- a: "x\n\n', ['malformed-yaml 2:6']],
    ['databaseChangeLog: []\n---\ndatabaseChangeLog: []\n', ['malformed-yaml 2:1']],
    ['databaseChangeLog:\n- a: *nowhere', ['malformed-yaml 2:6']],
    ['databaseChangeLog: &a\n- b: *a', ['malformed-yaml 2:6']],
    ['databaseChangeLog:\n- a: !foo bar', ['malformed-yaml 2:11']],
    ['databaseChangeLog:\n- ? [a]\n  : b', ['malformed-yaml 2:5']],
    ['databaseChangeLog:\n- a: 1\n  b: 2\n  a: 3', ['duplicate-key 2:3']],
    ['databaseChangeLog:\n- text\n- ~\n- [x]', ['ignored-entry 2:3', 'ignored-entry 4:3', 'ignored-entry 4:3']],
    ['databaseChangeLog:\n- a: 10:30', ['surprising-scalar 2:6']],
    [`databaseChangeLog:\n- a: ${'['.repeat(250)}${']'.repeat(250)}`, ['too-deep 2:203']],
  ])('%j', (text, expected) => {
    const found = places(text)
    expect(found.slice(0, expected.length)).toEqual(
      expected.slice(0, found.length).map((place) => `changelog/${place}`),
    )
    expect(found.length).toBeGreaterThan(0)
    expect(read(text).findings[0]?.fix).toBeTruthy()
  })

  test('the last of several entries with one key counts', () => {
    expect(entriesOf('- a: 1\n  b: 2\n  a: 3')).toEqual([
      ['a', '3', []],
      ['b', '2', []],
    ])
  })

  test('a text of brackets only ends in a finding', () => {
    expect(places(`databaseChangeLog: ${'['.repeat(20_000)}`)).toMatchObject([expect.stringContaining('too-deep')])
  })

  test('aliases that unfold beyond all measure end in a finding', () => {
    const levels = 'abcdefghijklm'.split('')
    const lines = levels.map((name, index) => {
      const inner =
        index === 0 ? 'x: 1' : Array.from({ length: 6 }, (_, key) => `k${key}: *${levels[index - 1]}`).join(', ')
      return `${name}: &${name} {${inner}}`
    })
    expect(places(`${lines.join('\n')}\ndatabaseChangeLog:\n- changeSet: *m`)).toEqual(['changelog/too-large 14:1'])
  })
})
