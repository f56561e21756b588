import { describe, expect, test } from 'vitest'
import type { Fetch } from '#contract/client'
import type { Clock } from '#contract/delegate/repeat'
import type { StepEvent } from '#contract/delegate/protocol'
import { Fault } from '#contract/fault'
import { keepLease, type Lease } from './lease.ts'
import { openOutbox } from './outbox.ts'
import { openWire, type Wire } from './wire.ts'

interface ManualClock extends Clock {
  advance(milliseconds: number): Promise<void>
}

/** Time that only moves when told; sleepers wake in order. */
function manualClock(): ManualClock {
  let now = 1000
  const sleepers = new Set<{ readonly at: number; readonly wake: () => void }>()
  return {
    now: () => 1_700_000_000_000 + now,
    elapsed: () => now,
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error)
        const onAbort = (): void => {
          sleepers.delete(sleeper)
          reject(signal?.reason as Error)
        }
        const wake = (): void => {
          signal?.removeEventListener('abort', onAbort)
          resolve()
        }
        const sleeper = { at: now + milliseconds, wake }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', onAbort)
      }),
    async advance(milliseconds) {
      const until = now + milliseconds
      while (now < until) {
        now = Math.min(until, now + 100)
        for (const sleeper of sleepers) {
          if (sleeper.at > now) continue
          sleepers.delete(sleeper)
          sleeper.wake()
        }
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
  }
}

/** A manager of one function: what it answers to a path. */
function scene(answer: (path: string, body: unknown) => unknown) {
  const clock = manualClock()
  const lines: string[] = []
  const line = (text: string): void => void lines.push(text)
  const fetch: Fetch = async (url, { body }) => {
    const reply = answer(new URL(url).pathname.split('/').at(-1) ?? '', JSON.parse(String(body)))
    if (reply instanceof Response) return reply
    return new Response(reply === null ? null : JSON.stringify(reply), { status: reply === null ? 204 : 200 })
  }
  const wire: Wire = openWire({
    managerUrl: 'http://m',
    attempt: 'a1',
    attemptToken: 't',
    fence: '7',
    clock,
    random: () => 0.5,
    line,
    fetch,
  })
  return { clock, lines, line, wire }
}
const refusal = (code: string): Response => new Response(JSON.stringify({ code, message: code }), { status: 409 })
const held = { lockedUntil: 0 }
const never = new AbortController().signal
async function settled(promise: Promise<unknown>): Promise<'resolved' | 'rejected' | 'pending'> {
  const pending = new Promise<'pending'>((resolve) => setImmediate(() => resolve('pending')))
  return Promise.race([
    promise.then(
      () => 'resolved' as const,
      () => 'rejected' as const,
    ),
    pending,
  ])
}

describe('lease', () => {
  const times = { leaseRenewSeconds: 10, leaseSeconds: 45 }

  test('is renewed every ten seconds, and passes on a cancel', async () => {
    const cancels: string[] = []
    let renewals = 0
    const { clock, line, wire } = scene(() =>
      ++renewals === 3 ? { ...held, cancel: { graceSeconds: 5, reason: 'enough' } } : held,
    )
    const lease = keepLease({ wire, line, times, onCancel: (reason) => cancels.push(reason) })
    await clock.advance(25_000)
    expect([renewals, cancels]).toEqual([2, []])
    await clock.advance(10_000)
    expect([renewals, cancels]).toEqual([3, ['enough']])
    await lease.stop()
  })

  test('nothing new is begun while it may have run out; it goes on when the manager is back', async () => {
    let away = false
    const { clock, line, lines, wire } = scene(() => (away ? new Response('', { status: 502 }) : held))
    const lease = keepLease({ wire, line, times, onCancel: () => {} })
    await clock.advance(20_000)
    away = true
    await clock.advance(40_000)
    expect(await settled(lease.held(never))).toBe('resolved')
    await clock.advance(10_000)
    const waiting = lease.held(never)
    expect(await settled(waiting)).toBe('pending')
    expect(lines.join('\n')).toContain('waiting for the manager')
    away = false
    await clock.advance(6_000)
    expect(await settled(waiting)).toBe('resolved')
    await lease.stop()
  })

  test.each(['stale-fence', 'attempt-gone'])('%s stops before the next change set', async (code) => {
    const { clock, line, wire } = scene(() => refusal(code))
    const lease = keepLease({ wire, line, times, onCancel: () => {} })
    expect(await settled(lease.held(never))).toBe('resolved')
    await clock.advance(11_000)
    await expect(lease.held(never)).rejects.toMatchObject({ code })
    expect(lease.lost?.code).toBe(code)
    await lease.stop()
  })

  test('who waits for it hears of an abort', async () => {
    const { clock, line, wire } = scene(() => new Response('', { status: 502 }))
    const lease = keepLease({ wire, line, times, onCancel: () => {} })
    await clock.advance(50_000)
    const controller = new AbortController()
    const waiting = lease.held(controller.signal)
    controller.abort(new Fault('timed-out', 'late'))
    await expect(waiting).rejects.toMatchObject({ code: 'timed-out' })
    await lease.stop()
  })
})

describe('outbox', () => {
  const body = (id: string): StepEvent['body'] => ({
    type: 'change-set.started',
    fileName: 'f',
    id,
    author: 'a',
    direction: 'apply',
  })
  const calm: Lease = {
    held: async () => {},
    renewed: () => {},
    lose: () => {},
    lost: undefined,
    ask: async () => {},
    stop: async () => {},
  }

  test('keeps order over events and payloads, and counts from one', async () => {
    const seen: unknown[] = []
    const { line, wire } = scene((path, sent) => {
      seen.push([path, sent])
      return path === 'payload' ? null : { acceptedThrough: 0 }
    })
    const outbox = openOutbox({ wire, lease: calm, line })
    outbox.event(body('1'))
    outbox.event(body('2'))
    outbox.payload({ kind: 'change-sets', changeSets: [] })
    outbox.event(body('3'))
    await outbox.delivered(never)
    expect(seen).toMatchObject([
      [
        'events',
        {
          fence: '7',
          events: [
            { seq: 1, body: { id: '1' } },
            { seq: 2, body: { id: '2' } },
          ],
        },
      ],
      ['payload', { payload: { kind: 'change-sets' } }],
      ['events', { events: [{ seq: 3 }] }],
    ])
    await outbox.stop()
  })

  test('what is told is told before it resolves; with a manager away it resolves, and tells later', async () => {
    let away = false
    const told: number[] = []
    const { clock, line, wire } = scene((_, sent) => {
      if (away) return new Response('', { status: 503 })
      told.push(...(sent as { events: StepEvent[] }).events.map(({ seq }) => seq))
      return { acceptedThrough: 0 }
    })
    const outbox = openOutbox({ wire, lease: calm, line })
    outbox.event(body('1'))
    await outbox.told(never)
    expect(told).toEqual([1])
    away = true
    outbox.event(body('2'))
    await outbox.told(never)
    expect(told).toEqual([1])
    away = false
    const delivery = outbox.delivered(never)
    await clock.advance(6_000)
    await delivery
    expect(told).toEqual([1, 2])
    await outbox.stop()
  })

  test('a refusal ends it, loses the lease and is raised', async () => {
    const lost: string[] = []
    const { line, wire } = scene(() => refusal('stale-fence'))
    const outbox = openOutbox({ wire, lease: { ...calm, lose: (fault) => lost.push(fault.code) }, line })
    outbox.event(body('1'))
    await outbox.told(never)
    await expect(outbox.delivered(never)).rejects.toMatchObject({ code: 'stale-fence' })
    expect(lost).toEqual(['stale-fence'])
    await outbox.stop()
  })

  test('a report that the manager cannot take is dropped, with a line in the log', async () => {
    const { line, lines, wire } = scene((path) => (path === 'payload' ? refusal('too-large') : { acceptedThrough: 0 }))
    const outbox = openOutbox({ wire, lease: calm, line })
    outbox.payload({ kind: 'change-sets', changeSets: [] })
    outbox.event(body('1'))
    await outbox.delivered(never)
    expect(lines.join('\n')).toContain('did not take a report (payload)')
    await outbox.stop()
  })
})
