// Offers queued attempts to delegates that have room: one look at the queue for all of them, so that its cost does not grow with
// the number of polls. Several replicas may look at the same moment; the claim decides who offers what.
import { sql } from 'kysely'
import type { Capability } from '#contract/delegate/capability'
import { protocolTimes } from '#contract/delegate/protocol'
import type { Executor } from '../store/port.ts'
import { unflushed } from '../store/unflushed.ts'
import { isBlocked } from './claim.ts'
import { missingSelectors } from './considered.ts'

export interface Offer {
  readonly attempt: string
  readonly fence: string
  readonly type: string
  /** Milliseconds since it could have been taken. */
  readonly waited: number
  readonly needs: Capability[]
}

/** A delegate as the match sees it. What is decided here is checked again when the delegate accepts. */
export interface Seeker {
  readonly id: string
  readonly name: string
  readonly tags: readonly string[]
  /** Where it may work; both null: everywhere. */
  readonly organizationId: string | null
  readonly projectId: string | null
  readonly freeSlots: number
}

/** A queued attempt that nobody is offered and whose instance nobody uses or is about to. */
export interface Candidate {
  readonly attempt: string
  readonly instanceKey: string | null
  readonly organizationId: string
  readonly projectId: string
  readonly selectors: readonly string[]
  /** Delegates that said a while ago that they cannot give what it needs. */
  readonly refused: readonly string[]
  /** The same for attempts that the same delegates match, but for refusals. */
  readonly kind: string
}

/** Attempts of one look; under full load the next one follows at once. */
const pageSize = 200

/** Of the queue, from its beginning or after another. */
export interface CandidatePage {
  readonly rows: readonly Row[]
  /** Fewer rows than this: there are no more. */
  readonly limit: number
}

/**
 * Gives what each seeker may accept in the next seconds; nobody else is offered it meanwhile. The oldest come first, and of
 * several for one instance only the oldest is offered. `first`: the beginning of the queue, where it was looked for already.
 */
export async function offerAttempts<S extends Seeker>(
  db: Executor,
  seekers: readonly S[],
  first?: CandidatePage,
): Promise<ReadonlyMap<S, readonly Offer[]>> {
  const match = new Match(seekers)
  const chosen = new Map<string, S>()
  let after: Row | undefined
  while (match.free > 0) {
    const { rows: page, limit } =
      after === undefined && first !== undefined ? first : await findCandidates(db, match, after)
    for (const candidate of page) {
      const seeker = match.take(candidate)
      if (seeker !== undefined) chosen.set(candidate.attempt, seeker)
    }
    after = page.at(-1)
    if (page.length < limit) break
  }
  const offers = new Map<S, Offer[]>()
  if (chosen.size === 0) return offers
  for (const offer of await claim(db, [...chosen.keys()])) {
    const seeker = chosen.get(offer.attempt)
    if (seeker !== undefined) offers.set(seeker, [...(offers.get(seeker) ?? []), offer])
  }
  return offers
}

/** Hands attempts to the seekers, each to the one with most room of those that match. */
export class Match<S extends Seeker> {
  /** Slots that are left. */
  free: number
  readonly #room: Map<S, number>
  readonly #instances = new Set<string>()
  readonly #byKind = new Map<string, S[]>()

  constructor(seekers: readonly S[]) {
    this.#room = new Map(seekers.map((seeker) => [seeker, seeker.freeSlots]))
    this.free = seekers.reduce((sum, { freeSlots }) => sum + freeSlots, 0)
  }

  /** Kinds of attempts that no seeker with room matches: they must not hide the others behind them. */
  get hopeless(): string[] {
    const hasRoom = (seeker: S): boolean => (this.#room.get(seeker) ?? 0) > 0
    return [...this.#byKind].filter(([, seekers]) => !seekers.some(hasRoom)).map(([kind]) => kind)
  }

  take(candidate: Candidate): S | undefined {
    const { instanceKey, refused } = candidate
    if (instanceKey !== null && this.#instances.has(instanceKey)) return undefined
    let best: S | undefined
    let most = 0
    for (const seeker of this.#matching(candidate)) {
      const room = this.#room.get(seeker) ?? 0
      if (room > most && !refused.includes(seeker.id)) [best, most] = [seeker, room]
    }
    if (best === undefined) return undefined
    if (instanceKey !== null) this.#instances.add(instanceKey)
    this.#room.set(best, most - 1)
    this.free -= 1
    return best
  }

  #matching(candidate: Candidate): readonly S[] {
    const known = this.#byKind.get(candidate.kind)
    if (known !== undefined) return known
    const matching = [...this.#room.keys()].filter(
      (seeker) => mayWork(seeker, candidate) && missingSelectors(candidate.selectors, seeker).length === 0,
    )
    this.#byKind.set(candidate.kind, matching)
    return matching
  }
}

/** As `isInScope` says it in a statement. */
function mayWork(seeker: Seeker, { organizationId, projectId }: Candidate): boolean {
  if (seeker.projectId !== null) return seeker.projectId === projectId
  return seeker.organizationId === null || seeker.organizationId === organizationId
}

interface Row extends Candidate {
  /** Text, because a date of JavaScript has no microseconds. */
  readonly runAt: string
}

/** One that is on offer for the same instance will run first; if it is not accepted, its turn is over in a few seconds. */
const isBehind = sql<boolean>`exists (select from attempt other where other.instance_key = a.instance_key
    and other.state = 'queued' and other.offered_until > now() and other.id <> a.id)`
const isFree = sql<boolean>`state = 'queued' and (offered_until is null or offered_until <= now())`

/** `free`: slots there are at most. */
export async function findCandidates(
  db: Executor,
  { free, hopeless = [] }: { readonly free: number; readonly hopeless?: readonly string[] },
  after?: Row,
): Promise<CandidatePage> {
  const limit = Math.min(free, pageSize)
  if (limit === 0) return { rows: [], limit }
  const kind = sql`a.project_id::text || a.delegate_selectors::text`
  const isNext = after ? sql`and (a.run_at, a.id) > (${after.runAt}::timestamptz, ${after.attempt})` : sql``
  const isHopeful = hopeless.length > 0 ? sql`and (${kind}) <> all(${hopeless}::text[])` : sql``
  const { rows } = await sql<Row>`
    select a.id as attempt, a.instance_key as "instanceKey", a.project_id as "projectId", a.run_at::text as "runAt",
      project.organization_id as "organizationId", a.delegate_selectors as selectors, ${kind} as kind,
      array(select delegate_id from attempt_refusal refusal
        where refusal.attempt_id = a.id and refusal.until > now()) as refused
    from attempt a join project on project.id = a.project_id
    where ${isFree} and a.run_at <= now() and not ${isBlocked(sql.ref('a'))} and not ${isBehind}
      ${isNext} ${isHopeful}
    order by a.run_at, a.id limit ${limit}`.execute(db)
  return { rows, limit }
}

/** What another replica has offered, or a delegate has taken, since it was found is left out. */
async function claim(db: Executor, attempts: readonly string[]): Promise<readonly Offer[]> {
  const { rows } = await sql<Offer>`
    with ${unflushed}, free as (
      select id from attempt where id = any(${attempts}::text[]) and ${isFree} for update skip locked
    )
    update attempt set offered_until = now() + make_interval(secs => ${protocolTimes.offerSeconds})
    from free, unflushed where attempt.id = free.id
    returning attempt.id as attempt, attempt.fence, attempt.type, attempt.needs,
      1000 * extract(epoch from now() - attempt.run_at)::float8 as waited`.execute(db)
  return rows
}

/** Offers that reached nobody, because the poll ended meanwhile, are free at once instead of when their time is over. */
export async function takeBack(db: Executor, offers: readonly Offer[]): Promise<void> {
  const list = JSON.stringify(offers.map(({ attempt, fence }) => ({ attempt, fence })))
  await sql`update attempt set offered_until = null
    from jsonb_to_recordset(${list}::jsonb) as lost (attempt text, fence bigint)
    where attempt.id = lost.attempt and attempt.fence = lost.fence and attempt.state = 'queued'`.execute(db)
}
