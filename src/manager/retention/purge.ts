// Takes away what the settings keep no longer: whole executions, or only their logs and large results. In small transactions, so
// that nobody waits for it and a replica that dies in the middle loses nothing but the rest of its round; any number may do it.
import { sql } from 'kysely'
import { isAudited, recordEvent, systemActor } from '../audit/record.ts'
import { readSettings } from '../setting/setting.ts'
import type { Store, StoreTransaction } from '../store/port.ts'

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

/** Ended so many days ago; by the database's clock. */
const olderThan = (days: number) => sql<boolean>`ended_at < now() - make_interval(days => ${days})`

/** Where a round has got to, so that the next one does not look again at what is done. Of this process alone. */
interface Mark {
  at: Date
}

export interface Retention {
  /** One round; call it about every minute. */
  tick(): Promise<Purged>
}

export function createRetention(store: Store, log: (line: string) => void): Retention {
  const marks = { logs: { at: new Date(0) }, payloads: { at: new Date(0) } }
  return {
    tick: async () => {
      const values = await readSettings(store.db)
      const days = (name: keyof typeof values): number => Number(values[name].value)
      const executions = await inBatches(days('retention_executions_days'), (limit) =>
        store.transaction((tx) => purgeExecutions(tx, limit)),
      )
      const logs = await inBatches(days('retention_logs_days'), (limit) => purgeLogs(store, marks.logs, limit))
      const payloads = await inBatches(days('retention_payloads_days'), (limit) =>
        purgePayloads(store, marks.payloads, limit),
      )
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

/** Until a batch finds nothing, or the round is full. 0 days keep everything. */
async function inBatches(days: number, batch: (days: number) => Promise<number>): Promise<number> {
  let total = 0
  if (days === 0) return 0
  while (total < mostInRound) {
    const done = await batch(days)
    if (done === 0) break
    total += done
  }
  return total
}

/** With everything that hangs on them, and with the traffic of their steps; what the audit trail tells of them stays. */
async function purgeExecutions(tx: StoreTransaction, days: number): Promise<number> {
  const rows = await tx
    .selectFrom('execution')
    .where('ended_at', 'is not', null)
    .where(olderThan(days))
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
  days: number,
  purge: (tx: StoreTransaction, ids: readonly string[]) => Promise<number>,
): Promise<number> {
  const rows = await store.db
    .selectFrom('execution')
    .where('ended_at', '>=', mark.at)
    .where(olderThan(days))
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

function purgeLogs(store: Store, mark: Mark, days: number): Promise<number> {
  return nextEnded(store, mark, days, (tx, ids) => purgeStreams(tx, ids, 'log'))
}

function purgePayloads(store: Store, mark: Mark, days: number): Promise<number> {
  return nextEnded(store, mark, days, async (tx, ids) => {
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
