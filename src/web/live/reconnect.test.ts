import { describe, expect, test } from 'vitest'
import { Fault } from '#contract/fault'
import { type Connection, follow } from './reconnect.ts'

/** Each connection gives these events and then ends, or breaks with a fault. */
function script(connections: readonly (readonly (number | Fault)[])[], complete: (received: number[]) => boolean) {
  const received: number[] = []
  const states: string[] = []
  const waits: number[] = []
  let opened = 0
  const stop = new AbortController()
  const done = follow<number>(
    {
      async *open() {
        const events = connections[opened] ?? []
        opened += 1
        for (const event of events) {
          if (event instanceof Fault) throw event
          yield event
        }
      },
      receive: (event) => received.push(event),
      isComplete: () => complete(received),
      connection: (state: Connection, fault) => states.push(fault ? `${state} ${fault.code}` : state),
      wait: async (milliseconds) => {
        waits.push(milliseconds)
        if (waits.length > 20) stop.abort()
      },
    },
    stop.signal,
  )
  return done.then(() => ({ received, states, waits, opened }))
}

const broken = new Fault('manager-unreachable', 'gone')

describe('following a stream', () => {
  test('ends when the server has said all', async () => {
    const seen = await script([[1, 2]], () => true)
    expect(seen).toMatchObject({ received: [1, 2], opened: 1, waits: [] })
    expect(seen.states.at(-1)).toBe('ended')
  })

  test('goes on over a break, and waits longer while nothing comes', async () => {
    const seen = await script([[1, broken], [broken], [broken], [2]], (received) => received.includes(2))
    expect(seen.received).toEqual([1, 2])
    expect(seen.waits).toEqual([500, 1000, 2000])
    expect(seen.states).toContain('lost manager-unreachable')
  })

  test('asks again when the server closed too early', async () => {
    const seen = await script([[1], [2]], (received) => received.length === 2)
    expect(seen).toMatchObject({ received: [1, 2], opened: 2 })
  })

  test('gives up when asking again is of no use', async () => {
    const seen = await script([[new Fault('forbidden', 'no')]], () => false)
    expect(seen.opened).toBe(1)
    expect(seen.states.at(-1)).toBe('ended forbidden')
  })

  test('never waits longer than 15 s and stops when told', async () => {
    const seen = await script([], () => false)
    expect(Math.max(...seen.waits)).toBe(15_000)
  })
})
