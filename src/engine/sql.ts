// The -sql commands: the plan as a script that a person could run instead.
import { changeSetFqn } from '#contract/change-set'
import { Fault } from '#contract/fault'
import type { EngineContext, RollbackTarget } from './context.ts'
import { readHistory } from './history/table.ts'
import { writeScript } from './layout.ts'
import { planFutureRollbackFrom, planRollbackFrom } from './plan-rollback.ts'
import { type PlanOptions, planUpdateFrom } from './plan-update.ts'
import type { Plan, PlannedStep } from './plan.ts'
import { evaluatePreconditions } from './precondition/evaluate.ts'
import type { RollbackOptions } from './rollback.ts'
import type { UpdateOptions } from './update.ts'

export interface Script {
  readonly plan: Plan
  /** Whole text, with the statements for history and lock tables. */
  readonly sql: string
}

type Limit = Pick<UpdateOptions, 'count' | 'toTag'>

/** Changes nothing in the database. */
export async function updateSql(
  context: EngineContext,
  options: PlanOptions = {},
  signal?: AbortSignal,
): Promise<Script> {
  const history = await readHistory(context, signal)
  const plan = await planUpdateFrom(context, history, options, signal)
  const steps = await printedSteps(context, plan, signal)
  return {
    plan,
    sql: await writeScript(context, { steps, checksumUpgrades: plan.checksumUpgrades }, history, {
      title: updateTitle(options),
      order: 'lock-first',
    }),
  }
}

function updateTitle({ count, toTag }: Limit): string {
  if (count !== undefined) return `Update ${count} Changesets Database Script`
  return toTag === undefined ? 'Update Database Script' : `Update to '${toTag}' Database Script`
}

export async function rollbackSql(
  context: EngineContext,
  target: RollbackTarget,
  options: Pick<RollbackOptions, 'script'> = {},
  signal?: AbortSignal,
): Promise<Script> {
  const history = await readHistory(context, signal)
  const plan = await planRollbackFrom(context, history, target, options, signal)
  const layout = { title: rollbackTitle(target), order: 'lock-first' } as const
  return { plan, sql: await writeScript(context, plan, history, layout) }
}

function rollbackTitle(target: RollbackTarget): string {
  if ('tag' in target) return `Rollback to '${target.tag}' Script`
  if ('count' in target) return `Rollback ${target.count} Change(s) Script`
  const date = new Date(target.date).toISOString()
  return `Rollback to ${date.endsWith('T00:00:00.000Z') ? date.slice(0, 10) : date} Script`
}

/** What would undo the change sets that have not run yet: all, the first `count`, or those up to a tag. */
export async function futureRollbackSql(
  context: EngineContext,
  options: Limit = {},
  signal?: AbortSignal,
): Promise<Script> {
  const history = await readHistory(context, signal)
  const plan = await planFutureRollbackFrom(context, history, options, signal)
  const layout = {
    title: 'SQL to roll back currently unexecuted changes',
    order: 'header-first',
    future: true,
  } as const
  return { plan, sql: await writeScript(context, plan, history, layout) }
}

/** `changelog-sync-sql` and `changelog-sync-to-tag-sql`. */
export async function changelogSyncSql(
  context: EngineContext,
  options: Pick<UpdateOptions, 'toTag'> = {},
  signal?: AbortSignal,
): Promise<Script> {
  const history = await readHistory(context, signal)
  const plan = await planUpdateFrom(context, history, options, signal)
  const title = 'SQL to add all changesets to database history table'
  return { plan, sql: await writeScript(context, plan, history, { title, order: 'lock-first', recordOnly: true }) }
}

export async function markNextChangeSetRanSql(context: EngineContext, signal?: AbortSignal): Promise<Script> {
  const history = await readHistory(context, signal)
  const plan = await planUpdateFrom(context, history, { count: 1 }, signal)
  const title = 'SQL to add the next changeset to database history table'
  return { plan, sql: await writeScript(context, plan, history, { title, order: 'unlocked', recordOnly: true }) }
}

/**
 * Without those whose preconditions say onSqlOutput TEST and do not hold now; IGNORE, the default, prints without looking. The
 * plan keeps them: it is what an update would try.
 */
async function printedSteps(context: EngineContext, plan: Plan, signal?: AbortSignal): Promise<readonly PlannedStep[]> {
  const steps: PlannedStep[] = []
  for (const step of plan.steps) {
    const printed = await printedStep(context, step, signal)
    if (printed) steps.push(printed)
  }
  return steps
}

async function printedStep(
  context: EngineContext,
  step: PlannedStep,
  signal?: AbortSignal,
): Promise<PlannedStep | undefined> {
  const { changeSet } = step
  const container = changeSet.preconditions
  if (container === undefined || container.onSqlOutput === 'IGNORE') return step
  const name = changeSetFqn({ ...changeSet, fileName: changeSet.path })
  if (container.onSqlOutput === 'FAIL') {
    throw new Fault('precondition-failed', `${name} has a precondition that is not to be made into a script.`, {
      diagnostics: [
        {
          code: 'engine/precondition-failed',
          severity: 'error',
          message: `the preconditions of ${name} say onSqlOutput FAIL`,
          span: container.span,
          fix: 'Use update, or write TEST to have them tested while the script is made, IGNORE to take them as they are.',
        },
      ],
    })
  }
  const outcome = await evaluatePreconditions(
    {
      context,
      history: async () => await readHistory(context, signal),
      path: changeSet.path,
      quoting: changeSet.objectQuotingStrategy,
      expand: context.expanderFor(changeSet),
      signal,
    },
    container,
  )
  if (outcome.result === 'passed' || outcome.how === 'WARN') return step
  if (outcome.how === 'CONTINUE') return undefined
  if (outcome.how === 'MARK_RAN') return { ...step, statements: [], execType: step.row ? 'RERAN' : 'MARK_RAN' }
  throw new Fault('precondition-failed', `A precondition of ${name}: ${outcome.message}`, {
    diagnostics: outcome.diagnostics,
  })
}
