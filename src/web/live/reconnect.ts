// Reads a stream of the server to its end, over any number of connections: what arrived is not asked for again.
import { Fault } from '#contract/fault'

export type Connection = 'connecting' | 'open' | 'lost' | 'ended'

export interface Following<Event> {
  /** Opens the stream after what was received before; called again after each loss. */
  open(signal: AbortSignal): AsyncIterable<Event>
  receive(event: Event): void
  /** The server closed the stream: is there nothing more to come? */
  isComplete(): boolean
  connection(state: Connection, fault?: Fault): void
  /** Waits before the next try; rejects when aborted. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>
}

const firstWait = 500
const longestWait = 15_000

/** Faults that trying again does not heal: who calls, what is asked for. */
function isHopeless(fault: Fault): boolean {
  return ['unauthenticated', 'forbidden', 'not-found', 'invalid-input'].includes(fault.code)
}

/** Ends when the stream is complete, hopeless, or the signal is aborted; never rejects. */
export async function follow<Event>(following: Following<Event>, signal: AbortSignal): Promise<void> {
  let failures = 0
  while (!signal.aborted) {
    following.connection(failures === 0 ? 'connecting' : 'lost')
    let fault: Fault | undefined
    try {
      for await (const event of following.open(signal)) {
        if (signal.aborted) return
        failures = 0
        following.connection('open')
        following.receive(event)
      }
      if (following.isComplete()) return following.connection('ended')
    } catch (cause) {
      if (signal.aborted) return
      fault = cause instanceof Fault ? cause : new Fault('bug', String(cause), { cause })
      if (isHopeless(fault)) return following.connection('ended', fault)
      following.connection('lost', fault)
    }
    try {
      await following.wait(Math.min(longestWait, firstWait * 2 ** failures), signal)
    } catch {
      return
    }
    failures += 1
  }
}

/** Resolves after the time, rejects at once when aborted. */
export function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds)
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        reject(signal.reason)
      },
      { once: true },
    )
  })
}
