// The long poll: says what there is room for, takes what is offered, passes on what shall stop.
import { type PollReply, protocolTimes } from '#contract/delegate/protocol'
import { Fault } from '#contract/fault'
import { type OfferOptions, takeOffer } from './offer.ts'

export interface PollOptions extends OfferOptions {
  /** Steps at the same time. */
  readonly capacity: number
  /** In [0, 1). */
  readonly random: () => number
  /** Attempts that are being accepted and started. Shared, so that a drain can wait for them. */
  readonly taking: Map<string, Promise<void>>
  /** Outlives the polling: what was accepted is still started. */
  readonly working: AbortSignal
}

/** Milliseconds until the next poll after an answer that makes no sense. */
const defectPause = 30_000

/** Polls until `signal` is aborted. Raises a Fault when the manager refuses this delegate for good. */
export async function pollForWork(options: PollOptions, signal: AbortSignal): Promise<void> {
  const { clock, random, log } = options
  let drain = false
  while (!signal.aborted) {
    try {
      const reply = await pollOnce(options, drain, signal)
      if (!reply) continue
      if (reply.drain !== drain) log('info', reply.drain ? 'told to drain: taking nothing new' : 'taking work again')
      drain = reply.drain
      act(options, reply)
      const pause = reply.nextInMilliseconds * (0.8 + 0.4 * random())
      if (pause > 0) await clock.sleep(pause, signal)
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof Fault) || error.code === 'unauthenticated' || error.code === 'forbidden') throw error
      log('error', `polling failed: ${error.message}`)
      await clock.sleep(defectPause, signal).catch(() => {})
    }
  }
}

function freeSlots({ capacity, supervisor, taking }: PollOptions): number {
  const used = new Set([...supervisor.running, ...taking.keys()])
  return Math.max(0, capacity - used.size)
}

/** Undefined when it was given up because there is room now and the poll had promised none. */
async function pollOnce(options: PollOptions, drain: boolean, signal: AbortSignal): Promise<PollReply | undefined> {
  const { connection, supervisor, instance, capacity, taking } = options
  const again = new AbortController()
  const stop = (): void => again.abort(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  const slots = drain ? 0 : freeSlots(options)
  const forget = slots === 0 && !drain ? supervisor.onEnd(() => again.abort()) : () => {}
  const holdSeconds = protocolTimes.pollHoldSeconds
  const running = [...new Set([...supervisor.attempts, ...taking.keys()])]
  const body = { instance, freeSlots: slots, running, capacity, holdSeconds }
  try {
    return await connection.call(
      (client, aborted) => client.poll({ body }, aborted),
      (holdSeconds + 10) * 1000,
      again.signal,
    )
  } catch (error) {
    if (again.signal.aborted && !signal.aborted) return undefined
    throw error
  } finally {
    forget()
    signal.removeEventListener('abort', stop)
  }
}

function act(options: PollOptions, reply: PollReply): void {
  const { supervisor, taking, log, working } = options
  for (const { attempt, graceSeconds } of reply.cancels) supervisor.cancel(attempt, graceSeconds)
  const known = new Set([...supervisor.attempts, ...taking.keys()])
  const offers = reply.offers.filter(({ attempt }) => !known.has(attempt)).slice(0, freeSlots(options))
  for (const offer of offers) {
    const taken = takeOffer(options, offer, working)
      .catch((error: unknown) => {
        if (working.aborted) return
        log(
          'error',
          `attempt ${offer.attempt} could not be taken: ${error instanceof Error ? error.message : String(error)}`,
        )
      })
      .finally(() => taking.delete(offer.attempt))
    taking.set(offer.attempt, taken)
  }
}
