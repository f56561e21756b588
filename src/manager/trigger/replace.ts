// Ends the runs that a newer one replaces: of the same trigger, about the same pull request or branch.
//
// Which they are is written down in the transaction of the newer run's start; each is then ended in one of its own, so that no
// start waits for another run's lock, and a manager that dies in between leaves none running.
import { sql } from 'kysely'
import { forEachFree } from '../execution/free.ts'
import type { StoreTransaction } from '../store/port.ts'
import type { TriggerRow } from './row.ts'
import type { StartDependencies } from './start.ts'

const MOST_AT_ONCE = 200

/** In the transaction of the start. Never one that was started after it. */
export async function markReplaced(
  tx: StoreTransaction,
  { id, identifier }: TriggerRow,
  subject: string,
  execution: string,
): Promise<void> {
  await sql`insert into replaced_run (execution_id, replaced_by)
    select older.id, ${identifier} from execution older join execution newer on newer.id = ${execution}
    where older.trigger_id = ${id} and older.trigger_subject = ${subject} and older.ended_at is null
      and older.number < newer.number
    on conflict do nothing`.execute(tx)
}

/** Gives how many are being ended now; one that somebody has locked is left for the next time. Any number of replicas may do it. */
export async function abortReplaced(dependencies: StartDependencies): Promise<number> {
  const { store, executions } = dependencies
  const rows = await store.db
    .selectFrom('replaced_run')
    .innerJoin('execution', 'execution.id', 'replaced_run.execution_id')
    .select('replaced_run.execution_id')
    .limit(MOST_AT_ONCE)
    .execute()
  return forEachFree(
    dependencies,
    rows,
    ({ execution_id: id }) => `The execution ${id}, which a newer run replaces, could not be ended`,
    (tx, { execution_id: id }) => abortOne(executions, tx, id),
  )
}

async function abortOne(
  executions: StartDependencies['executions'],
  tx: StoreTransaction,
  id: string,
): Promise<boolean> {
  const row = await tx
    .deleteFrom('replaced_run')
    .where('execution_id', '=', id)
    .returning('replaced_by')
    .executeTakeFirst()
  if (!row) return false
  const by = `trigger ${row.replaced_by}`
  await executions.abort(tx, id, by, 'a newer run replaces it', { actor: { type: 'system', name: by.slice(0, 256) } })
  return true
}
