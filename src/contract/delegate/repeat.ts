// How both sides of the delegate protocol repeat a call: a limit for each try, full jitter between them, Retry-After honoured.
import { setTimeout as sleepFor } from 'node:timers/promises'
import type { Fetch } from '../client.ts'
import { Fault, type FaultCode } from '../fault.ts'

export interface Clock {
  /** Epoch milliseconds. */
  now(): number
  /** Milliseconds of a clock that never jumps; only differences mean anything. */
  elapsed(): number
  /** Rejects with the reason of `signal` when that is aborted first. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>
}
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  sleep: async (milliseconds, signal) => {
    try {
      await sleepFor(milliseconds, undefined, signal ? { signal } : {})
    } catch (error) {
      throw signal?.aborted ? signal.reason : error
    }
  },
}

/** Milliseconds. */
const firstPause = 250
const longestPause = 30_000

/** Full jitter: anything between nothing and 0.25 s · 2^failures, at most 30 s. `random` is in [0, 1). */
export function pauseAfter(failures: number, random: () => number): number {
  return random() * Math.min(longestPause, firstPause * 2 ** failures)
}

/** Answers after which the same call may work: nobody there, too busy, or a defect of the other side. */
const passing: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'manager-unreachable',
  'too-many-requests',
  'store-unavailable',
  'reply-invalid',
  'bug',
])
export const isPassing = (error: unknown): error is Fault => error instanceof Fault && passing.has(error.code)

/** What the other side asked for by Retry-After: no call before this time of `clock.elapsed`. */
export interface Patience {
  notBefore: number
}

/** A fetch that notes Retry-After of 429 and 503 in `patience`, because a fault has no room for it. */
export function patientFetch(patience: Patience, clock: Clock, send: Fetch = fetch): Fetch {
  return async (url, init) => {
    const response = await send(url, init)
    if (response.status === 429 || response.status === 503) {
      const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
      if (seconds > 0) patience.notBefore = clock.elapsed() + Math.min(seconds, 300) * 1000
    }
    return response
  }
}

/**
 * Runs `work` with a signal of its own, which is aborted by `signal` as well, with its reason.
 * Written out because `AbortSignal.any` of Node 20 keeps every short signal alive as long as the long one.
 */
export async function withOwnSignal<T>(
  work: (own: AbortController) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const own = new AbortController()
  const forward = (): void => own.abort(signal?.reason)
  if (signal?.aborted) forward()
  signal?.addEventListener('abort', forward, { once: true })
  try {
    return await work(own)
  } finally {
    signal?.removeEventListener('abort', forward)
  }
}

/** Runs `work` with a time limit. The limit raises Fault `manager-unreachable`; an abort of `signal` raises its reason. */
export async function withTimeLimit<T>(
  milliseconds: number,
  work: (signal: AbortSignal) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  signal?.throwIfAborted()
  return withOwnSignal(async (own) => {
    const late = new Fault('manager-unreachable', `The manager did not answer within ${milliseconds / 1000} s.`)
    const timer = setTimeout(() => own.abort(late), milliseconds)
    try {
      return await work(own.signal)
    } catch (error) {
      throw own.signal.aborted ? own.signal.reason : error
    } finally {
      clearTimeout(timer)
    }
  }, signal)
}

export interface RepeatOptions {
  readonly clock: Clock
  /** In [0, 1). */
  readonly random: () => number
  readonly patience?: Patience
  /** Milliseconds for each try. */
  readonly tryMilliseconds: number
  /** Longest pause between tries in milliseconds; 30 s unless told. */
  readonly longestPause?: number
  /** Told of each failure that will be repeated. */
  readonly onFailure?: (fault: Fault, failures: number) => void
}

/** Repeats `work` until it answers, fails for good (that error is raised), or `signal` is aborted (its reason is raised). */
export async function repeatCall<T>(
  work: (signal: AbortSignal) => Promise<T>,
  options: RepeatOptions,
  signal?: AbortSignal,
): Promise<T> {
  const { clock, patience } = options
  for (let failures = 0; ; failures++) {
    try {
      const wait = (patience?.notBefore ?? 0) - clock.elapsed()
      if (wait > 0) await clock.sleep(wait, signal)
      return await withTimeLimit(options.tryMilliseconds, work, signal)
    } catch (error) {
      if (signal?.aborted || !isPassing(error)) throw error
      options.onFailure?.(error, failures + 1)
      const pause = Math.min(pauseAfter(failures, options.random), options.longestPause ?? longestPause)
      await clock.sleep(pause, signal)
    }
  }
}
