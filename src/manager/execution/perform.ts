// Carries out one command of the machine: attempts, approvals and timers, as rows of the same transaction.
import { sql } from 'kysely'
import { isProgramWork } from '#contract/delegate/program-work'
import type { PipelineTarget, PipelineWork, StepSpec } from '#contract/delegate/step-spec'
import { Fault } from '#contract/fault'
import type { DatabaseWork } from '#pipeline/document'
import type { Command } from '#pipeline/state'
import { dropDigest, expectedDigest } from '../approval/digest.ts'
import { closeApproval, requestApproval } from '../approval/request.ts'
import { checkStep, stageHeldBy } from '../freeze/hold.ts'
import { releaseHold, requestHold } from '../hold/request.ts'
import { dropStepMail, requestStepMail } from '../notify/step-mail.ts'
import type { StoreTransaction } from '../store/port.ts'
import { anchorName } from './anchor.ts'
import { selectorOfWorkspace } from '../work/workspace.ts'
import type { ExecutionDependencies } from './dependency.ts'
import { resolveClone } from './clone.ts'
import { checkRight } from './right.ts'
import { describePod } from './pod.ts'
import type { Run } from './run.ts'
import { instanceKey, oldestInstance, resolveTarget, valuesOfRun } from './target.ts'

type RunStep = Extract<Command, { readonly type: 'run-step' }>
type Reconcile = Extract<Command, { readonly type: 'reconcile' }>

/** Seconds that a cancelled statement has to be rolled back and reported. */
const CANCEL_GRACE = 30
/** Reading history and journal is quick; waiting for a lock that a dead session still holds may take a while. */
const RECONCILE_SECONDS = 300

export interface Reactions {
  /** An attempt cannot be described, which is a finding about the user's entities. */
  readonly impossible: (node: string, number: number, fault: Fault) => void
  /** What was asked for was free, or somebody is before it in the line. */
  readonly settled: (node: string, granted: boolean) => void
  /** A freeze holds it: it does not begin. */
  readonly refused: (node: string, reason: string) => void
}

export async function performCommand(
  dependencies: ExecutionDependencies,
  tx: StoreTransaction,
  run: Run,
  command: Command,
  { impossible, settled, refused }: Reactions,
): Promise<void> {
  switch (command.type) {
    case 'run-step':
    case 'reconcile':
      try {
        const plan = await (command.type === 'run-step' ? runStep(tx, run, command) : reconcile(tx, run, command))
        await checkRight(tx, run, plan.work)
        if (command.type === 'run-step' && command.repeats === undefined)
          await checkStep(tx, run, command.node, plan.work)
        await enqueueAttempt(dependencies, tx, run, command, plan)
      } catch (error) {
        if (!(error instanceof Fault) || error.code === 'bug') throw error
        impossible(command.node, command.number, error)
      }
      return
    case 'cancel-attempt': {
      const id = await attemptId(tx, run.id, command.node, command.number)
      if (id !== undefined)
        await dependencies.requestCancel(tx, id, { reason: command.reason, graceSeconds: CANCEL_GRACE })
      return
    }
    case 'request-hold': {
      const reason = await stageHeldBy(tx, run, command.node, command.targets)
      if (reason === undefined) settled(command.node, await requestHold(tx, run, command))
      else refused(command.node, reason)
      return
    }
    case 'release-hold':
      return releaseHold(tx, run.id, command.node)
    case 'request-approval':
      return requestApproval(dependencies, tx, run, command)
    case 'close-approval':
      return closeApproval(tx, run, command)
    case 'send-mail':
      return requestStepMail(tx, run, command)
    case 'drop-mail':
      return dropStepMail(tx, run.id, command.node)
    case 'start-timer':
      return startTimer(tx, run.id, command.node, command.kind, command.seconds)
    case 'stop-timer':
      await tx
        .deleteFrom('execution_timer')
        .where('execution_id', '=', run.id)
        .where('node_id', '=', command.node)
        .where('kind', '=', command.kind)
        .execute()
  }
}

async function startTimer(
  tx: StoreTransaction,
  execution: string,
  node: string,
  kind: string,
  seconds: number,
): Promise<void> {
  const due = sql<Date>`clock_timestamp() + make_interval(secs => ${seconds})`
  await tx
    .insertInto('execution_timer')
    .values({ execution_id: execution, node_id: node, kind, due_at: due })
    .onConflict((conflict) => conflict.columns(['execution_id', 'node_id', 'kind']).doUpdateSet({ due_at: due }))
    .execute()
}

async function attemptId(
  tx: StoreTransaction,
  execution: string,
  node: string,
  number: number,
): Promise<string | undefined> {
  const row = await tx
    .selectFrom('attempt')
    .where('execution_id', '=', execution)
    .where('node_id', '=', node)
    .where('number', '=', number)
    .select('id')
    .executeTakeFirst()
  return row?.id
}

interface AttemptPlan {
  readonly work: PipelineWork
  readonly timeoutSeconds: number
  readonly selectors: readonly string[]
}

/** A repeated attempt does what the lost one was told to do; everything else is put together from the entities as they are now. */
async function runStep(tx: StoreTransaction, run: Run, command: RunStep): Promise<AttemptPlan> {
  const { work, timeoutSeconds } = command
  if (work.type === 'GitClone') {
    const clone = await resolveClone(tx, run.projectId, command.node, work)
    const all = new Set([...command.delegateSelectors, ...clone.selectors])
    return { work: clone.work, timeoutSeconds, selectors: [...all] }
  }
  if (isProgramWork(work)) return { work, timeoutSeconds, selectors: command.delegateSelectors }
  if (command.repeats !== undefined) {
    const earlier = await attemptPlan(tx, run.id, command.node, command.repeats)
    if (isProgramWork(earlier.work)) return earlier
    return { ...earlier, work: await withBindings(tx, run, command, earlier.work) }
  }
  const { dbSchema } = work
  const dbInstance = work.dbInstance === '' ? await oldestInstance(tx, run.projectId, dbSchema) : work.dbInstance
  const target = await resolveTarget(tx, valuesOfRun(run, command.node), { dbSchema, dbInstance })
  const selectors = [...new Set([...command.delegateSelectors, ...target.selectors])]
  const { contexts, labelFilter, environment } = work
  const own = {
    ...(contexts === undefined ? {} : { contexts }),
    ...(labelFilter === undefined ? {} : { labelFilter }),
    ...(environment === undefined ? {} : { environment }),
  }
  const base = { ...target.work, ...own, dbSchema, dbInstance }
  const bare: PipelineTarget =
    work.type === 'DBSchemaApply'
      ? { ...base, type: work.type, preStartTag: '', ...updateOf(work) }
      : { ...base, ...goalOf(work, command.node) }
  return { work: await withBindings(tx, run, command, bare), timeoutSeconds, selectors }
}

/** The fields of an apply that are its own. */
function updateOf(work: Extract<DatabaseWork, { type: 'DBSchemaApply' }>) {
  const { tag, count, toTag, testRollback, recordFailed, tagAlways } = work
  return {
    ...(tag === undefined ? {} : { tag }),
    ...(count === undefined ? {} : { count }),
    ...(toTag === undefined ? {} : { toTag }),
    ...(testRollback ? { testRollback } : {}),
    ...(recordFailed ? { recordFailed } : {}),
    ...(tagAlways ? { tagAlways } : {}),
  }
}

function goalOf(work: Exclude<DatabaseWork, { readonly type: 'DBSchemaApply' }>, node: string) {
  if (work.type === 'DBSchemaUpdateSQL') return { type: work.type }
  if (work.type === 'DBTestAndPreview') {
    const { type, changeset } = work
    return { type, changeset, directory: `dbops/${node.split('.').at(-1) ?? node}` }
  }
  if (work.type === 'LiquibaseCommand') {
    const { type, command, arguments: given, withoutChangelog = false } = work
    return { type, command, arguments: { ...given }, withoutChangelog }
  }
  const { type, tag, changeSetCount, date } = work
  return {
    type,
    ...(tag === undefined ? {} : { tag }),
    ...(changeSetCount === undefined ? {} : { changeSetCount }),
    ...(date === undefined ? {} : { date }),
  }
}

/**
 * What an apply is bound to: its anchor, and the plan that was approved for the instance, if one was. What drops everything is always
 * bound to a plan.
 */
async function withBindings(
  tx: StoreTransaction,
  run: Run,
  command: RunStep,
  work: PipelineTarget,
): Promise<PipelineTarget> {
  if (work.type === 'DBSchemaRollback' && work.changeSetCount !== undefined)
    return { ...work, changeSetCount: await leftToDo(tx, run, command, 'rolled back') }
  if (work.type === 'LiquibaseCommand' && work.command === 'drop-all')
    return { ...work, approvedDigest: await dropDigest(tx, run, command.node, work) }
  if (work.type !== 'DBSchemaApply') return work
  const { approvedDigest: _, count, ...rest } = work
  const digest = await expectedDigest(tx, run, command.node, work)
  const preStartTag = command.preStartTag ?? anchorName(run, command.node)
  const left = count === undefined ? {} : { count: await leftToDo(tx, run, command, 'applied') }
  return { ...rest, ...left, preStartTag, ...(digest === undefined ? {} : { approvedDigest: digest }) }
}

/** A count is of the whole step: what earlier attempts of it have done counts. A tag needs no such care. */
async function leftToDo(
  tx: StoreTransaction,
  run: Run,
  { node, work }: RunStep,
  verb: 'applied' | 'rolled back',
): Promise<number> {
  const wanted = 'changeSetCount' in work ? (work.changeSetCount ?? 0) : 'count' in work ? (work.count ?? 0) : 0
  const { done } = await tx
    .selectFrom('deployed_change_set')
    .where('execution_id', '=', run.id)
    .where('node_id', '=', node)
    .where('step_type', '=', verb === 'applied' ? 'DBSchemaApply' : 'DBSchemaRollback')
    .where('status', '=', 'SUCCESS')
    .select((rows) => rows.fn.countAll<string>().as('done'))
    .executeTakeFirstOrThrow()
  const left = wanted - Number(done)
  if (left > 0) return left
  throw new Fault('conflict', `All ${wanted} change sets were ${verb} by earlier attempts of ${node}.`, {
    hint: 'Look at the database; there is nothing left for this step to do.',
  })
}

async function reconcile(tx: StoreTransaction, run: Run, command: Reconcile): Promise<AttemptPlan> {
  const lost = await attemptPlan(tx, run.id, command.node, command.lost)
  const lostAttempt = await attemptId(tx, run.id, command.node, command.lost)
  const { work } = lost
  if ((work.type !== 'DBSchemaApply' && work.type !== 'DBSchemaRollback') || lostAttempt === undefined)
    throw new Fault('bug', `Attempt ${command.lost} of ${command.node} is none that can be looked into.`)
  const { source, connection, dbSchema, dbInstance, contexts, labelFilter, substituteProperties, environment } = work
  const common = { source, connection, dbSchema, dbInstance, contexts, labelFilter, substituteProperties }
  const target = environment === undefined ? common : { ...common, environment }
  const known = run.state.nodes[command.node]?.output['preStartTag']
  const anchor = work.type === 'DBSchemaApply' ? (typeof known === 'string' ? known : work.preStartTag) : undefined
  const goal =
    work.type === 'DBSchemaApply'
      ? { count: work.count, toTag: work.toTag, testRollback: work.testRollback }
      : { changeSetCount: work.changeSetCount, date: work.date }
  return {
    ...lost,
    timeoutSeconds: RECONCILE_SECONDS,
    work: {
      type: 'Reconcile',
      ...target,
      lostAttempt,
      lostWork: work.type,
      ...(anchor === undefined ? {} : { preStartTag: anchor }),
      tag: work.tag,
      ...goal,
    },
  }
}

async function attemptPlan(
  tx: StoreTransaction,
  execution: string,
  node: string,
  number: number,
): Promise<AttemptPlan> {
  const row = await tx
    .selectFrom('attempt')
    .where('execution_id', '=', execution)
    .where('node_id', '=', node)
    .where('number', '=', number)
    .select(['spec', 'delegate_selectors'])
    .executeTakeFirst()
  if (!row) throw new Fault('bug', `There is no attempt ${number} of ${node}.`)
  const { work, timeoutSeconds } = row.spec as StepSpec
  // A run enqueues nothing else.
  return { work: work as PipelineWork, timeoutSeconds, selectors: row.delegate_selectors as string[] }
}

async function enqueueAttempt(
  { enqueue, createId }: ExecutionDependencies,
  tx: StoreTransaction,
  run: Run,
  command: RunStep | Reconcile,
  { work, timeoutSeconds, selectors }: AttemptPlan,
): Promise<void> {
  const { node, number } = command
  const attempt = createId()
  const { org, project, pipeline } = run
  const place = run.graph.nodes.get(node)
  const spec: StepSpec = {
    attempt,
    execution: run.id,
    node,
    pipeline,
    project: { org, project },
    timeoutSeconds,
    work,
    ...(place?.kind === 'step' ? await describePod(tx, run, place, work) : {}),
  }
  const target = isProgramWork(work) ? undefined : work
  const key = target ? instanceKey(run.projectId, target) : null
  await tx
    .updateTable('execution_node')
    .set({
      attempt_id: attempt,
      ...(target ? { db_schema: target.dbSchema, db_instance: target.dbInstance } : {}),
    })
    .where('execution_id', '=', run.id)
    .where('node_id', '=', node)
    .execute()
  const delegateSelectors = [...selectors, ...(await selectorOfWorkspace(tx, run.id, spec))]
  await enqueue(tx, { spec, projectId: run.projectId, number, instanceKey: key, delegateSelectors })
}
