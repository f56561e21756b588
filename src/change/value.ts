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

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/**
 * `HH:mm:ss`, `yyyy-MM-dd` or `yyyy-MM-ddTHH:mm:ss[.fraction]` from a time, a date or a timestamp; the last also with a blank
 * for the `T`, with an offset, which is converted to UTC (the original engine uses the zone of its process; ours is fixed),
 * and in the form that an unquoted YAML date takes there (`Thu Jan 02 00:00:00 UTC 2020`). Undefined = not a date, then the
 * text is an expression.
 */
export function parseDate(written: string): string | undefined {
  if (/^\d\d:\d\d:\d\d$/.test(written)) return isTime(written) ? written : undefined
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)?)?$/.exec(written)
  if (!match) return parseJavaDate(written)
  const [, date = '', time, fraction = '', offset] = match
  if (!isDate(date)) return undefined
  if (time === undefined) return date
  if (!isTime(time)) return undefined
  const utc = offset === undefined ? `${date}T${time}` : new Date(`${date}T${time}${offset}`).toISOString().slice(0, 19)
  const digits = fraction.replace(/0+$/, '')
  return digits === '' ? utc : `${utc}.${digits}`
}

/** Does the text end in an offset from UTC? */
export const hasOffset = (written: string): boolean => /[+-]\d\d:\d\d$/.test(written) && written.length > 19

function parseJavaDate(written: string): string | undefined {
  const match = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d\d) (\d\d:\d\d:\d\d) (?:UTC|GMT) (\d{4})$/.exec(written)
  const month = months.indexOf(match?.[1] ?? '') + 1
  if (!match || month === 0) return undefined
  return parseDate(`${match[4]}-${String(month).padStart(2, '0')}-${match[2]}T${match[3]}`)
}

const monthLengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** `yyyy-MM-dd`, of digits. By hand: of a data file with 100,000 dates this is a good part. */
function isDate(text: string): boolean {
  const year = Number(text.slice(0, 4))
  const month = Number(text.slice(5, 7))
  const day = Number(text.slice(8, 10))
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return day >= 1 && day <= (month === 2 && isLeap ? 29 : (monthLengths[month - 1] ?? 0))
}

/** `HH:mm:ss`, of digits. */
function isTime(text: string): boolean {
  return Number(text.slice(0, 2)) < 24 && Number(text.slice(3, 5)) < 60 && Number(text.slice(6, 8)) < 60
}
