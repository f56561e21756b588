// Numbers and dates as Java prints them, because checksums and identities are made from that text.

/** `String.trim`: control characters and blanks go, but a no-break space stays, unlike with JavaScript's `trim`. */
export function trimmed(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && text.charCodeAt(start) <= 32) start += 1
  while (end > start && text.charCodeAt(end - 1) <= 32) end -= 1
  return text.slice(start, end)
}

/** How many characters `trimmed` cuts in front. */
export function indentOf(text: string): number {
  let start = 0
  while (start < text.length && text.charCodeAt(start) <= 32) start += 1
  return start
}

/**
 * `Double.toString`: plain from 0.001 up to 10,000,000, otherwise `d.dE±n`, always with a digit after the point. Digits are
 * the shortest that read back the same; JVMs before 19 sometimes print one more (`1e23`).
 */
export function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity'
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  const size = Math.abs(value)
  if (size === Number.MIN_VALUE) return value > 0 ? '4.9E-324' : '-4.9E-324'
  if (size >= 1e-3 && size < 1e7) {
    const text = String(value)
    return text.includes('.') ? text : `${text}.0`
  }
  const [digits, exponent] = value.toExponential().split('e') as [string, string]
  return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`
}

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const padded = (value: number, length = 2) => String(value).padStart(length, '0')

/** `Date.toString` in UTC: `Thu Jan 02 00:00:00 UTC 2020`. */
export function dateText(date: Date): string {
  const day = `${weekdays[date.getUTCDay()]} ${months[date.getUTCMonth()]} ${padded(date.getUTCDate())}`
  const time = `${padded(date.getUTCHours())}:${padded(date.getUTCMinutes())}:${padded(date.getUTCSeconds())}`
  return `${day} ${time} UTC ${date.getUTCFullYear()}`
}

/** `2020-01-02 03:04:05` in UTC; fractions of a second are cut. */
export function timestampText(date: Date): string {
  const day = `${padded(date.getUTCFullYear(), 4)}-${padded(date.getUTCMonth() + 1)}-${padded(date.getUTCDate())}`
  return `${day} ${padded(date.getUTCHours())}:${padded(date.getUTCMinutes())}:${padded(date.getUTCSeconds())}`
}
