// Where the arrow keys lead in a grid of which some rows are headings without cells.

export interface GridPlace {
  readonly row: number
  readonly column: number
}

export interface GridShape {
  readonly rows: number
  readonly columns: number
  /** Has the row cells to go to? */
  hasCells(row: number): boolean
}

function seek(shape: GridShape, from: number, step: 1 | -1): number | undefined {
  for (let row = from; row >= 0 && row < shape.rows; row += step) if (shape.hasCells(row)) return row
  return undefined
}

/** The next place for a key, or undefined when the key means nothing here. `page` rows fit on the screen. */
export function moveInGrid(shape: GridShape, at: GridPlace, key: string, page: number): GridPlace | undefined {
  const clamp = (row: number): number => Math.min(Math.max(row, 0), shape.rows - 1)
  const to = (row: number, step: 1 | -1): GridPlace => ({
    row: seek(shape, clamp(row), step) ?? seek(shape, clamp(row), step === 1 ? -1 : 1) ?? at.row,
    column: at.column,
  })
  switch (key) {
    case 'ArrowDown':
      return { row: seek(shape, at.row + 1, 1) ?? at.row, column: at.column }
    case 'ArrowUp':
      return { row: seek(shape, at.row - 1, -1) ?? at.row, column: at.column }
    case 'ArrowRight':
      return { row: at.row, column: Math.min(at.column + 1, shape.columns - 1) }
    case 'ArrowLeft':
      return { row: at.row, column: Math.max(at.column - 1, 0) }
    case 'PageDown':
      return to(at.row + page, -1)
    case 'PageUp':
      return to(at.row - page, 1)
    case 'Home':
      return to(0, 1)
    case 'End':
      return to(shape.rows - 1, -1)
    default:
      return undefined
  }
}
