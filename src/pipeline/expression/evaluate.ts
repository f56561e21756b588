// Gives the value of a parsed expression. Names are read through a scope; secrets stay what they are written as.
import { callFunction, callMethod, isEmpty, namespaces, ownField } from './function.ts'
import { matchesWhole } from './pattern.ts'
import type { BinaryOperator, Syntax } from './syntax.ts'
import { asNumber, asText, isSame, isTrue, order } from './value.ts'

/** `source`: the step whose output is missing, if that is the trouble. */
export interface Unresolved {
  readonly unresolved: string
  readonly because: string
  readonly source?: string
}
export type Resolved = { readonly value: unknown } | Unresolved

export interface Scope {
  /** The value of a path; what is missing is told, not thrown. */
  read(path: readonly string[], raw: string): Resolved
  /** In a condition what has no value counts as null. */
  readonly missing: 'null' | 'error'
}

const LONGEST = 262_144
const MOST_ITEMS = 10_000

class Unreadable extends Error {
  readonly unresolved: Unresolved
  constructor(unresolved: Unresolved) {
    super(unresolved.because)
    this.unresolved = unresolved
  }
}

export function evaluate(syntax: Syntax, raw: string, scope: Scope): Resolved {
  try {
    return { value: valueOf(syntax, raw, scope) }
  } catch (error) {
    if (error instanceof Unreadable) return error.unresolved
    throw error
  }
}

const fail = (unresolved: string, because: string): never => {
  throw new Unreadable({ unresolved: unresolved.slice(0, 256), because })
}

function valueOf(syntax: Syntax, raw: string, scope: Scope): unknown {
  const inner = (part: Syntax): unknown => valueOf(part, raw, scope)
  switch (syntax.kind) {
    case 'constant':
      return syntax.value
    case 'text':
      return short(raw, syntax.parts.map((part) => (typeof part === 'string' ? part : asText(inner(part)))).join(''))
    case 'list':
      return syntax.items.map(inner)
    case 'path':
      return readPath(syntax, scope)
    case 'secret':
      return `<+secrets.getValue(${JSON.stringify(asText(inner(syntax.name)))})>`
    case 'field':
      return ownField(inner(syntax.of), syntax.name) ?? null
    case 'item':
      return itemOf(inner(syntax.of), inner(syntax.index))
    case 'call':
      return call(syntax, raw, scope)
    case 'not':
      return !isTrue(inner(syntax.of))
    case 'empty':
      return isEmpty(inner(syntax.of))
    case 'negate':
      return -numberOf(raw, inner(syntax.of))
    case 'choice':
      return choose(syntax, inner)
    case 'binary':
      break
  }
  return binary(
    syntax.operator,
    raw,
    () => inner(syntax.left),
    () => inner(syntax.right),
  )
}

function readPath(syntax: Extract<Syntax, { kind: 'path' }>, scope: Scope): unknown {
  const found = scope.read(syntax.path, syntax.raw)
  if ('value' in found) return found.value
  if (scope.missing === 'null') return null
  throw new Unreadable(found)
}

/** `a ?: b` has the same text on both sides of the colon: the value, unless it is empty or false. */
function choose(syntax: Extract<Syntax, { kind: 'choice' }>, inner: (part: Syntax) => unknown): unknown {
  const when = inner(syntax.when)
  if (syntax.when === syntax.met) return isEmpty(when) || when === false ? inner(syntax.otherwise) : when
  return isTrue(when) ? inner(syntax.met) : inner(syntax.otherwise)
}

function itemOf(of: unknown, index: unknown): unknown {
  if (!Array.isArray(of)) return ownField(of, asText(index)) ?? null
  const number = asNumber(index)
  return number === undefined ? null : ((of as unknown[])[number] ?? null)
}

function call(syntax: Extract<Syntax, { kind: 'call' }>, raw: string, scope: Scope): unknown {
  const { of, name } = syntax
  const given = syntax.given.map((part) => valueOf(part, raw, scope))
  const space = of?.kind === 'path' && of.path.length === 1 && namespaces.has(of.path[0] ?? '') ? of.path[0] : undefined
  const called =
    !of || space !== undefined
      ? callFunction(space === undefined ? name : `${space}.${name}`, given)
      : callMethod(name, valueOf(of, raw, scope), given)
  return 'problem' in called ? fail(syntax.raw, called.problem) : called.value
}

function numberOf(raw: string, value: unknown): number {
  return asNumber(value) ?? fail(raw, `\`${asText(value).slice(0, 64)}\` is no number`)
}

const short = (raw: string, text: string): string =>
  text.length > LONGEST ? fail(raw, 'its value is longer than 256 KiB') : text

function binary(operator: BinaryOperator, raw: string, left: () => unknown, right: () => unknown): unknown {
  switch (operator) {
    case '&&':
      return isTrue(left()) && isTrue(right())
    case '||':
      return isTrue(left()) || isTrue(right())
    case '??':
      return left() ?? right()
    case '==':
      return isSame(left(), right())
    case '!=':
      return !isSame(left(), right())
    case '<':
      return holds(order(left(), right()), (found) => found < 0)
    case '<=':
      return holds(order(left(), right()), (found) => found <= 0)
    case '>':
      return holds(order(left(), right()), (found) => found > 0)
    case '>=':
      return holds(order(left(), right()), (found) => found >= 0)
    case '=~':
      return isIn(left(), right())
    case '!~':
      return !isIn(left(), right())
    case '=^':
      return asText(left() ?? '').startsWith(asText(right() ?? ''))
    case '=$':
      return asText(left() ?? '').endsWith(asText(right() ?? ''))
    case '+':
      return add(raw, left(), right())
    case '-':
    case '*':
    case '/':
    case '%':
      break
  }
  return calculate(operator, raw, numberOf(raw, left()), numberOf(raw, right()))
}

const holds = (found: number | undefined, test: (found: number) => boolean): boolean =>
  found !== undefined && test(found)

/** In a list, or matched by a pattern. */
function isIn(left: unknown, right: unknown): boolean {
  if (Array.isArray(right)) return right.some((item) => isSame(item, left))
  return matchesWhole(asText(right ?? ''), asText(left ?? ''))
}

function add(raw: string, left: unknown, right: unknown): unknown {
  if (Array.isArray(left) && Array.isArray(right)) {
    if (left.length + right.length > MOST_ITEMS) return fail(raw, `its list has more than ${MOST_ITEMS} entries`)
    return [...(left as unknown[]), ...(right as unknown[])]
  }
  const [one, other] = [asNumber(left), asNumber(right)]
  const texts = typeof left === 'string' && typeof right === 'string'
  if (!texts && one !== undefined && other !== undefined) return one + other
  return short(raw, asText(left ?? '') + asText(right ?? ''))
}

function calculate(operator: '-' | '*' | '/' | '%', raw: string, left: number, right: number): number {
  if ((operator === '/' || operator === '%') && right === 0) return fail(raw, 'it divides by zero')
  switch (operator) {
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      // Whole numbers divide to whole numbers, as in Java.
      return Number.isInteger(left) && Number.isInteger(right) ? Math.trunc(left / right) : left / right
    case '%':
      break
  }
  return left % right
}
