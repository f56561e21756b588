// Which plans an approval is about: what earlier steps of the run previewed for the instances that later steps change.
import type { PlanPayload } from '#contract/change-set'
import { commandNames, commandRules } from '#contract/delegate/command'
import type { StepSpec } from '#contract/delegate/step-spec'
import { planPayloadSchema } from '#contract/change-set-schema'
import { sql } from 'kysely'
import type { Executor } from '../store/port.ts'

/** What a plan is for: the update of an instance, or to drop all that is in it. */
export interface PlanTarget {
  readonly dbSchema: string
  readonly dbInstance: string
  readonly drops?: true
}
/** A plan by reference, as an approval keeps it. */
export interface PlanReference extends PlanTarget {
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
  targets: readonly PlanTarget[],
): Promise<readonly PlanReference[]> {
  const rows = await db
    .selectFrom('plan')
    .innerJoin('execution_node as node', (join) =>
      join.onRef('node.execution_id', '=', 'plan.execution_id').onRef('node.node_id', '=', 'plan.node_id'),
    )
    .where('plan.execution_id', '=', execution)
    .leftJoin('attempt as made', 'made.id', 'plan.attempt_id')
    .where('node.type', 'in', ['DBSchemaUpdateSQL', 'LiquibaseCommand'])
    .where(
      sql<boolean>`not exists (select 1 from attempt where attempt.execution_id = plan.execution_id and attempt.changing
        and attempt.started_at > plan.created_at and attempt.spec -> 'work' ->> 'dbSchema' = node.db_schema
        and attempt.spec -> 'work' ->> 'dbInstance' = node.db_instance
        and coalesce(attempt.spec -> 'work' ->> 'command', '') <> all(${looking}))`,
    )
    .select(['plan.node_id', 'plan.digest', 'node.db_schema', 'node.db_instance', 'made.spec'])
    .orderBy('plan.created_at', 'desc')
    .execute()
  const wanted = new Map(targets.map((target) => [keyOf(target), target]))
  return [...wanted].flatMap(([key, target]) => {
    const { dbSchema, dbInstance, drops } = target
    const newest = rows.find(
      (row) =>
        keyOf({
          dbSchema: row.db_schema ?? '',
          dbInstance: row.db_instance ?? '',
          ...kindOf(row.spec as StepSpec | null),
        }) === key,
    )
    const kind = drops ? { drops } : {}
    return newest ? [{ node: newest.node_id, digest: newest.digest, dbSchema, dbInstance, ...kind }] : []
  })
}

/** By the work of the step that made it; a run that goes on from an earlier one may have outlived it. */
function kindOf(spec: StepSpec | null): Pick<PlanTarget, 'drops'> {
  const drops = spec?.work.type === 'LiquibaseCommand' && commandRules[spec.work.command].plans === 'drop'
  return drops ? { drops } : {}
}

/** Commands that only look, although each has the instance to itself. */
const looking = commandNames.filter((name) => !commandRules[name].changes)

export const keyOf = ({ dbSchema, dbInstance, drops }: PlanTarget): string =>
  `${dbSchema}/${dbInstance}${drops ? ' drop-all' : ''}`

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
