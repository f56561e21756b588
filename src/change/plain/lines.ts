// Cells as the fields of the lines of a bulk statement, where they are simple enough.
import { no, yes } from '../cell.ts'
import type { ColumnValue } from '../statement.ts'
import { isDay, isDigit } from '../value.ts'
import { backslash, grown, lineFeed, tab } from './bytes.ts'

/** How the cells of a column are read; a `skip` is in the file and not in the table. */
export type PlainKind = 'string' | 'text' | 'number' | 'boolean' | 'date' | 'skip'

export interface PlainColumn {
  readonly kind: PlainKind
  /** A cell that reads so is NULL, in any case. */
  readonly nullPlaceholder: string
}

const forms = { null: 0, text: 1, yes: 2, date: 3 } as const
const formValues: Readonly<Record<number, ColumnValue>> = {
  [forms.null]: { kind: 'null' },
  [forms.text]: { kind: 'text', text: '' },
  [forms.yes]: { kind: 'boolean', value: true },
  [forms.date]: { kind: 'date', text: '2000-01-01' },
}

/** More forms than this in one column stand for nothing any more. */
const mostForms = 64

/** Writes cells as the fields of lines. */
export class LineWriter {
  length = 0
  private readonly columns: readonly PlainColumn[]
  private readonly placeholders: readonly Uint8Array[]
  private readonly found: Map<number, ColumnValue>[]
  /** The form of the last cell of each column: mostly that of the next. */
  private readonly last: number[]
  private out: Uint8Array

  constructor(columns: readonly PlainColumn[], expected: number) {
    this.columns = columns
    this.placeholders = columns.map(({ nullPlaceholder }) => Buffer.from(nullPlaceholder.toLowerCase()))
    this.found = columns.map(() => new Map())
    this.last = columns.map(() => -1)
    this.out = new Uint8Array(expected + 1024)
  }

  get lines(): Uint8Array {
    return this.out.subarray(0, this.length)
  }

  get samples(): readonly (readonly ColumnValue[])[] {
    return this.found.filter((_, index) => this.columns[index]?.kind !== 'skip').map((forms) => [...forms.values()])
  }

  endRow(): void {
    // In place of the tab after the last field.
    this.out[this.length - 1] = lineFeed
  }

  /** False when the cell is not simple. */
  add(column: number, source: Uint8Array, from: number, to: number): boolean {
    const kind = this.columns[column]?.kind
    if (kind === undefined || kind === 'skip') return true
    // Every byte may become two, and an empty cell becomes two and a tab.
    const needed = this.length + 2 * (to - from) + 3
    if (needed > this.out.length) this.out = grown(this.out, 2 * needed)
    const form = this.write(kind, column, source, from, to)
    if (form < 0) return false
    this.put(tab)
    if (form === this.last[column]) return true
    this.last[column] = form
    return this.note(column, form, source, from, to)
  }

  private note(column: number, form: number, source: Uint8Array, from: number, to: number): boolean {
    const known = this.found[column]
    if (known === undefined || known.has(form)) return true
    const number = (): ColumnValue => ({
      kind: 'computed',
      expression: Buffer.from(source.subarray(from, to)).toString(),
    })
    known.set(form, formValues[form] ?? number())
    return known.size <= mostForms
  }

  private put(code: number): void {
    this.out[this.length] = code
    this.length += 1
  }

  /** Gives back the form of the value, negative when it is not simple. */
  private write(kind: PlainKind, column: number, source: Uint8Array, from: number, to: number): number {
    const placeholder = this.placeholders[column]
    if ((to === from && kind !== 'string') || (placeholder !== undefined && reads(source, from, to, placeholder))) {
      this.put(backslash)
      this.put(78)
      return forms.null
    }
    switch (kind) {
      case 'string':
      case 'text':
        return this.writeText(source, from, to)
      case 'number':
        return this.copy(source, from, to, numberForm(source, from, to))
      case 'boolean': {
        const value = booleanOf(source, from, to)
        if (value !== undefined) this.put(value ? 49 : 48)
        return value === undefined ? -1 : forms.yes
      }
      case 'date':
        return this.writeDate(source, from, to)
      case 'skip':
        break
    }
    return -1
  }

  private writeText(source: Uint8Array, from: number, to: number): number {
    const { out } = this
    let { length } = this
    for (let at = from; at < to; at += 1) {
      const code = source[at] ?? 0
      if (code === 0) return -1
      const letter = code === backslash ? backslash : code < 14 ? (escapeLetters[code] ?? 0) : 0
      if (letter !== 0) out[length++] = backslash
      out[length++] = letter === 0 ? code : letter
    }
    this.length = length
    return forms.text
  }

  private writeDate(source: Uint8Array, from: number, to: number): number {
    const isMoment = to - from === 19
    if ((!isMoment && to - from !== 10) || !isDayAt(source, from) || (isMoment && !isTimeAt(source, from + 10)))
      return -1
    const { length } = this
    this.copy(source, from, to, forms.date)
    if (isMoment) this.out[length + 10] = 32
    return forms.date
  }

  private copy(source: Uint8Array, from: number, to: number, form: number): number {
    const { out } = this
    let { length } = this
    for (let at = from; at < to; at += 1) out[length++] = source[at] ?? 0
    this.length = length
    return form
  }
}

/** By code: tab, line feed, carriage return. */
const escapeLetters: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 116, 110, 0, 0, 114]

/** Equal but for the case of letters; `lower` has small ones. */
function reads(source: Uint8Array, from: number, to: number, lower: Uint8Array): boolean {
  if (to - from !== lower.length) return false
  for (let index = 0; index < lower.length; index += 1) {
    if (small(source[from + index] ?? 0) !== lower[index]) return false
  }
  return true
}

const small = (code: number): number => (code >= 65 && code <= 90 ? code + 32 : code)

/** As that of `Samples`: sign and digits before and after the point; negative for anything but a plain number. */
function numberForm(source: Uint8Array, from: number, to: number): number {
  const sign = source[from] === 45 ? 1 : 0
  let at = from + sign
  const first = at
  while (at < to && isDigit(source[at] ?? 0)) at += 1
  const before = at - first
  if (before === 0 || before > 99) return -1
  if (at === to) return before * 200 + sign
  const point = at
  if (source[at] !== 46) return -1
  for (at += 1; at < to && isDigit(source[at] ?? 0); ) at += 1
  const after = at - point - 1
  return at < to || after === 0 || after > 99 ? -1 : (before * 100 + after) * 2 + sign
}

/** By the bytes of their small letters, read as a number of base 256 behind a one: a NUL in front counts, too. */
const booleans: ReadonlyMap<number, boolean> = new Map(
  [...yes, ...no].map((text) => [codeOf(Buffer.from(text), 0, text.length), yes.has(text)]),
)

function booleanOf(source: Uint8Array, from: number, to: number): boolean | undefined {
  return to - from > 5 ? undefined : booleans.get(codeOf(source, from, to))
}

function codeOf(source: Uint8Array, from: number, to: number): number {
  let code = 1
  for (let at = from; at < to; at += 1) code = code * 256 + small(source[at] ?? 0)
  return code
}

/** The number that so many digits are; NaN for anything else. */
function digits(source: Uint8Array, at: number, count: number): number {
  let value = 0
  for (let index = at; index < at + count; index += 1) {
    const code = source[index] ?? 0
    value = isDigit(code) ? value * 10 + code - 48 : Number.NaN
  }
  return value
}

/** `yyyy-MM-dd` */
function isDayAt(source: Uint8Array, at: number): boolean {
  if (source[at + 4] !== 45 || source[at + 7] !== 45) return false
  const year = digits(source, at, 4)
  return year >= 0 && isDay(year, digits(source, at + 5, 2), digits(source, at + 8, 2))
}

/** `THH:mm:ss`, with a blank or a `T`. */
function isTimeAt(source: Uint8Array, at: number): boolean {
  if ((source[at] !== 32 && source[at] !== 84) || source[at + 3] !== 58 || source[at + 6] !== 58) return false
  return digits(source, at + 1, 2) < 24 && digits(source, at + 4, 2) < 60 && digits(source, at + 7, 2) < 60
}
