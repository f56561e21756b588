// Rejects approvals of older runs after a newer run was approved at the same step.
import { systemActor } from '../audit/record.ts'
import type { Advance } from '../execution/advance.ts'
import type { ExecutionDependencies } from '../execution/dependency.ts'
import { forEachFree } from '../execution/free.ts'
import type { StoreTransaction } from '../store/port.ts'
import { settle } from './settle.ts'
import { approvalColumns } from './view.ts'

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
    .select(['id', 'execution_id'])
    .limit(MOST_AT_ONCE)
    .execute()
  return forEachFree(
    dependencies,
    rows,
    ({ id }) => `The approval ${id} could not be rejected`,
    (tx, { id }, projectId) => rejectOne(tx, advance, projectId, id),
  )
}

async function rejectOne(tx: StoreTransaction, advance: Advance, projectId: string, id: string): Promise<boolean> {
  const row = await tx
    .selectFrom('approval')
    .innerJoin('execution', 'execution.id', 'approval.execution_id')
    .where('approval.id', '=', id)
    .where('approval.status', '=', 'WAITING')
    .select(approvalColumns)
    .executeTakeFirst()
  if (!row) return false
  const reason = 'rejected by itself: a newer run was approved at this step'
  const decision = { action: 'REJECT', status: 'REJECTED' } as const
  await settle(tx, advance, projectId, row, { ...decision, inputs: {}, reason, actor: systemActor })
  return true
}
