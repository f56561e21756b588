// A date and time as people write it, in a time zone: `2026-12-31 11:59 PM` or `2026-12-31 23:59`.

const form = /^(\d{4})-(\d{2})-(\d{2}) (\d{1,2}):(\d{2})(?: ?([AaPp])\.?[Mm]\.?)?$/

/** Milliseconds since 1970, or what is wrong, as the end of a sentence about the text. `zone`: of the IANA list. */
export function readLocalTime(text: string, zone: string): number | { readonly problem: string } {
  const [, year, month, day, hour, minute, half] = form.exec(text) ?? []
  if (year === undefined) return { problem: 'is no time; write `2026-12-31 11:59 PM`' }
  const hours = hourOf(Number(hour), half?.toUpperCase())
  const wall = Date.UTC(Number(year), Number(month) - 1, Number(day), hours, Number(minute))
  const written = new Date(wall).toISOString()
  const exists = written.startsWith(`${year}-${month}-${day}T`) && Number(minute) < 60
  if (hours < 0 || !exists) return { problem: 'is no time of the calendar' }
  if (!isZone(zone))
    return { problem: `has the time zone \`${zone.slice(0, 64)}\`, which is none; write Europe/Berlin` }
  // The offset is that of the time that is looked for; near a change of clocks the first guess may be on its other side.
  const first = wall - offsetAt(wall, zone)
  const found = wall - offsetAt(first, zone)
  if (found + offsetAt(found, zone) !== wall)
    return { problem: `does not exist in ${zone}: clocks are put forward then` }
  return found
}

/** -1: no hour. */
function hourOf(hour: number, half: string | undefined): number {
  if (half === undefined) return hour < 24 ? hour : -1
  if (hour < 1 || hour > 12) return -1
  return (hour % 12) + (half === 'P' ? 12 : 0)
}

function isZone(zone: string): boolean {
  try {
    new Date(0).toLocaleString('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}

/** Milliseconds by which clocks of the zone are ahead of UTC. */
function offsetAt(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  }).formatToParts(at)
  const of = (type: string): number => Number(parts.find((part) => part.type === type)?.value)
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute')) - Math.floor(at / 60_000) * 60_000
}
