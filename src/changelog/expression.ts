// Boolean expressions over names, as contexts and label filters use them: `!`, `not`, `and`, `or`, commas and parentheses.

import { changelogLimits } from './limit.ts'

/** One alternative of a comma list, checked and ready to be evaluated. */
export type Term =
  | { readonly kind: 'or' | 'and'; readonly terms: readonly Term[] }
  | { readonly kind: 'not'; readonly term: Term }
  /** `given`: written with a leading `@`, holds only if names are given at all. */
  | { readonly kind: 'name'; readonly name: string; readonly given: boolean }
  | { readonly kind: 'group'; readonly term: Term }

/** A comma list of terms, any of which may hold; `mistake` says why a text is none. */
export type Expression =
  | { readonly terms: readonly Term[]; readonly mistake?: undefined }
  | { readonly terms?: undefined; readonly mistake: string }

/**
 * Parses as the original engine does: commas first, wherever they stand (so `a and (b, c)` is a mistake), then `or`, then
 * `and`, then one `!` or `not `. What remains is a name, blanks and all. Upper and lower case are the same.
 */
export function parseExpression(text: string): Expression {
  // Nearly every change set has none.
  if (text === '') return nothing
  if (text.length > changelogLimits.expressionLength) {
    return { mistake: `An expression may have ${changelogLimits.expressionLength} characters.` }
  }
  const parts = text.split(',').map((part) => part.trim().toLowerCase())
  const terms: Term[] = []
  for (const part of parts) {
    if (part === '') continue
    const result = parseTerm(part)
    if ('mistake' in result) {
      const grouped = text.includes(',') && text.includes('(')
      const hint = grouped ? ' A comma separates alternatives even inside parentheses; write "or" there.' : ''
      return { mistake: `${result.mistake} in ${JSON.stringify(part)}.${hint}` }
    }
    terms.push(result.term)
  }
  return { terms }
}

const nothing: Expression = { terms: [] }

type Parsed = { readonly term: Term } | { readonly mistake: string }

/** Stands for a finished group inside the text that is still to be parsed; cannot be typed into a changelog by accident. */
const mark = '\u0001'

function parseTerm(text: string): Parsed {
  const groups: Term[] = []
  let rest = text.replaceAll(mark, ' ')
  while (rest.includes('(')) {
    const open = /\(([^()]+)\)/.exec(rest)
    if (!open) return { mistake: rest.includes('()') ? 'Empty parentheses' : 'A parenthesis without its partner' }
    groups.push(parseFlat(open[1]!, groups))
    rest = `${rest.slice(0, open.index)} ${mark}${groups.length - 1}${mark} ${rest.slice(open.index + open[0].length)}`
  }
  return { term: parseFlat(rest, groups) }
}

function parseFlat(text: string, groups: readonly Term[]): Term {
  const alternatives = text.split(/\s+or\s+/)
  if (alternatives.length > 1) return { kind: 'or', terms: alternatives.map((part) => parseFlat(part, groups)) }
  const conjuncts = text.split(/\s+and\s+/)
  if (conjuncts.length > 1) return { kind: 'and', terms: conjuncts.map((part) => parseFlat(part, groups)) }
  const word = text.trim()
  if (word.startsWith('!')) return { kind: 'not', term: atom(word.slice(1).trim(), groups) }
  if (word.startsWith('not ')) return { kind: 'not', term: atom(word.slice(4).trim(), groups) }
  return atom(word, groups)
}

/** Only one negation is understood: what follows is a name, even if it begins with `!` again. */
function atom(word: string, groups: readonly Term[]): Term {
  const group = new RegExp(`^${mark}(\\d+)${mark}$`).exec(word)
  if (group) return { kind: 'group', term: groups[Number(group[1])]! }
  // A group beside a name, as in `a (b)`, is no operator: nothing can have that name.
  const given = word.startsWith('@')
  return { kind: 'name', name: given ? word.slice(1) : word, given }
}

/**
 * Does any term hold for these names? Names are compared without a leading `@` and without case. An expression without terms
 * holds for all names, unless one of them begins with `@`. Without names everything holds but what begins with `@`.
 */
export function holds(terms: readonly Term[], names: readonly string[]): boolean {
  if (names.length > 0 && terms.length === 0) return !names.some((name) => name.startsWith('@'))
  if (terms.length === 0) return true
  const known = names.map((name) => name.toLowerCase().replace(/^@/, ''))
  return terms.some((term) => (known.length === 0 ? holdsUnasked(term) : holdsFor(term, known)))
}

function holdsFor(term: Term, names: readonly string[]): boolean {
  switch (term.kind) {
    case 'or':
      return term.terms.some((inner) => holdsFor(inner, names))
    case 'and':
      return term.terms.every((inner) => holdsFor(inner, names))
    case 'not':
      return !holdsFor(term.term, names)
    case 'group':
      return holdsFor(term.term, names)
    case 'name':
    default:
      return names.includes(term.name)
  }
}

/** When nothing is given: a negation and a group hold whatever they contain. */
function holdsUnasked(term: Term): boolean {
  switch (term.kind) {
    case 'or':
      return term.terms.some(holdsUnasked)
    case 'and':
      return term.terms.every(holdsUnasked)
    case 'not':
    case 'group':
      return true
    case 'name':
    default:
      return !term.given
  }
}
