// Ends the change sets that were under way when an attempt ended, truthfully: by its outcome, or by what was found afterwards.
import { type RawBuilder, sql } from 'kysely'
import type { StepWork } from '#contract/delegate/step-spec'
import type { StoreTransaction } from '../store/port.ts'
import type { AttemptEnd, AttemptRecord } from '../work/port.ts'

type Reconcile = Extract<StepWork, { type: 'Reconcile' }>

/** Ends the open rows of an attempt. A change set that failed to apply shows so in the matrix, unless it is deployed after all. */
async function endAs(
  tx: StoreTransaction,
  attemptId: string,
  status: 'SUCCESS' | 'FAILURE' | 'CANCELLED',
  error: string | null,
  condition: RawBuilder<boolean> = sql<boolean>`true`,
): Promise<void> {
  const ended = await tx
    .updateTable('deployed_change_set')
    .set({ status, error, deployed_at: sql`clock_timestamp()` })
    .where('attempt_id', '=', attemptId)
    .where('status', '=', 'IN_PROGRESS')
    .where(condition)
    .returning([
      'db_instance_id',
      'fqn',
      'file_name',
      'change_set_id',
      'author',
      'step_type',
      'execution_id',
      'node_id',
    ])
    .execute()
  if (status !== 'FAILURE') return
  for (const row of ended.filter(({ step_type }) => step_type === 'DBSchemaApply')) {
    const { step_type: _, ...identity } = row
    const failed = { status: 'Deployment_Failed', error, updated_at: sql<Date>`clock_timestamp()` }
    const origin = { execution_id: row.execution_id, node_id: row.node_id }
    await tx
      .insertInto('change_set_state')
      .values({
        ...identity,
        ...failed,
        position: sql<number>`(select coalesce(max(position) + 1, 0) from change_set_state
          where db_instance_id = ${row.db_instance_id})`,
      })
      .onConflict((conflict) =>
        conflict
          .columns(['db_instance_id', 'fqn'])
          .doUpdateSet({ ...failed, ...origin })
          .where('change_set_state.status', '<>', 'Successfully_Deployed'),
      )
      .execute()
  }
}

/**
 * The history of the target was read after an attempt was lost: what it holds was deployed (or, for a rollback, what it does not
 * hold was rolled back), so these ended well. What is left is decided when the reconciliation ends.
 */
export async function settleLostChangeSets(tx: StoreTransaction, work: Reconcile, instance: string): Promise<void> {
  const deployed = sql<boolean>`exists (select 1 from change_set_state as state
    where state.db_instance_id = ${instance} and state.fqn = deployed_change_set.fqn
      and state.status = 'Successfully_Deployed')`
  if (work.lostWork === 'DBSchemaApply') return endAs(tx, work.lostAttempt, 'SUCCESS', null, deployed)
  await tx
    .updateTable('change_set_state')
    .set({ status: 'Rolled_Back', error: null, updated_at: sql`clock_timestamp()` })
    .where('db_instance_id', '=', instance)
    .where('status', '=', 'Not_Deployed')
    .where(
      sql<boolean>`fqn in (select fqn from deployed_change_set
        where attempt_id = ${work.lostAttempt} and status = 'IN_PROGRESS')`,
    )
    .execute()
  await endAs(tx, work.lostAttempt, 'SUCCESS', null, sql<boolean>`not ${deployed}`)
}

const unfinished = 'The step ended while this change set was under way.'

/** Called once when an attempt ends. Unknown: nothing is decided until the history of the target was read. */
export async function endOpenChangeSets(tx: StoreTransaction, attempt: AttemptRecord, end: AttemptEnd): Promise<void> {
  const { work } = attempt.spec
  if (work.type === 'Reconcile') {
    if (end.outcome === 'success' && end.reconcile)
      await endAs(tx, work.lostAttempt, 'FAILURE', `The step was lost. ${end.reconcile.explanation}`)
    return
  }
  switch (end.outcome) {
    case 'unknown':
      return
    case 'success':
      return endAs(tx, attempt.id, 'SUCCESS', null)
    case 'failure':
      return endAs(tx, attempt.id, 'FAILURE', end.fault?.message ?? unfinished)
    case 'cancelled':
      return endAs(tx, attempt.id, 'CANCELLED', end.fault?.message ?? null)
  }
}
