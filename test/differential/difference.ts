// What two peers did not agree on, short enough to read.

export interface Difference {
  /** Which comparison, e.g. `update: schema`. */
  readonly what: string
  /** `-` the original has it, `+` Sluice has it. */
  readonly lines: readonly string[]
}

export function difference(what: string, original: readonly string[], ours: readonly string[]): readonly Difference[] {
  if (original.length === ours.length && original.every((line, index) => line === ours[index])) return []
  return [{ what, lines: changed(original, ours) }]
}

/** Lines of the longest common subsequence left out; quadratic, so only of the part between the equal ends. */
function changed(one: readonly string[], other: readonly string[]): readonly string[] {
  let start = 0
  while (start < Math.min(one.length, other.length) && one[start] === other[start]) start += 1
  let end = 0
  while (end < Math.min(one.length, other.length) - start && one.at(-1 - end) === other.at(-1 - end)) end += 1
  const left = one.slice(start, one.length - end)
  const right = other.slice(start, other.length - end)
  const lengths: number[][] = Array.from({ length: left.length + 1 }, () =>
    Array.from({ length: right.length + 1 }, () => 0),
  )
  const at = (row: number, column: number): number => lengths[row]?.[column] ?? 0
  for (let row = left.length - 1; row >= 0; row -= 1) {
    for (let column = right.length - 1; column >= 0; column -= 1) {
      const same = left[row] === right[column]
      const best = same ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1))
      const cells = lengths[row]
      if (cells) cells[column] = best
    }
  }
  const lines: string[] = []
  let row = 0
  let column = 0
  while (row < left.length || column < right.length) {
    if (row < left.length && column < right.length && left[row] === right[column]) {
      row += 1
      column += 1
    } else if (column >= right.length || (row < left.length && at(row + 1, column) >= at(row, column + 1))) {
      lines.push(`- ${left[row]}`)
      row += 1
    } else {
      lines.push(`+ ${right[column]}`)
      column += 1
    }
  }
  return lines
}
