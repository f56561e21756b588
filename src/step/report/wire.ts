// The step's connection to the manager: the attempt part of the protocol, each call repeated as long as it may help.
import { type Client, createClient, type Fetch } from '#contract/client'
import { protocol } from '#contract/delegate/protocol'
import { type Clock, isPassing, patientFetch, repeatCall, type Patience } from '#contract/delegate/repeat'
import { Fault, type FaultCode } from '#contract/fault'

const { start, lease, events, payload, readReference, finish } = protocol
const attemptProtocol = { start, lease, events, payload, readReference, finish }
export type AttemptClient = Client<typeof attemptProtocol>

export interface Wire {
  readonly client: AttemptClient
  readonly attempt: string
  readonly fence: string
  readonly clock: Clock
  /** Repeats while the manager is away. Raises `stale-fence` when it refuses this attempt for good. */
  call<T>(work: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T>
  /** Since when calls have been failing, in `clock.elapsed`; undefined when the last one got through. */
  readonly awaySince: number | undefined
  /** Called when the manager goes away and when it is back. */
  onAway(listener: () => void): void
}

export interface WireOptions {
  readonly managerUrl: string
  readonly attempt: string
  readonly attemptToken: string
  readonly fence: string
  readonly clock: Clock
  /** In [0, 1). */
  readonly random: () => number
  readonly line: (text: string) => void
  readonly fetch?: Fetch
}

/** Milliseconds. A step that lost its manager looks often: it is one of few, and people wait for it. */
const tries = { each: 15_000, longestPause: 5_000 } as const

/** The manager has something against token or attempt; with a fence that it knows it would have said so. */
const unknownHere: ReadonlySet<FaultCode> = new Set<FaultCode>(['unauthenticated', 'forbidden', 'not-found'])

/** Whatever it is that the manager refuses: this step must begin nothing more. */
function refusal(error: unknown): unknown {
  if (!(error instanceof Fault) || !unknownHere.has(error.code)) return error
  return new Fault('stale-fence', `The manager does not know this attempt any more: ${error.message}`)
}

export const isRefusal = (error: unknown): error is Fault =>
  error instanceof Fault && (error.code === 'stale-fence' || error.code === 'attempt-gone')

export function openWire(options: WireOptions): Wire {
  const { clock, random, line } = options
  const patience: Patience = { notBefore: Number.NEGATIVE_INFINITY }
  const client = createClient(attemptProtocol, {
    baseUrl: options.managerUrl,
    headers: { authorization: `Bearer ${options.attemptToken}` },
    fetch: patientFetch(patience, clock, options.fetch),
    validate: true,
  })
  const listeners: (() => void)[] = []
  let awaySince: number | undefined

  function noteAway(reason: string): void {
    if (awaySince !== undefined) return
    awaySince = clock.elapsed()
    line(`The manager does not answer (${reason}); what is running goes on, reports follow later`)
    for (const tell of listeners) tell()
  }
  function noteBack(): void {
    if (awaySince === undefined) return
    line(`The manager answers again after ${((clock.elapsed() - awaySince) / 1000).toFixed(1)} s`)
    awaySince = undefined
    for (const tell of listeners) tell()
  }

  return {
    client,
    attempt: options.attempt,
    fence: options.fence,
    clock,
    get awaySince() {
      return awaySince
    },
    onAway: (listener) => void listeners.push(listener),
    async call(work, signal) {
      try {
        const reply = await repeatCall(
          work,
          {
            clock,
            random,
            patience,
            tryMilliseconds: tries.each,
            longestPause: tries.longestPause,
            onFailure: (fault) => noteAway(fault.message),
          },
          signal,
        )
        noteBack()
        return reply
      } catch (error) {
        if (!signal?.aborted && !isPassing(error)) noteBack()
        throw refusal(error)
      }
    },
  }
}
