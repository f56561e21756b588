// Which plans an approval is about: what earlier steps of the run previewed for the instances that later steps change.
import type { PlanPayload } from '#contract/change-set'
import { planPayloadSchema } from '#contract/change-set-schema'
import { sql } from 'kysely'
import type { Executor } from '../store/port.ts'

interface Target {
  readonly dbSchema: string
  readonly dbInstance: string
}
/** A plan by reference, as an approval keeps it. */
export interface PlanReference extends Target {
  /** The step that posted it. */
  readonly node: string
  readonly digest: string
}

/**
 * The newest preview of each target, in the order of the targets. A preview that was made before the last change of the same
 * instance in this run no longer says what would run, and is left out.
 */
export async function plansFor(
  db: Executor,
  execution: string,
  targets: readonly Target[],
): Promise<readonly PlanReference[]> {
  const rows = await db
    .selectFrom('plan')
    .innerJoin('execution_node as node', (join) =>
      join.onRef('node.execution_id', '=', 'plan.execution_id').onRef('node.node_id', '=', 'plan.node_id'),
    )
    .where('plan.execution_id', '=', execution)
    .where('node.type', '=', 'DBSchemaUpdateSQL')
    .where(
      sql<boolean>`not exists (select 1 from attempt where attempt.execution_id = plan.execution_id and attempt.changing
        and attempt.started_at > plan.created_at and attempt.spec -> 'work' ->> 'dbSchema' = node.db_schema
        and attempt.spec -> 'work' ->> 'dbInstance' = node.db_instance)`,
    )
    .select(['plan.node_id', 'plan.digest', 'node.db_schema', 'node.db_instance'])
    .orderBy('plan.created_at', 'desc')
    .execute()
  const wanted = new Map(targets.map((target) => [keyOf(target), target]))
  return [...wanted].flatMap(([key, { dbSchema, dbInstance }]) => {
    const newest = rows.find(
      (row) => keyOf({ dbSchema: row.db_schema ?? '', dbInstance: row.db_instance ?? '' }) === key,
    )
    return newest ? [{ node: newest.node_id, digest: newest.digest, dbSchema, dbInstance }] : []
  })
}

export const keyOf = ({ dbSchema, dbInstance }: Target): string => `${dbSchema}/${dbInstance}`

/** The plan that a step posted last, if it is still the one with this digest. */
export async function readPlan(db: Executor, execution: string, node: string): Promise<PlanPayload | undefined> {
  const row = await db
    .selectFrom('plan')
    .where('execution_id', '=', execution)
    .where('node_id', '=', node)
    .select('payload')
    .executeTakeFirst()
  return row && planPayloadSchema.parse(row.payload)
}
