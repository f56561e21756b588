// Binds an apply to what was approved: the digest that its plan must have at the moment when it runs.
import { createHash } from 'node:crypto'
import { changeSetFqn, type PlannedChangeSet, type PlanPayload, planDigestText } from '#contract/change-set'
import { Fault } from '#contract/fault'
import { nodeOf } from '#pipeline/graph'
import { sql } from 'kysely'
import type { Run } from '../execution/run.ts'
import type { StoreTransaction } from '../store/port.ts'
import { keyOf, type PlanReference, type PlanTarget, plansFor, readPlan } from './plan.ts'

interface Target {
  readonly dbSchema: string
  readonly dbInstance: string
}

/** sha-256, hex, as the engine makes it of its plan. */
export function digestOf(changeSets: readonly PlannedChangeSet[]): string {
  const hash = createHash('sha256')
  for (const changeSet of changeSets) hash.update(planDigestText(changeSet))
  return hash.digest('hex')
}

/**
 * What is left of an approved plan: without the change sets that are done. When it cannot be made (the plan is shown with a secret
 * masked, so that its text is not what the digest is of) the whole plan is still asked for, and the step refuses what differs.
 */
export function digestOfRest(plan: PlanPayload, isDone: (changeSet: PlannedChangeSet) => boolean): string {
  const rest = plan.changeSets.filter((changeSet) => !isDone(changeSet))
  if (rest.length === plan.changeSets.length || digestOf(plan.changeSets) !== plan.digest) return plan.digest
  return digestOf(rest)
}

/**
 * The digest for an apply of an instance whose plan was approved earlier in the run; undefined when none was. An attempt that goes
 * on after a loss, a retry, and an apply after a rehearsed rollback run what is left of the approved plan and nothing else.
 */
export async function expectedDigest(
  tx: StoreTransaction,
  run: Run,
  node: string,
  target: Target,
): Promise<string | undefined> {
  const approved = await approvedPlan(tx, run, node, target)
  if (!approved) return undefined
  const plan = await readPlan(tx, run.id, approved.node)
  if (!plan || plan.digest !== approved.digest) return approved.digest
  const done = await deployedSince(tx, run.id, target, approved.node)
  return digestOfRest(plan, (changeSet) => done.has(changeSetFqn(changeSet)))
}

/**
 * The digest of what may be dropped: of the plan that was approved, or of the newest one that an earlier step of the run made. Raises
 * `invalid-input` when there is none: nothing is dropped that nobody could see.
 */
export async function dropDigest(tx: StoreTransaction, run: Run, node: string, target: Target): Promise<string> {
  const drops = { dbSchema: target.dbSchema, dbInstance: target.dbInstance, drops: true } as const
  const approved = await approvedPlan(tx, run, node, drops)
  const [newest] = approved ? [approved] : await plansFor(tx, run.id, [drops])
  if (newest) return newest.digest
  const message = `No step of this run has shown what would be dropped from ${keyOf(target)}, or it was changed since.`
  throw new Fault('invalid-input', message, {
    hint: 'Put a LiquibaseCommand step with the command drop-all-sql before it.',
  })
}

/** Of the newest approval before the node that shows a plan for the target. */
async function approvedPlan(
  tx: StoreTransaction,
  run: Run,
  node: string,
  target: PlanTarget,
): Promise<PlanReference | undefined> {
  const rows = await tx
    .selectFrom('approval')
    .where('execution_id', '=', run.id)
    .where('status', '=', 'APPROVED')
    .select(['node_id', 'plan_digests'])
    .orderBy('decided_at', 'desc')
    .execute()
  const { position } = nodeOf(run.graph, node)
  for (const row of rows) {
    if (nodeOf(run.graph, row.node_id).position > position) continue
    const found = (row.plan_digests as PlanReference[]).find((plan) => keyOf(plan) === keyOf(target))
    if (found) return found
  }
  return undefined
}

/** Change sets that this run, or one that it goes on from, has applied to the target since the preview, and not rolled back again. */
async function deployedSince(
  tx: StoreTransaction,
  execution: string,
  { dbSchema, dbInstance }: Target,
  previewNode: string,
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ fqn: string; step_type: string }>`
    with recursive lineage as (
      select id, retried_from from execution where id = ${execution}
      union select e.id, e.retried_from from execution e join lineage on e.id = lineage.retried_from
    )
    select distinct on (d.fqn) d.fqn, d.step_type
    from deployed_change_set d
    join db_instance i on i.id = d.db_instance_id and i.identifier = ${dbInstance}
    join db_schema s on s.id = i.db_schema_id and s.identifier = ${dbSchema}
    join plan p on p.execution_id = ${execution} and p.node_id = ${previewNode}
    where d.execution_id in (select id from lineage) and d.status = 'SUCCESS' and d.deployed_at >= p.created_at
    order by d.fqn, d.deployed_at desc, d.id desc`.execute(tx)
  return new Set(rows.filter((row) => row.step_type !== 'DBSchemaRollback').map((row) => row.fqn))
}
