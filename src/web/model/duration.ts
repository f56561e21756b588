// Times for people: how long something took, how long ago it was, and when exactly.

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const two = (value: number): string => String(value).padStart(2, '0')

/** Two units at most: `320 ms`, `4.2 s`, `42 s`, `3m 07s`, `2h 05m`, `3d 4h`. Negative counts as nothing. */
export function formatDuration(milliseconds: number): string {
  const time = Math.max(0, Math.round(milliseconds))
  if (time < SECOND) return `${time} ms`
  if (time < 9_950) return `${(time / SECOND).toFixed(1)} s`
  const seconds = Math.round(time / SECOND)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}m ${two(seconds % 60)}s`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return `${hours}h ${two(minutes % 60)}m`
  return `${Math.floor(hours / 24)}d ${hours % 24}h`
}

function nearest(distance: number): string {
  // Half a unit below, so that no rounding gives `60 s` or `24 h`.
  if (distance < MINUTE - SECOND / 2) return `${Math.max(1, Math.round(distance / SECOND))} s`
  if (distance < HOUR - MINUTE / 2) return `${Math.round(distance / MINUTE)} min`
  if (distance < DAY - HOUR / 2) return `${Math.round(distance / HOUR)} h`
  return `${Math.round(distance / DAY)} d`
}

/** `just now`, `25 s ago`, `3 min ago`, `in 23 h`; older than 30 days: the date. Both in epoch milliseconds. */
export function formatRelative(at: number, now: number): string {
  const distance = Math.abs(now - at)
  if (distance < 5 * SECOND) return 'just now'
  if (distance > 30 * DAY) return new Date(at).toISOString().slice(0, 10)
  return at <= now ? `${nearest(distance)} ago` : `in ${nearest(distance)}`
}

/** `2026-11-21 09:31:22 UTC+01:00` in the zone of the reader: sortable, and no guess about day and month. */
export function formatExact(at: number): string {
  const date = new Date(at)
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  const offset = -date.getTimezoneOffset()
  const size = Math.abs(offset)
  const zone = offset === 0 ? 'UTC' : `UTC${offset > 0 ? '+' : '-'}${two(Math.floor(size / 60))}:${two(size % 60)}`
  return `${day} ${time} ${zone}`
}
