// Whether the delegate can be counted on now: the manager answered within the time after which it would take it for lost.
import { protocolTimes } from '#contract/delegate/protocol'
import type { Clock } from '#contract/delegate/repeat'
import type { Fault } from '#contract/fault'

export interface Readiness {
  polled(failure: Fault | undefined): void
  /** Why not, in one sentence; undefined when it is ready. */
  notReady(): string | undefined
}

export function createReadiness(clock: Pick<Clock, 'elapsed'>): Readiness {
  let answeredAt: number | undefined
  let failure: Fault | undefined
  return {
    polled(reason) {
      failure = reason
      if (reason === undefined) answeredAt = clock.elapsed()
    },
    notReady() {
      if (failure) return failure.message
      if (answeredAt === undefined) return 'The manager has not answered yet.'
      const silent = (clock.elapsed() - answeredAt) / 1000
      return silent <= protocolTimes.silentSeconds
        ? undefined
        : `The manager has not answered for ${Math.round(silent)} s.`
    },
  }
}
