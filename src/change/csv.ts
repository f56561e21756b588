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
  readonly cells: readonly string[]
  /** Line and column where each cell begins, from 1. */
  readonly places: readonly { readonly line: number; readonly column: number }[]
}

/** Without empty lines and comments. A quote that is never closed is reported and ends the reading. */
export function* readCsv(text: string, options: CsvOptions, report: (found: Diagnostic) => void): Generator<CsvRecord> {
  const cursor = new Cursor(text)
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
  const { line } = cursor
  const cells: string[] = []
  const places: { line: number; column: number }[] = []
  for (;;) {
    places.push({ line: cursor.line, column: cursor.column })
    const cell = readCell(cursor, options)
    if (cell === undefined) {
      report(unclosed(options, places.at(-1) ?? { line, column: 1 }))
      return undefined
    }
    cells.push(cell)
    if (cursor.atEnd() || cursor.atLineEnd()) {
      cursor.skipLineEnd()
      return { line, cells, places }
    }
    cursor.advance()
  }
}

/** Up to the separator or the end of the line. Blanks before an opening quote do not count. */
function readCell(cursor: Cursor, { separator, quote }: CsvOptions): string | undefined {
  let cell = ''
  while (!cursor.atEnd() && !cursor.atLineEnd() && cursor.current() !== separator) {
    if (cursor.current() !== quote || cell.trim() !== '') {
      cell += cursor.take()
      continue
    }
    const quoted = readQuoted(cursor, quote)
    if (quoted === undefined) return undefined
    cell = quoted
    while (!cursor.atEnd() && !cursor.atLineEnd() && cursor.current() !== separator) cell += cursor.take()
    return cell
  }
  return cell
}

function readQuoted(cursor: Cursor, quote: string): string | undefined {
  cursor.advance()
  let text = ''
  while (!cursor.atEnd()) {
    const next = cursor.next()
    if (cursor.current() === quote) {
      if (next !== quote) {
        cursor.advance()
        return text
      }
      cursor.advance()
    } else if (cursor.current() === '\\' && (next === quote || next === '\\')) cursor.advance()
    text += cursor.take()
  }
  return undefined
}

const unclosed = (options: CsvOptions, place: { readonly line: number; readonly column: number }): Diagnostic => ({
  code: 'data/unclosed-quote',
  severity: 'error',
  message: `the quote ${options.quote} is never closed`,
  span: { file: options.file, ...place },
  fix: `Close it with ${options.quote}; inside quotes write ${options.quote}${options.quote} for the character itself.`,
})

/** Walks over a text and counts lines. */
class Cursor {
  line = 1
  column = 1
  private offset = 0
  private readonly text: string

  constructor(text: string) {
    this.text = text
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

  skipLineEnd(): void {
    if (this.current() === '\r') this.advance()
    if (this.current() === '\n') this.advance()
  }

  skipLine(): void {
    while (!this.atEnd() && !this.atLineEnd()) this.advance()
    this.skipLineEnd()
  }
}
