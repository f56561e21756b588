// Cuts a statement of SQLite into words, names, texts and whole parentheses: enough to find the parts of CREATE TABLE and CREATE VIEW.

export interface Token {
  /** `group` is a parenthesis with all that is in it. */
  readonly kind: 'word' | 'name' | 'text' | 'group' | 'symbol'
  /** As written. */
  readonly text: string
  readonly start: number
  readonly end: number
}

const pattern =
  /\s+|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|(?<text>[xX]?'(?:[^']|'')*')|(?<name>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])|(?<word>[\p{L}_\d.$]+)|(?<symbol>[\s\S])/uy

export function tokensOf(sql: string): readonly Token[] {
  const tokens: Token[] = []
  let depth = 0
  let groupStart = 0
  pattern.lastIndex = 0
  for (let match = pattern.exec(sql); match !== null && match[0] !== ''; match = pattern.exec(sql)) {
    const [text] = match
    const end = pattern.lastIndex
    const start = end - text.length
    if (text === '(') {
      if (depth === 0) groupStart = start
      depth += 1
      continue
    }
    if (text === ')' && depth > 0) {
      depth -= 1
      if (depth === 0) tokens.push({ kind: 'group', text: sql.slice(groupStart, end), start: groupStart, end })
      continue
    }
    if (depth > 0 || match.groups === undefined) continue
    const kind = (['text', 'name', 'word', 'symbol'] as const).find((one) => match.groups?.[one] !== undefined)
    if (kind !== undefined) tokens.push({ kind, text, start, end })
  }
  return tokens
}

/** The name itself, without quotes. */
export function nameOf(token: Token | undefined): string {
  if (token === undefined) return ''
  const { text } = token
  if (/^["`'[]/.test(text)) {
    const quote = text[0] === '[' ? ']' : (text[0] ?? '')
    return text.slice(1, -1).replaceAll(quote + quote, quote)
  }
  return text
}

/** Whether a word stands there, whatever its case. */
export const isWord = (token: Token | undefined, ...words: readonly string[]): boolean =>
  token?.kind === 'word' && words.includes(token.text.toUpperCase())
