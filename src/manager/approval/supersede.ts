// Rejects approvals of older runs after a newer run was approved at the same step.
import { recordEvent, systemActor } from '../audit/record.ts'
import type { Advance } from '../execution/advance.ts'
import type { ExecutionDependencies } from '../execution/dependency.ts'
import { sql } from 'kysely'
import type { StoreTransaction } from '../store/port.ts'

const MOST_AT_ONCE = 200

/** Gives how many were rejected. Any number of replicas may do it; the lock of the execution lets one act. */
export async function rejectSuperseded(
  { store, log }: Pick<ExecutionDependencies, 'store' | 'log'>,
  advance: Advance,
): Promise<number> {
  const rows = await store.db
    .selectFrom('approval')
    .where('superseded_by', 'is not', null)
    .where('status', '=', 'WAITING')
    .select(['id', 'execution_id', 'node_id'])
    .limit(MOST_AT_ONCE)
    .execute()
  let rejected = 0
  for (const row of rows) {
    try {
      if (await store.transaction((tx) => rejectOne(tx, advance, row))) rejected += 1
    } catch (error) {
      log(`The approval ${row.id} could not be rejected: ${(error as Error).message}`)
    }
  }
  return rejected
}

async function rejectOne(
  tx: StoreTransaction,
  advance: Advance,
  { id, execution_id: execution, node_id: node }: { id: string; execution_id: string; node_id: string },
): Promise<boolean> {
  const locked = await tx
    .selectFrom('execution')
    .where('id', '=', execution)
    .select(['id', 'project_id'])
    .forUpdate()
    .skipLocked()
    .executeTakeFirst()
  if (!locked) return false
  const changed = await tx
    .updateTable('approval')
    .set({ status: 'REJECTED', decided_at: sql<Date>`clock_timestamp()` })
    .where('id', '=', id)
    .where('status', '=', 'WAITING')
    .returning('id')
    .executeTakeFirst()
  if (!changed) return false
  const body = { type: 'approval.decided', approval: id, node, action: 'REJECT', status: 'REJECTED' } as const
  await recordEvent(tx, { actor: systemActor, projectId: locked.project_id, executionId: execution, body })
  const reason = 'rejected by itself: a newer run was approved at this step'
  await advance(tx, execution, { type: 'approval-decided', node, decision: 'REJECTED', reason })
  return true
}
