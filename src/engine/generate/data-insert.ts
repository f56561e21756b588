// Rows as insert changes, one for each: for small tables, and changelogs that are to stand alone.
import { Fault } from '#contract/fault'
import type { Row } from '#database/port'
import type { Column } from '#database/snapshot/model'
import type { Attributes, Change } from './change.ts'
import type { RowSink, TableRows } from './data-rows.ts'
import { cellText, cellType } from './data-cell.ts'

/** Rows in all tables together; a changelog is held in memory. */
const mostRows = 100_000

export function insertsOfTable(): RowSink {
  let count = 0
  return async (rows) => {
    const changes: Change[] = []
    for await (const page of rows.pages) {
      count += page.length
      if (count > mostRows) throw tooMany()
      changes.push(...page.map((row) => insertOf(row, rows)))
    }
    return changes.length === 0 ? undefined : changes
  }
}

const insertOf = (row: Row, rows: TableRows): Change => ({
  name: 'insert',
  attributes: rows.attributes,
  columns: rows.columns.flatMap((column) => {
    const value = valueOf(row, column, rows)
    return value === undefined ? [] : [{ attributes: { name: column.name, ...value } }]
  }),
})

function valueOf(row: Row, column: Column, { form }: TableRows): Attributes | undefined {
  const cell = cellText(row, column, form)
  // Said, as the column may have a default.
  if (cell === undefined) return column.defaultValue === undefined ? undefined : { valueComputed: 'NULL' }
  const { text } = cell
  if (cell.literal) return { valueComputed: text }
  switch (cellType(column)) {
    case 'BOOLEAN':
      return { valueBoolean: text }
    case 'NUMERIC':
      return { valueNumeric: text }
    case 'COMPUTED':
      return { valueComputed: text }
    case 'STRING':
      break
  }
  // Empty texts, blanks at the edges and line ends are lost in some formats, and the word null means nothing at all.
  const isPlain = text !== '' && text.trim() === text && !/[\n\r\t]/.test(text) && text.toLowerCase() !== 'null'
  return isPlain ? { value: text } : { valueComputed: form.dialect.literal(text) }
}

const tooMany = (): Fault =>
  new Fault('too-large', `There are more than ${mostRows} rows, too many for insert changes.`, {
    hint: 'Give --data-output-directory: rows then go into CSV files.',
  })
