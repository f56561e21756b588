// Cells of a row as text, whatever the driver makes of them.
import type { Row } from '#database/port'

/** Looks up a column by its lower-case name. Undefined for NULL, and for a column that is not there. */
export type CellReader = (column: string) => string | undefined

export function cellsOf(row: Row): CellReader {
  let lower: ReadonlyMap<string, unknown> | undefined
  return (column) => {
    // As PostgreSQL names them; a history may have 50,000 rows.
    if (column in row) return textOf(row[column])
    lower ??= new Map(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value]))
    return textOf(lower.get(column))
  }
}

export function textOf(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined
  if (typeof value === 'string') return value
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'bigint' ? value.toString() : JSON.stringify(value)
}
