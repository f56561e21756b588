// What freezes do to runs: a held pipeline does not start, a held stage or step ends before it begins, and who may pass over one.
import { Fault } from '#contract/fault'
import { canBeHeld, type FreezeSubject, holds, holdsPipeline, isHarmless } from '#pipeline/freeze/match'
import { nodeOf, stageOf } from '#pipeline/graph'
import { mayDo } from '#contract/grant'
import { recordEvent } from '../audit/record.ts'
import { instanceKey } from '../execution/target.ts'
import type { Run } from '../execution/run.ts'
import type { Caller } from '../http/handler.ts'
import type { StoreTransaction } from '../store/port.ts'
import { type ActiveFreeze, activeFreezes } from './row.ts'

interface Target {
  readonly dbSchema: string
  readonly dbInstance: string
}
/** Freezes that a run passes over, by the ids of their rows; those that begin later hold it as they hold everybody. */
export interface FreezeOverride {
  readonly reason: string
  readonly freezes: readonly string[]
}

/**
 * At the start of a run, in its transaction. With a reason, what the caller may pass over holds nothing, which is written down.
 * Raises `frozen` for a freeze that holds the whole pipeline, `forbidden` when the caller wants to pass over it and may not.
 */
export async function checkStart(
  tx: StoreTransaction,
  run: Pick<Run, 'id' | 'projectId' | 'org' | 'project' | 'pipeline' | 'graph'>,
  caller: Caller,
  reason: string | undefined,
): Promise<FreezeOverride | undefined> {
  if (!canBeHeld(run.graph)) return undefined
  const active = await activeFreezes(tx, run.projectId)
  const may = (freeze: ActiveFreeze): boolean =>
    mayDo(caller.grants, 'freeze.override', { ...freeze.scope, identifier: freeze.identifier })
  const passed = reason === undefined ? [] : active.filter(may)
  const held = active.find((freeze) => !passed.includes(freeze) && holdsPipeline(freeze.document, run))
  if (held && reason !== undefined)
    throw new Fault('forbidden', `The permission freeze.override is missing for the freeze ${named(held)}.`)
  if (held) throw frozen(held, `the pipeline ${run.pipeline}`)
  if (reason === undefined || passed.length === 0) return undefined
  const { actor, sourceAddress } = caller
  const place = { actor, sourceAddress, projectId: run.projectId, executionId: run.id }
  const freezes = passed.map(named)
  await recordEvent(tx, { ...place, body: { type: 'freeze.overridden', pipeline: run.pipeline, freezes, reason } })
  return { reason, freezes: passed.map(({ id }) => id) }
}

/** Why a stage that wants to change these instances does not begin; undefined when it may. */
export async function stageHeldBy(
  tx: StoreTransaction,
  run: Run,
  stage: string,
  targets: readonly Target[],
): Promise<string | undefined> {
  for (const freeze of await binding(tx, run))
    for (const target of targets)
      if (holds(freeze.document, subjectOf(run, stage, target)))
        return frozen(freeze, `${target.dbSchema}/${target.dbInstance}`).message
  return undefined
}

/**
 * Raises `frozen` for a step that would begin to change something. A stage that has its instances began before the freeze and goes on
 * to its end, and so does a rollback: half done is worse.
 */
export async function checkStep(
  tx: StoreTransaction,
  run: Run,
  id: string,
  work: { readonly type: string },
): Promise<void> {
  const target = 'dbSchema' in work ? (work as unknown as Target) : undefined
  const node = nodeOf(run.graph, id)
  if (node.rollback || isHarmless(work.type)) return
  const active = await binding(tx, run)
  if (active.length === 0) return
  const stage = stageOf(run.graph, id).id
  if (target ? await has(tx, run, stage, target) : run.state.nodes[stage]?.hold === 'held') return
  const held = active.find((freeze) => holds(freeze.document, subjectOf(run, stage, target)))
  if (held) throw frozen(held, target ? `${target.dbSchema}/${target.dbInstance}` : `the stage ${stage}`)
}

async function binding(tx: StoreTransaction, run: Run): Promise<readonly ActiveFreeze[]> {
  const active = await activeFreezes(tx, run.projectId)
  if (active.length === 0) return active
  const row = await tx.selectFrom('execution').where('id', '=', run.id).select('freeze_override').executeTakeFirst()
  const passed = (row?.freeze_override as FreezeOverride | null | undefined)?.freezes ?? []
  return active.filter(({ id }) => !passed.includes(id))
}

async function has(tx: StoreTransaction, run: Run, stage: string, target: Target): Promise<boolean> {
  const row = await tx
    .selectFrom('resource_hold')
    .where('execution_id', '=', run.id)
    .where('node_id', '=', stage)
    .where('resource', '=', instanceKey(run.projectId, target))
    .where('held_at', 'is not', null)
    .select('id')
    .executeTakeFirst()
  return row !== undefined
}

function subjectOf(run: Run, stage: string, target: Target | undefined): FreezeSubject {
  const { org, project, pipeline } = run
  const changed = target && { dbSchema: target.dbSchema, dbInstance: target.dbInstance }
  return { org, project, pipeline, stageType: nodeOf(run.graph, stage).type, ...changed }
}

function named({ identifier, scope: { org, project } }: ActiveFreeze): string {
  if (org === undefined) return `${identifier} of the account`
  return project === undefined ? `${identifier} of the organization ${org}` : `${identifier} of the project ${project}`
}

const frozen = (freeze: ActiveFreeze, what: string): Fault =>
  new Fault('frozen', `The freeze ${named(freeze)} holds ${what} until ${freeze.period.end.toISOString()}.`)
