// Values of rows as the texts that changelogs and data files hold.
import type { Dialect, Row } from '#database/port'
import type { Definer } from '#database/snapshot/definer'
import { textOf } from '#database/snapshot/group'
import type { Column } from '#database/snapshot/model'

export interface CellForm {
  readonly definer: Definer
  readonly dialect: Dialect
}

const whole = new Set([-6, -5, 4, 5])
const binary = new Set([-4, -3, -2])

/** Numbers with a fraction are texts, too: there may be NaN among them, and the database reads them exactly. */
export function cellType({ type }: Column): 'COMPUTED' | 'BOOLEAN' | 'NUMERIC' | 'STRING' {
  // Bytes, and columns of SQLite that take everything as it comes, are literals: base64 has no empty value.
  if (binary.has(type.jdbc) || /^(?:BIT|BLOB|)$/.test(type.name)) return 'COMPUTED'
  if (type.name === 'bool') return 'BOOLEAN'
  return whole.has(type.jdbc) ? 'NUMERIC' : 'STRING'
}

/** Of type COMPUTED an expression of the database; undefined for NULL. `literal`: the text is one, whatever the type of the column. */
export function cellText(
  row: Row,
  column: Column,
  { definer, dialect }: CellForm,
): { readonly text: string; readonly literal: boolean } | undefined {
  const value = row[column.name]
  if (value === null || value === undefined) return undefined
  if (value instanceof Uint8Array) return { text: definer.bytes(Buffer.from(value).toString('hex')), literal: true }
  if (cellType(column) === 'COMPUTED') {
    return { text: typeof value === 'number' ? String(value) : dialect.literal(textOf(value)), literal: true }
  }
  if (value instanceof Date) {
    return { text: value.toISOString().replace('T', ' ').replace('Z', ''), literal: false }
  }
  return { text: typeof value === 'object' ? JSON.stringify(value) : textOf(value), literal: false }
}
