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

/** Tokens are looked at one by one and not kept: a file may have millions of them. */
export function splitSql(text: string, options: SplitOptions): readonly SplitStatement[] {
  const source = text.replaceAll('\r', '')
  const place = placeFinder(source)
  const statements: SplitStatement[] = []
  const add = (piece: Piece): void => {
    const sql = trim(piece.text)
    if (sql !== '') statements.push({ sql, ...place(piece.start) })
  }
  const isDelimiter = options.splitStatements ? delimiterTest(options.endDelimiter) : () => false
  let piece = new Piece()
  let previous: string | undefined
  let depth = 0
  const stream = new TokenStream(keptTokens(source, options))
  for (let token = stream.next(); token; token = stream.next()) {
    depth = depthAfter(token, depth, stream)
    if (depth === 0 && isDelimiter(token.text, previous)) {
      add(piece)
      piece = new Piece()
    } else piece.add(token)
    previous = token.text
  }
  add(piece)
  return statements
}

/** What has been read of one statement. */
class Piece {
  text = ''
  /** Offset of the first visible character. */
  start = 0
  private isEmpty = true

  add(token: Token): void {
    this.text += token.text
    if (!this.isEmpty) return
    const offset = visibleFrom(token.text)
    if (offset === token.text.length) return
    this.start = token.start + offset
    this.isEmpty = false
  }
}

/** Tokens with a look ahead. */
class TokenStream {
  private readonly source: Iterator<Token>
  private readonly ahead: Token[] = []

  constructor(source: Iterator<Token>) {
    this.source = source
  }

  next(): Token | undefined {
    return this.ahead.shift() ?? this.read()
  }

  /** Lower case; empty at the end. */
  nextWord(): string {
    for (let index = 0; ; index++) {
      const token = this.ahead[index] ?? this.read()
      if (!token) return ''
      if (index === this.ahead.length) this.ahead.push(token)
      if (token.kind !== 'blank') return token.text.toLowerCase()
    }
  }

  private read(): Token | undefined {
    const step = this.source.next()
    return step.done ? undefined : step.value
  }
}

function keptTokens(source: string, options: SplitOptions): Generator<Token> {
  const kept = options.stripComments ? withoutComments(tokens(source)) : tokens(source)
  return options.endDelimiter === undefined ? kept : merged(kept, options.endDelimiter)
}

function* withoutComments(source: Iterable<Token>): Generator<Token> {
  for (const token of source) if (token.kind !== 'comment') yield token
}

/** Neighbours that together are exactly the delimiter become one token: `/` `/` for `//`. */
function* merged(source: Iterable<Token>, delimiter: string): Generator<Token> {
  let held: Token[] = []
  for (const token of source) {
    held.push(token)
    for (;;) {
      const text = held.map((one) => one.text).join('')
      if (text === delimiter && held.length > 1) {
        yield { kind: 'other', text, start: held[0]?.start ?? 0 }
        held = []
      }
      if (held.length === 0 || (delimiter.startsWith(text) && text !== delimiter)) break
      yield held.shift() as Token
    }
  }
  yield* held
}

const notABlock = new Set(['transaction', 'trans', 'tran', 'dialog', 'conversation', 'distributed'])
const notAnEnd = new Set(['transaction', 'trans', 'tran'])

/** Statements end only outside `BEGIN … END`; words count, not grammar, so `CASE … END` closes a block too. */
function depthAfter(token: Token, depth: number, stream: TokenStream): number {
  if (token.text.length !== 5 && token.text.length !== 3) return depth
  const lower = token.text.toLowerCase()
  if (lower === 'begin' && !notABlock.has(stream.nextWord())) return depth + 1
  return lower === 'end' && depth > 0 && !notAnEnd.has(stream.nextWord()) ? depth - 1 : depth
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
  const start = visibleFrom(text)
  let end = text.length
  while (end > start && text.charCodeAt(end - 1) <= 0x20) end--
  return text.slice(start, end)
}

function visibleFrom(text: string): number {
  let offset = 0
  while (offset < text.length && text.charCodeAt(offset) <= 0x20) offset++
  return offset
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
