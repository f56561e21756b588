// Keeps what is deployed where up to date, from what steps report: inside the transaction that takes each report.
import { type QueryCreator, sql } from 'kysely'
import type { ChangeSetOnInstance } from '#contract/change-set'
import { changeSetFqn } from '#contract/change-set'
import type { StepEvent } from '#contract/delegate/protocol'
import type { StoreTransaction } from '../store/port.ts'
import type { Tables } from '../store/tables.ts'
import type { AttemptEnd, AttemptObserver, AttemptRecord } from '../work/port.ts'
import { endOpenChangeSets, settleLostChangeSets } from './settle.ts'
import { findTarget, stageOf } from './target.ts'

type Started = Extract<StepEvent['body'], { type: 'change-set.started' }>
type Finished = Extract<StepEvent['body'], { type: 'change-set.finished' }>
type Queries = Pick<QueryCreator<Tables>, 'insertInto' | 'updateTable'>
type DeployedStatus = 'SUCCESS' | 'FAILURE' | 'CANCELLED'

const deployedStatus: Readonly<Record<Finished['status'], DeployedStatus>> = {
  Successfully_Deployed: 'SUCCESS',
  Rolled_Back: 'SUCCESS',
  Deployment_Failed: 'FAILURE',
  // Passed over by a precondition, or taken back before its end because the step was told to stop.
  Not_Deployed: 'CANCELLED',
}

/** A rollback that fails, or passes a change set over, leaves it as it was. */
const changesState = ({ direction, status }: Finished): boolean => direction === 'apply' || status === 'Rolled_Back'

/** Only steps of executions change anything that could be told. */
type Told = AttemptRecord & { readonly executionId: string }
const isOfExecution = (attempt: AttemptRecord): attempt is Told => attempt.executionId !== null

function identityOf(attempt: Told, instance: string, body: Started | Finished) {
  return {
    db_instance_id: instance,
    execution_id: attempt.executionId,
    stage_id: stageOf(attempt.nodeId),
    node_id: attempt.nodeId,
    attempt_id: attempt.id,
    // A step that tests a rollback does both.
    step_type: body.direction === 'rollback' ? 'DBSchemaRollback' : attempt.spec.work.type,
    fqn: changeSetFqn(body),
    file_name: body.fileName,
    change_set_id: body.id,
    author: body.author,
    deployed_at: sql<Date>`clock_timestamp()`,
  }
}

async function begin(tx: StoreTransaction, attempt: Told, instance: string, body: Started): Promise<void> {
  await tx
    .insertInto('deployed_change_set')
    .values({ ...identityOf(attempt, instance, body), status: 'IN_PROGRESS' })
    .onConflict((conflict) => conflict.columns(['attempt_id', 'fqn']).doNothing())
    .execute()
}

/** Also when the event that began it was lost with a step that was replaced. */
function resultQuery(db: Queries, attempt: Told, instance: string, body: Finished) {
  const { tag, comment, labels, error } = body
  const identity = identityOf(attempt, instance, body)
  const result = {
    step_type: identity.step_type,
    status: deployedStatus[body.status],
    sql: JSON.stringify(body.sql),
    error: error ?? null,
    definition: body.definition ?? null,
    tag: tag ?? null,
    comment: comment ?? null,
    labels: labels ?? null,
    deployed_at: sql<Date>`clock_timestamp()`,
  }
  return db
    .insertInto('deployed_change_set')
    .values({ ...identity, ...result })
    .onConflict((conflict) => conflict.columns(['attempt_id', 'fqn']).doUpdateSet(result))
}

/** A change set that the instance did not have yet stands at the end until the whole changelog is told. */
function stateQuery(db: Queries, attempt: Told, instance: string, body: Finished) {
  const known = {
    status: body.status,
    error: body.error ?? null,
    filtered_by: null,
    tag: body.status === 'Successfully_Deployed' ? (body.tag ?? null) : null,
    execution_id: attempt.executionId,
    node_id: attempt.nodeId,
    updated_at: sql<Date>`clock_timestamp()`,
  }
  return db
    .insertInto('change_set_state')
    .values({
      db_instance_id: instance,
      fqn: changeSetFqn(body),
      file_name: body.fileName,
      change_set_id: body.id,
      author: body.author,
      position: sql<number>`(select coalesce(max(position) + 1, 0) from change_set_state where db_instance_id = ${instance})`,
      comment: body.comment ?? null,
      labels: body.labels ?? null,
      ...known,
    })
    .onConflict((conflict) => conflict.columns(['db_instance_id', 'fqn']).doUpdateSet(known))
}

function deploymentQuery(db: Queries, instance: string, body: Finished) {
  return db
    .updateTable('db_instance')
    .set({ last_deployed_at: sql`clock_timestamp()`, ...(body.tag ? { last_deployed_tag: body.tag } : {}) })
    .where('id', '=', instance)
    .where(sql<boolean>`${body.status === 'Successfully_Deployed'}`)
}

/** One statement: a step waits for it between each change set and the next. */
async function finish(tx: StoreTransaction, attempt: Told, instance: string, body: Finished): Promise<void> {
  if (!changesState(body)) {
    await resultQuery(tx, attempt, instance, body).execute()
    return
  }
  await tx
    .with('result', (db) => resultQuery(db, attempt, instance, body))
    .with('deployed', (db) => deploymentQuery(db, instance, body))
    .with('state', (db) => stateQuery(db, attempt, instance, body))
    .selectNoFrom(sql.lit(1).as('done'))
    .execute()
}

async function observeEvent(tx: StoreTransaction, attempt: AttemptRecord, { body }: StepEvent): Promise<void> {
  const instance = await findTarget(tx, attempt)
  if (instance === undefined || !isOfExecution(attempt)) return
  if (body.type === 'change-set.started') await begin(tx, attempt, instance, body)
  else await finish(tx, attempt, instance, body)
}

/**
 * Takes the whole changelog of an instance in one statement. The history of the target knows only what is deployed, so a change
 * set that is not keeps what we know more: that it failed, or was rolled back. What the changelog lost is forgotten.
 */
async function replaceChangeSets(
  tx: StoreTransaction,
  instance: string,
  changeSets: readonly ChangeSetOnInstance[],
): Promise<void> {
  const rows = changeSets.map((changeSet, position) => ({ ...changeSet, position, fqn: changeSetFqn(changeSet) }))
  // A changelog that names a change set twice is refused long before; the last one would win here.
  const unique = [...new Map(rows.map((row) => [row.fqn, row])).values()]
  await sql`
    with told as (
      select * from jsonb_to_recordset(${JSON.stringify(unique)}::jsonb) as told (
        fqn text, "fileName" text, id text, author text, position integer, status text, tag text, comment text,
        labels text, "filteredBy" text, "executedAt" bigint)
    ), gone as (
      delete from change_set_state
      where db_instance_id = ${instance} and fqn not in (select fqn from told)
    )
    insert into change_set_state as known
      (db_instance_id, fqn, file_name, change_set_id, author, position, status, tag, comment, labels, filtered_by, updated_at)
    select ${instance}, fqn, "fileName", id, author, position, status, tag, comment, labels, "filteredBy",
      coalesce(to_timestamp("executedAt" / 1000.0), clock_timestamp())
    from told
    on conflict (db_instance_id, fqn) do update set
      position = excluded.position,
      comment = excluded.comment,
      labels = excluded.labels,
      filtered_by = excluded.filtered_by,
      tag = excluded.tag,
      status = case when excluded.status = 'Not_Deployed' and known.status in ('Rolled_Back', 'Deployment_Failed')
        then known.status else excluded.status end,
      error = case when excluded.status = 'Not_Deployed' and known.status = 'Deployment_Failed'
        then known.error else null end,
      updated_at = case when excluded.status = known.status
        or (excluded.status = 'Not_Deployed' and known.status in ('Rolled_Back', 'Deployment_Failed'))
        then known.updated_at else excluded.updated_at end`.execute(tx)
}

async function observeChangeSets(
  tx: StoreTransaction,
  attempt: AttemptRecord,
  changeSets: readonly ChangeSetOnInstance[],
  lastTag: string | undefined,
): Promise<void> {
  const instance = await findTarget(tx, attempt)
  if (instance === undefined) return
  await replaceChangeSets(tx, instance, changeSets)
  await tx
    .updateTable('db_instance')
    .set({ change_sets_read_at: sql`clock_timestamp()`, last_deployed_tag: lastTag ?? '' })
    .where('id', '=', instance)
    .execute()
  const { work } = attempt.spec
  if (work.type === 'HistorySync') await noteLastDeployment(tx, instance, changeSets)
  if (work.type === 'Reconcile') await settleLostChangeSets(tx, work, instance)
}

/** Others deployed here without us: the newest row of their history says when. */
async function noteLastDeployment(
  tx: StoreTransaction,
  instance: string,
  changeSets: readonly ChangeSetOnInstance[],
): Promise<void> {
  const newest = Math.max(0, ...changeSets.map(({ executedAt }) => executedAt ?? 0))
  if (newest === 0) return
  await tx
    .updateTable('db_instance')
    .set({ last_deployed_at: sql`greatest(last_deployed_at, to_timestamp(${newest}::bigint / 1000.0))` })
    .where('id', '=', instance)
    .execute()
}

/** The observer that the work queue calls for every report of a step. */
export const stateObserver: AttemptObserver = {
  event: observeEvent,
  payload: async (tx, attempt, payload) => {
    if (payload.kind === 'change-sets') await observeChangeSets(tx, attempt, payload.changeSets, payload.lastTag)
  },
  ended: (tx: StoreTransaction, attempt: AttemptRecord, end: AttemptEnd) => endOpenChangeSets(tx, attempt, end),
}
