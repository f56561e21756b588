// A run has the rights of who started it: what its steps do to an instance is asked of these, each time one begins.
import { commandRules } from '#contract/delegate/command'
import { isProgramWork } from '#contract/delegate/program-work'
import type { PipelineWork } from '#contract/delegate/step-spec'
import { Fault } from '#contract/fault'
import type { Permission } from '#contract/permission'
import { isFinal } from '#contract/pipeline/status'
import { type CommandStep, type DatabaseWork, isDatabaseWork } from '#pipeline/document'
import { descendants, nodeOf, type StepNode } from '#pipeline/graph'
import { readsLateInputs } from '#pipeline/late-input'
import { isProgramStep } from '#pipeline/program'
import { grantsOfStarter } from '../access/assignment.ts'
import { mayDo } from '#contract/grant'
import type { Caller } from '../http/handler.ts'
import type { StoreTransaction } from '../store/port.ts'
import type { Run } from './run.ts'
import { oldestInstance, valuesOfRun } from './target.ts'

const needs = {
  DBSchemaUpdateSQL: ['instance.preview'],
  DBSchemaRollbackSQL: ['instance.preview'],
  DBTestAndPreview: ['instance.preview'],
  DBSchemaRollback: ['instance.rollback'],
  ShellScript: ['pipeline.script'],
  Run: ['pipeline.script'],
  Http: ['pipeline.script'],
  // Reads what a connector of the project may read, as every step that fetches a changelog.
  GitClone: [],
  // Only reads what became of an attempt that was allowed, and must not be kept from it by a right that was taken away since.
  Reconcile: [],
} as const satisfies Record<Exclude<PipelineWork['type'], 'LiquibaseCommand' | 'DBSchemaApply'>, readonly Permission[]>

type Judged =
  | { readonly type: keyof typeof needs }
  | { readonly type: 'DBSchemaApply'; readonly testRollback?: boolean | undefined }
  | Pick<CommandStep, 'type' | 'command'>

const both = ['instance.apply', 'instance.rollback'] as const

/** All of them. What undoes something as well as it applies needs both rights, and so does what leaves nothing. */
export function permissionsFor(work: Judged): readonly Permission[] {
  if (work.type === 'DBSchemaApply') return work.testRollback ? both : ['instance.apply']
  if (work.type !== 'LiquibaseCommand') return needs[work.type]
  if (work.command === 'drop-all') return both
  return [commandRules[work.command].changes ? 'instance.apply' : 'instance.preview']
}

/** Raises `forbidden` when whoever started the run may not do this, or is no more. */
export async function checkRight(tx: StoreTransaction, run: Run, work: PipelineWork): Promise<void> {
  const permissions = permissionsFor(work)
  if (permissions.length === 0) return
  const starter = await tx
    .selectFrom('execution')
    .where('id', '=', run.id)
    .select(['user_id', 'service_account_id', 'triggered_by'])
    .executeTakeFirstOrThrow()
  const { user_id: userId, service_account_id: serviceAccountId, triggered_by: name } = starter
  const grants = await grantsOfStarter(tx, { userId, serviceAccountId })
  const identifier = isProgramWork(work) ? run.pipeline : `${work.dbSchema}/${work.dbInstance}`
  const place = { org: run.org, project: run.project, identifier }
  const lacking = permissions.find((permission) => !mayDo(grants, permission, place))
  if (lacking === undefined) return
  throw new Fault('forbidden', `${name}, who started the run, has not the permission ${lacking} for ${identifier}.`, {
    hint: 'Let somebody start it who has, or assign a role with this permission on it.',
  })
}

/**
 * Raises `forbidden` when whoever gives inputs to a step, or to a stage, may not do himself what it then does: it is done with the
 * rights of whoever started the run, and the inputs may say what: a tag to roll back to, a piece of a script. Steps of other stages that
 * read what the stage asks for count as those in it. `run`: with the inputs.
 */
export async function checkGiver(
  tx: StoreTransaction,
  run: Run,
  node: string,
  grants: Caller['grants'],
): Promise<void> {
  const found = run.graph.nodes.get(node)
  if (found?.kind === 'step') return checkGiverOf(tx, run, found, grants, false)
  const inside = new Set(found ? descendants(run.graph, node) : [])
  for (const id of run.graph.order) {
    const step = nodeOf(run.graph, id)
    if (step.kind !== 'step' || isFinal(run.state.nodes[id]?.status ?? 'NotStarted')) continue
    const reads = readsLateInputs(run.graph, step, node)
    if (reads || inside.has(step)) await checkGiverOf(tx, run, step, grants, reads)
  }
}

async function checkGiverOf(
  tx: StoreTransaction,
  run: Run,
  { id: node, work }: StepNode,
  grants: Caller['grants'],
  /** Its texts hold what is given, wherever its instance comes from. */
  reads: boolean,
): Promise<void> {
  if (!isDatabaseWork(work) && !isProgramStep(work)) return
  const permissions = permissionsFor(work)
  if (permissions.length === 0) return
  const identifier = isProgramStep(work) ? run.pipeline : await instanceOf(tx, run, node, work)
  // What has no value ends the step before it does anything, unless steps before it give the value: then it may be any instance.
  if (identifier === undefined && !reads) return
  const place = { org: run.org, project: run.project, identifier }
  const lacking = permissions.find((permission) => !mayDo(grants, permission, place))
  if (lacking === undefined) return
  throw new Fault(
    'forbidden',
    `You have not the permission ${lacking} for ${identifier ?? `whatever ${node} changes`}, which the step needs.`,
    {
      hint: 'Let somebody give the inputs who has, or assign a role with this permission on it.',
    },
  )
}

async function instanceOf(tx: StoreTransaction, run: Run, id: string, work: DatabaseWork): Promise<string | undefined> {
  const { resolve } = valuesOfRun(run, id)
  const [schema, instance] = [resolve(work.dbSchema), resolve(work.dbInstance)]
  if (!('text' in schema) || !('text' in instance)) return undefined
  return `${schema.text}/${instance.text === '' ? await oldestInstance(tx, run.projectId, schema.text) : instance.text}`
}
