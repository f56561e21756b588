// Data files of the simplest kind, read in one pass over their bytes: no value and no text is made for a cell, what comes out are the
// lines of a bulk statement. Whatever is not simple, and every mistake, is left to the reader that knows places (load.ts).
import type { CsvOptions } from '../csv.ts'
import { stride } from '../rows.ts'
import type { ColumnValue, Rows } from '../statement.ts'
import { lineFeed } from './bytes.ts'
import { type Marks, PlainCells } from './cells.ts'
import { LineWriter, type PlainColumn, type PlainKind } from './lines.ts'

/**
 * The rows from offset `start` of the text in UTF-8, columns in the order of the file. Undefined when something in it is not simple;
 * what was read until then is read again by the other reader.
 */
export function plainRows(
  text: Uint8Array,
  start: number,
  columns: readonly PlainColumn[],
  options: CsvOptions,
): PlainRows | undefined {
  const marks = marksOf(options)
  // Of other letters some turn into those of ASCII when they become small: the sign for Kelvin into a k.
  const isSimple = columns.every(({ nullPlaceholder: text }) => /^[ -~]*$/.test(text) && !/k/i.test(text))
  if (marks === undefined || !isSimple || columns.every(({ kind }) => kind === 'skip')) return undefined
  const writer = new LineWriter(columns, text.length)
  const places: number[] = []
  const reader = new PlainCells(text, start, marks)
  let count = 0
  for (; reader.startRow(); count += 1) {
    if (count % stride === 0) places.push(writer.length)
    for (let column = 0; ; column += 1) {
      if (column === columns.length || !reader.readCell()) return undefined
      if (!writer.add(column, reader.source, reader.from, reader.to)) return undefined
      if (reader.endsRow()) {
        if (column + 1 !== columns.length) return undefined
        break
      }
    }
    writer.endRow()
  }
  const kinds = columns.map(({ kind }) => kind).filter((kind) => kind !== 'skip')
  const { lines, samples } = writer
  return new PlainRows({ lines, places: [...places, lines.length], kinds, samples }, 0, count)
}

interface Written {
  readonly lines: Uint8Array
  /** Where in `lines` rows 0, `stride`, 2 × `stride` … begin, and where they end. */
  readonly places: readonly number[]
  /** Of the columns of the table. */
  readonly kinds: readonly PlainKind[]
  readonly samples: Rows['samples']
}

/** The lines are all that is kept; values are made of them when they are asked for. */
class PlainRows implements Rows {
  private readonly written: Written
  private readonly start: number
  private readonly end: number

  constructor(written: Written, start: number, end: number) {
    this.written = written
    this.start = start
    this.end = end
  }

  get length(): number {
    return this.end - this.start
  }

  get samples(): Rows['samples'] {
    return this.written.samples
  }

  get lines(): Uint8Array {
    return this.written.lines.subarray(this.placeOf(this.start), this.placeOf(this.end))
  }

  slice(start: number, end: number): Rows {
    const last = Math.min(this.start + end, this.end)
    return new PlainRows(this.written, Math.min(this.start + start, last), last)
  }

  *[Symbol.iterator](): Generator<readonly ColumnValue[]> {
    const { lines, kinds } = this.written
    const text = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength)
    let at = this.placeOf(this.start)
    for (let row = this.start; row < this.end; row += 1) {
      const end = text.indexOf(lineFeed, at)
      const fields = text.toString('utf8', at, end).split('\t')
      yield kinds.map((kind, index) => valueOf(kind, fields[index] ?? ''))
      at = end + 1
    }
  }

  private placeOf(row: number): number {
    const { lines, places } = this.written
    let at = places[Math.floor(row / stride)] ?? lines.length
    for (let rest = row % stride; rest > 0 && at < lines.length; rest -= 1) at = lines.indexOf(lineFeed, at) + 1
    return at
  }
}

function valueOf(kind: PlainKind, field: string): ColumnValue {
  if (field === String.raw`\N`) return { kind: 'null' }
  switch (kind) {
    case 'number':
      return { kind: 'computed', expression: field }
    case 'boolean':
      return { kind: 'boolean', value: field === '1' }
    case 'date':
      return { kind: 'date', text: field.replace(' ', 'T') }
    case 'string':
    case 'text':
    case 'skip':
      break
  }
  return { kind: 'text', text: field.replace(/\\(.)/g, (_, letter: string) => unescaped[letter] ?? letter) }
}

const unescaped: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r' }

/** Undefined unless each is one character of ASCII that is no line end and no backslash. */
function marksOf({ separator, quote, comment }: CsvOptions): Marks | undefined {
  const mark = /^[\t -[\]-~]$/
  if (!mark.test(separator) || !mark.test(quote) || separator === quote) return undefined
  if (comment !== '' && !mark.test(comment)) return undefined
  const code = (text: string): number => (text === '' ? -1 : text.charCodeAt(0))
  return { separator: code(separator), quote: code(quote), comment: code(comment) }
}
