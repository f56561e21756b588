// The cells of a data file, by their place in its bytes.
import { backslash, carriageReturn, grown, lineFeed } from './bytes.ts'

/** Codes of ASCII; the comment is -1 where there is none. */
export interface Marks {
  readonly separator: number
  readonly quote: number
  readonly comment: number
}

/** Goes over the cells of a file as `readCsv` does. */
export class PlainCells {
  /** The cell is what stands here between `from` and `to`. */
  source: Uint8Array
  from = 0
  to = 0
  private readonly text: Uint8Array
  private readonly marks: Marks
  private at: number
  /** Cells whose quotes or backslashes stand for something else. */
  private unquoted: Uint8Array = new Uint8Array(256)

  constructor(text: Uint8Array, start: number, marks: Marks) {
    this.text = text
    this.source = text
    this.at = start
    this.marks = marks
  }

  /** Over empty lines and comments; false at the end of the file. */
  startRow(): boolean {
    const { text, marks } = this
    for (; this.at < text.length; this.at += 1) {
      const code = text[this.at]
      if (code === marks.comment) this.at = endOfLine(text, this.at)
      else if (code !== lineFeed && code !== carriageReturn) return true
    }
    return false
  }

  /** False when it is not simple. */
  readCell(): boolean {
    const { text, at, marks } = this
    this.source = text
    if (text[at] === marks.quote) return this.readQuoted(at + 1)
    let end = at
    for (; end < text.length; end += 1) {
      const code = text[end]
      if (code === marks.separator || code === lineFeed || code === carriageReturn) break
      // Blanks before it would not count, and other text is a part of the cell.
      if (code === marks.quote) return false
    }
    this.from = at
    this.to = end
    this.at = end
    return true
  }

  private readQuoted(start: number): boolean {
    const { text, marks } = this
    let end = start
    while (end < text.length && text[end] !== marks.quote && text[end] !== backslash) end += 1
    if (text[end] === backslash || text[end + 1] === marks.quote) return this.readEscaped(start)
    this.from = start
    this.to = end
    return this.endQuoted(end)
  }

  private readEscaped(start: number): boolean {
    const { text, marks } = this
    let length = 0
    for (let at = start; at < text.length; at += 1) {
      const code = text[at] ?? 0
      const next = text[at + 1]
      const isEscape =
        (code === marks.quote && next === code) || (code === backslash && (next === code || next === marks.quote))
      if (code === marks.quote && !isEscape) {
        this.source = this.unquoted
        this.from = 0
        this.to = length
        return this.endQuoted(at)
      }
      if (isEscape) at += 1
      if (length === this.unquoted.length) this.unquoted = grown(this.unquoted, 2 * length)
      this.unquoted[length] = text[at] ?? 0
      length += 1
    }
    return false
  }

  /** What stands behind the closing quote belongs to the cell, so nothing may. */
  private endQuoted(quote: number): boolean {
    const { text, marks } = this
    this.at = quote + 1
    const next = text[this.at]
    return (
      quote < text.length &&
      (next === marks.separator || next === lineFeed || next === carriageReturn || next === undefined)
    )
  }

  /** Behind a cell; goes over the separator when there is one. */
  endsRow(): boolean {
    if (this.text[this.at] !== this.marks.separator) return true
    this.at += 1
    return false
  }
}

function endOfLine(text: Uint8Array, start: number): number {
  let at = start
  while (at < text.length && text[at] !== lineFeed && text[at] !== carriageReturn) at += 1
  return at
}
