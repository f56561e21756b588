// Rejects approvals of older runs after a newer run was approved at the same step.
import { recordEvent, systemActor } from '../audit/record.ts'
import type { Advance } from '../execution/advance.ts'
import type { ExecutionDependencies } from '../execution/dependency.ts'
import { forEachFree } from '../execution/free.ts'
import { sql } from 'kysely'
import type { StoreTransaction } from '../store/port.ts'

const MOST_AT_ONCE = 200

/** Gives how many were rejected. Any number of replicas may do it; the lock of the execution lets one act. */
export async function rejectSuperseded(
  dependencies: Pick<ExecutionDependencies, 'store' | 'log'>,
  advance: Advance,
): Promise<number> {
  const rows = await dependencies.store.db
    .selectFrom('approval')
    .where('superseded_by', 'is not', null)
    .where('status', '=', 'WAITING')
    .select(['id', 'execution_id', 'node_id'])
    .limit(MOST_AT_ONCE)
    .execute()
  return forEachFree(
    dependencies,
    rows,
    ({ id }) => `The approval ${id} could not be rejected`,
    (tx, row, projectId) => rejectOne(tx, advance, projectId, row),
  )
}

async function rejectOne(
  tx: StoreTransaction,
  advance: Advance,
  projectId: string,
  { id, execution_id: execution, node_id: node }: { id: string; execution_id: string; node_id: string },
): Promise<boolean> {
  const changed = await tx
    .updateTable('approval')
    .set({ status: 'REJECTED', decided_at: sql<Date>`clock_timestamp()` })
    .where('id', '=', id)
    .where('status', '=', 'WAITING')
    .returning('id')
    .executeTakeFirst()
  if (!changed) return false
  const body = { type: 'approval.decided', approval: id, node, action: 'REJECT', status: 'REJECTED' } as const
  await recordEvent(tx, { actor: systemActor, projectId, executionId: execution, body })
  const reason = 'rejected by itself: a newer run was approved at this step'
  await advance(tx, execution, { type: 'approval-decided', node, decision: 'REJECTED', reason })
  return true
}
