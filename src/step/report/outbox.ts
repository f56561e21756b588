// Events and payloads on their way to the manager: in order, each once as the manager sees it, kept while it is away.
import { type Payload } from '#contract/delegate/payload'
import { protocolLimits, type StepEvent } from '#contract/delegate/protocol'
import { Fault } from '#contract/fault'
import type { Lease } from './lease.ts'
import type { Wire } from './wire.ts'

export interface Outbox {
  /** Sent with the next batch, a moment later at most. */
  event(body: StepEvent['body']): void
  payload(payload: Payload): void
  /** Resolves when the manager has everything, when it is away, or when it refuses this attempt. Never rejects. */
  told(signal: AbortSignal): Promise<void>
  /** Resolves when the manager has everything. Raises the refusal, or the reason of `signal`. */
  delivered(signal: AbortSignal): Promise<void>
  stop(): Promise<void>
}

type Item =
  | { readonly type: 'event'; readonly event: StepEvent }
  | { readonly type: 'payload'; readonly payload: Payload }

export interface OutboxOptions {
  readonly wire: Wire
  readonly lease: Lease
  readonly line: (text: string) => void
}

/** Milliseconds in which the end of one change set and the beginning of the next become one request. */
const gather = 15
/** Bytes of JSON in one request; far below the limit of the endpoint. */
const requestBytes = 4_194_304
const sqlBytes = 65_536
const eventSqlBytes = 8_388_608

/** Cuts the SQL of an event to what the contract takes: each statement at 64 KiB, 8 MiB together. */
function limitSql(body: StepEvent['body']): StepEvent['body'] {
  if (body.type !== 'change-set.finished') return body
  let room = eventSqlBytes
  const sql: string[] = []
  for (const statement of body.sql.slice(0, 10_000)) {
    const kept = statement.length > sqlBytes ? `${statement.slice(0, sqlBytes)}…` : statement
    room -= kept.length
    if (room < 0) break
    sql.push(kept)
  }
  return { ...body, sql, ...(body.error ? { error: body.error.slice(0, 16_384) } : {}) }
}

export function openOutbox({ wire, lease, line }: OutboxOptions): Outbox {
  const { client, attempt, fence, clock } = wire
  const queue: Item[] = []
  const stopping = new AbortController()
  let sequence = 0
  let refusal: Fault | undefined
  let hurry = false
  let alarm: (() => void) | undefined
  const waiting = new Set<() => void>()
  const tellWaiting = (): void => {
    for (const tell of waiting) tell()
  }
  wire.onAway(tellWaiting)

  /** The events at the head of the queue that fit into one request. */
  function headEvents(): StepEvent[] {
    const events: StepEvent[] = []
    let bytes = 0
    for (const item of queue) {
      if (item.type !== 'event' || events.length >= protocolLimits.eventsPerRequest) break
      bytes += JSON.stringify(item.event).length
      if (events.length > 0 && bytes > requestBytes) break
      events.push(item.event)
    }
    return events
  }

  async function sendHead(): Promise<void> {
    const [head] = queue
    if (!head) return
    const events = headEvents()
    const params = { attempt }
    try {
      if (head.type === 'payload')
        await wire.call(
          (signal) => client.payload({ params, body: { fence, payload: head.payload } }, signal),
          stopping.signal,
        )
      else await wire.call((signal) => client.events({ params, body: { fence, events } }, signal), stopping.signal)
    } catch (error) {
      if (!(error instanceof Fault) || (error.code !== 'too-large' && error.code !== 'invalid-input')) throw error
      // The manager will never take it; the change itself must not fail for that.
      line(`The manager did not take a report (${head.type}): ${error.message}`)
    }
    queue.splice(0, head.type === 'payload' ? 1 : events.length)
  }

  function rest(milliseconds: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const timer = milliseconds === undefined ? undefined : setTimeout(() => done(), milliseconds)
      const done = (): void => {
        clearTimeout(timer)
        alarm = undefined
        resolve()
      }
      alarm = done
    })
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      if (queue.length === 0) {
        hurry = false
        tellWaiting()
        await rest(undefined)
      }
      if (!hurry && !stopping.signal.aborted) await rest(gather)
      await sendHead()
    }
  }
  const running = run().catch((error: unknown) => {
    if (stopping.signal.aborted) return
    refusal = error instanceof Fault ? error : new Fault('bug', 'Reports cannot be sent.', { cause: error })
    lease.lose(refusal)
    tellWaiting()
  })

  function add(item: Item): void {
    if (refusal) return
    queue.push(item)
    if (queue.length === 1) alarm?.()
  }

  async function wait(enough: () => boolean, signal: AbortSignal): Promise<void> {
    if (enough()) return
    hurry = true
    alarm?.()
    while (!enough() && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          waiting.delete(done)
          signal.removeEventListener('abort', done)
          resolve()
        }
        waiting.add(done)
        signal.addEventListener('abort', done)
      })
    }
  }

  return {
    event: (body) => add({ type: 'event', event: { seq: ++sequence, at: clock.now(), body: limitSql(body) } }),
    payload: (payload) => add({ type: 'payload', payload }),
    told: (signal) => wait(() => queue.length === 0 || wire.awaySince !== undefined || refusal !== undefined, signal),
    async delivered(signal) {
      await wait(() => queue.length === 0 || refusal !== undefined, signal)
      if (refusal) throw refusal
      signal.throwIfAborted()
    },
    async stop() {
      stopping.abort()
      alarm?.()
      await running
    },
  }
}
