// Reads `liquibase.properties`: the syntax of Java property files.

/** Later lines win. Keys and values as written, escapes resolved. */
export function parseProperties(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const line of logicalLines(text)) {
    const match = /^((?:[^\\=: \t\f]|\\.)*)[ \t\f]*(?:[=:][ \t\f]*|(?=[ \t\f])[ \t\f]*)?(.*)$/s.exec(line)
    if (match) found.set(unescape(match[1] ?? ''), unescape(match[2] ?? ''))
  }
  return found
}

/** A line that ends in an odd number of backslashes goes on in the next one. Comments and blank lines are left out. */
function* logicalLines(text: string): Generator<string> {
  let open = ''
  for (const natural of text.split(/\r\n|\r|\n/)) {
    const line = natural.replace(/^[ \t\f]+/, '')
    if (open === '' && (line === '' || line.startsWith('#') || line.startsWith('!'))) continue
    const backslashes = /\\*$/.exec(line)?.[0].length ?? 0
    if (backslashes % 2 === 1) open += line.slice(0, -1)
    else {
      yield open + line
      open = ''
    }
  }
  if (open !== '') yield open
}

function unescape(text: string): string {
  return text.replaceAll(/\\(u[0-9a-fA-F]{4}|.)/gs, (_all, escaped: string) => {
    if (escaped.length > 1) return String.fromCharCode(Number.parseInt(escaped.slice(1), 16))
    return { t: '\t', n: '\n', r: '\r', f: '\f' }[escaped] ?? escaped
  })
}
