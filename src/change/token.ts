// Cuts SQL text into the few kinds of tokens that splitting needs: what is quoted or commented hides a delimiter.

export interface Token {
  readonly kind: 'blank' | 'comment' | 'word' | 'other'
  readonly text: string
  /** Offset of the first character in the text. */
  readonly start: number
}

// One way of the users of the original engine to get surprised, and of us to stay compatible: no dollar quotes, no nested
// comments; a backslash may hide a quote; `$$` is a word.
const blank = String.raw`(?<blank>[\s\u0085\u200b-\u200d\u2060\ufeff]+)`
const comment = String.raw`(?<comment>--[^\n]*|/\*[^]*?\*/)`
const word = String.raw`[\p{L}$_@#][\p{L}\p{N}$_@#]*`
const bracketed = String.raw`\[[^\]\d\n][^\]\n]*\]`
const quotedName = String.raw`"[^"\n]*"|\u0060[^\u0060\n]*\u0060|${bracketed}`
const name = String.raw`(?:${word}|${quotedName})`
const qualified = String.raw`${name}(?: *\. *${name})+`

const plain = new RegExp(`${blank}|${comment}`, 'uy')
const identifiers = [new RegExp(qualified, 'uy'), new RegExp(name, 'uy')]
const prefix = '(?:U|E|N|R|B|RB|_utf8)?'
const literals = [`'`, `"`].flatMap((quote) => [
  new RegExp(String.raw`${prefix}${quote}(?:\\[ntbrf\\"']|[^${quote}\\])*${quote}`, 'uy'),
  new RegExp(String.raw`${prefix}${quote}(?:${quote}${quote}|[^${quote}])*${quote}`, 'uy'),
])
const number = /\d+(?:\.\d+)?/uy

/** Every character of the text is in exactly one token. */
export function* tokens(text: string): Generator<Token> {
  let start = 0
  const ahead = new Ahead(text)
  while (start < text.length) {
    const token = tokenAt(text, start, ahead)
    yield token
    start += token.text.length
  }
}

/** The first character decides which patterns can match at all; the longest match wins. */
function tokenAt(text: string, start: number, ahead: Ahead): Token {
  const first = text[start] ?? ''
  if (isNeverClosed(first, text, start, ahead)) return { kind: 'other', text: first, start }
  if (/[\s\-/\u0080-\uffff]/.test(first)) {
    plain.lastIndex = start
    const match = plain.exec(text)
    if (match) return { kind: match.groups?.['blank'] === undefined ? 'comment' : 'blank', text: match[0], start }
  }
  const identifier = /[\w$@#"`[\u0080-\uffff]/.test(first) ? longest(text, start, identifiers) : ''
  const literal = /['"UENRB_]/.test(first) ? longest(text, start, literals) : ''
  if (identifier.length > literal.length) return { kind: 'word', text: identifier, start }
  if (literal !== '') return { kind: 'other', text: literal, start }
  const digits = /\d/.test(first) ? longest(text, start, [number]) : ''
  if (digits !== '') return { kind: 'other', text: digits, start }
  return { kind: 'other', text: String.fromCodePoint(text.codePointAt(start) ?? 0), start }
}

/** Without a look ahead each of many brackets would be searched to the end of the text. */
function isNeverClosed(first: string, text: string, start: number, ahead: Ahead): boolean {
  if (first === '[') {
    const close = ahead.next(']', start)
    return close < 0 || (ahead.next('\n', start) >= 0 && ahead.next('\n', start) < close)
  }
  return first === '/' && text[start + 1] === '*' && ahead.next('*/', start + 2) < 0
}

/** Where a text comes next; places that are asked for must not fall. */
class Ahead {
  private readonly text: string
  private readonly known = new Map<string, number>()

  constructor(text: string) {
    this.text = text
  }

  /** -1 when it does not come any more. */
  next(wanted: string, from: number): number {
    const known = this.known.get(wanted)
    if (known !== undefined && (known < 0 || known >= from)) return known
    const found = this.text.indexOf(wanted, from)
    this.known.set(wanted, found)
    return found
  }
}

function longest(text: string, start: number, patterns: readonly RegExp[]): string {
  let found = ''
  for (const pattern of patterns) {
    pattern.lastIndex = start
    const match = pattern.exec(text)?.[0] ?? ''
    if (match.length > found.length) found = match
  }
  return found
}
