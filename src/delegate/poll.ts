// The long poll: says what there is room for, takes what is offered, passes on what shall stop.
import { type PollReply, protocolTimes } from '#contract/delegate/protocol'
import { Fault } from '#contract/fault'
import { callMilliseconds } from './connection.ts'
import type { Identity } from './identity.ts'
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
  readonly identity: Identity
  /** The process before this one on the directory, which is gone. */
  readonly replaces: string | undefined
  /** Why nothing new should begin here now; undefined when it may. */
  readonly pressure: () => Promise<string | undefined>
  /** Told of each answer, and of each poll that failed for another reason than its own end. */
  readonly onPoll: (failure: Fault | undefined) => void
}

/** Milliseconds until the next poll after an answer that makes no sense. */
const defectPause = 30_000
/** Milliseconds until the next poll while another process speaks for this delegate. */
const duplicatePause = 10_000
/** Milliseconds between looks at processor and memory while they are too busy. */
const pressurePause = 5000

/** Polls until `signal` is aborted. Raises a Fault when the manager refuses this delegate for good. */
export async function pollForWork(options: PollOptions, signal: AbortSignal): Promise<void> {
  const { clock, random, log } = options
  let drain = false
  while (!signal.aborted) {
    try {
      const reply = await pollOnce(options, drain, signal)
      if (!reply) continue
      options.onPoll(undefined)
      if (reply.drain !== drain) log('info', reply.drain ? 'told to drain: taking nothing new' : 'taking work again')
      drain = reply.drain
      if (reply.rotateKeys || options.identity.rotating) await rotateKeys(options, signal)
      act(options, reply)
      const pause = reply.nextInMilliseconds * (0.8 + 0.4 * random())
      if (pause > 0) await clock.sleep(pause, signal)
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof Fault) || error.code === 'unauthenticated' || error.code === 'forbidden') throw error
      options.onPoll(error)
      const isTwin = error.code === 'delegate-duplicate'
      log('error', isTwin ? `${error.message} ${error.hint}` : `polling failed: ${error.message}`)
      await clock.sleep(isTwin ? duplicatePause : defectPause, signal).catch(() => {})
    }
  }
}

/** New keys are on disk before the manager hears of them, and are used when it has them. */
async function rotateKeys({ connection, identity, log }: PollOptions, signal: AbortSignal): Promise<void> {
  const body = await identity.prepareRotation()
  await connection.call((client, stop) => client.rotateKeys({ body }, stop), callMilliseconds, signal)
  await identity.rotated()
  log('info', 'the keys of this delegate were replaced')
}

/** Milliseconds. */
export const goodbyeMilliseconds = 2000

/** Tells the manager that nobody polls any more, so that it need not wait to find out. */
export async function sayGoodbye(options: PollOptions, signal: AbortSignal): Promise<void> {
  const { connection, instance, capacity } = options
  const body = { instance, capacity, freeSlots: 0, running: [], holdSeconds: 0, leaving: true }
  await connection.call((client, stop) => client.poll({ body }, stop), goodbyeMilliseconds, signal)
}

function freeSlots({ capacity, supervisor, taking }: PollOptions): number {
  const used = new Set([...supervisor.running, ...taking.keys()])
  return Math.max(0, capacity - used.size)
}

/** Undefined when it was given up because there is room now and the poll had promised none. */
async function pollOnce(options: PollOptions, drain: boolean, signal: AbortSignal): Promise<PollReply | undefined> {
  const { connection, supervisor, instance, capacity, taking, replaces } = options
  const pressure = await options.pressure()
  const again = new AbortController()
  const stop = (): void => again.abort(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  const slots = drain || pressure !== undefined ? 0 : freeSlots(options)
  const forget = slots === 0 && !drain ? supervisor.onEnd(() => again.abort()) : () => {}
  const holdSeconds = pressure === undefined ? protocolTimes.pollHoldSeconds : pressurePause / 1000
  const running = [...new Set([...supervisor.attempts, ...taking.keys()])]
  const told = { ...(replaces === undefined ? {} : { replaces }), ...(pressure === undefined ? {} : { pressure }) }
  const pods = options.workspaces ? {} : { pods: true }
  const body = { instance, freeSlots: slots, running, capacity, holdSeconds, ...told, ...pods }
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
