// Rows as lines of text for the bulk statements of PostgreSQL (COPY) and MySQL (LOAD DATA): fields between tabs, `\N` for NULL.
import type { ColumnValue } from '#change/statement'
import { plainNumber } from './function-name.ts'
import type { BulkRows } from './port.ts'

export interface BulkForm {
  readonly yes: string
  readonly no: string
  /** What would end a field or a line, or reads as something else. */
  readonly escapes: Readonly<Record<string, string>>
}

/** What both need. */
export const commonEscapes = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' } as const

/** Whether every value can be read by its column. */
export function allReadable(
  parts: readonly BulkRows[],
  reads: (column: number, value: ColumnValue) => boolean,
): boolean {
  return parts.every(({ rows }) => {
    if (rows.samples !== undefined) {
      return rows.samples.every((values, column) => values.every((value) => reads(column, value)))
    }
    for (const row of rows) if (!row.every((value, column) => reads(column, value))) return false
    return true
  })
}

/** One text for the rows of each statement. */
export function* bulkText(parts: readonly BulkRows[], form: BulkForm): Generator<string> {
  const special = new RegExp(`[${Object.values(form.escapes).join('')}]`, 'g')
  for (const { rows } of parts) {
    let text = ''
    for (const row of rows) {
      let line = ''
      for (const value of row) line += `\t${field(value, form, special)}`
      text += `${line.slice(1)}\n`
    }
    yield text
  }
}

function field(value: ColumnValue, { yes, no, escapes }: BulkForm, special: RegExp): string {
  switch (value.kind) {
    case 'text':
      return value.text.replace(special, (character) => escapes[character] ?? character)
    case 'date':
      return value.text.replace('T', ' ')
    case 'numeric':
      return plainNumber(value.text)
    case 'computed':
      return value.expression
    case 'boolean':
      return value.value ? yes : no
    case 'null':
    case 'bytes':
    case 'sequence-next':
    case 'sequence-current':
      break
  }
  return String.raw`\N`
}
