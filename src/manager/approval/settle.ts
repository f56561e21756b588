// Writes down what was decided, whoever or whatever decided it, and lets the run go on.
import { sql } from 'kysely'
import type { Actor } from '#contract/event/live'
import { recordEvent } from '../audit/record.ts'
import type { Advance } from '../execution/advance.ts'
import type { StoreTransaction } from '../store/port.ts'
import { type ApprovalRow, plansOf } from './view.ts'

export interface Settlement {
  readonly action: 'APPROVE' | 'REJECT'
  readonly status: 'WAITING' | 'APPROVED' | 'REJECTED'
  /** All that approvers gave so far. */
  readonly inputs: Readonly<Record<string, string>>
  /** Of the step, once it is decided. */
  readonly reason: string
  readonly actor: Actor
  readonly sourceAddress?: string | undefined
}

/** The caller has the lock of the execution and has seen that the approval waits. */
export async function settle(
  tx: StoreTransaction,
  advance: Advance,
  projectId: string,
  row: ApprovalRow,
  { action, status, inputs, reason, actor, sourceAddress }: Settlement,
): Promise<void> {
  const { id, node_id: node, execution_id: executionId } = row
  const decidedAt = status === 'WAITING' ? {} : { decided_at: sql<Date>`clock_timestamp()` }
  await tx
    .updateTable('approval')
    .set({ status, given_inputs: JSON.stringify(inputs), ...decidedAt })
    .where('id', '=', id)
    .execute()
  const digest = plansOf(row)
    .map((plan) => plan.digest)
    .join(',')
  const said = { type: 'approval.decided', approval: id, node, action, status } as const
  const body = { ...said, ...(digest === '' ? {} : { digest }) }
  await recordEvent(tx, { actor, sourceAddress, projectId, executionId, body })
  if (status === 'WAITING') return
  const given = Object.keys(inputs).length > 0 ? { inputs } : {}
  const event = { type: 'approval-decided', node, decision: status, reason, ...given } as const
  await advance(tx, executionId, event, { actor, sourceAddress })
  if (status === 'APPROVED' && row.rejects_older) await markOlder(tx, row)
}

/** Older runs of the pipeline that wait at the same step are out of date: the timer of the manager rejects them. */
async function markOlder(tx: StoreTransaction, row: ApprovalRow): Promise<void> {
  await sql`update approval set superseded_by = ${row.id} from execution older, execution newer
    where approval.status = 'WAITING' and approval.node_id = ${row.node_id} and older.id = approval.execution_id
      and newer.id = ${row.execution_id} and older.project_id = newer.project_id and older.pipeline = newer.pipeline
      and older.number < newer.number`.execute(tx)
}
