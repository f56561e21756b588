// What `<+input>` asks for: a default, allowed values, a pattern. The text form is that of the published pipeline schema.
import { matchesWhole, compilePattern } from '../expression/pattern.ts'

export interface InputDeclaration {
  readonly default?: string
  readonly allowed?: readonly string[]
  /** Several of the allowed values, separated by commas. */
  readonly many?: true
  readonly pattern?: string
  /** Asked for when its step begins. */
  readonly late?: true
}

const marker = '<+input>'
const LONGEST_SHOWN = 128

/** Does the text ask for an input, alone or inside of something? */
export const asksForInput = (text: string): boolean => text.includes(marker)

/** The declaration, or what is wrong with it. The text begins with `<+input>`. */
export function parseInput(text: string): InputDeclaration | { readonly problem: string; readonly fix: string } {
  const written = text.trim()
  if (!written.startsWith(marker))
    return {
      problem: '`<+input>` stands inside of another text',
      fix: 'Let a variable have the value `<+input>`, and use the variable in the text.',
    }
  let declaration: InputDeclaration = {}
  for (let at = marker.length; at < written.length; ) {
    const call = /^\.\s*([A-Za-z]+)\(/.exec(written.slice(at))
    const name = call?.[1]
    if (!call || name === undefined) return unknown(written.slice(at))
    const from = at + call[0].length
    const end = closingParenthesis(written, from)
    if (end === undefined) return unknown(written.slice(at))
    const next = extend(declaration, name, written.slice(from, end))
    if ('problem' in next) return next
    declaration = next
    at = end + 1
  }
  const { default: fallback } = declaration
  const wrong = fallback === undefined ? undefined : problemOfValue(declaration, fallback)
  return wrong === undefined ? declaration : { problem: `its default ${wrong}`, fix: 'Correct the default.' }
}

const unknown = (rest: string) => ({
  problem: `\`${rest.slice(0, LONGEST_SHOWN)}\` is not understood`,
  fix: 'Write <+input>.default(x), .allowedValues(a,b), .selectOneFrom(a,b), .selectManyFrom(a,b), .regex(pattern) or .executionInput().',
})

function extend(before: InputDeclaration, name: string, inside: string) {
  switch (name) {
    case 'default':
      return { ...before, default: unquote(inside) }
    case 'allowedValues':
    case 'selectOneFrom':
      return { ...before, allowed: splitList(inside) }
    case 'selectManyFrom':
      return { ...before, allowed: splitList(inside), many: true as const }
    case 'regex': {
      const compiled = compilePattern(unquote(inside))
      if ('problem' in compiled) return { problem: compiled.problem, fix: 'Correct the pattern.' }
      return { ...before, pattern: unquote(inside) }
    }
    case 'executionInput':
      return { ...before, late: true as const }
    default:
      return unknown(`.${name}(`)
  }
}

/** Index of the parenthesis that closes; quotes and parentheses inside are counted. */
function closingParenthesis(text: string, from: number): number | undefined {
  let depth = 1
  let quote: string | undefined
  for (let index = from; index < text.length; index += 1) {
    const character = text[index]
    if (character === '\\') index += 1
    else if (quote !== undefined) quote = character === quote ? undefined : quote
    else if (character === '"' || character === "'") quote = character
    else if (character === '(') depth += 1
    else if (character === ')') depth -= 1
    if (depth === 0) return index
  }
  return undefined
}

function unquote(text: string): string {
  const trimmed = text.trim()
  const quoted = /^"([^"]*)"$|^'([^']*)'$/.exec(trimmed)
  return quoted ? (quoted[1] ?? quoted[2] ?? '') : trimmed
}

export const splitList = (text: string): readonly string[] =>
  text
    .split(',')
    .map(unquote)
    .filter((item) => item !== '')

/** Why the value must not be given, as the rest of a sentence; undefined when it may. */
export function problemOfValue({ allowed, many, pattern }: InputDeclaration, value: string): string | undefined {
  if (allowed) {
    const parts = many ? splitList(value) : [value]
    const other = parts.find((part) => !allowed.includes(part))
    if (other !== undefined || parts.length === 0)
      return `cannot be \`${(other ?? '').slice(0, LONGEST_SHOWN)}\`: allowed are ${allowed.join(', ').slice(0, 1024)}`
  }
  if (pattern !== undefined && !matchesWhole(pattern, value))
    return `cannot be \`${value.slice(0, LONGEST_SHOWN)}\`: it does not match ${pattern}`
  return undefined
}
