// Many delegates on one manager with PostgreSQL: how soon each is offered work, what the manager needs for it, and what parked polls cost.
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { percentile, printFigure } from './figure.ts'
import { residentMegabytes } from './process.ts'
import { openQueue, type Queue } from './queue.ts'

const long = process.env['SLUICE_BENCH_LONG'] !== undefined
const fleet = { delegates: 200, slots: 10, rounds: long ? 10 : 3 } as const
/** Tasks for each second, which come whether or not others are done. */
const rates = [50, 100, 200] as const
const openSeconds = long ? 60 : 15
/** Milliseconds for which a task occupies its slot. */
const taskMilliseconds = 1000
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

/** Accepts and, after the time that it takes, ends a task. False: another had it. */
async function work(queue: Queue, token: string, name: string, offer: Poll['offers'][number], milliseconds: number) {
  const path = `/d/v1/attempts/${offer.attempt}`
  const accepted = await queue
    .post<{ fence: string; attemptToken: string }>(`${path}/accept`, token, { fence: offer.fence, instance: name })
    .catch(() => undefined)
  if (!accepted) return false
  if (milliseconds > 0) await sleep(milliseconds)
  const report = { fence: accepted.fence, outcome: 'success', output: {}, logs: {} }
  await queue.post(`${path}/finish`, accepted.attemptToken, report)
  return true
}

/** What is going on while tasks come by themselves. */
interface Stream {
  readonly total: number
  /** By attempt, when its commit was known and when a delegate heard of it. */
  readonly committed: Map<string, number>
  readonly offered: Map<string, number>
  done: number
}

/** A delegate that polls as long as it has room, whatever its tasks do. */
async function serveStream(queue: Queue, stream: Stream, token: string, name: string): Promise<void> {
  let free: number = fleet.slots
  const take = async (offer: Poll['offers'][number]): Promise<void> => {
    free -= 1
    if (await work(queue, token, name, offer, taskMilliseconds)) stream.done += 1
    free += 1
  }
  while (stream.done < stream.total) {
    if (free === 0) await sleep(5)
    else {
      const { offers } = await queue.post<Poll>('/d/v1/poll', token, pollBody(name, free, 5))
      const now = performance.now()
      for (const offer of offers) {
        if (!stream.offered.has(offer.attempt)) stream.offered.set(offer.attempt, now)
        void take(offer)
      }
    }
  }
}

/** Milliseconds from the commit of each task until a delegate was told of it, while tasks come at `rate`, whether or not others are done. */
async function measureOpen(queue: Queue, tokens: readonly string[], rate: number): Promise<readonly number[]> {
  const stream: Stream = { total: rate * openSeconds, committed: new Map(), offered: new Map(), done: 0 }
  const { total, committed, offered } = stream
  const delegates = Promise.all(tokens.map((token, at) => serveStream(queue, stream, token, `fleet-${at}`)))
  // All are parked before the first task comes.
  await sleep(1000)
  const began = performance.now()
  const add = async (count: number): Promise<void> => {
    for (const id of await queue.fill(count)) committed.set(id, performance.now())
  }
  const adding: Promise<void>[] = []
  for (let asked = 0; asked < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - began) / 1000) * rate))
    if (due > asked) adding.push(add(due - asked))
    asked = due
    await sleep(10)
  }
  await Promise.all(adding)
  await delegates
  return [...offered].map(([id, at]) => Math.max(0, at - (committed.get(id) ?? at)))
}

/** All delegates poll, take what they are offered, end it, and poll again, until everything is done: what a manager can do at most. */
async function measureClosed(queue: Queue, tokens: readonly string[]): Promise<readonly number[]> {
  const total = fleet.delegates * fleet.slots * fleet.rounds
  await queue.fill(total)
  await sql`analyze`.execute(queue.store.db)
  const latencies: number[] = []
  let done = 0
  const delegate = async (token: string, at: number): Promise<void> => {
    const name = `fleet-${at}`
    while (done < total) {
      const asked = performance.now()
      const { offers } = await queue.post<Poll>('/d/v1/poll', token, pollBody(name, fleet.slots, 1))
      if (offers.length > 0) latencies.push(performance.now() - asked)
      for (const offer of offers) if (await work(queue, token, name, offer, 0)) done += 1
    }
  }
  await Promise.all(tokens.map(delegate))
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
    for (const rate of rates) {
      const latencies = await measureOpen(queue, tokens, rate)
      printFigure({
        name: `offer to ${fleet.delegates} delegates with ${fleet.slots} slots, ${rate} tasks/s, p95`,
        value: percentile(latencies, 0.95),
        unit: 'ms',
        bound: { value: 100, at: 'most', source: 'requirement' },
        note: `from the commit of a task to the delegate; median ${percentile(latencies, 0.5).toFixed(0)} ms, p99 ${percentile(latencies, 0.99).toFixed(0)} ms; ${latencies.length} tasks of ${taskMilliseconds / 1000} s`,
      })
    }
    const started = performance.now()
    const latencies = await measureClosed(queue, tokens)
    const seconds = (performance.now() - started) / 1000
    console.log(
      `         as fast as they can: ${((fleet.delegates * fleet.slots * fleet.rounds) / seconds).toFixed(0)} tasks/s; an answer to a poll then takes ${percentile(latencies, 0.5).toFixed(0)} ms (median), ${percentile(latencies, 0.95).toFixed(0)} ms (p95): ${fleet.delegates} requests are always open`,
    )
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
