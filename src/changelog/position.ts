// Places in a text: from offsets to lines and columns.
import type { Span } from '#contract/diagnostic'

/** Finds lines and columns of one file; both count from 1, offsets and columns in UTF-16 code units. */
export interface Positions {
  readonly file: string
  span(start: number, end?: number): Span
  /** The whole of a line, which counts from 1. */
  line(number: number): Span
}

/** Lines end at LF, CRLF or a lone CR. */
export function positionsOf(file: string, text: string): Positions {
  const starts = [0]
  for (let offset = 0; offset < text.length; offset += 1) {
    const code = text.charCodeAt(offset)
    if (code === 10 || (code === 13 && text.charCodeAt(offset + 1) !== 10)) starts.push(offset + 1)
  }
  const locate = (offset: number) => {
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (starts[middle]! <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - starts[low]! + 1 }
  }
  const span = (start: number, end?: number): Span => {
    const first = Math.min(Math.max(start, 0), text.length)
    const from = locate(first)
    if (end === undefined || end <= first) return { file, ...from }
    const to = locate(Math.min(end, text.length))
    return { file, ...from, endLine: to.line, endColumn: to.column }
  }
  return {
    file,
    span,
    line(number) {
      const index = Math.min(Math.max(number, 1), starts.length) - 1
      const end = starts[index + 1] ?? text.length
      let trimmed = end
      while (trimmed > starts[index]! && '\r\n'.includes(text[trimmed - 1]!)) trimmed -= 1
      return span(starts[index]!, trimmed)
    },
  }
}
