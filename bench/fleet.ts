// Many delegates on one manager with PostgreSQL: how soon each is offered work, what the manager needs for it, and what parked polls cost.
import { createHash } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { protocolTimes } from '#contract/delegate/protocol'
import { percentile, printFigure } from './figure.ts'
import { processorSeconds, residentMegabytes } from './process.ts'
import { openQueue, type Queue } from './queue.ts'

const long = process.env['SLUICE_BENCH_LONG'] !== undefined
const fleet = { delegates: 200, slots: 10, rounds: long ? 10 : 3 } as const
/** Nine of ten slots: with all of them taken a task waits for a delegate and not for the manager. */
const busySlots = (fleet.delegates * fleet.slots * 9) / 10
/** Tasks for each second; how long each occupies its slot follows. */
const rates = [100, 200] as const
const openSeconds = long ? 60 : 15
const parked = 1000
/** Milliseconds between two renewals of a lease, as the protocol asks for. */
const leaseMilliseconds = protocolTimes.leaseRenewSeconds * 1000
/** What a step says at its beginning and at its end. */
const logPiece = Buffer.from('2026-11-26T12:00:00.000Z Applying changes/1.sql::change-1::shop\n'.repeat(10))

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

type Accepted = { readonly fence: string; readonly attemptToken: string }

async function accept(queue: Queue, token: string, name: string, offer: Poll['offers'][number]) {
  const path = `/d/v1/attempts/${offer.attempt}/accept`
  return queue.post<Accepted>(path, token, { fence: offer.fence, instance: name }).catch(() => undefined)
}

function finish(queue: Queue, attempt: string, { fence, attemptToken }: Accepted, logs: object) {
  const report = { fence, outcome: 'success', output: {}, logs }
  return queue.post(`/d/v1/attempts/${attempt}/finish`, attemptToken, report)
}

/** A step as its program talks: start, log, one change set, its lease all the time, log, end. `until` resolves when it shall end. */
async function step(queue: Queue, attempt: string, accepted: Accepted, until: (ms: number) => Promise<boolean>) {
  const { fence, attemptToken } = accepted
  const path = `/d/v1/attempts/${attempt}`
  const log = (offset: number) => queue.put(`${path}/logs/step?fence=${fence}&offset=${offset}`, attemptToken, logPiece)
  await queue.post(`${path}/start`, attemptToken, { fence })
  await log(0)
  while (!(await until(leaseMilliseconds))) await queue.post(`${path}/lease`, attemptToken, { fence })
  const changeSet = { fileName: 'changes/1.sql', id: 'change-1', author: 'shop' }
  const finished = {
    type: 'change-set.finished',
    direction: 'apply',
    status: 'Successfully_Deployed',
    duration: 5,
    sql: ['select 1'],
    ...changeSet,
  }
  const events = [
    { seq: 1, at: Date.now(), body: { type: 'change-set.started', direction: 'apply', ...changeSet } },
    { seq: 2, at: Date.now(), body: finished },
  ]
  await queue.post(`${path}/events`, attemptToken, { fence, events })
  await log(logPiece.length)
  const whole = Buffer.concat([logPiece, logPiece])
  const sha256 = createHash('sha256').update(whole).digest('hex')
  await finish(queue, attempt, accepted, { step: { bytes: whole.length, sha256 } })
}

/** What is going on while tasks come by themselves. */
interface Stream {
  /** By attempt, when its commit was known and when a delegate heard of it. */
  readonly committed: Map<string, number>
  readonly offered: Map<string, number>
  readonly seconds: () => number
  readonly over: AbortController
  running: number
}

/** A delegate that polls as long as it has room, whatever its steps do. */
async function serveStream(queue: Queue, stream: Stream, token: string, name: string): Promise<void> {
  const { signal } = stream.over
  let free: number = fleet.slots
  let freed = (): void => {}
  const steps = new Set<Promise<void>>()
  const take = async (offer: Poll['offers'][number]): Promise<void> => {
    const accepted = await accept(queue, token, name, offer)
    if (accepted !== undefined) {
      stream.running += 1
      const end = performance.now() + stream.seconds() * 1000
      await step(queue, offer.attempt, accepted, async (milliseconds) => {
        const left = Math.min(milliseconds, end - performance.now())
        if (left > 0) await sleep(left, undefined, { signal }).catch(() => {})
        return signal.aborted || performance.now() >= end
      })
      stream.running -= 1
    }
    free += 1
    freed()
  }
  while (!signal.aborted) {
    if (free === 0) {
      await new Promise<void>((resolve) => {
        freed = resolve
      })
      continue
    }
    const { offers } = await queue.post<Poll>('/d/v1/poll', token, pollBody(name, free, 5))
    const now = performance.now()
    free -= offers.length
    for (const offer of offers) {
      if (!stream.offered.has(offer.attempt)) stream.offered.set(offer.attempt, now)
      const taken = take(offer).finally(() => steps.delete(taken))
      steps.add(taken)
    }
  }
  await Promise.all(steps)
}

interface Measured {
  /** Milliseconds from the commit of each task until a delegate was told of it. */
  readonly latencies: readonly number[]
  /** Steps at work at the end. */
  readonly running: number
  /** Tasks that nobody was told of in ten seconds after the last; they count as waiting until then. */
  readonly unheard: number
  /** Seconds of processor time in one second. */
  readonly processor: number
}

/** Keeps the slots busy: tasks come at `rate`, whether or not others are done, and each takes as long as that asks for. */
async function measureOpen(queue: Queue, tokens: readonly string[], rate: number): Promise<Measured> {
  const seconds = busySlots / rate
  const stream: Stream = {
    committed: new Map(),
    offered: new Map(),
    seconds: () => (measuring ? seconds : seconds * Math.random()),
    over: new AbortController(),
    running: 0,
  }
  let measuring = false
  const { committed, offered } = stream
  setMaxListeners(0, stream.over.signal)
  const delegates = Promise.all(tokens.map((token, at) => serveStream(queue, stream, token, `fleet-${at}`)))
  // Those that are at work already when it begins, each somewhere in its time; they come faster and are not counted.
  const already = new Set<string>()
  for (let count = 0; count < busySlots; count += 20) {
    for (const id of await queue.fill(20)) already.add(id)
    await sleep(50)
  }
  measuring = true
  const pid = queue.child.pid ?? 0
  const worked = processorSeconds(pid)
  const began = performance.now()
  const add = async (count: number): Promise<void> => {
    for (const id of await queue.fill(count)) committed.set(id, performance.now())
  }
  const adding: Promise<void>[] = []
  const total = rate * openSeconds
  for (let asked = 0; asked < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - began) / 1000) * rate))
    if (due > asked) adding.push(add(due - asked))
    asked = due
    await sleep(10)
  }
  await Promise.all(adding)
  const { running } = stream
  const processor = (1000 * (processorSeconds(pid) - worked)) / (performance.now() - began)
  for (let waited = 0; waited < 100 && offered.size < committed.size + already.size; waited += 1) await sleep(100)
  const end = performance.now()
  stream.over.abort()
  await delegates
  const told = [...committed].map(([id, at]) => ({ at, when: offered.get(id) ?? end }))
  const unheard = told.filter(({ when }) => when >= end).length
  return { latencies: told.map(({ at, when }) => Math.max(0, when - at)), running, unheard, processor }
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
      for (const offer of offers) {
        const accepted = await accept(queue, token, name, offer)
        if (accepted === undefined) continue
        await finish(queue, offer.attempt, accepted, {})
        done += 1
      }
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
      const { latencies, running, unheard, processor } = await measureOpen(queue, tokens, rate)
      const of = (part: number): string => percentile(latencies, part).toFixed(0)
      printFigure({
        name: `offer to ${fleet.delegates} delegates with ${fleet.slots} slots, ${rate} tasks/s of ${busySlots / rate} s, p95`,
        value: percentile(latencies, 0.95),
        unit: 'ms',
        bound: { value: 100, at: 'most', source: 'requirement' },
        note: `from the commit of a task to the delegate; median ${of(0.5)} ms, p99 ${of(0.99)} ms of ${latencies.length}; ${running} steps at work, each with lease, log and events; ${unheard > 0 ? `${unheard} offered to nobody; ` : ''}manager ${(100 * processor).toFixed(0)} % of a processor, ${residentMegabytes(pid).toFixed(0)} MB`,
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
