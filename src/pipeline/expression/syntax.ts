// What an expression is once it was parsed: a tree that knows no names and no values.

export type BinaryOperator =
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | '=~'
  | '!~'
  | '=^'
  | '=$'
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '&&'
  | '||'
  | '??'

export type Constant = string | number | boolean | null

/** `raw` is the text as written, for messages; `at` its place in the whole text. */
export type Syntax =
  | { readonly kind: 'constant'; readonly value: Constant }
  /** A quoted text with expressions in it. */
  | { readonly kind: 'text'; readonly parts: readonly (string | Syntax)[] }
  | { readonly kind: 'list'; readonly items: readonly Syntax[] }
  | { readonly kind: 'path'; readonly path: readonly string[]; readonly raw: string; readonly at: number }
  | { readonly kind: 'field'; readonly of: Syntax; readonly name: string }
  | { readonly kind: 'item'; readonly of: Syntax; readonly index: Syntax }
  | {
      readonly kind: 'call'
      /** What it is called on; a namespace is a path of one name. */
      readonly of: Syntax | undefined
      readonly name: string
      readonly given: readonly Syntax[]
      readonly raw: string
      readonly at: number
    }
  /** Never resolved by the manager: it travels as `<+secrets.getValue("…")>`. */
  | { readonly kind: 'secret'; readonly name: Syntax; readonly raw: string; readonly at: number }
  | { readonly kind: 'not' | 'negate' | 'empty'; readonly of: Syntax }
  | { readonly kind: 'binary'; readonly operator: BinaryOperator; readonly left: Syntax; readonly right: Syntax }
  | { readonly kind: 'choice'; readonly when: Syntax; readonly met: Syntax; readonly otherwise: Syntax }

export interface Problem {
  readonly problem: string
  /** The part of the text that it is about, and where it begins. */
  readonly part: string
  readonly at: number
}

/** The parts of which it is made, one level down. */
export function partsOf(syntax: Syntax): readonly Syntax[] {
  switch (syntax.kind) {
    case 'constant':
    case 'path':
      return []
    case 'text':
      return syntax.parts.filter((part) => typeof part === 'object')
    case 'list':
      return syntax.items
    case 'field':
    case 'not':
    case 'negate':
    case 'empty':
      return [syntax.of]
    case 'item':
      return [syntax.of, syntax.index]
    case 'call':
      return [...(syntax.of ? [syntax.of] : []), ...syntax.given]
    case 'secret':
      return [syntax.name]
    case 'binary':
      return [syntax.left, syntax.right]
    case 'choice':
      break
  }
  return [syntax.when, syntax.met, syntax.otherwise]
}
