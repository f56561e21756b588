// The timer of the work queue: every replica sweeps, none leads.
import { setTimeout as sleep } from 'node:timers/promises'
import { verifyStreams } from '../log/verify.ts'
import type { Store } from '../store/port.ts'
import { closeAbandonedLogs, markLostDelegates, removeExpiredTokens, settleDecidedAttempts } from './housekeep.ts'
import type { AttemptObserver } from './port.ts'
import { extendLeases, sweepLeases } from './sweep.ts'
import { explainQueue } from './waiting.ts'

export interface KeeperOptions {
  readonly store: Store
  readonly observers: readonly AttemptObserver[]
  readonly log: (line: string) => void
  /** Milliseconds between two rounds; 2 s unless told. */
  readonly every?: number
  /** Milliseconds without a successful round after which steps get a fresh chance; 15 s unless told. */
  readonly awayAfter?: number
  /** Milliseconds of a clock that goes on while the machine sleeps; a jump forward only extends leases. */
  readonly elapsed?: () => number
}

/** Every so many rounds the housekeeping is done too. */
const housekeepingRounds = 15

/**
 * Gives running steps a fresh lease, because until now nobody could renew it, and then keeps the queue until `signal` is aborted.
 * Resolves when the last round has ended; never rejects.
 */
export async function keepQueue(options: KeeperOptions, signal: AbortSignal): Promise<void> {
  const { store, log, every = 2000, awayAfter = 15_000, elapsed = Date.now } = options
  let lastRound = Number.NEGATIVE_INFINITY
  for (let round = 0; !signal.aborted; round += 1) {
    try {
      // The manager or the store was away, or this process was stopped: steps could not reach it either.
      if (elapsed() - lastRound > awayAfter) await extendLeases(store.db)
      await keepOnce(options, round % housekeepingRounds === 0)
      lastRound = elapsed()
    } catch (error) {
      log(`The work queue could not be swept: ${(error as Error).message}`)
    }
    await sleep(every, undefined, { signal }).catch(() => {})
  }
}

async function keepOnce({ store, observers, log }: KeeperOptions, housekeeping: boolean): Promise<void> {
  await sweepLeases(store, observers)
  await markLostDelegates(store)
  await explainQueue(store, observers)
  if (!housekeeping) return
  await settleDecidedAttempts(store)
  await closeAbandonedLogs(store)
  for (const { attempt, stream } of await verifyStreams(store))
    log(`The stream ${stream} of attempt ${attempt} is not what its step has sent: its digest differs.`)
  await removeExpiredTokens(store)
}
