// Compares rows of a live database with recorded ones, in the form in which a JDBC driver prints values.
import { isDeepStrictEqual } from 'node:util'
import type { Row } from '#database/port'

/** Undefined when both have the same number of rows and every actual row equals some expected one; order does not count. */
export function resultSetDifference(expected: unknown, actual: readonly Row[]): string | undefined {
  const wanted = (Array.isArray(expected) ? expected : []) as readonly Readonly<Record<string, unknown>>[]
  const strange = actual.map(printed).filter((row) => !wanted.some((other) => rowMatches(other, row, true)))
  if (wanted.length === actual.length && strange.length === 0) return undefined
  return [
    `expected ${wanted.length} rows, got ${actual.length}; not expected:`,
    ...strange.map((row) => `  + ${JSON.stringify(row)}`),
    ...wanted.map((row) => `  expected ${JSON.stringify(row)}`),
  ].join('\n')
}

export function printed(row: Row): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, cellText(value)]))
}

/** `exact`: the actual row has no further columns. Column labels count with their letter case. */
export function rowMatches(
  expected: Readonly<Record<string, unknown>>,
  actual: Readonly<Record<string, string>>,
  exact: boolean,
): boolean {
  const keys = Object.keys(expected)
  if (exact && !isDeepStrictEqual(keys.toSorted(), Object.keys(actual).toSorted())) return false
  return keys.every((key) => key in actual && textMatches(cellText(expected[key]), actual[key] ?? ''))
}

function textMatches(expected: string, actual: string): boolean {
  if (expected === actual) return true
  try {
    return new RegExp(`^(?:${expected})$`).test(actual)
  } catch {
    return false
  }
}

/** NULL is the empty text; a point in time has a fraction of at least one digit. */
function cellText(value: unknown): string {
  if (typeof value === 'bigint') return value.toString()
  if (value === null || value === undefined) return ''
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1')
  if (typeof value === 'object') return JSON.stringify(value)
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text) ? `${text}.0` : text
}
