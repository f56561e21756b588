import { describe, expect, test } from 'vitest'
import { Fault } from '../fault.ts'
import { type Clock, patientFetch, pauseAfter, repeatCall, withTimeLimit } from './repeat.ts'

/** Sleeping takes no time and is written down. */
function instantClock(): Clock & { readonly slept: number[] } {
  const slept: number[] = []
  let elapsed = 0
  return {
    slept,
    now: () => elapsed,
    elapsed: () => elapsed,
    sleep: async (milliseconds, signal) => {
      signal?.throwIfAborted()
      slept.push(milliseconds)
      elapsed += milliseconds
    },
  }
}
const away = (): Fault => new Fault('manager-unreachable', 'away')

describe('repeating a call', () => {
  test('pauses grow from a quarter of a second to half a minute, with full jitter', () => {
    expect([0, 1, 2, 6, 7, 20].map((failures) => pauseAfter(failures, () => 1))).toEqual([
      250, 500, 1000, 16_000, 30_000, 30_000,
    ])
    expect(pauseAfter(5, () => 0)).toBe(0)
  })

  test('repeats what may pass, raises what will not', async () => {
    const clock = instantClock()
    const failures = [away(), new Fault('too-many-requests', 'slowly'), new Fault('bug', 'theirs')]
    const told: number[] = []
    const options = {
      clock,
      random: () => 1,
      tryMilliseconds: 1000,
      onFailure: (_: Fault, count: number) => told.push(count),
    }
    const work = async (): Promise<string> => {
      const failure = failures.shift()
      if (failure) throw failure
      return 'done'
    }
    expect(await repeatCall(work, options)).toBe('done')
    expect([told, clock.slept]).toEqual([
      [1, 2, 3],
      [250, 500, 1000],
    ])
    await expect(repeatCall(() => Promise.reject(new Fault('stale-fence', 'no')), options)).rejects.toMatchObject({
      code: 'stale-fence',
    })
  })

  test('an abort ends the repeating with its reason', async () => {
    const controller = new AbortController()
    const options = {
      clock: instantClock(),
      random: () => 1,
      tryMilliseconds: 1000,
      onFailure: () => controller.abort(new Error('enough')),
    }
    await expect(repeatCall(() => Promise.reject(away()), options, controller.signal)).rejects.toThrow('enough')
  })

  test('Retry-After is waited for, before any other call too', async () => {
    const clock = instantClock()
    const patience = { notBefore: Number.NEGATIVE_INFINITY }
    const fetch = patientFetch(
      patience,
      clock,
      async () => new Response('', { status: 429, headers: { 'retry-after': '7' } }),
    )
    await fetch('http://m', { method: 'GET', headers: {} })
    await repeatCall(async () => 'done', { clock, random: () => 1, patience, tryMilliseconds: 1000 })
    expect(clock.slept).toEqual([7000])
  })

  test('a call that hangs is given up, and counts as an unreachable manager', async () => {
    const hang = (signal: AbortSignal): Promise<never> =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
    await expect(withTimeLimit(5, hang)).rejects.toMatchObject({ code: 'manager-unreachable' })
    const controller = new AbortController()
    const call = withTimeLimit(60_000, hang, controller.signal)
    controller.abort(new Error('stop'))
    await expect(call).rejects.toThrow('stop')
  })
})
