// The text form of expressions: finds `<+…>` in a text and parses each.
import { closing } from './bracket.ts'
import { parseBracket, parseSyntax } from './parse.ts'
import { type Problem, partsOf, type Syntax } from './syntax.ts'

export interface Expression {
  /** With its `<+` and `>`. */
  readonly raw: string
  readonly syntax: Syntax
}
export type TemplatePart = string | Expression

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
    if (end === undefined)
      return { problem: 'an expression is not closed with >', part: text.slice(open, open + 64), at: open }
    const raw = text.slice(open, end)
    const parsed = parseBracket(raw, open)
    if ('problem' in parsed) return parsed
    parts.push({ raw, syntax: parsed.syntax })
    from = end
  }
}

/** Is it one expression and nothing else? Then its value keeps its type. */
export function soleExpression(parts: readonly TemplatePart[]): Expression | undefined {
  const [first, second] = parts
  return typeof first === 'object' && second === undefined ? first : undefined
}

/** A condition of `when`: one expression, with or without `<+` and `>` around the whole of it. */
export function parseCondition(text: string): { readonly syntax: Syntax } | Problem {
  const parsed = parseSyntax(text)
  if ('problem' in parsed) return parsed
  const bare = bareWord(parsed.syntax)
  if (bare) return { problem: `\`${bare.raw}\` is neither quoted nor known`, part: bare.raw, at: bare.at }
  return parsed
}

/** What an Http step may read of its own answer; published pipelines write these names bare. */
export const answerNames: ReadonlySet<string> = new Set(['httpResponseCode', 'httpResponseBody', 'httpMethod'])

/** A single name outside of `<+…>` is a text whose quotes were forgotten. */
function bareWord(syntax: Syntax): Extract<Syntax, { readonly kind: 'path' }> | undefined {
  if (syntax.kind === 'path' && syntax.path.length === 1 && !syntax.raw.startsWith('<+'))
    return answerNames.has(syntax.raw) ? undefined : syntax
  for (const part of syntax.kind === 'call' ? syntax.given : partsOf(syntax)) {
    const found = bareWord(part)
    if (found) return found
  }
  return undefined
}
