// Holds the lease of an attempt at the manager until its pod does: scheduling and pulling images may take minutes, and a lease that
// runs out would have the attempt offered to another.
import { createClient, type Fetch } from '#contract/client'
import { protocol, protocolTimes } from '#contract/delegate/protocol'
import { type Clock, withTimeLimit } from '#contract/delegate/repeat'
import { Fault } from '#contract/fault'

export interface HoldOptions {
  readonly managerUrl: string
  readonly attempt: string
  readonly attemptToken: string
  readonly fence: string
  readonly clock: Clock
  readonly fetch?: Fetch | undefined
  /** The manager wants it to stop. */
  readonly onCancel: (reason: string) => void
  /** The attempt is another's, or over. */
  readonly onLost: (fault: Fault) => void
}

const over = new Set<Fault['code']>(['stale-fence', 'attempt-gone', 'unauthenticated', 'not-found'])

/** Until `signal` is aborted. A manager that does not answer is asked again; the lease has time for four tries. */
export async function holdLease(options: HoldOptions, signal: AbortSignal): Promise<void> {
  const { managerUrl, attempt, attemptToken, fence, clock, fetch, onCancel, onLost } = options
  const client = createClient(
    { lease: protocol.lease },
    {
      baseUrl: managerUrl,
      headers: { authorization: `Bearer ${attemptToken}` },
      validate: true,
      ...(fetch ? { fetch } : {}),
    },
  )
  let cancelled = false
  while (!signal.aborted) {
    await clock.sleep(protocolTimes.leaseRenewSeconds * 1000, signal).catch(() => {})
    if (signal.aborted) return
    try {
      const renew = (limited: AbortSignal) => client.lease({ params: { attempt }, body: { fence } }, limited)
      const { cancel } = await withTimeLimit(10_000, renew, signal)
      if (cancel && !cancelled) onCancel(cancel.reason)
      cancelled ||= cancel !== undefined
    } catch (error) {
      if (error instanceof Fault && over.has(error.code)) return onLost(error)
    }
  }
}
