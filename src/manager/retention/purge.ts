// Takes away what the settings keep no longer: whole executions, or only their logs and large results. In small transactions, so
// that nobody waits for it and a replica that dies in the middle loses nothing but the rest of its round; any number may do it.
import { sql } from 'kysely'
import { isAudited, recordEvent, systemActor } from '../audit/record.ts'
import { retryDays } from '../execution/retry.ts'
import { forgetRunSecrets } from '../secret/run-secret.ts'
import type { Store, StoreTransaction } from '../store/port.ts'
import { type Kept, readKept } from './kept.ts'

/** Executions in one transaction. */
const atOnce = 25
/** Executions of each kind in one round. */
const mostInRound = 2000

export interface Purged {
  readonly executions: number
  /** Executions whose logs went. */
  readonly logs: number
  /** Executions whose results and plans went. */
  readonly payloads: number
}

/** Ended so many days ago, by the database's clock, in projects for which that counts. */
const noLonger = ({ days, projects, only }: Kept) =>
  sql<boolean>`ended_at < now() - make_interval(days => ${days})
    and (project_id = any(${[...projects]}::bigint[])) = ${only}`

/** Where a round has got to, so that the next one does not look again at what is done. Of this process alone. */
interface Mark {
  at: Date
}

/** One for each number of days and the projects for which it counts: other settings begin anew. */
class Marks {
  #marks = new Map<string, Mark>()

  of(kept: Kept): Mark {
    const found = this.#marks.get(keyOf(kept)) ?? { at: new Date(0) }
    this.#marks.set(keyOf(kept), found)
    return found
  }
  /** Forgets those of settings that were. */
  keep(all: readonly Kept[]): void {
    const keys = new Set(all.map(keyOf))
    for (const key of this.#marks.keys()) if (!keys.has(key)) this.#marks.delete(key)
  }
}
const keyOf = (kept: Kept): string => JSON.stringify(kept)

export interface Retention {
  /** One round; call it about every minute. */
  tick(): Promise<Purged>
}

export function createRetention(store: Store, log: (line: string) => void): Retention {
  const marks = { logs: new Marks(), payloads: new Marks() }
  return {
    tick: async () => {
      await forgetRunSecrets(store.db, retryDays)
      const kept = await readKept(store.db)
      const executions = await inBatches(kept.executions, (one) => store.transaction((tx) => purgeExecutions(tx, one)))
      const logs = await inBatches(kept.logs, (one) => purgeLogs(store, marks.logs.of(one), one))
      const payloads = await inBatches(kept.payloads, (one) => purgePayloads(store, marks.payloads.of(one), one))
      marks.logs.keep(kept.logs)
      marks.payloads.keep(kept.payloads)
      const purged = { executions, logs, payloads }
      if (executions + logs + payloads > 0) {
        log(`Kept no longer: ${executions} executions, logs of ${logs}, results of ${payloads}.`)
        await store.transaction((tx) =>
          recordEvent(tx, { actor: systemActor, body: { type: 'retention.purged', ...purged } }),
        )
      }
      return purged
    },
  }
}

/** Until a batch finds nothing, or the round is full. */
async function inBatches(all: readonly Kept[], batch: (kept: Kept) => Promise<number>): Promise<number> {
  let total = 0
  for (const kept of all)
    while (total < mostInRound) {
      const done = await batch(kept)
      if (done === 0) break
      total += done
    }
  return total
}

/** With everything that hangs on them, and with the traffic of their steps; what the audit trail tells of them stays. */
async function purgeExecutions(tx: StoreTransaction, kept: Kept): Promise<number> {
  const rows = await tx
    .selectFrom('execution')
    .where('ended_at', 'is not', null)
    .where(noLonger(kept))
    .select('id')
    .orderBy('ended_at')
    .limit(atOnce)
    .forUpdate()
    .skipLocked()
    .execute()
  if (rows.length === 0) return 0
  const ids = rows.map(({ id }) => id)
  await sql`delete from event where execution_id = any(${ids}::text[])
    and not ${isAudited(sql.ref('event.type'), sql.ref('event.body'))}`.execute(tx)
  await sql`delete from execution where id = any(${ids}::text[])`.execute(tx)
  return ids.length
}

/** Ended executions after the mark that are old enough; moves the mark behind them once `purge` has done its work. */
async function nextEnded(
  store: Store,
  mark: Mark,
  kept: Kept,
  purge: (tx: StoreTransaction, ids: readonly string[]) => Promise<number>,
): Promise<number> {
  const rows = await store.db
    .selectFrom('execution')
    .where('ended_at', '>=', mark.at)
    .where(noLonger(kept))
    .select(['id', 'ended_at'])
    .orderBy('ended_at')
    .limit(atOnce * 20)
    .execute()
  const ids = rows.map(({ id }) => id)
  let purged = 0
  for (let at = 0; at < ids.length; at += atOnce)
    purged += await store.transaction((tx) => purge(tx, ids.slice(at, at + atOnce)))
  const last = rows.at(-1)?.ended_at
  if (last) mark.at = last
  return purged
}

function purgeLogs(store: Store, mark: Mark, kept: Kept): Promise<number> {
  return nextEnded(store, mark, kept, (tx, ids) => purgeStreams(tx, ids, 'log'))
}

function purgePayloads(store: Store, mark: Mark, kept: Kept): Promise<number> {
  return nextEnded(store, mark, kept, async (tx, ids) => {
    const { rows } = await sql<{ execution_id: string }>`delete from plan where execution_id = any(${ids}::text[])
      returning execution_id`.execute(tx)
    const plans = new Set(rows.map((row) => row.execution_id)).size
    return Math.max(plans, await purgeStreams(tx, ids, 'result'))
  })
}

/** A log that is gone reads as one that is empty and at its end. Gives of how many executions something went. */
async function purgeStreams(tx: StoreTransaction, ids: readonly string[], which: 'log' | 'result'): Promise<number> {
  const name = which === 'log' ? sql`stream = 'step'` : sql`stream <> 'step'`
  const { rows } = await sql<{ execution_id: string }>`
    with old as (select id, execution_id from attempt where execution_id = any(${ids}::text[])), gone as (
      delete from log_stream using old where log_stream.attempt_id = old.id and ${name} returning log_stream.attempt_id)
    select distinct execution_id from old where id in (select attempt_id from gone)`.execute(tx)
  return rows.length
}
