// Starts a run that goes on where another one failed: the same document and inputs, its finished stages kept as they ended.
import { sql } from 'kysely'
import { Fault } from '#contract/fault'
import { brokenStatuses, isFinal } from '#contract/pipeline/status'
import { keptStages } from '#pipeline/retry'
import type { StoreTransaction } from '../store/port.ts'
import type { Caller } from '../http/handler.ts'
import { copyRunSecrets } from '../secret/run-secret.ts'
import { carryReports } from '../trigger/carry.ts'
import type { Carry } from './advance.ts'
import type { Run } from './run.ts'
import { createRun } from './start.ts'

/** Days after its end in which a run can be gone on from. */
export const retryDays = 30

export interface RetryInput {
  readonly earlier: Run
  /** Identifier of the stage to begin with; the first that is not done when it is left out. */
  readonly stage: string | undefined
  readonly notes: string | undefined
  readonly overrideFreeze?: string | undefined
  readonly caller: Caller
}

/** Gives the id of the new execution. Raises `conflict` for a run that is under way, ended well or is too old, `invalid-input` for the stage. */
export async function retryExecution(
  dependencies: { readonly createId: () => string },
  tx: StoreTransaction,
  carry: Carry,
  { earlier, stage, notes, overrideFreeze, caller }: RetryInput,
): Promise<string> {
  const { state, graph } = earlier
  if (!isFinal(state.status)) throw new Fault('conflict', 'The execution has not ended.')
  if (!brokenStatuses.has(state.status) && state.status !== 'Aborted')
    throw new Fault('conflict', `The execution ended as ${state.status}; there is nothing to retry.`)
  const row = await tx
    .selectFrom('execution')
    .where('id', '=', earlier.id)
    .select(['pipeline_id', 'yaml', 'document', 'inputs', 'number', 'trigger_id', 'trigger_subject'])
    .select(sql<boolean>`ended_at < clock_timestamp() - make_interval(days => ${retryDays})`.as('is_old'))
    .executeTakeFirstOrThrow()
  if (row.is_old) throw new Fault('conflict', `The execution ended more than ${retryDays} days ago.`)
  if (row.pipeline_id === null) throw new Fault('conflict', 'The pipeline of the execution was deleted.')
  const found = keptStages(graph, state, stage)
  if ('problem' in found)
    throw new Fault('invalid-input', `The execution cannot be gone on from there: ${found.problem}.`)
  const reason = `kept from run ${row.number}`
  const kept = Object.fromEntries(
    Object.entries(found.kept).map(([id, node]) => [id, found.stages.includes(id) ? { ...node, reason } : node]),
  )
  const { trigger } = state.facts
  const id = await createRun(dependencies, tx, carry, {
    org: earlier.org,
    project: earlier.project,
    pipeline: earlier.pipeline,
    notes,
    overrideFreeze,
    caller,
    retriedFrom: earlier.id,
    // A newer event of it replaces this run as it would have replaced the earlier one.
    ...(trigger ? { trigger: { id: row.trigger_id, facts: trigger, subject: row.trigger_subject } } : {}),
    document: () => Promise.resolve({ document: row.document, inputs: row.inputs, yaml: row.yaml, kept }),
    beforeFirst: async (run) => {
      await copyApproved(dependencies, tx, earlier.id, run, Object.keys(kept))
      await carryReports(tx, earlier.id, run)
    },
  })
  return id
}

/** What was approved stays approved, and still binds what runs: the plans come along, with the time at which they were made. */
async function copyApproved(
  { createId }: { readonly createId: () => string },
  tx: StoreTransaction,
  earlier: string,
  run: string,
  nodes: readonly string[],
): Promise<void> {
  if (nodes.length === 0) return
  await copyRunSecrets(tx, earlier, run, nodes)
  const plans = await tx
    .selectFrom('plan')
    .where('execution_id', '=', earlier)
    .where('node_id', 'in', nodes)
    .selectAll()
    .execute()
  for (const plan of plans)
    await tx
      .insertInto('plan')
      .values({ ...plan, execution_id: run, payload: JSON.stringify(plan.payload) })
      .execute()
  const approvals = await tx
    .selectFrom('approval')
    .where('execution_id', '=', earlier)
    .where('node_id', 'in', nodes)
    .where('status', '=', 'APPROVED')
    .selectAll()
    .execute()
  for (const approval of approvals) {
    const id = createId()
    const { user_groups, plan_digests, disallowed_users, inputs, given_inputs } = approval
    await tx
      .insertInto('approval')
      .values({
        ...approval,
        id,
        execution_id: run,
        user_groups: JSON.stringify(user_groups),
        plan_digests: JSON.stringify(plan_digests),
        disallowed_users: JSON.stringify(disallowed_users),
        inputs: JSON.stringify(inputs),
        given_inputs: JSON.stringify(given_inputs),
      })
      .execute()
    await sql`insert into approval_activity (approval_id, user_email, user_name, action, comments, at)
      select ${id}, user_email, user_name, action, comments, at from approval_activity
      where approval_id = ${approval.id}`.execute(tx)
    await tx
      .updateTable('execution_node')
      .set({ approval_id: id })
      .where('execution_id', '=', run)
      .where('node_id', '=', approval.node_id)
      .execute()
  }
}
