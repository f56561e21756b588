// Work that a timer finds for many runs. Any number of replicas may do it: whoever has the run locked acts, the others pass it by.
import type { StoreTransaction } from '../store/port.ts'
import type { ExecutionDependencies } from './dependency.ts'

/** Locks the run unless somebody has it, and gives its project; undefined: it is left for the next time. */
export async function lockFree(tx: StoreTransaction, execution: string): Promise<string | undefined> {
  const row = await tx
    .selectFrom('execution')
    .where('id', '=', execution)
    .select('project_id')
    .forUpdate()
    .skipLocked()
    .executeTakeFirst()
  return row?.project_id
}

/**
 * Does `act` for each row whose run is free, in a transaction of its own that has it locked, and gives how often that was true. A
 * run for which it fails is told to `log`, after `failed`, and does not hold up the others.
 */
export async function forEachFree<Row extends { readonly execution_id: string }>(
  { store, log }: Pick<ExecutionDependencies, 'store' | 'log'>,
  rows: readonly Row[],
  failed: (row: Row) => string,
  act: (tx: StoreTransaction, row: Row, projectId: string) => Promise<boolean>,
): Promise<number> {
  let done = 0
  for (const row of rows) {
    try {
      const acted = await store.transaction(async (tx) => {
        const projectId = await lockFree(tx, row.execution_id)
        return projectId !== undefined && (await act(tx, row, projectId))
      })
      if (acted) done += 1
    } catch (error) {
      log(`${failed(row)}: ${(error as Error).message}`)
    }
  }
  return done
}
