// What is written from the bytes of a file at once is what its values come to one by one.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { cellReader, plainKindOf } from '#change/cell'
import { readCsv } from '#change/csv'
import { plainRows } from '#change/plain/rows'
import { Samples } from '#change/rows'
import type { ColumnValue, Rows } from '#change/statement'
import { bulkText } from './bulk-text.ts'

const options = { file: 'a.csv', separator: ',', quote: '"', comment: '#' }
const skip = { kind: 'skip', nullPlaceholder: '' } as const

const simple: Readonly<Record<string, readonly string[]>> = {
  STRING: [
    '',
    'x',
    'NULL',
    '"a,b"',
    '"a\nb"',
    '"a""b"',
    String.raw`"a\"b\\c\d"`,
    String.raw`a\b`,
    'a\tb',
    'ü😀',
    '""',
    ' ',
  ],
  CLOB: ['', 'x', 'null', '" "', 'K', '#'],
  NUMERIC: ['', '0', '12', '-3.50', '"7"', 'NULL', '007.125'],
  BOOLEAN: ['', 'true', 'No', 'T', '0', '1', '"off"', 'nuLL'],
  DATETIME: ['', '2020-02-29', '2020-02-28 10:20:30', '"1999-12-31T23:59:59"', 'NULL'],
}
const types = Object.keys(simple)
/** Not all of these are mistakes, but each is for the other reader. */
const other = [
  '1.',
  '.5',
  '1e3',
  ' 1',
  '2020-02-30',
  'abcd-02-28',
  '10:20:30',
  '2020-02-28T10:20:60',
  'now()',
  'truee',
  'x"y"',
  '"x"y',
  '"open',
  '\0',
  '\0t',
  '1,2',
  '\u0010',
]

const file = fc.array(fc.constantFrom(...types, undefined), { minLength: 1, maxLength: 4 }).chain((columns) => {
  const cell = (type: string | undefined): fc.Arbitrary<string> =>
    fc.oneof(
      { weight: 200, arbitrary: fc.constantFrom(...(simple[type ?? 'STRING'] ?? [])) },
      { weight: 1, arbitrary: fc.constantFrom(...other) },
    )
  const line = fc.tuple(
    fc.tuple(...columns.map(cell)).map((cells) => cells.join(',')),
    fc.constantFrom('\n', '\n', '\r\n', '\r', '\n\n', '\n# "no\n', ''),
  )
  return fc.record({
    columns: fc.constant(columns),
    placeholder: fc.constantFrom('NULL', 'x', '', 'K', 'ü'),
    lines: fc.array(
      line.map((parts) => parts.join('')),
      { maxLength: 7 },
    ),
  })
})

const linesOf = (rows: Rows): string =>
  [...bulkText([{ table: 't', columns: [], rows }])].map((bytes) => Buffer.from(bytes).toString()).join('')

test('simple files are written as their values are, and nothing that is not simple is taken', () => {
  let taken = 0
  fc.assert(
    fc.property(file, ({ columns, placeholder, lines }) => {
      const text = `${columns.map((_, index) => `c${index}`).join(',')}\n${lines.join('')}`
      const start = text.indexOf('\n') + 1
      const plain = plainRows(
        Buffer.from(text),
        start,
        columns.map((type) => {
          const kind = type === undefined ? undefined : plainKindOf(type)
          return kind === undefined ? skip : { kind, nullPlaceholder: placeholder }
        }),
        options,
      )
      if (plain === undefined) return
      taken += 1
      const found: unknown[] = []
      const records = [...readCsv(text, options, (one) => found.push(one), start)]
      expect(records.every(({ cells }) => cells.length === columns.length)).toBe(true)
      const readers = columns.map((type) => (type === undefined ? undefined : cellReader(type, placeholder)))
      const rows = records.map(({ cells }) =>
        cells.flatMap((cell, index) => {
          const value = readers[index]?.(cell)
          if (typeof value === 'string') found.push(value)
          return value === undefined || typeof value === 'string' ? [] : [value]
        }),
      )
      expect(found).toEqual([])
      expect([...plain]).toEqual(rows)
      expect(plain.length).toBe(rows.length)
      expect(Buffer.from(plain.lines ?? []).toString()).toBe(linesOf(rows))
      const middle = plain.slice(1, rows.length - 1)
      expect([...middle]).toEqual(rows.slice(1, -1))
      expect(Buffer.from(middle.lines ?? []).toString()).toBe(linesOf(rows.slice(1, -1)))
      const samples = new Samples(readers.filter((one) => one !== undefined).length)
      for (const row of rows) samples.add(row)
      const forms = (all: readonly (readonly ColumnValue[])[] | undefined): unknown =>
        all?.map((values) => new Set(values.map((one) => (one.kind === 'computed' ? one.expression : one.kind))))
      expect(forms(plain.samples)).toEqual(forms(samples.result))
    }),
    { numRuns: 3000, seed: 20_260_101 },
  )
  expect(taken).toBeGreaterThan(500)
})

test('more kinds of numbers than are worth keeping are for the other reader', () => {
  const numbers = Array.from({ length: 70 }, (_, digits) => '1'.repeat(digits + 1))
  const read = (lines: readonly string[]): unknown =>
    plainRows(Buffer.from(lines.join('\n')), 0, [{ kind: 'number', nullPlaceholder: 'NULL' }], options)
  expect(read(numbers)).toBeUndefined()
  expect(read(numbers.slice(0, 60))).toMatchObject({ length: 60 })
})
