// Whether the text of a statement ends in itself, so that another one may follow it in the same message.

/** Sticky, tried in this order at each place; the first is what may follow anywhere. */
const blank = /[\s\uFEFF]+|--[^\r\n]*/y
const token = /[A-Za-z_\u0080-\uFFFF][\w$\u0080-\uFFFF]*|\d+|\$\d+|'(?:[^'\\\0]|'')*'|"(?:[^"\0]|"")*"|[^\s'"\\$;\0]/y
const dollarQuote = /\$(?:[A-Za-z_\u0080-\uFFFF][\w\u0080-\uFFFF]*)?\$/y

/**
 * One command: at least one token, no `;` outside of quotes and comments, all quotes and comments closed. What the scan is not
 * sure of, such as a backslash in a quote, which some sessions take for an escape, counts as not closed.
 */
export function isClosed(sql: string): boolean {
  let at = 0
  let tokens = 0
  const eat = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const found = pattern.exec(sql)?.[0]
    if (found !== undefined) at += found.length
    return found
  }
  while (at < sql.length) {
    if (eat(blank) !== undefined) continue
    if (sql.startsWith('/*', at)) {
      const end = endOfComment(sql, at)
      if (end === undefined) return false
      at = end
      continue
    }
    tokens += 1
    const tag = eat(dollarQuote)
    if (tag === undefined) {
      if (eat(token) === undefined) return false
      continue
    }
    const end = sql.indexOf(tag, at)
    if (end < 0 || sql.slice(at, end).includes('\0')) return false
    at = end + tag.length
  }
  return tokens > 0
}

/** Comments nest in PostgreSQL. */
function endOfComment(sql: string, start: number): number | undefined {
  const mark = /\/\*|\*\//g
  mark.lastIndex = start
  let depth = 0
  for (let found = mark.exec(sql); found; found = mark.exec(sql)) {
    depth += found[0] === '/*' ? 1 : -1
    if (depth === 0) return mark.lastIndex
  }
  return undefined
}
