// Many delegates on one manager with PostgreSQL: how soon each is offered work, what the manager needs for it, and what parked polls cost.
import { setTimeout as sleep } from 'node:timers/promises'
import { percentile, printFigure } from './figure.ts'
import { residentMegabytes } from './process.ts'
import { openQueue, type Queue } from './queue.ts'

const long = process.env['SLUICE_BENCH_LONG'] !== undefined
const fleet = { delegates: 200, slots: 10, rounds: long ? 10 : 3 } as const
const parked = 1000

interface Poll {
  readonly offers: readonly { readonly attempt: string; readonly fence: string }[]
}
const pollBody = (name: string, freeSlots: number, holdSeconds: number) => ({
  instance: name,
  freeSlots,
  running: [],
  capacity: fleet.slots,
  holdSeconds,
})

async function joinMany(queue: Queue, prefix: string, count: number): Promise<readonly string[]> {
  const tokens: string[] = []
  for (let n = 0; n < count; n += 20) {
    const some = Array.from({ length: Math.min(20, count - n) }, (_, at) => queue.join(`${prefix}-${n + at}`))
    tokens.push(...(await Promise.all(some)))
  }
  return tokens
}

/** All delegates poll, take what they are offered, end it, and poll again, until everything is done. */
async function measureOffers(queue: Queue, tokens: readonly string[]): Promise<readonly number[]> {
  const total = fleet.delegates * fleet.slots * fleet.rounds
  await queue.fill(total)
  const latencies: number[] = []
  let done = 0
  const work = async (token: string, at: number): Promise<void> => {
    const name = `fleet-${at}`
    while (done < total) {
      const asked = performance.now()
      const { offers } = await queue.post<Poll>('/d/v1/poll', token, pollBody(name, fleet.slots, 1))
      if (offers.length > 0) latencies.push(performance.now() - asked)
      for (const { attempt, fence } of offers) {
        const path = `/d/v1/attempts/${attempt}`
        const accepted = await queue
          .post<{ fence: string; attemptToken: string }>(`${path}/accept`, token, { fence, instance: name })
          .catch(() => undefined)
        if (!accepted) continue
        const report = { fence: accepted.fence, outcome: 'success', output: {}, logs: {} }
        await queue.post(`${path}/finish`, accepted.attemptToken, report)
        done += 1
      }
    }
  }
  await Promise.all(tokens.map(work))
  return latencies
}

const queue = await openQueue('fleet', 2000)
if (queue) {
  try {
    const pid = queue.child.pid ?? 0
    const tokens = await joinMany(queue, 'delegate', fleet.delegates)
    const before = residentMegabytes(pid)
    const idle = await joinMany(queue, 'idle', parked)
    const began = performance.now()
    const polls = idle.map((token, at) => queue.post<Poll>('/d/v1/poll', token, pollBody(`idle-${at}`, 0, 15)))
    await sleep(8000)
    const withParked = residentMegabytes(pid)
    printFigure({
      name: `memory of ${parked} parked polls`,
      value: withParked - before,
      unit: 'MB',
      bound: { value: 60, at: 'most', source: 'requirement' },
      note: 'resident memory of the manager, before and with them; joining included',
    })
    await Promise.all(polls)
    console.log(
      `         the polls were answered after ${((performance.now() - began) / 1000).toFixed(1)} s (held for 15 s)`,
    )
    const started = performance.now()
    const latencies = await measureOffers(queue, tokens)
    const seconds = (performance.now() - started) / 1000
    printFigure({
      name: `offer to ${fleet.delegates} delegates with ${fleet.slots} slots, p95`,
      value: percentile(latencies, 0.95),
      unit: 'ms',
      bound: { value: 100, at: 'most', source: 'requirement' },
      note: `median ${percentile(latencies, 0.5).toFixed(0)} ms; ${((fleet.delegates * fleet.slots * fleet.rounds) / seconds).toFixed(0)} tasks/s; all of them at work as fast as they can`,
    })
    printFigure({
      name: 'manager after that',
      value: residentMegabytes(pid),
      unit: 'MB',
      bound: { value: 500, at: 'most', source: 'requirement' },
    })
  } finally {
    await queue.close()
  }
}
