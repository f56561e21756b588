// Says why a queued attempt is not taken by anybody: one sentence that names the delegates that were considered.
import { sql } from 'kysely'
import { notify } from '../store/notify.ts'
import type { Store, StoreTransaction } from '../store/port.ts'
import { type AttemptRow, attemptColumns, lockAttempt, toAttemptRecord } from './attempt.ts'
import { isBlocked } from './claim.ts'
import type { AttemptObserver } from './port.ts'

/** An attempt that waits for less is simply on its way. */
const patienceSeconds = 3
const explainLimit = 200

export interface ConsideredDelegate {
  readonly name: string
  readonly tags: readonly string[]
  readonly connected: boolean
  readonly capacity: number
  readonly running: number
}

/** Why none of the delegates takes an attempt with these selectors; null when one is about to. */
export function explainWaiting(
  selectors: readonly string[],
  delegates: readonly ConsideredDelegate[],
  blockedBy: string | null,
): string | null {
  if (blockedBy !== null) return `Waits for another step on the same instance (attempt ${blockedBy}).`
  if (delegates.length === 0) return 'No delegate is registered. Install one with a delegate token.'
  const connected = delegates.filter((delegate) => delegate.connected)
  if (connected.length === 0) return `No delegate is connected; registered: ${names(delegates)}.`
  const lacking = connected.map((delegate) => ({ delegate, missing: missingSelectors(selectors, delegate) }))
  const matching = lacking.filter(({ missing }) => missing.length === 0).map(({ delegate }) => delegate)
  if (matching.length === 0) {
    const reasons = lacking.slice(0, 5).map(({ delegate, missing }) => `${delegate.name} lacks ${missing.join(', ')}`)
    const more = lacking.length > 5 ? `; and ${lacking.length - 5} more` : ''
    return `No connected delegate has all selectors (${selectors.join(', ')}): ${reasons.join('; ')}${more}.`
  }
  const isFull = matching.every(({ running, capacity }) => running >= capacity)
  if (isFull) return `All matching delegates are busy: ${matching.slice(0, 5).map(load).join(', ')}.`
  return null
}

function missingSelectors(selectors: readonly string[], { name, tags }: ConsideredDelegate): string[] {
  const labels = new Set([name, ...tags].map((label) => label.toLowerCase()))
  return selectors.filter((selector) => !labels.has(selector.toLowerCase()))
}

const load = ({ name, running, capacity }: ConsideredDelegate): string => `${name} runs ${running} of ${capacity}`
const names = (delegates: readonly ConsideredDelegate[]): string =>
  delegates
    .slice(0, 5)
    .map(({ name }) => name)
    .join(', ') + (delegates.length > 5 ? ` and ${delegates.length - 5} more` : '')

interface WaitingRow extends AttemptRow {
  readonly delegate_selectors: readonly string[]
  readonly waiting_reason: string | null
  readonly blocked: boolean
  readonly blocker: string | null
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
    .orderBy('run_at')
    .limit(explainLimit)
    .execute()) as readonly WaitingRow[]
  if (rows.length === 0) return
  const delegates = (await store.db
    .selectFrom('delegate')
    .select(['name', 'tags', 'connected', 'capacity', 'running'])
    .orderBy('name')
    .limit(1000)
    .execute()) as readonly ConsideredDelegate[]
  for (const row of rows) {
    const reason = explainWaiting(row.delegate_selectors, delegates, row.blocked ? (row.blocker ?? 'unknown') : null)
    if (reason !== row.waiting_reason) await store.transaction((tx) => write(tx, row.id, reason, observers))
  }
}

function blockerOf(candidate: ReturnType<typeof sql.ref>) {
  return sql<string | null>`(select other.id from attempt other where other.instance_key = ${candidate}.instance_key
    and other.state in ('accepted', 'started', 'unknown') and other.id <> ${candidate}.id order by other.state limit 1)`
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
