// Mistakes in XML in our words: where the mistake is rather than where the parser noticed it, and what to do.

export interface MalformedPlace {
  readonly source: string
  /** Where the parser stands. */
  readonly position: number
  /** Where the last complete markup ends. */
  readonly cursor: number
  /** The innermost element that is still open. */
  readonly innermost: { readonly local: string; readonly start: number } | undefined
  /** The element that was closed last. */
  readonly closed: { readonly local: string; readonly end: number } | undefined
}

export interface Explanation {
  readonly message: string
  /** Offset in the source. */
  readonly start: number
  readonly fix: string
}

const ampersand = { message: 'An ampersand that begins no entity.', fix: 'Write "&amp;" for an ampersand.' }

export function explainMalformed(message: string, place: MalformedPlace): Explanation {
  const { source, position, innermost } = place
  const start = Math.max(0, position - 1)
  if (message.startsWith('unclosed tag')) return unclosed(place)
  if (message.startsWith('unexpected close tag') || message.startsWith('unmatched closing tag')) return unmatched(place)
  if (message.startsWith('undefined entity') || message.startsWith('disallowed character in entity name')) {
    const from = Math.max(0, source.lastIndexOf('&', position - 1))
    const isUnknown = message.startsWith('undefined entity')
    return isUnknown
      ? { ...ampersand, message: 'The entity is not defined.', start: from }
      : { ...ampersand, start: from }
  }
  const fix = innermost ? `Correct the markup in or after <${innermost.local}>.` : 'Correct the markup.'
  return { message: `Malformed XML: ${message.replace(/\.$/, '')}.`, start, fix }
}

/** At the end of the file: often something else was begun and never ended, and has swallowed the closing tags. */
function unclosed({ source, cursor, innermost }: MalformedPlace): Explanation {
  const rest = source.slice(cursor)
  for (const [begin, end] of [
    ['<![CDATA[', ']]>'],
    ['<!--', '-->'],
  ] as const) {
    const at = rest.indexOf(begin)
    if (at < 0 || rest.includes(end, at)) continue
    return { message: `${begin} is never ended.`, start: cursor + at, fix: `Write ${end} where it ends.` }
  }
  const entity = /&(?![#\w.:-]{1,64};)/.exec(rest)
  if (entity) return { ...ampersand, start: cursor + entity.index }
  const name = innermost?.local ?? ''
  const fix = `Add </${name}>, or end the tag with "/>".`
  return { message: `The element <${name}> is never closed.`, start: innermost?.start ?? 0, fix }
}

/** The parser has already closed the element that the tag does not fit. */
function unmatched({ source, position, closed, innermost }: MalformedPlace): Explanation {
  const start = Math.max(0, source.lastIndexOf('</', position - 1))
  const open = closed?.end === position ? closed : innermost
  if (open === undefined) return { message: 'This closing tag closes nothing.', start, fix: 'Remove it.' }
  const fix = `Write </${open.local}>, or open the element first.`
  return { message: `This closing tag does not close <${open.local}>.`, start, fix }
}
