// Reads separated values, and knows the line and column of every cell.
import type { Diagnostic } from '#contract/diagnostic'

export interface CsvOptions {
  readonly file: string
  /** One character. */
  readonly separator: string
  /** One character; doubled, or after a backslash, it stands for itself inside quotes. */
  readonly quote: string
  /** Lines that begin so are left out. Empty = none. */
  readonly comment: string
}

export interface CsvRecord {
  readonly line: number
  /** Where it begins in the text. */
  readonly offset: number
  /** And where the next line begins. */
  readonly end: number
  readonly cells: readonly string[]
  /** Line and column where each cell begins, from 1, one after the other: a file has more cells than it has findings. */
  readonly places: readonly number[]
}

/**
 * Without empty lines and comments. A quote that is never closed is reported and ends the reading. `start`: the offset of a record;
 * lines count from there.
 */
export function* readCsv(
  text: string,
  options: CsvOptions,
  report: (found: Diagnostic) => void,
  start = 0,
): Generator<CsvRecord> {
  const cursor = new Cursor(text, start)
  while (!cursor.atEnd()) {
    if (cursor.atLineEnd()) cursor.skipLineEnd()
    else if (options.comment !== '' && cursor.startsWith(options.comment)) cursor.skipLine()
    else {
      const record = readRecord(cursor, options, report)
      if (!record) return
      yield record
    }
  }
}

function readRecord(cursor: Cursor, options: CsvOptions, report: (found: Diagnostic) => void): CsvRecord | undefined {
  const { line, offset } = cursor
  const cells: string[] = []
  const places: number[] = []
  for (;;) {
    const { line: cellLine, column } = cursor
    places.push(cellLine, column)
    const cell = readCell(cursor, options)
    if (cell === undefined) {
      report(unclosed(options, { line: cellLine, column }))
      return undefined
    }
    cells.push(cell)
    if (cursor.atEnd() || cursor.atLineEnd()) {
      cursor.skipLineEnd()
      return { line, offset, end: cursor.offset, cells, places }
    }
    cursor.advance()
  }
}

/** Up to the separator or the end of the line. Blanks before an opening quote do not count. */
function readCell(cursor: Cursor, { separator, quote }: CsvOptions): string | undefined {
  const start = cursor.takeUntil(separator, quote)
  if (cursor.current() !== quote || quote === '') return start
  if (start.trim() !== '') return start + cursor.takeUntil(separator, '')
  const quoted = readQuoted(cursor, quote)
  return quoted === undefined ? undefined : quoted + cursor.takeUntil(separator, '')
}

function readQuoted(cursor: Cursor, quote: string): string | undefined {
  cursor.advance()
  let text = ''
  for (;;) {
    text += cursor.takeToMark(quote)
    if (cursor.atEnd()) return undefined
    const next = cursor.next()
    if (cursor.current() === quote) {
      cursor.advance()
      if (next !== quote) return text
    } else if (next === quote || next === '\\') cursor.advance()
    text += cursor.take()
  }
}

const unclosed = (options: CsvOptions, place: { readonly line: number; readonly column: number }): Diagnostic => ({
  code: 'data/unclosed-quote',
  severity: 'error',
  message: `the quote ${options.quote} is never closed`,
  span: { file: options.file, ...place },
  fix: `Close it with ${options.quote}; inside quotes write ${options.quote}${options.quote} for the character itself.`,
})

const lineFeed = 10
const carriageReturn = 13
const backslash = 92

/** Of one character; anything else equals none. */
const codeOf = (character: string): number => (character.length === 1 ? character.charCodeAt(0) : -1)

/** Walks over a text and counts lines. */
class Cursor {
  line = 1
  column = 1
  offset: number
  private readonly text: string

  constructor(text: string, start: number) {
    this.text = text
    this.offset = start
  }

  atEnd(): boolean {
    return this.offset >= this.text.length
  }

  atLineEnd(): boolean {
    const character = this.text[this.offset]
    return character === '\n' || character === '\r'
  }

  current(): string {
    return this.text[this.offset] ?? ''
  }

  next(): string {
    return this.text[this.offset + 1] ?? ''
  }

  startsWith(prefix: string): boolean {
    return this.text.startsWith(prefix, this.offset)
  }

  advance(): void {
    const character = this.text[this.offset++]
    if (character === '\n' || (character === '\r' && this.text[this.offset] !== '\n')) {
      this.line++
      this.column = 1
    } else this.column++
  }

  take(): string {
    const character = this.current()
    this.advance()
    return character
  }

  /** Up to one of these characters or the end of the line; whole pieces, because most files are large. */
  takeUntil(separator: string, quote: string): string {
    const { text } = this
    const first = codeOf(separator)
    const second = codeOf(quote)
    let end = this.offset
    for (; end < text.length; end += 1) {
      const code = text.charCodeAt(end)
      if (code === first || code === second || code === lineFeed || code === carriageReturn) break
    }
    const piece = this.text.slice(this.offset, end)
    this.column += end - this.offset
    this.offset = end
    return piece
  }

  /** Up to a quote or a backslash, over the ends of lines. */
  takeToMark(quote: string): string {
    const { text, offset: start } = this
    const mark = codeOf(quote)
    while (this.offset < text.length) {
      const code = text.charCodeAt(this.offset)
      if (code === mark || code === backslash) break
      if (code === lineFeed || code === carriageReturn) this.advance()
      else {
        this.offset += 1
        this.column += 1
      }
    }
    return text.slice(start, this.offset)
  }

  skipLineEnd(): void {
    if (this.current() === '\r') this.advance()
    if (this.current() === '\n') this.advance()
  }

  skipLine(): void {
    while (!this.atEnd() && !this.atLineEnd()) this.advance()
    this.skipLineEnd()
  }
}
