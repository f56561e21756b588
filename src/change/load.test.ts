import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ChangelogNode } from '#changelog/node'
import type { Diagnostic, Span } from '#contract/diagnostic'
import { Fault } from '#contract/fault'
import { canonicalForm } from './checksum.ts'
import { type CsvRecord, readCsv } from './csv.ts'
import { parseChange } from './registry.ts'
import { Samples } from './rows.ts'
import type { Rows, Statement } from './statement.ts'

const records = (text: string, report: (found: Diagnostic) => void = () => {}): readonly CsvRecord[] => [
  ...readCsv(text, { file: 'a.csv', separator: ',', quote: '"', comment: '#' }, report),
]

describe('reading', () => {
  test('quotes, separators, line ends and comments', () => {
    const text = 'a,b\r\n# no, "nothing\n\n"x, ""y""", z \n"two\nlines",\\\n'
    expect(records(text).map(({ cells }) => cells)).toEqual([
      ['a', 'b'],
      ['x, "y"', ' z '],
      ['two\nlines', '\\'],
    ])
  })

  test('a backslash hides a quote', () => {
    expect(records(String.raw`"say \"hi\" \\ \n",b`)[0]?.cells).toEqual([String.raw`say "hi" \ \n`, 'b'])
  })

  test('cells know where they begin', () => {
    expect(records('a,bb\n"1\n2",3')[1]?.places).toEqual([2, 1, 3, 4])
  })

  test('a quote that is never closed is reported where it opens', () => {
    const found: Diagnostic[] = []
    expect(records('a\nb,"c\nd', (one) => found.push(one))).toHaveLength(1)
    expect(found).toMatchObject([{ code: 'data/unclosed-quote', span: { file: 'a.csv', line: 2, column: 3 } }])
  })
})

const span: Span = { file: 'c.yaml', line: 7, column: 1 }
const leaf = (name: string, value: string): ChangelogNode => ({ name, value, children: [], span })
const element = (name: string, attributes: Readonly<Record<string, string>>): ChangelogNode => ({
  name,
  value: undefined,
  span,
  children: Object.entries(attributes).map(([key, value]) => leaf(key, value)),
})

async function load(
  text: string,
  columns: readonly Readonly<Record<string, string>>[],
  attributes: Readonly<Record<string, string>> = {},
): Promise<readonly Statement[]> {
  const base = element('loadData', { tableName: 't', file: 'a.csv', ...attributes })
  const list = columns.map((column) => element('column', column))
  const { change } = parseChange({ ...base, children: [...base.children, ...list] }, 'postgresql')
  const files = { read: () => Promise.resolve(Buffer.from(text)), list: () => Promise.resolve(undefined) }
  const context = { dbms: 'postgresql', files, changelogPath: 'c.yaml', expand: (written: string) => written }
  return (await change?.type.statements(change.attributes, context, span)) ?? []
}

async function findings(attempt: Promise<unknown>): Promise<readonly Diagnostic[]> {
  const error: unknown = await attempt.catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(Fault)
  expect((error as Fault).code).toBe('changelog-invalid')
  return (error as Fault).diagnostics
}

describe('rows', () => {
  test('cells are what their columns say', async () => {
    const [statement] = await load('n,b,d,s,u,x\n1.5,yes,2020-01-02,,,k\nNULL,f,now(),null,z,\n', [
      { name: 'n', type: 'numeric' },
      { name: 'active', header: 'b', type: 'BOOLEAN' },
      { name: 'd', type: 'DATE' },
      { name: 's', type: 'STRING' },
      { name: 'x', type: 'skip' },
    ])
    expect(statement).toMatchObject({
      columns: ['n', 'active', 'd', 's', 'u'],
      rows: [
        [
          { expression: '1.5' },
          { value: true },
          { kind: 'date', text: '2020-01-02' },
          { kind: 'text', text: '' },
          { kind: 'null' },
        ],
        [{ kind: 'null' }, { value: false }, { expression: 'now()' }, { kind: 'null' }, { kind: 'text', text: 'z' }],
      ],
    })
  })

  test('a column that is not in the file can be computed or have a default', async () => {
    const [statement] = await load('a\n1\n', [
      { name: 'made', valueComputed: 'now()' },
      { name: 'kind', defaultValue: 'new' },
    ])
    expect(statement).toMatchObject({
      columns: ['a', 'made', 'kind'],
      rows: [[{ text: '1' }, { expression: 'now()' }, { text: 'new' }]],
    })
  })

  test('a tab is written as one', async () => {
    expect(await load('a\tb\n1\t2\n', [], { separator: String.raw`\t` })).toMatchObject([{ columns: ['a', 'b'] }])
  })

  test('no rows, no statement', async () => {
    expect(await load('a,b\n', [])).toEqual([])
  })
})

describe('a large file', () => {
  const columns = [
    { name: 'n', type: 'NUMERIC' },
    { name: 'b', type: 'BOOLEAN' },
    { name: 's', type: 'STRING' },
  ]
  const lines = Array.from(
    { length: 2600 },
    (_, row) => `${row % 3 === 0 ? '' : row / 4},${row % 2},"row\n""${row}"", ä"`,
  )
  const rowsOf = async (part: readonly string[]): Promise<Rows> => {
    const [statement] = await load(`n,b,s\n${part.join('\n# note\n')}\n`, columns)
    if (statement?.type !== 'load-data') throw new Error('no rows')
    return statement.rows
  }

  test('has the same rows as its parts', async () => {
    const large = await rowsOf(lines)
    const parts = await Promise.all([lines.slice(0, 1000), lines.slice(1000, 2000), lines.slice(2000)].map(rowsOf))
    const expected = parts.flatMap((part) => [...part])
    expect(Array.isArray(large)).toBe(false)
    expect(parts.every((part) => Array.isArray(part))).toBe(true)
    expect(large.length).toBe(2600)
    expect([...large]).toEqual(expected)
    expect([...large]).toEqual(expected)
    for (const [start, end] of [
      [0, 500],
      [500, 1000],
      [777, 1301],
      [2500, 3000],
      [2600, 3000],
    ] as const) {
      expect(Array.from(large.slice(start, end))).toEqual(expected.slice(start, end))
      expect(large.slice(start, end).length).toBe(expected.slice(start, end).length)
    }
    expect(Array.from(large.slice(500, 2000).slice(250, 700))).toEqual(expected.slice(750, 1200))
    const all = Buffer.from(large.lines ?? []).toString()
    expect(all.split('\n')).toHaveLength(2601)
    expect(Buffer.from(large.slice(2500, 2600).lines ?? []).toString()).toBe(all.slice(all.indexOf('\n625\t0') + 1))
    expect(Buffer.from(large.slice(777, 1301).lines ?? []).toString()).toBe(
      `${all.split('\n').slice(777, 1301).join('\n')}\n`,
    )
  })

  test('finds what is wrong at its end', async () => {
    const found = await findings(load(`n,b,s\n${[...lines, 'x,1,y'].join('\n')}`, columns))
    expect(found).toMatchObject([{ code: 'data/wrong-type', span: { line: 2 + 2 * lines.length, column: 1 } }])
  })
})

test('values of every form stand for all others', () => {
  const text = fc.oneof(
    fc.stringMatching(/^-?\d{0,32}(\.\d{0,32})?$/),
    fc.constantFrom('now()', '1e5', '+1', '-', '', '.5', '5.', '--1', '1.2.3'),
  )
  const patterns = [/^-?\d{1,30}$/, /^-?\d{1,30}\.\d{1,30}$/, /^-?\d{1,20}$/, /^-?\d{1,30}(?:\.\d{1,30})?$/]
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 30 }), (texts) => {
      const samples = new Samples(1)
      for (const expression of texts) samples.add([{ kind: 'computed', expression }])
      const chosen = samples.result?.[0]?.map((value) => (value.kind === 'computed' ? value.expression : '')) ?? texts
      for (const pattern of patterns) {
        expect(chosen.every((one) => pattern.test(one))).toBe(texts.every((one) => pattern.test(one)))
      }
    }),
  )
})

test('the checksum of a file does not depend on how its lines end and what does not count', async () => {
  const checksum = async (text: string): Promise<string | undefined> => {
    const files = { read: () => Promise.resolve(Buffer.from(text)), list: () => Promise.resolve(undefined) }
    const context = { dbms: 'postgresql', files, changelogPath: 'c.yaml', expand: (written: string) => written }
    const { change } = parseChange(element('loadData', { tableName: 't', file: 'a.csv' }), 'postgresql')
    return await change?.type.checksum(change.attributes, canonicalForm, context)
  }
  const plain = await checksum('a,b\n1,ä\n2,#\n')
  for (const text of ['a,b\n1,ä\n2,#', 'a,b\r\n1,ä\r\n2,#\r\n', '# x\na,b\n\n1,ä\n#y\n2,#\n\n', '\na,b\n1,ä\n2,#\n']) {
    expect(await checksum(text)).toBe(plain)
  }
  expect(await checksum('a,b\n1,a\n2,#\n')).not.toBe(plain)
})

describe('what is wrong is said before anything is sent', () => {
  test('every cell of the wrong kind, with its place', async () => {
    const found = await findings(
      load('n,d\n1,2020-01-02\nx,2020-13-02\n', [
        { name: 'n', type: 'NUMERIC' },
        { name: 'd', type: 'DATE' },
      ]),
    )
    expect(found).toMatchObject([
      {
        code: 'data/wrong-type',
        message: '"x" in column n is not a number',
        span: { file: 'a.csv', line: 3, column: 1 },
      },
      { code: 'data/wrong-type', span: { file: 'a.csv', line: 3, column: 3 } },
    ])
  })

  test('a line with too many or too few cells', async () => {
    expect(await findings(load('a,b\n1\n1,2,3\n', []))).toMatchObject([
      { code: 'data/cell-count', span: { line: 2 } },
      { code: 'data/cell-count', span: { line: 3 } },
    ])
  })

  test('a column that the file does not have', async () => {
    expect(await findings(load('a\n1\n', [{ name: 'b', type: 'STRING' }]))).toMatchObject([
      { code: 'data/column-not-in-file', span: { file: 'c.yaml', line: 7 }, fix: 'Its columns are a.' },
    ])
  })

  test('an empty file', async () => {
    expect(await findings(load('# nothing\n', []))).toMatchObject([{ code: 'data/no-header', span: { line: 7 } }])
  })

  test('a file in another encoding', async () => {
    await expect(load('a\n', [], { encoding: 'no-such' })).rejects.toMatchObject({
      code: 'changelog-invalid',
      message: 'a.csv: there is no encoding "no-such"',
    })
  })
})
