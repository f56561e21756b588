// The text form of expressions: finds `<+…>` in a text and takes each apart into its path. Knows no names; see reference.ts.

/** `path`: names from the root on. `secret`: left as it is, for the delegate. */
export type Expression =
  | { readonly kind: 'path'; readonly raw: string; readonly path: readonly string[] }
  | { readonly kind: 'secret'; readonly raw: string }
export type TemplatePart = string | Expression
export interface Problem {
  readonly problem: string
  /** The part of the text that it is about. */
  readonly part: string
}

/** Texts and expressions in turn, or what is wrong with the first bad one. */
export function parseTemplate(text: string): { readonly parts: readonly TemplatePart[] } | Problem {
  const parts: TemplatePart[] = []
  let from = 0
  for (;;) {
    const open = text.indexOf('<+', from)
    if (open === -1) {
      if (from < text.length) parts.push(text.slice(from))
      return { parts }
    }
    if (open > from) parts.push(text.slice(from, open))
    const end = closing(text, open)
    if (typeof end !== 'number') return end
    const expression = parseExpression(text.slice(open, end))
    if ('problem' in expression) return expression
    parts.push(expression)
    from = end
  }
}

/** Index after the `>` that closes the expression at `open`. Quoted text may hold anything. */
function closing(text: string, open: number): number | Problem {
  let quote: string | undefined
  for (let index = open + 2; index < text.length; index += 1) {
    const character = text[index]
    if (quote !== undefined) {
      if (character === quote) quote = undefined
    } else if (character === '"' || character === "'") quote = character
    else if (character === '>') return index + 1
    else if (text.startsWith('<+', index))
      return { problem: 'expressions inside expressions are not offered', part: '<+' }
  }
  return { problem: 'an expression is not closed with >', part: text.slice(open, open + 64) }
}

const token = /\s*(?:\.?\s*([A-Za-z_$][\w$-]*)|\[\s*(?:"([^"]*)"|'([^']*)')\s*\])/y

/** `raw` with its `<+` and `>`. */
export function parseExpression(raw: string): Expression | Problem {
  const inside = raw.slice(2, -1).trim()
  if (inside === '') return { problem: 'the expression is empty', part: raw }
  if (/^secrets\b/.test(inside)) return { kind: 'secret', raw }
  const path: string[] = []
  token.lastIndex = 0
  while (token.lastIndex < inside.length) {
    const at = token.lastIndex
    const match = token.exec(inside)
    const dotted = match?.[1] !== undefined
    const wellJoined = !dotted || (at === 0) === !/^\s*\./.test(inside.slice(at))
    if (!match || !wellJoined) {
      const rest = inside.slice(at)
      const call = rest.startsWith('(')
      return {
        problem: call ? 'functions are not offered' : `\`${rest.slice(0, 64)}\` is not part of a path`,
        part: raw,
      }
    }
    path.push(match[1] ?? match[2] ?? match[3] ?? '')
  }
  return { kind: 'path', raw, path }
}

/** Is it one expression and nothing else? Then its value keeps its type. */
export function soleExpression(parts: readonly TemplatePart[]): Expression | undefined {
  const [first, second] = parts
  return typeof first === 'object' && second === undefined ? first : undefined
}
