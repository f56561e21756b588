// Rows as lines of text for the bulk statements of PostgreSQL (COPY) and MySQL (LOAD DATA): fields between tabs, `\N` for NULL, `1`
// and `0` for true and false. `src/change/plain` writes the same of files that are simple enough.
import type { ColumnValue } from '#change/statement'
import { plainNumber } from './function-name.ts'
import type { BulkRows } from './port.ts'

/** What would end a field or a line, or reads as something else. A NUL stays: with digits behind it PostgreSQL takes `\0` for octal. */
const escapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
}

const special = new RegExp(`[${Object.values(escapes).join('')}]`, 'g')

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

/** One piece for the rows of each statement, in UTF-8. */
export function* bulkText(parts: readonly BulkRows[]): Generator<Uint8Array> {
  for (const { rows } of parts) yield rows.lines ?? Buffer.from(linesOf(rows))
}

function linesOf(rows: Iterable<readonly ColumnValue[]>): string {
  let text = ''
  for (const row of rows) {
    let line = ''
    for (const value of row) line += `\t${field(value)}`
    text += `${line.slice(1)}\n`
  }
  return text
}

function field(value: ColumnValue): string {
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
      return value.value ? '1' : '0'
    case 'null':
    case 'bytes':
    case 'sequence-next':
    case 'sequence-current':
      break
  }
  return String.raw`\N`
}
