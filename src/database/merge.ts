// The parts of a row that is updated when its key is there and inserted otherwise.
import type { ColumnValue } from '#change/statement'
import type { StatementOf } from './writer.ts'

export interface Cell {
  readonly column: string
  readonly value: ColumnValue
}

type Merge = StatementOf<'merge-data'>

const cellsOf = ({ columns }: Merge, row: readonly ColumnValue[]): readonly Cell[] =>
  columns.map((column, index) => ({ column, value: row[index] ?? { kind: 'null' } }))

const isKey = ({ keyColumns }: Merge, column: string): boolean =>
  keyColumns.some((key) => key.toLowerCase() === column.toLowerCase())

export const keyCells = (merge: Merge, row: readonly ColumnValue[]): readonly Cell[] =>
  cellsOf(merge, row).filter(({ column }) => isKey(merge, column))

/** What an update sets, in alphabetical order; empty when there is nothing but the key. */
export const changedCells = (merge: Merge, row: readonly ColumnValue[]): readonly Cell[] =>
  cellsOf(merge, row)
    .filter(({ column }) => !isKey(merge, column) && !merge.fixedColumns.includes(column))
    .toSorted((a, b) => (a.column < b.column ? -1 : 1))
