// When a freeze is on: the occurrences of its windows, as instants.
import type { FreezeWindow, RecurrenceType } from './document.ts'
import { fromWall, type LocalTime, wallOf, Zone } from './zone.ts'

/** From `start` on and before `end`. */
export interface Period {
  readonly start: Date
  readonly end: Date
}

const DAY = 86_400_000
/** Occurrences around now that are looked at: a window is shorter than what lies between two of its starts. */
const AROUND = [-2, -1, 0, 1, 2]

/** The period of the windows that now is in, the one that ends last; undefined when the freeze is off. */
export function currentPeriod(windows: readonly FreezeWindow[], now: Date): Period | undefined {
  const on = windows.flatMap((window) => near(window, now).filter(({ start, end }) => start <= now && now < end))
  return on.reduce<Period | undefined>((last, one) => (last && last.end >= one.end ? last : one), undefined)
}

/** The first period that begins after now. */
export function nextPeriod(windows: readonly FreezeWindow[], now: Date): Period | undefined {
  const later = windows.flatMap((window) => near(window, now).filter(({ start }) => start > now))
  return later.reduce<Period | undefined>((first, one) => (first && first.start <= one.start ? first : one), undefined)
}

/** Seconds between two starts, at least; undefined for a window that does not come again. */
export function shortestInterval({ recurrence }: FreezeWindow): number | undefined {
  if (!recurrence) return undefined
  const days = { Daily: 1, Weekly: 7, Monthly: 28, Yearly: 365 }[recurrence.type]
  return days * recurrence.every * 86_400
}

function near(window: FreezeWindow, now: Date): readonly Period[] {
  const zone = new Zone(window.timeZone)
  const { recurrence, start } = window
  if (!recurrence) return [periodAt(zone, window, start)]
  const { type, every, until } = recurrence
  const about = Math.floor(stepsBetween(type, start, zone.local(now)) / every)
  // Before the first occurrence it is the first that is next.
  const first = Math.max(0, about)
  return [...new Set(AROUND.map((step) => Math.max(0, first + step)))]
    .map((index) => shifted(start, type, index * every))
    .filter((local) => until === undefined || wallOf(local) <= wallOf(until))
    .map((local) => periodAt(zone, window, local))
}

/** An end is a time on the wall clock, a duration is time that passes: they differ when the clocks change in between. */
function periodAt(zone: Zone, { start, end, durationSeconds = 0 }: FreezeWindow, local: LocalTime): Period {
  const from = zone.instant(local)
  if (end === undefined) return { start: from, end: new Date(from.getTime() + durationSeconds * 1000) }
  return { start: from, end: zone.instant(fromWall(wallOf(local) + wallOf(end) - wallOf(start))) }
}

function stepsBetween(type: RecurrenceType, from: LocalTime, to: LocalTime): number {
  const days = (wallOf(to) - wallOf(from)) / DAY
  if (type === 'Daily') return days
  if (type === 'Weekly') return days / 7
  const years = to.year - from.year
  return type === 'Yearly' ? years : years * 12 + to.month - from.month
}

/** A day that a month does not have is its last one. */
function shifted(local: LocalTime, type: RecurrenceType, steps: number): LocalTime {
  if (type === 'Daily' || type === 'Weekly') return fromWall(wallOf(local) + steps * (type === 'Daily' ? 1 : 7) * DAY)
  const months = local.year * 12 + local.month - 1 + steps * (type === 'Monthly' ? 1 : 12)
  const [year, month] = [Math.floor(months / 12), (months % 12) + 1]
  const lastDay = new Date(Date.UTC(year, month, 0)).getUTCDate()
  return { ...local, year, month, day: Math.min(local.day, lastDay) }
}
