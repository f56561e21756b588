import { describe, expect, test } from 'vitest'
import type { Diagnostic } from '#contract/diagnostic'
import { readJson } from './json.ts'
import type { ChangelogNode } from './node.ts'

function read(text: string) {
  const findings: Diagnostic[] = []
  const root = readJson('f.json', text, (finding) => findings.push(finding))
  return { root, findings }
}
const places = (text: string) => read(text).findings.map(({ code, span }) => `${code} ${span?.line}:${span?.column}`)
const plain = (node: ChangelogNode | undefined): unknown =>
  node && [node.name, node.value ?? null, node.children.map(plain)]

describe('JSON', () => {
  test('scalars are what YAML 1.1 makes of them, strings stay', () => {
    const text =
      '{"databaseChangeLog": [\n {"a": 10.50, "b": 1.0, "c": 12345678901234567890, "d": true, "e": null, "f": "10.50", "g": "\\u00e9\\ud83d\\ude00\\/", "h": 1e3, "i": -0}\n]}'
    const { root, findings } = read(text)
    expect(findings).toEqual([])
    expect(root!.children.map(plain)).toEqual([
      ['a', '10.5', []],
      ['b', '1.0', []],
      ['c', '12345678901234567890', []],
      ['d', 'true', []],
      ['e', null, []],
      ['f', '10.50', []],
      ['g', 'é😀/', []],
      ['h', '1000.0', []],
      ['i', '0', []],
    ])
    expect(root!.children[1]?.span).toEqual({ file: 'f.json', line: 2, column: 15, endLine: 2, endColumn: 23 })
    expect(root!.children[5]?.valueSpan).toMatchObject({ line: 2, column: 80 })
  })

  test('trailing commas are fine, as in YAML, and so are tabs', () => {
    expect(places('{\t"databaseChangeLog": [\n\t{"a": 1,},\n\t],\n}')).toEqual([])
  })

  test.each<readonly [string, readonly string[]]>([
    ['', ['empty-file 1:1']],
    [' \n', ['empty-file 1:1']],
    ['[]', ['not-a-changelog 1:1']],
    ['{"databaseChangelog": []}', ['not-a-changelog 1:2']],
    ['{"databaseChangeLog": [\n {"a": 1 "b": 2}]}', ['malformed-json 2:10']],
    ['{"databaseChangeLog": [\n {"a": "x}]}', ['malformed-json 2:8', 'malformed-json 2:13']],
    ['{"databaseChangeLog": [{"a": 1, "a": 2}]}', ['duplicate-key 1:25']],
    ["{databaseChangeLog: [{'a': 1}]}", ['not-json 1:2']],
    [`{"databaseChangeLog": ${'['.repeat(300)}${']'.repeat(300)}}`, ['too-deep 1:223']],
    [`{"databaseChangeLog": ${'['.repeat(50_000)}`, ['too-deep 1:1']],
  ])('%j', (text, expected) => {
    expect(places(text).slice(0, expected.length)).toEqual(expected.map((place) => `changelog/${place}`))
    expect(read(text).findings[0]?.fix).toBeTruthy()
  })

  test('what is YAML rather than JSON is read all the same', () => {
    expect(plain(read("{databaseChangeLog: [{'a': 010}]}").root!.children[0])).toEqual(['a', '8', []])
  })
})
