// Wall clocks: which instant a local time is in a time zone, over the changes of clocks.

/** As a clock on the wall shows it; months count from 1. */
export interface LocalTime {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
}

const DAY = 86_400_000
const fields = ['year', 'month', 'day', 'hour', 'minute', 'second'] as const
const numeric = Object.fromEntries(fields.map((field) => [field, 'numeric'])) as Intl.DateTimeFormatOptions

export function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/** Milliseconds since 1970 of the local time in UTC: only for calculations with wall clocks. */
export const wallOf = ({ year, month, day, hour, minute }: LocalTime): number =>
  Date.UTC(year, month - 1, day, hour, minute)

export function fromWall(wall: number): LocalTime {
  const date = new Date(wall)
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
  }
}

/** Milliseconds by which clocks in the zone are ahead of UTC. */
type Offset = (instant: number) => number

function offsetIn(zone: string): Offset {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', era: 'short', ...numeric })
  return (instant) => {
    const part = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, value]))
    const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = fields.map((name) => Number(part[name]))
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / 1000) * 1000
  }
}

/** Making one takes many times longer than asking it. There are a few hundred names of zones, and only real ones get in. */
const offsets = new Map<string, Offset>()

/** One time zone. Raises a RangeError for one that does not exist. */
export class Zone {
  readonly #offset: Offset
  constructor(name: string) {
    // Names may be written in any case.
    const key = name.toLowerCase()
    const known = offsets.get(key) ?? offsetIn(name)
    offsets.set(key, known)
    this.#offset = known
  }

  /** A time that the clocks pass twice is the first of the two; one that they skip is as long after the jump as it is into the gap. */
  instant(local: LocalTime): Date {
    const wall = wallOf(local)
    const [before, after] = [this.#offset(wall - DAY), this.#offset(wall + DAY)]
    for (const offset of [before, after]) if (this.#offset(wall - offset) === offset) return new Date(wall - offset)
    return new Date(wall - before)
  }

  local(instant: Date): LocalTime {
    return fromWall(instant.getTime() + this.#offset(instant.getTime()))
  }
}
