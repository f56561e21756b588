// Types and defaults of columns of SQL Server, with the numbers that its JDBC driver gives for them. Written from the vendor's
// documentation, not verified on a server: https://learn.microsoft.com/sql/connect/jdbc/using-basic-data-types
import type { Row } from '../port.ts'
import { isTrue, numberOf, optional, textOf } from '../snapshot/group.ts'
import type { ColumnType, DefaultValue } from '../snapshot/model.ts'
import { bracketed } from './quote.ts'

const jdbcTypes: Readonly<Record<string, number>> = {
  bit: -7,
  tinyint: -6,
  smallint: 5,
  int: 4,
  bigint: -5,
  decimal: 3,
  numeric: 2,
  money: 3,
  smallmoney: 3,
  float: 8,
  real: 7,
  char: 1,
  varchar: 12,
  text: -1,
  nchar: -15,
  nvarchar: -9,
  ntext: -16,
  xml: -16,
  binary: -2,
  varbinary: -3,
  image: -4,
  timestamp: -2,
  date: 91,
  time: 92,
  datetime: 93,
  datetime2: 93,
  smalldatetime: 93,
  datetimeoffset: -155,
  uniqueidentifier: 1,
  sql_variant: -156,
}
/** What `max` counts to. */
const longest = 2_147_483_647

export function columnType(row: Row): ColumnType {
  const name = textOf(row['type_name']).toLowerCase()
  if (isTrue(row['is_alias'])) {
    const text = `${bracketed(textOf(row['type_schema']))}.${bracketed(textOf(row['type_name']))}`
    return { text, name: text, jdbc: 1111, size: undefined, digits: undefined, octets: undefined, radix: undefined }
  }
  const size = sizeOf(name, row)
  return {
    text: typeOf(row),
    name,
    jdbc: jdbcTypes[name] ?? 1111,
    size,
    digits: isExact(name) ? numberOf(row['scale']) : undefined,
    octets: /char|binary/.test(name) ? size : undefined,
    radix: isExact(name) ? 10 : undefined,
  }
}

const isExact = (name: string): boolean => name === 'decimal' || name === 'numeric'

/** Characters or bytes of texts, digits of numbers and of fractions of a second. */
function sizeOf(name: string, row: Row): number | undefined {
  const length = numberOf(row['length'])
  if (/^n?(?:var)?char$|binary$/.test(name)) {
    if (length === undefined || length < 0) return longest
    return name.startsWith('n') ? length / 2 : length
  }
  if (isExact(name)) return numberOf(row['precision'])
  return /^(?:datetime2|datetimeoffset|time)$/.test(name) ? numberOf(row['scale']) : undefined
}

/** The type as one would write it. */
export function typeOf(row: Row): string {
  const name = textOf(row['type_name']).toLowerCase()
  const size = sizeOf(name, row)
  if (/^n?(?:var)?char$|binary$/.test(name)) return `${name}(${size === longest ? 'max' : size})`
  if (isExact(name)) return `${name}(${size}, ${textOf(row['scale'])})`
  if (/^(?:datetime2|datetimeoffset|time)$/.test(name)) return size === 7 ? name : `${name}(${size})`
  return name
}

/** The server keeps expressions in parentheses, sometimes in several. */
export function defaultValue(row: Row): DefaultValue | undefined {
  const expression = optional(row['default_value'])
  if (expression === undefined) return undefined
  const unnamed = isTrue(row['default_unnamed'])
  const constraintName = unnamed ? undefined : optional(row['default_name'])
  const name = textOf(row['type_name']).toLowerCase()
  return { ...meaning(withoutParentheses(expression), name), expression, ...(constraintName ? { constraintName } : {}) }
}

function meaning(text: string, type: string): Pick<DefaultValue, 'kind' | 'text'> {
  const sequence = /^next value for ((?:\[[^\]]+\]|\w+)(?:\.(?:\[[^\]]+\]|\w+))?)$/i.exec(text)?.[1]
  if (sequence !== undefined) return { kind: 'sequence-next', text: sequence.replaceAll(/[[\]]/g, '') }
  if (/^[-+]?\d+(?:\.\d+)?$/.test(text)) {
    if (type === 'bit') return { kind: 'boolean', text: String(text !== '0') }
    return /int$|^(?:decimal|numeric|float|real|money|smallmoney)$/.test(type)
      ? { kind: 'number', text }
      : { kind: 'function', text }
  }
  const literal = /^N?'((?:[^']|'')*)'$/.exec(text)?.[1]?.replaceAll("''", "'")
  if (literal === undefined) return { kind: 'function', text }
  if (/char$|text$/.test(type)) return { kind: 'text', text: literal }
  if (type === 'date' && /^\d{4}-\d\d-\d\d$/.test(literal)) return { kind: 'date', text: literal }
  if (type.startsWith('datetime') && /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d$/.test(literal)) {
    return { kind: 'timestamp', text: literal.replace(' ', 'T') }
  }
  return { kind: 'function', text }
}

/** Pairs around the whole only: `((1)+(2))` becomes `(1)+(2)`. */
export function withoutParentheses(expression: string): string {
  let text = expression.trim()
  while (text.startsWith('(') && closesAtEnd(text)) text = text.slice(1, -1).trim()
  return text
}

function closesAtEnd(text: string): boolean {
  let depth = 0
  let quoted = false
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index]
    if (character === "'") quoted = !quoted
    if (quoted) continue
    if (character === '(') depth += 1
    if (character === ')') depth -= 1
    if (depth === 0) return index === text.length - 1
  }
  return false
}
