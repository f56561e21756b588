// Says why a queued attempt is not taken by anybody: one sentence that names the delegates that were considered.
import { sql } from 'kysely'
import { notify } from '../store/notify.ts'
import type { Executor, Store, StoreTransaction } from '../store/port.ts'
import { type AttemptRow, attemptColumns, lockAttempt, toAttemptRecord } from './attempt.ts'
import { isBlocked } from './claim.ts'
import { type ConsideredDelegate, considerDelegates, several, whyNot } from './considered.ts'
import type { AttemptObserver } from './port.ts'
import { workspacePrefix } from './workspace.ts'

/** An attempt that waits for less is simply on its way. */
const patienceSeconds = 3
const explainLimit = 200

/** Why none of the delegates takes an attempt with these selectors; null when one is about to. */
export function explainWaiting(
  selectors: readonly string[],
  delegates: readonly ConsideredDelegate[],
  blockedBy: string | null,
): string | null {
  if (blockedBy !== null) return `Waits for another step on the same instance (attempt ${blockedBy}).`
  if (delegates.length === 0) return 'No delegate is registered. Install one with a delegate token.'
  const connected = delegates.filter((delegate) => delegate.connected)
  if (connected.length === 0) {
    const names = delegates.map(({ name }) => name)
    return `No delegate is connected; registered: ${several(names, ', ', ' and')}.`
  }
  const blockers = connected.map((delegate) => whyNot(selectors, delegate))
  const reasons = blockers.filter((blocker) => blocker !== undefined)
  if (reasons.length < blockers.length) return null
  const textsOf = (...types: string[]): string[] =>
    reasons.filter(({ type }) => types.includes(type)).map(({ text }) => text)
  const matching = textsOf('busy', 'now')
  if (matching.length === 0) {
    const shown = selectors.filter((selector) => !selector.startsWith(workspacePrefix))
    const wanted = shown.length > 0 ? `has all selectors (${shown.join(', ')})` : wantedOtherwise(selectors)
    return `No connected delegate ${wanted}: ${several(textsOf('never'), '; ', '; and')}.`
  }
  if (textsOf('now').length === 0) return `All matching delegates are busy: ${several(matching, ', ', ' and')}.`
  return `No delegate can take it now: ${several(matching, '; ', '; and')}.`
}

const wantedOtherwise = (selectors: readonly string[]): string =>
  selectors.length > 0 ? 'has the folder of the step group' : 'may work for this project'

interface WaitingRow extends AttemptRow {
  readonly delegate_selectors: readonly string[]
  readonly waiting_reason: string | null
  readonly blocked: boolean
  readonly blocker: string | null
  readonly refused: boolean
}

/** Brings `waiting_reason` of queued attempts up to date and tells the observers of each change. */
export async function explainQueue(store: Store, observers: readonly AttemptObserver[]): Promise<void> {
  const a = sql.ref('attempt')
  const rows = (await store.db
    .selectFrom('attempt')
    .where('state', '=', 'queued')
    .where(sql<boolean>`run_at < now() - make_interval(secs => ${patienceSeconds})`)
    .select([...attemptColumns, 'delegate_selectors', 'waiting_reason'])
    .select([isBlocked(a).as('blocked'), blockerOf(a).as('blocker')])
    .select(sql<boolean>`exists (select from attempt_refusal where attempt_id = attempt.id)`.as('refused'))
    .orderBy('run_at')
    .limit(explainLimit)
    .execute()) as readonly WaitingRow[]
  if (rows.length === 0) return
  // Many attempts that want the same of the delegates are explained alike.
  const known = new Map<string, readonly ConsideredDelegate[]>()
  for (const row of rows) {
    const blockedBy = row.blocked ? (row.blocker ?? 'unknown') : null
    const key = row.refused ? row.id : `project ${row.project_id}`
    const delegates = known.get(key) ?? (blockedBy === null ? await considerDelegates(store.db, row.id) : [])
    if (blockedBy === null) known.set(key, delegates)
    const reason = explainWaiting(row.delegate_selectors, delegates, blockedBy)
    if (reason !== row.waiting_reason) await store.transaction((tx) => write(tx, row.id, reason, observers))
  }
}

/** The attempt that a queued one has to wait for, if there is one. */
export async function findBlocker(db: Executor, attemptId: string): Promise<string | null> {
  const a = sql.ref('attempt')
  const row = await db
    .selectFrom('attempt')
    .where('id', '=', attemptId)
    .where(isBlocked(a))
    .select(blockerOf(a).as('blocker'))
    .executeTakeFirst()
  return row ? (row.blocker ?? 'unknown') : null
}

/** Two looks, because each of the two has an index of few rows and together they have none. */
function blockerOf(candidate: ReturnType<typeof sql.ref>) {
  const other = (states: string) => sql<string | null>`(select other.id from attempt other
    where other.instance_key = ${candidate}.instance_key and other.state in (${sql.raw(states)})
      and other.id <> ${candidate}.id order by other.state limit 1)`
  return sql<string | null>`coalesce(${other("'accepted', 'started'")}, ${other("'unknown'")})`
}

async function write(
  tx: StoreTransaction,
  id: string,
  reason: string | null,
  observers: readonly AttemptObserver[],
): Promise<void> {
  const row = await lockAttempt(tx, id)
  if (row?.state !== 'queued') return
  await tx.updateTable('attempt').set({ waiting_reason: reason }).where('id', '=', id).execute()
  for (const observer of observers) await observer.waiting?.(tx, toAttemptRecord(row), reason)
  notify(tx, 'sluice_event')
}
