// Conditions of `when`: comparisons of expressions and constants, joined by &&, || and !. Parsed once at save, evaluated at run time.

export type Condition =
  | { readonly kind: 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'and'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | { readonly kind: 'compare'; readonly equal: boolean; readonly left: Operand; readonly right: Operand }
  | { readonly kind: 'value'; readonly operand: Operand }
/** `expression` holds the text with `<+` and `>`. */
export type Operand = { readonly expression: string } | { readonly constant: string | number | boolean | null }

type Token =
  | { readonly type: 'operator'; readonly text: string }
  | { readonly type: 'operand'; readonly operand: Operand }

const tokenPattern =
  /\s*(?:(&&|\|\||==|!=|!|\(|\))|(<\+(?:"[^"]*"|'[^']*'|[^<>"'])*>)|"([^"]*)"|'([^']*)'|(-?\d+(?:\.\d+)?)|([A-Za-z_][\w.]*))/y
const MOST_TOKENS = 200
const constants: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
])

/** `<+a> == "b"` and, as often written, the whole in one more bracket: `<+<+a> == "b">`. */
export function parseCondition(text: string): { readonly condition: Condition } | { readonly problem: string } {
  const unwrapped = unwrap(text.trim())
  const tokens = tokenize(unwrapped)
  if ('problem' in tokens) return tokens
  const parser = new Parser(tokens.tokens)
  const condition = parser.parseOr()
  if (parser.problem !== undefined || !condition) return { problem: parser.problem ?? 'it is empty' }
  return parser.atEnd ? { condition } : { problem: 'something stands after its end' }
}

function unwrap(text: string): string {
  if (!text.startsWith('<+') || !text.endsWith('>')) return text
  const inside = text.slice(2, -1)
  return /[=!&|]/.test(inside.replaceAll(/"[^"]*"|'[^']*'/g, '')) && balanced(inside) ? inside : text
}

/** Every `<+` has its `>`: then the outer pair was a wrapper and not the first and last of several. */
function balanced(text: string): boolean {
  let depth = 0
  for (const [bracket] of text.matchAll(/<\+|>/g)) {
    depth += bracket === '>' ? -1 : 1
    if (depth < 0) return false
  }
  return depth === 0
}

function tokenize(text: string): { readonly tokens: readonly Token[] } | { readonly problem: string } {
  const tokens: Token[] = []
  const pattern = new RegExp(tokenPattern)
  const end = text.trimEnd().length
  while (pattern.lastIndex < end) {
    const at = pattern.lastIndex
    const match = pattern.exec(text)
    if (!match) return { problem: `\`${text.slice(at, at + 64).trim()}\` is not understood` }
    const [, operator, expression, double, single, number, word] = match
    if (operator !== undefined) tokens.push({ type: 'operator', text: operator })
    else if (expression !== undefined) tokens.push({ type: 'operand', operand: { expression } })
    else if (number !== undefined) tokens.push({ type: 'operand', operand: { constant: Number(number) } })
    else if (word === undefined) tokens.push({ type: 'operand', operand: { constant: double ?? single ?? '' } })
    else {
      const constant = constants.get(word)
      // Inside the outer bracket a path may stand without one of its own: <+pipeline.variables.x == "y">.
      if (constant === undefined && !word.includes('.')) return { problem: `\`${word}\` is neither quoted nor known` }
      const operand = constant === undefined ? { expression: `<+${word}>` } : { constant }
      tokens.push({ type: 'operand', operand })
    }
    if (tokens.length > MOST_TOKENS) return { problem: 'it is too long' }
  }
  return { tokens }
}

/** Recursive descent: or, and, not, comparison. */
class Parser {
  readonly #tokens: readonly Token[]
  #next = 0
  problem: string | undefined

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  get atEnd(): boolean {
    return this.#next >= this.#tokens.length
  }

  parseOr(): Condition | undefined {
    return this.#parseJoined('or', '||', () => this.#parseJoined('and', '&&', () => this.#parseNot()))
  }

  #parseJoined(kind: 'or' | 'and', operator: string, parsePart: () => Condition | undefined): Condition | undefined {
    const first = parsePart()
    if (!first) return undefined
    const parts = [first]
    while (this.#take(operator)) {
      const part = parsePart()
      if (!part) return undefined
      parts.push(part)
    }
    return parts.length === 1 ? first : { kind, parts }
  }

  #parseNot(): Condition | undefined {
    if (this.#take('!')) {
      const part = this.#parseNot()
      return part && { kind: 'not', part }
    }
    if (this.#take('(')) {
      const inside = this.parseOr()
      if (inside && !this.#take(')')) return this.#fail('a parenthesis is not closed')
      return inside
    }
    return this.#parseComparison()
  }

  #parseComparison(): Condition | undefined {
    const left = this.#operand()
    if (!left) return undefined
    const equal = this.#take('==')
    if (!equal && !this.#take('!=')) return { kind: 'value', operand: left }
    const right = this.#operand()
    return right && { kind: 'compare', equal, left, right }
  }

  #operand(): Operand | undefined {
    const token = this.#tokens[this.#next]
    if (token?.type !== 'operand')
      return this.#fail(token ? `\`${token.text}\` stands in the wrong place` : 'it ends early')
    this.#next += 1
    return token.operand
  }

  #take(operator: string): boolean {
    const token = this.#tokens[this.#next]
    if (token?.type !== 'operator' || token.text !== operator) return false
    this.#next += 1
    return true
  }

  #fail(problem: string): undefined {
    this.problem ??= problem
    return undefined
  }
}

/** Values compare as texts, so that "1" equals 1; null equals only null. */
export function evaluate(condition: Condition, valueOf: (expression: string) => unknown): boolean {
  const value = (operand: Operand): unknown =>
    'expression' in operand ? valueOf(operand.expression) : operand.constant
  if (condition.kind === 'or') return condition.parts.some((part) => evaluate(part, valueOf))
  if (condition.kind === 'and') return condition.parts.every((part) => evaluate(part, valueOf))
  if (condition.kind === 'not') return !evaluate(condition.part, valueOf)
  if (condition.kind === 'compare') return same(value(condition.left), value(condition.right)) === condition.equal
  const found = value(condition.operand)
  return found === true || found === 'true'
}

function same(left: unknown, right: unknown): boolean {
  if (left === null || left === undefined || right === null || right === undefined)
    return (left ?? null) === (right ?? null)
  return comparable(left) === comparable(right)
}
const comparable = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** Every expression in it, for checks at save. */
export function expressionsOf(condition: Condition): readonly string[] {
  if (condition.kind === 'or' || condition.kind === 'and') return condition.parts.flatMap(expressionsOf)
  if (condition.kind === 'not') return expressionsOf(condition.part)
  const operands = condition.kind === 'value' ? [condition.operand] : [condition.left, condition.right]
  return operands.flatMap((operand) => ('expression' in operand ? [operand.expression] : []))
}
