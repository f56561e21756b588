// Sorts the rows of a catalog query into the objects that they belong to.
import type { Row } from '../port.ts'

export type Cells = Readonly<Record<string, unknown>>

/** Rows by the value of one column, or by what is made of several; each list in the order of the query. */
export function groupBy(
  rows: readonly Row[],
  column: string | ((row: Row) => string),
): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const key = typeof column === 'string' ? textOf(row[column]) : column(row)
    const group = groups.get(key)
    if (group) group.push(row)
    else groups.set(key, [row])
  }
  return groups
}

/** Empty for NULL. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (value instanceof Uint8Array) return new TextDecoder().decode(value)
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean' ? String(value) : ''
}

/** Undefined for NULL and the empty text. */
export function optional(value: unknown): string | undefined {
  const text = textOf(value)
  return text === '' ? undefined : text
}

/** Undefined for NULL and what is no number. */
export function numberOf(value: unknown): number | undefined {
  const text = textOf(value)
  const number = Number(text)
  return text === '' || !Number.isFinite(number) ? undefined : number
}

/** Drivers and catalogs say yes in several ways. */
export function isTrue(value: unknown): boolean {
  return value === true || ['1', 't', 'true', 'yes'].includes(textOf(value).toLowerCase())
}

export const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0
