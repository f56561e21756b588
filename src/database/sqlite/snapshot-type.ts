// Types and defaults of SQLite columns. SQLite keeps both as they were written.
import type { ColumnType, DefaultValue } from '../snapshot/model.ts'

/** The type number that the JDBC driver derives from the words of the type. */
function jdbcType(name: string): number {
  if (/INT/.test(name)) return 4
  if (/BOOL/.test(name)) return 16
  if (/CHAR|CLOB|TEXT|BLOB|DATE|TIME|^$/.test(name)) return 12
  return 6
}

export function columnType(text: string): ColumnType {
  const match = /^([^(]*)\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)/.exec(text)
  const name = (match?.[1] ?? text).trim().toUpperCase()
  return {
    text,
    name,
    jdbc: jdbcType(name),
    size: match ? Number(match[2]) : undefined,
    digits: match?.[3] === undefined ? undefined : Number(match[3]),
    octets: undefined,
    radix: 10,
  }
}

export function defaultValue(expression: string, type: ColumnType): DefaultValue {
  const text = /^'((?:[^']|'')*)'$/.exec(expression)?.[1]?.replaceAll("''", "'")
  if (text !== undefined) {
    if (/^DATE$/.test(type.name) && /^\d{4}-\d\d-\d\d$/.test(text)) return { kind: 'date', text, expression }
    if (/^TIME$/.test(type.name) && /^\d\d:\d\d:\d\d$/.test(text)) return { kind: 'time', text, expression }
    return { kind: 'text', text, expression }
  }
  const isNumber = /^[+-]?\d+(?:\.\d*[1-9])?$/.test(expression)
  // A number that stands for a boolean is an expression to the original engine.
  return {
    kind: isNumber && !/BOOL|CHAR|TEXT|CLOB/.test(type.name) ? 'number' : 'function',
    text: expression,
    expression,
  }
}
