import { expect, test } from 'vitest'
import { readLocalTime } from './local-time.ts'

test.each([
  ['2026-12-31 11:59 PM', 'Asia/Kolkata', '2026-12-31T18:29:00.000Z'],
  ['2026-12-31 23:59', 'UTC', '2026-12-31T23:59:00.000Z'],
  ['2026-07-01 12:30 am', 'Europe/Berlin', '2026-06-30T22:30:00.000Z'],
  ['2026-07-01 12:30PM', 'America/New_York', '2026-07-01T16:30:00.000Z'],
  // The hour on each side of a change of clocks.
  ['2026-03-29 01:59', 'Europe/Berlin', '2026-03-29T00:59:00.000Z'],
  ['2026-03-29 03:00', 'Europe/Berlin', '2026-03-29T01:00:00.000Z'],
  ['2026-03-08 03:00', 'America/New_York', '2026-03-08T07:00:00.000Z'],
])('%s in %s', (text, zone, instant) => {
  const found = readLocalTime(text, zone)
  expect(typeof found === 'number' ? new Date(found).toISOString() : found).toBe(instant)
})

test.each([
  ['tomorrow', 'UTC', 'is no time;'],
  ['2026-02-30 10:00', 'UTC', 'is no time of the calendar'],
  ['2026-02-03 13:00 PM', 'UTC', 'is no time of the calendar'],
  ['2026-02-03 24:00', 'UTC', 'is no time of the calendar'],
  ['2026-02-03 10:60', 'UTC', 'is no time of the calendar'],
  ['2026-02-03 10:00', 'Mars/Olympus', 'time zone `Mars/Olympus`'],
  ['2026-03-29 02:30', 'Europe/Berlin', 'does not exist in Europe/Berlin'],
])('%s in %s is refused', (text, zone, problem) => {
  expect(readLocalTime(text, zone)).toMatchObject({ problem: expect.stringContaining(problem) })
})
