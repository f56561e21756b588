// Does a text hold more than one statement? The driver runs only the first one and forgets the others without a word.

const skipped = /[ \t\r\n\f]+|--[^\n]*|\/\*[^]*?(?:\*\/|$)/y
const quoted = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]/y

/** Is there anything but blanks and comments after a `;` that stands outside quotes and comments? */
export function hasSeveralStatements(sql: string): boolean {
  let ended = false
  for (let offset = 0; offset < sql.length; ) {
    const skip = matchAt(skipped, sql, offset)
    if (skip > 0) {
      offset += skip
      continue
    }
    if (sql[offset] === ';') ended = true
    else if (ended) return true
    offset += Math.max(1, matchAt(quoted, sql, offset))
  }
  return false
}

function matchAt(pattern: RegExp, sql: string, offset: number): number {
  pattern.lastIndex = offset
  return pattern.exec(sql)?.[0].length ?? 0
}
