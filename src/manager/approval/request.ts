// Opens an approval when the run reaches it, and closes it when the run leaves it. While it waits there is only this row.
import { sql } from 'kysely'
import type { Command } from '#pipeline/state'
import { recordEvent, systemActor } from '../audit/record.ts'
import type { Run } from '../execution/run.ts'
import type { StoreTransaction } from '../store/port.ts'
import { plansFor } from './plan.ts'

/** Characters, as of a person's comment. */
const LONGEST_COMMENT = 4096

type Request = Extract<Command, { readonly type: 'request-approval' }>
type Close = Extract<Command, { readonly type: 'close-approval' }>

export async function requestApproval(
  { createId }: { readonly createId: () => string },
  tx: StoreTransaction,
  run: Run,
  request: Request,
): Promise<void> {
  const id = createId()
  const { node } = request
  const plans = await plansFor(tx, run.id, request.applies)
  await tx
    .insertInto('approval')
    .values({
      id,
      execution_id: run.id,
      node_id: node,
      status: 'WAITING',
      name: run.graph.nodes.get(node)?.name ?? node,
      message: request.message,
      minimum_count: request.minimumCount,
      disallow_executor: request.disallowPipelineExecutor,
      user_groups: JSON.stringify(request.userGroups),
      plan_digests: JSON.stringify(plans),
      disallowed_users: JSON.stringify(request.disallowedUsers),
      inputs: JSON.stringify(request.inputs),
      rejects_older: request.rejectsOlder,
      callback_id: request.callbackId ?? null,
      auto_approve_at: request.automatic ? new Date(request.automatic.at) : null,
      auto_comments: request.automatic?.comments.slice(0, LONGEST_COMMENT) ?? '',
      deadline: sql<Date>`clock_timestamp() + make_interval(secs => ${request.timeoutSeconds})`,
    })
    .execute()
  await tx
    .updateTable('execution_node')
    .set({ approval_id: id })
    .where('execution_id', '=', run.id)
    .where('node_id', '=', node)
    .execute()
  await recordEvent(tx, {
    actor: systemActor,
    projectId: run.projectId,
    executionId: run.id,
    body: { type: 'approval.requested', approval: id, node },
  })
}

export async function closeApproval(tx: StoreTransaction, run: Run, { node, status }: Close): Promise<void> {
  await tx
    .updateTable('approval')
    .set({ status, decided_at: sql`clock_timestamp()` })
    .where('execution_id', '=', run.id)
    .where('node_id', '=', node)
    .where('status', '=', 'WAITING')
    .execute()
}
