// Keeps what secret managers have lent to an attempt: renews it while the step works, gives it back when the step is gone.
import type { Clock } from '#contract/delegate/repeat'
import type { DelegateLog } from '../log.ts'
import type { Loans } from './manager/port.ts'

/** Milliseconds after which a renewal that failed is tried again. */
const retryAfter = 5000
const revokeWithin = 15_000

/**
 * Renews until `isAtWork` says no or `signal` is aborted, then revokes. A renewal that fails is tried again: the database session
 * that the step has lives on, only new ones would be refused. What cannot be revoked ends with its lease.
 */
export async function keepLoans(
  loans: readonly Loans[],
  options: {
    readonly attempt: string
    readonly clock: Clock
    readonly log: DelegateLog
    /** Milliseconds between looks at whether the step is still at work. */
    readonly interval?: number
    readonly isAtWork: () => boolean
  },
  signal: AbortSignal,
): Promise<void> {
  const { attempt, clock, log, isAtWork, interval = 1000 } = options
  let notBefore = 0
  while (isAtWork() && !signal.aborted) {
    await clock.sleep(interval, signal).catch(() => {})
    if (clock.elapsed() < notBefore) continue
    for (const loan of loans) {
      if (loan.due() !== 0) continue
      await loan.renew(signal).catch((error: unknown) => {
        notBefore = clock.elapsed() + retryAfter
        if (!signal.aborted) log('warn', (error as Error).message, { attempt })
      })
    }
  }
  // The delegate may be ending; what it has lent is given back all the same, unless the step still needs it.
  if (isAtWork()) return
  for (const loan of loans)
    await loan.revoke(AbortSignal.timeout(revokeWithin)).catch((error: unknown) => {
      log('warn', `what a secret manager lent could not be given back: ${(error as Error).message}`, { attempt })
    })
}
