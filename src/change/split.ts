// Splits SQL text into single statements exactly as the original engine does, and says where each one begins.
import { type Token, tokens } from './token.ts'

export interface SplitOptions {
  readonly splitStatements: boolean
  readonly stripComments: boolean
  /** As written; longer than one character it is a regular expression. */
  readonly endDelimiter: string | undefined
}

/** A statement without its delimiter. `line` and `column` count from 1 inside the text that was split. */
export interface SplitStatement {
  readonly sql: string
  readonly line: number
  readonly column: number
}

export function splitSql(text: string, options: SplitOptions): readonly SplitStatement[] {
  const source = text.replaceAll('\r', '')
  const kept = keptTokens(source, options)
  const pieces = options.splitStatements ? splitTokens(kept, options.endDelimiter) : [kept]
  const place = placeFinder(source)
  const statements: SplitStatement[] = []
  for (const piece of pieces) {
    const sql = trim(piece.map((token) => token.text).join(''))
    if (sql === '') continue
    statements.push({ sql, ...place(startOf(piece)) })
  }
  return statements
}

function keptTokens(source: string, options: SplitOptions): Token[] {
  const kept: Token[] = []
  for (const token of tokens(source)) {
    if (options.stripComments && token.kind === 'comment') continue
    kept.push(token)
  }
  return options.endDelimiter === undefined ? kept : mergeDelimiters(kept, options.endDelimiter)
}

/** Neighbours that together are exactly the delimiter become one token: `/` `/` for `//`. */
function mergeDelimiters(list: readonly Token[], delimiter: string): Token[] {
  const merged: Token[] = []
  for (let index = 0; index < list.length; index++) {
    let text = ''
    let end = index
    while (end < list.length && text.length < delimiter.length && delimiter.startsWith(text + list[end]?.text)) {
      text += list[end]?.text ?? ''
      end++
    }
    const token = list[index] as Token
    if (end - index > 1 && text === delimiter) {
      merged.push({ kind: 'other', text, start: token.start })
      index = end - 1
    } else merged.push(token)
  }
  return merged
}

const notABlock = new Set(['transaction', 'trans', 'tran', 'dialog', 'conversation', 'distributed'])
const notAnEnd = new Set(['transaction', 'trans', 'tran'])

/** Splits at delimiters outside `BEGIN … END`; words count, not grammar, so `CASE … END` closes a block too. */
function splitTokens(list: readonly Token[], endDelimiter: string | undefined): readonly (readonly Token[])[] {
  const isDelimiter = delimiterTest(endDelimiter)
  const pieces: Token[][] = []
  let piece: Token[] = []
  let depth = 0
  for (const [index, token] of list.entries()) {
    const lower = token.text.toLowerCase()
    if (lower === 'begin' && !notABlock.has(nextWord(list, index))) depth++
    else if (lower === 'end' && depth > 0 && !notAnEnd.has(nextWord(list, index))) depth--
    if (depth === 0 && isDelimiter(token.text, list[index - 1]?.text)) {
      pieces.push(piece)
      piece = []
    } else piece.push(token)
  }
  pieces.push(piece)
  return pieces
}

function nextWord(list: readonly Token[], index: number): string {
  let next = index + 1
  while (list[next]?.kind === 'blank') next++
  return list[next]?.text.toLowerCase() ?? ''
}

type DelimiterTest = (token: string, previous: string | undefined) => boolean

function delimiterTest(endDelimiter: string | undefined): DelimiterTest {
  const ownLine = (previous: string | undefined): boolean => previous === undefined || previous.endsWith('\n')
  if (endDelimiter === undefined) {
    return (token, previous) => token === ';' || ((token === '/' || token.toLowerCase() === 'go') && ownLine(previous))
  }
  if (endDelimiter === '/') return (token, previous) => token === '/' && ownLine(previous)
  if (endDelimiter.length === 1) return (token) => token === endDelimiter
  const wanted = endDelimiter.toLowerCase()
  const pattern = compile(wanted)
  return (token, previous) => token.toLowerCase() === wanted || pattern.test(((previous ?? '') + token).toLowerCase())
}

/** A text that is no regular expression stands for itself. */
function compile(delimiter: string): RegExp {
  try {
    return new RegExp(`^(?:[\\s\\n\\r]*${delimiter})$`)
  } catch {
    return new RegExp(`^\\s*${delimiter.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`)
  }
}

/** Blanks and control characters at both ends go, as with Java's trim. */
function trim(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && text.charCodeAt(start) <= 0x20) start++
  while (end > start && text.charCodeAt(end - 1) <= 0x20) end--
  return text.slice(start, end)
}

function startOf(piece: readonly Token[]): number {
  for (const token of piece) {
    let offset = 0
    while (token.text.charCodeAt(offset) <= 0x20) offset++
    if (offset < token.text.length) return token.start + offset
  }
  return 0
}

/** Offsets must not fall from call to call: the text is walked once. */
function placeFinder(source: string): (offset: number) => { readonly line: number; readonly column: number } {
  let line = 1
  let lineStart = 0
  return (offset) => {
    for (
      let next = source.indexOf('\n', lineStart);
      next >= 0 && next < offset;
      next = source.indexOf('\n', lineStart)
    ) {
      line++
      lineStart = next + 1
    }
    return { line, column: offset - lineStart + 1 }
  }
}
