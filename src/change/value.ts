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
  if (isPlainMoment(written)) {
    return isDate(written) && isTime(written, 11) ? `${written.slice(0, 10)}T${written.slice(11)}` : undefined
  }
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

/** `yyyy-MM-dd HH:mm:ss`, also with a `T`: what most data files hold. By hand, because they hold 100,000 of them. */
function isPlainMoment(text: string): boolean {
  if (text.length !== 19) return false
  for (let index = 0; index < 19; index += 1) {
    const code = text.charCodeAt(index)
    if (index === 4 || index === 7) {
      if (code !== 45) return false
    } else if (index === 13 || index === 16) {
      if (code !== 58) return false
    } else if (index === 10) {
      if (code !== 32 && code !== 84) return false
    } else if (!isDigit(code)) return false
  }
  return true
}

export const isDigit = (code: number): boolean => code >= 48 && code <= 57

/** Two digits. */
const pair = (text: string, at: number): number => text.charCodeAt(at) * 10 + text.charCodeAt(at + 1) - 528

/** `yyyy-MM-dd`, of digits, and what follows. */
function isDate(text: string): boolean {
  return isDay(pair(text, 0) * 100 + pair(text, 2), pair(text, 5), pair(text, 8))
}

export function isDay(year: number, month: number, day: number): boolean {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return day >= 1 && day <= (month === 2 && isLeap ? 29 : (monthLengths[month - 1] ?? 0))
}

/** `HH:mm:ss`, of digits, from there on. */
function isTime(text: string, at = 0): boolean {
  return pair(text, at) < 24 && pair(text, at + 3) < 60 && pair(text, at + 6) < 60
}
