// Rows as CSV files, and the loadData changes that read them.
import { Fault } from '#contract/fault'
import type { Row } from '#database/port'
import type { Column, Table } from '#database/snapshot/model'
import type { RowSink, TableRows } from './data-rows.ts'
import { cellText, cellType } from './data-cell.ts'

/** One file: what is appended is there as a whole after `finish`, or not at all. */
export interface DataFile {
  append(text: string): Promise<void>
  finish(): Promise<void>
  discard(): Promise<void>
}

export interface DataFiles {
  /** Opens a file for the rows of a table by its name. */
  readonly open: (name: string) => Promise<DataFile>
  /** The path of such a file as the changelog names it. */
  readonly pathOf: (name: string) => string
}

/** Stands for NULL in columns of text; a text that says the same is refused rather than lost. */
const nullText = '<NULL>'

export const fileOfTable =
  ({ open, pathOf }: DataFiles): RowSink =>
  async (rows) => {
    const { columns, attributes } = rows
    const name = fileName(rows)
    let file: DataFile | undefined
    try {
      for await (const page of rows.pages) {
        if (file === undefined) {
          file = await open(name)
          await file.append(line(columns.map((column) => column.name)))
        }
        await file.append(page.map((row) => line(columns.map((column) => cellOf(row, column, rows)))).join(''))
      }
      if (file === undefined) return undefined
      await file.finish()
    } catch (error) {
      await file?.discard()
      throw error
    }
    return [
      {
        name: 'loadData',
        attributes: { ...attributes, file: pathOf(name), encoding: 'UTF-8', separator: ',', quotchar: '"' },
        columns: columns.map((column) => ({
          attributes: { name: column.name, header: column.name, type: cellType(column), nullPlaceholder: nullText },
        })),
      },
    ]
  }

/** Tables of several schemas may have one name. */
const fileName = ({ attributes, table }: TableRows): string =>
  `${[attributes['schemaName'], table.name]
    .filter((part) => part !== undefined)
    .map((part) => part.replaceAll(/[^\w.-]/g, '_'))
    .join('.')}.csv`

/** Every cell in quotes: then nothing in it can be taken for a comment or the end of a line. */
const line = (cells: readonly string[]): string =>
  `${cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')}\n`

function cellOf(row: Row, column: Column, { table, form }: TableRows): string {
  const cell = cellText(row, column, form)
  if (cell === undefined) return nullText
  if (cell.literal || cell.text.toLowerCase() !== nullText.toLowerCase()) return cell.text
  throw takenForNull(table, column, cell.text)
}

const takenForNull = (table: Table, column: Column, text: string): Fault =>
  new Fault(
    'conflict',
    `A value of ${table.name}.${column.name} is the text ${text}, which stands for NULL in data files.`,
    { hint: 'Leave the table out with --exclude-objects, and move its rows in another way.' },
  )
