// Approves at the time that a step names. Nobody's rights are used: whoever wrote the time into the pipeline allowed it.
import { sql } from 'kysely'
import { Fault } from '#contract/fault'
import type { Advance } from '../execution/advance.ts'
import type { ExecutionDependencies } from '../execution/dependency.ts'
import { forEachFree } from '../execution/free.ts'
import type { StoreTransaction } from '../store/port.ts'
import { mergeInputs } from './input.ts'
import { type Settlement, settle } from './settle.ts'
import { type ApprovalRow, approvalColumns } from './view.ts'

const MOST_AT_ONCE = 200
/** People have so long, at least, to look and to reject. */
const LEAST_MINUTES = 15
/** As the activities of the approval and the audit trail name it. */
const byItself = 'autoApproval'

/** Gives how many were decided. Any number of replicas may do it; the lock of the execution lets one act. */
export async function approveDue(
  dependencies: Pick<ExecutionDependencies, 'store' | 'log'>,
  advance: Advance,
): Promise<number> {
  const rows = await dependencies.store.db
    .selectFrom('approval')
    .where('status', '=', 'WAITING')
    .where('auto_approve_at', 'is not', null)
    // That one is to be rejected.
    .where('superseded_by', 'is', null)
    // One whose time is too near is not left waiting for it.
    .where(sql<boolean>`(auto_approve_at <= now() or ${tooNear})`)
    .select(['id', 'execution_id'])
    .limit(MOST_AT_ONCE)
    .execute()
  return forEachFree(
    dependencies,
    rows,
    ({ id }) => `The approval ${id} could not be given by itself`,
    (tx, { id }, projectId) => decideOne(tx, advance, projectId, id),
  )
}

const tooNear = sql<boolean>`auto_approve_at < approval.created_at + make_interval(mins => ${LEAST_MINUTES})`

async function decideOne(tx: StoreTransaction, advance: Advance, projectId: string, id: string): Promise<boolean> {
  const row = await tx
    .selectFrom('approval')
    .innerJoin('execution', 'execution.id', 'approval.execution_id')
    .where('approval.id', '=', id)
    .where('approval.status', '=', 'WAITING')
    .where('approval.superseded_by', 'is', null)
    .select(approvalColumns)
    .select(['approval.auto_comments', tooNear.as('too_near')])
    .executeTakeFirst()
  if (!row) return false
  const settlement = decisionOf(row)
  await tx
    .insertInto('approval_activity')
    .values({
      approval_id: id,
      user_email: byItself,
      user_name: byItself,
      action: settlement.action,
      comments: settlement.action === 'APPROVE' ? row.auto_comments : settlement.reason,
    })
    .execute()
  await settle(tx, advance, projectId, row, settlement)
  return true
}

/** How many people approved before does not matter: that nobody stood against it until now is what is asked for. */
function decisionOf(row: ApprovalRow & { readonly too_near: boolean; readonly auto_comments: string }): Settlement {
  const actor = { type: 'system', name: `${byItself} of ${row.pipeline}`.slice(0, 256) } as const
  const refused = (because: string): Settlement => ({
    action: 'REJECT',
    status: 'REJECTED',
    inputs: {},
    reason: `rejected by itself: ${because}`,
    actor,
  })
  if (row.too_near)
    return refused(`the time of autoApproval was less than ${LEAST_MINUTES} minutes away when the approval began`)
  try {
    const inputs = mergeInputs(row, undefined)
    const said = row.auto_comments === '' ? '' : `: ${row.auto_comments.slice(0, 512)}`
    return { action: 'APPROVE', status: 'APPROVED', inputs, reason: `approved by itself at its time${said}`, actor }
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'invalid-input') throw error
    return refused(error.message)
  }
}
