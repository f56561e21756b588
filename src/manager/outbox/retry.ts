// What everything that is sent to others has in common: how long a sender has, when it is tried again, what is said of a failure.
import { type RawBuilder, sql } from 'kysely'
import { Fault } from '#contract/fault'

/** Seconds in which nobody else sends what was claimed; more than all calls of one sending take. */
export const lease = 120
export const MOST_TRIES = 10

/** Seconds after which it is tried again: 10 s, 20 s, … 30 min. */
export const pauseAfter = (tries: number): number => Math.min(5 * 2 ** tries, 1800)

/** In about so many seconds: what failed together is not tried again together. */
export const inAbout = (seconds: number): RawBuilder<Date> =>
  sql<Date>`now() + make_interval(secs => ${seconds} * (0.8 + random() * 0.4))`

/** Node wraps the useful reason as the cause of "fetch failed". No header is ever in it. */
export function messageOf(error: unknown): string {
  if (error instanceof Fault) return error.message
  if (!(error instanceof Error)) return 'unknown reason'
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message
}
