// What a default of PostgreSQL means: a plain literal, the next value of a sequence, or an expression.
import type { DefaultValue } from '../snapshot/model.ts'

const texts = new Set(['varchar', 'bpchar', 'text', 'char', 'name'])
const numbers = new Set(['int2', 'int4', 'int8', 'numeric', 'float4', 'float8'])

/** `type` is the catalog name of the column's type, `kind` its `typtype`. */
export function defaultValue(expression: string, type: string, kind: string): DefaultValue {
  const sequence = /^nextval\('((?:[^']|'')+)'::regclass\)$/.exec(expression)?.[1]
  if (sequence !== undefined)
    return { kind: 'sequence-next', text: plainName(sequence.replaceAll("''", "'")), expression }
  if (type === 'bool' && (expression === 'true' || expression === 'false')) {
    return { kind: 'boolean', text: expression, expression }
  }
  const number = /^\(?'?(-?\d+(?:\.\d*[1-9])?)'?\)?(?:::[\w ]+)?$/.exec(expression)?.[1]
  if (number !== undefined && numbers.has(type)) return { kind: 'number', text: number, expression }
  const literal = /^'((?:[^']|'')*)'::[^']+$/.exec(expression)?.[1]?.replaceAll("''", "'")
  if (literal === undefined) return { kind: 'function', text: withoutParens(expression), expression }
  return { kind: literalKind(literal, type, kind), text: literalText(literal, type), expression }
}

function literalKind(literal: string, type: string, kind: string): DefaultValue['kind'] {
  if (texts.has(type) || kind === 'e') return 'text'
  if (type === 'date' && /^\d{4}-\d\d-\d\d$/.test(literal)) return 'date'
  if (type === 'time' && /^\d\d:\d\d:\d\d$/.test(literal)) return 'time'
  if (type === 'timestamp' && isTimestamp(literal)) return 'timestamp'
  return 'function'
}

const isTimestamp = (literal: string): boolean => /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d*[1-9])?$/.test(literal)

const literalText = (literal: string, type: string): string =>
  type === 'timestamp' && isTimestamp(literal) ? literal.replace(' ', 'T') : literal

/** `public."Big"` as it is written becomes the name itself where that is all there is. */
function plainName(written: string): string {
  return written
    .split(/\.(?=(?:[^"]*"[^"]*")*[^"]*$)/)
    .map((part) => (part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part))
    .join('.')
}

function withoutParens(expression: string): string {
  if (!expression.startsWith('(') || !expression.endsWith(')')) return expression
  let depth = 0
  for (let index = 0; index < expression.length - 1; index += 1) {
    if (expression[index] === '(') depth += 1
    if (expression[index] === ')') depth -= 1
    if (depth === 0) return expression
  }
  return expression.slice(1, -1)
}
