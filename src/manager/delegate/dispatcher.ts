// The long polls of one replica, answered together: on a hint, on a new poll or after a moment it looks once for all that are
// parked. What is in the store is the truth; replicas know nothing of each other.
import { randomUUID } from 'node:crypto'
import type { PollReply } from '#contract/delegate/protocol'
import { Fault } from '#contract/fault'
import type { Hub } from '../live/hub.ts'
import { notify } from '../store/notify.ts'
import type { Store } from '../store/port.ts'
import { findCandidates, type Offer, offerAttempts, takeBack } from '../work/offer.ts'
import {
  connect,
  type DelegateFacts,
  findOrders,
  noteSeen,
  type Orders,
  type Presence,
  superseded,
} from './presence.ts'

/** Milliseconds between two looks when no hint comes. */
const lookEvery = 1500
/** Milliseconds until the next poll, when this one brought cancels: they stay until the attempts have ended. */
const afterCancels = 1000
/** The same for one whose sender polls twice, so that the two do not chase each other. */
const afterSuperseded = 1000

interface Parked extends Presence {
  /** By `performance.now()`. */
  readonly deadline: number
  /** Undefined until the store knows that it is there. */
  facts: DelegateFacts | undefined
  /** False when it has ended meanwhile. */
  readonly answer: (reply: PollReply) => boolean
  readonly fail: (error: unknown) => void
}

interface Look {
  readonly answers: ReadonlyMap<Parked, PollReply | Fault>
  readonly unknown: readonly Parked[]
}

export class Dispatcher {
  readonly #store: Store
  readonly #hub: Hub
  readonly #parked = new Set<Parked>()
  #waking = new AbortController()
  #running = false

  constructor(store: Store, hub: Hub) {
    this.#store = store
    this.#hub = hub
  }

  /** Resolves when there is something for the delegate, after the time it wants to wait, or when `signal` is aborted. */
  poll(presence: Omit<Presence, 'poll'>, signal: AbortSignal): Promise<PollReply> {
    return new Promise((resolve, reject) => {
      const gone = (): void => void poll.answer(reply())
      const leaves = (): boolean => {
        signal.removeEventListener('abort', gone)
        return this.#parked.delete(poll)
      }
      const poll: Parked = {
        ...presence,
        poll: randomUUID(),
        deadline: performance.now() + presence.body.holdSeconds * 1000,
        facts: undefined,
        answer: (told) => {
          const isHere = leaves()
          if (isHere) resolve(told)
          return isHere
        },
        fail: (error) => void (leaves() && reject(error)),
      }
      this.#parked.add(poll)
      if (signal.aborted) return gone()
      signal.addEventListener('abort', gone)
      this.#waking.abort()
      if (!this.#running) void this.#run()
    })
  }

  /** One round after the other, as long as somebody waits. */
  async #run(): Promise<void> {
    this.#running = true
    while (this.#parked.size > 0) {
      const mark = this.#hub.mark('sluice_work')
      this.#waking = new AbortController()
      const polls = [...this.#parked]
      let strangers: readonly Parked[] = []
      const lost: Offer[] = []
      try {
        const { answers, unknown } = await this.#look(polls)
        strangers = unknown
        for (const [poll, answer] of answers) {
          if (answer instanceof Fault) poll.fail(answer)
          else if (!poll.answer(answer)) lost.push(...answer.offers)
        }
        await Promise.all(strangers.map((poll) => connect(this.#store, poll).catch(poll.fail)))
      } catch (error) {
        // The store is away, most likely: each delegate hears it and comes back later.
        for (const poll of polls) poll.fail(error)
      }
      if (lost.length > 0) await this.#takeBack(lost)
      const now = performance.now()
      for (const poll of polls) if (poll.deadline <= now && !strangers.includes(poll)) poll.answer(reply())
      if (strangers.length === 0) await this.#rest(mark, now)
    }
    this.#running = false
  }

  async #takeBack(offers: readonly Offer[]): Promise<void> {
    const free = this.#store.transaction(async (tx) => {
      await takeBack(tx, offers)
      notify(tx, 'sluice_work')
    })
    // Otherwise they are free when their time is over.
    await free.catch(() => {})
  }

  async #rest(mark: number, now: number): Promise<void> {
    let next = now + lookEvery
    for (const { deadline } of this.#parked) next = Math.min(next, deadline)
    if (this.#parked.size > 0)
      await this.#hub.changed('sluice_work', mark, Math.max(0, next - now), this.#waking.signal)
  }

  /** What to tell those for whom there is something, and who has to connect before it is looked at. */
  async #look(polls: readonly Parked[]): Promise<Look> {
    const db = this.#store.reserved
    const arrived = polls.filter(({ facts }) => facts === undefined)
    if (arrived.length > 0) {
      const seen = await noteSeen(db, arrived)
      for (const poll of arrived) poll.facts = seen.get(poll.delegateId)
    }
    const known = polls.filter(({ facts }) => facts !== undefined)
    const free = known.reduce((sum, { body }) => sum + body.freeSlots, 0)
    const [orders, first] = await Promise.all([findOrders(db, known), findCandidates(db, { free })])
    const seekers = known.flatMap((poll) =>
      poll.facts !== undefined && poll.body.freeSlots > 0 && this.#parked.has(poll) && !isOver(orders.get(poll))
        ? [{ poll, id: poll.delegateId, freeSlots: poll.body.freeSlots, ...poll.facts }]
        : [],
    )
    const answers = new Map<Parked, PollReply | Fault>()
    for (const [poll, order] of orders) answers.set(poll, order instanceof Fault ? order : reply([], order))
    for (const [{ poll }, offers] of await offerAttempts(db, seekers, first)) {
      const order = orders.get(poll)
      answers.set(poll, reply(offers, isOver(order) ? undefined : order))
    }
    return { answers, unknown: polls.filter((poll) => poll.facts === undefined && this.#parked.has(poll)) }
  }
}

type Order = Orders | Fault | typeof superseded

const isOver = (order: Order | undefined): order is Exclude<Order, Orders> =>
  order instanceof Fault || order === superseded

function reply(offers: readonly Offer[] = [], orders?: Exclude<Order, Fault>): PollReply {
  const { cancels = [], rotateKeys = false } = orders === superseded ? {} : (orders ?? {})
  const nextInMilliseconds = orders === superseded ? afterSuperseded : cancels.length > 0 ? afterCancels : 0
  return { offers: [...offers], cancels, drain: false, nextInMilliseconds, rotateKeys }
}
