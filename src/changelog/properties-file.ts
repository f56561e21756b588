// Reads Java `.properties` files: comments, continued lines, escapes, ISO-8859-1.

/** Pairs in order; a name may come twice. */
export function parseProperties(bytes: Uint8Array): readonly (readonly [name: string, value: string])[] {
  const pairs: (readonly [string, string])[] = []
  for (const line of logicalLines(Buffer.from(bytes).toString('latin1'))) {
    const end = endOfName(line)
    // Blanks, then at most one `=` or `:`, then blanks again separate name and value.
    const separator = /^[ \t\f]*(?:[=:][ \t\f]*)?/.exec(line.slice(end))![0]
    pairs.push([unescape(line.slice(0, end)), unescape(line.slice(end + separator.length))])
  }
  return pairs
}

/** Lines without comments and blank ones, an odd number of `\` at the end joined with what follows. */
function logicalLines(text: string): readonly string[] {
  const lines: string[] = []
  let pending: string | undefined
  for (const natural of text.split(/\r\n|\r|\n/)) {
    const line = natural.replace(/^[ \t\f]+/, '')
    if (pending === undefined && (line === '' || line.startsWith('#') || line.startsWith('!'))) continue
    const joined: string = (pending ?? '') + line
    const continues = /\\*$/.exec(line)![0].length % 2 === 1
    pending = continues ? joined.slice(0, -1) : undefined
    if (!continues) lines.push(joined)
  }
  if (pending !== undefined && pending !== '') lines.push(pending)
  return lines
}

/** The first `=`, `:` or blank that no `\` escapes. */
function endOfName(line: string): number {
  for (let index = 0; index < line.length; index += 1) {
    if (line[index] === '\\') index += 1
    else if ('=: \t\f'.includes(line[index]!)) return index
  }
  return line.length
}

const escapes: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' }

function unescape(text: string): string {
  return text.replace(
    /\\(?:u([0-9a-fA-F]{4})|([\s\S]?))/g,
    (_, code: string | undefined, letter: string | undefined) => {
      if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16))
      return letter === undefined ? '' : (escapes[letter] ?? letter)
    },
  )
}
