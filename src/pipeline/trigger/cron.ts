// When a cron expression is due, in its time zone and over the change of clocks.
import { Cron } from 'croner'
import type { CronSource } from './document.ts'

type Expression = Omit<CronSource, 'type'>

/** QUARTZ has seconds first, may end with a year, counts weekdays from 1 (Sunday), and writes `?` and `5/15`. */
function open({ expression, form, timezone }: Expression): Cron {
  return new Cron(expression, {
    paused: true,
    timezone,
    ...(form === 'QUARTZ'
      ? { mode: '6-or-7-parts', alternativeWeekdays: true, sloppyRanges: true, domAndDow: true }
      : { mode: '5-part' }),
  })
}

/** What is wrong with it, as a sentence; undefined when nothing is. An expression that is never due is wrong too. */
export function problemOfCron(given: Expression, now: Date): string | undefined {
  try {
    now.toLocaleString('en', { timeZone: given.timezone })
  } catch {
    return `\`${given.timezone.slice(0, 64)}\` is no time zone.`
  }
  try {
    return nextRun(given, now) === undefined ? 'The expression is never due.' : undefined
  } catch (error) {
    return `The expression cannot be read: ${(error as Error).message.replace(/^\w+: /, '')}`
  }
}

/**
 * The first time after `after`; undefined when there is none. A time that the clocks skip is due when they have jumped, one that
 * they pass twice is due once. Raises an error for an expression that cannot be read.
 */
export function nextRun(given: Expression, after: Date): Date | undefined {
  return open(given).nextRun(after) ?? undefined
}

export function nextRuns(given: Expression, after: Date, count: number): Date[] {
  return open(given).nextRuns(count, after)
}
