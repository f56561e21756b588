// Holds the lease of the attempt: renews it, hears from it that the step shall stop, and knows when it may not go on.
import { protocolTimes } from '#contract/delegate/protocol'
import { withTimeLimit } from '#contract/delegate/repeat'
import type { Fault } from '#contract/fault'
import { isRefusal, type Wire } from './wire.ts'

export interface Lease {
  /**
   * Resolves as soon as something new may be begun: waits while the lease could have run out. Raises `stale-fence` or
   * `attempt-gone` when another has taken over, and the reason of `signal`.
   */
  held(signal: AbortSignal): Promise<void>
  /** A reply that renewed the lease, whose request was sent at `sentAt` of `clock.elapsed`. */
  renewed(sentAt: number, reply: LeaseReply): void
  /** The manager refused this attempt somewhere else. */
  lose(fault: Fault): void
  /** Set when another has taken over. */
  readonly lost: Fault | undefined
  /** Renews now, to hear why the step shall stop; gives up after a second. Never rejects. */
  ask(): Promise<void>
  stop(): Promise<void>
}

interface LeaseReply {
  readonly cancel?: { readonly graceSeconds: number; readonly reason: string } | undefined
}

export interface LeaseOptions {
  readonly wire: Wire
  readonly onCancel: (reason: string) => void
  readonly line: (text: string) => void
  /** Told after each renewal that got through, or did not. */
  readonly onRenewal?: (ok: boolean) => void
  /** Seconds; those of the protocol unless told. */
  readonly times?: { readonly leaseRenewSeconds: number; readonly leaseSeconds: number }
}

const askMilliseconds = 1000

/** The lease was given by `accept` a moment ago; its time counts from now, which is later, by less than a second. */
export function keepLease({ wire, onCancel, line, onRenewal, times = protocolTimes }: LeaseOptions): Lease {
  const { client, attempt, fence, clock } = wire
  const stopping = new AbortController()
  let validUntil = clock.elapsed() + times.leaseSeconds * 1000 - 1000
  let lost: Fault | undefined
  const waiting = new Set<() => void>()
  const tellWaiting = (): void => {
    for (const tell of waiting) tell()
  }

  function renewed(sentAt: number, { cancel }: LeaseReply): void {
    validUntil = sentAt + times.leaseSeconds * 1000
    if (cancel) onCancel(cancel.reason)
    tellWaiting()
  }
  function lose(fault: Fault): void {
    if (lost) return
    lost = fault
    line(`The manager refuses this attempt: ${fault.message} Nothing more is begun`)
    stopping.abort()
    tellWaiting()
  }

  async function renewOnce(signal: AbortSignal): Promise<void> {
    const sentAt = clock.elapsed()
    renewed(sentAt, await client.lease({ params: { attempt }, body: { fence } }, signal))
  }
  async function renew(): Promise<void> {
    while (!stopping.signal.aborted) {
      await clock.sleep(times.leaseRenewSeconds * 1000, stopping.signal)
      await wire.call(async (signal) => {
        try {
          await renewOnce(signal)
          onRenewal?.(true)
        } catch (error) {
          if (!stopping.signal.aborted) onRenewal?.(false)
          throw error
        }
      }, stopping.signal)
    }
  }

  async function run(): Promise<void> {
    for (;;) {
      try {
        return await renew()
      } catch (error) {
        if (stopping.signal.aborted) return
        if (isRefusal(error)) return lose(error)
        // An answer that makes no sense is not a reason to let a running change go.
        line(`The lease could not be renewed: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
  }
  const running = run()

  return {
    renewed,
    lose,
    get lost() {
      return lost
    },
    async held(signal) {
      let told = false
      for (;;) {
        signal.throwIfAborted()
        if (lost) throw lost
        if (clock.elapsed() < validUntil) return
        if (!told) line('The lease could not be renewed in time; waiting for the manager before anything new is begun')
        told = true
        await new Promise<void>((resolve) => {
          const done = (): void => {
            waiting.delete(done)
            signal.removeEventListener('abort', done)
            resolve()
          }
          waiting.add(done)
          signal.addEventListener('abort', done)
        })
      }
    },
    ask: () => withTimeLimit(askMilliseconds, renewOnce, stopping.signal).catch(() => {}),
    async stop() {
      stopping.abort()
      await running
    },
  }
}
