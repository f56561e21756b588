// A table of text, in the frame that Liquibase users know from `history`.

/** Cells may have several lines. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => head.map((_title, column) => (row[column] ?? '').split('\n')))
  const widths = head.map((title, column) =>
    cells.reduce((widest, row) => Math.max(widest, ...(row[column] ?? []).map((line) => line.length)), title.length),
  )
  const rule = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+`
  const line = (texts: readonly string[]): string =>
    `|${widths.map((width, column) => ` ${(texts[column] ?? '').padEnd(width)} `).join('|')}|`
  const lines = (row: readonly (readonly string[])[]): string[] => {
    const height = Math.max(...row.map((cell) => cell.length))
    return Array.from({ length: height }, (_none, index) => line(row.map((cell) => cell[index] ?? '')))
  }
  return [rule, line(head), rule, ...cells.flatMap((row) => [...lines(row), rule])].join('\n')
}
