// Expressions that ask for the present time: changelogs write them for one database and mean all.

/** `current_timestamp`, `current_datetime`, and what a database calls it itself, become what this database calls it. */
export function currentTime(expression: string, now: string): string {
  const lower = expression.trim().toLowerCase()
  if (lower.startsWith('current_timestamp') || lower.startsWith('current_datetime')) return now
  return lower === now.toLowerCase() ? now : expression
}

/** `1.0` is `1`, as the original engine prints numbers. */
export const plainNumber = (text: string): string => text.trim().replace(/\.0+$/, '')

export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** Texts of dates have a `T`; in SQL it is a blank. */
export const quoteDate = (text: string): string => quoteText(text.replace('T', ' '))
