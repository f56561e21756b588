// Lets time-outs and waits fall due. Any number of replicas may do it; the lock of the execution lets one act.
import { sql } from 'kysely'
import type { TimerKind } from '#pipeline/state'
import type { StoreTransaction } from '../store/port.ts'
import type { Advance } from './advance.ts'
import type { ExecutionDependencies } from './dependency.ts'
import { forEachFree } from './free.ts'

const MOST_AT_ONCE = 200

/**
 * Fires every timer that is due by the database's clock. Gives how many executions it moved on. A run that cannot be moved on is
 * told to `log` and left for the next time; it does not hold up the others.
 */
export async function fireTimers(
  dependencies: Pick<ExecutionDependencies, 'store' | 'log'>,
  advance: Advance,
): Promise<number> {
  const due = await dependencies.store.db
    .selectFrom('execution_timer')
    .where('due_at', '<=', sql<Date>`now()`)
    .select('execution_id')
    .distinct()
    .limit(MOST_AT_ONCE)
    .execute()
  return forEachFree(
    dependencies,
    due,
    ({ execution_id: id }) => `The timers of execution ${id} could not be fired`,
    (tx, { execution_id: id }) => fireAll(tx, advance, id),
  )
}

/** A replica that has the execution locked looks at its timers itself, or leaves them for the next second. */
async function fireAll(tx: StoreTransaction, advance: Advance, id: string): Promise<boolean> {
  const fired = await tx
    .deleteFrom('execution_timer')
    .where('execution_id', '=', id)
    .where('due_at', '<=', sql<Date>`now()`)
    .returning(['node_id', 'kind'])
    .execute()
  for (const { node_id: node, kind } of fired) await advance(tx, id, { type: 'timer', node, kind: kind as TimerKind })
  return fired.length > 0
}
