// Searching a log that still grows: the numbers of the lines that hold a text, any case.

export interface Matches {
  readonly needle: string
  /** Line numbers from 0, rising. */
  readonly lines: readonly number[]
  /** How many lines of the log were looked at. */
  readonly searched: number
}

export const noMatches: Matches = { needle: '', lines: [], searched: 0 }

/** Looks only at new lines when `before` was for the same text. The line that was last then may have grown, so it is read again. */
export function findMatches(lines: readonly string[], needle: string, before: Matches = noMatches): Matches {
  if (needle === '') return noMatches
  const wanted = needle.toLowerCase()
  const goesOn = before.needle === needle && before.searched <= lines.length
  const from = goesOn ? Math.max(0, before.searched - 1) : 0
  const found = goesOn ? before.lines.filter((line) => line < from) : []
  for (let line = from; line < lines.length; line += 1) {
    if (lines[line]?.toLowerCase().includes(wanted)) found.push(line)
  }
  return { needle, lines: found, searched: lines.length }
}

/** The match after (`step` 1) or before (-1) the present one, going round; the first one when there is no present one. */
export function nextMatch(count: number, present: number | undefined, step: 1 | -1): number | undefined {
  if (count === 0) return undefined
  if (present === undefined) return step === 1 ? 0 : count - 1
  return (present + step + count) % count
}
