// Numbers and dates as changelogs write them: which texts the original engine accepts, and what it makes of them.

/**
 * A number such as `10.5` or `1,000.50`; a leading `(` and a trailing `)` go. Text after a number does not matter (`5abc` is
 * taken), as in Java's NumberFormat for the US. Undefined = not a number, then the text is an expression.
 */
export function parseNumeric(written: string): string | undefined {
  const text = written.replace(/^\(/, '').replace(/\)$/, '')
  return /^-?(?:\d|\.\d)/.test(text) ? text : undefined
}

/** Digits grouped with commas are one number in SQL. */
export function numericLiteral(text: string): string {
  return /^-?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(text) ? text.replaceAll(',', '') : text
}

/**
 * `HH:mm:ss`, `yyyy-MM-dd` or `yyyy-MM-ddTHH:mm:ss[.fraction]` from a time, a date or a timestamp; the last also with a blank
 * for the `T` and with an offset, which is converted to UTC (the original engine uses the zone of its process; ours is
 * fixed). Undefined = not a date, then the text is an expression.
 */
export function parseDate(written: string): string | undefined {
  if (/^\d\d:\d\d:\d\d$/.test(written)) return isTime(written) ? written : undefined
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)?)?$/.exec(written)
  const [, date = '', time, fraction = '', offset] = match ?? []
  if (!match || !isDate(date)) return undefined
  if (time === undefined) return date
  if (!isTime(time)) return undefined
  const utc = offset === undefined ? `${date}T${time}` : new Date(`${date}T${time}${offset}`).toISOString().slice(0, 19)
  const digits = fraction.replace(/0+$/, '')
  return digits === '' ? utc : `${utc}.${digits}`
}

function isDate(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}

function isTime(text: string): boolean {
  const [hours = 99, minutes = 99, seconds = 99] = text.split(':').map(Number)
  return hours < 24 && minutes < 60 && seconds < 60
}
