// `update-sql` and `rollback-sql`: the plan as a script that a person could run instead.
import { changeSetFqn } from '#contract/change-set'
import { Fault } from '#contract/fault'
import type { EngineContext, RollbackTarget } from './context.ts'
import { type History, nextOrder, readHistory } from './history/table.ts'
import { checksumText, recordText } from './history/write.ts'
import { clearText, initialiseText, lockText, unlockText } from './lock/row.ts'
import { planRollbackFrom } from './plan-rollback.ts'
import { planUpdateFrom } from './plan-update.ts'
import type { Plan, PlannedStep } from './plan.ts'
import { evaluatePreconditions } from './precondition/evaluate.ts'
import { ScriptWriter, writeHeader } from './script.ts'
import type { UpdateOptions } from './update.ts'

export interface Script {
  readonly plan: Plan
  /** Whole text, with the statements for history and lock tables. */
  readonly sql: string
}

/** Changes nothing in the database. */
export async function updateSql(
  context: EngineContext,
  options: Pick<UpdateOptions, 'count' | 'toTag'> = {},
  signal?: AbortSignal,
): Promise<Script> {
  const history = await readHistory(context, signal)
  const plan = await planUpdateFrom(context, history, options, signal)
  const printed = { ...plan, steps: await printedSteps(context, plan, signal) }
  // The original engine prints no header for update-count-sql and update-to-tag-sql.
  const plain = options.count === undefined && options.toTag === undefined
  return { plan, sql: await write(context, printed, history, plain ? 'Update Database Script' : undefined) }
}

export async function rollbackSql(
  context: EngineContext,
  target: RollbackTarget,
  signal?: AbortSignal,
): Promise<Script> {
  const history = await readHistory(context, signal)
  const plan = await planRollbackFrom(context, history, target, signal)
  return { plan, sql: await write(context, plan, history, rollbackTitle(target)) }
}

function rollbackTitle(target: RollbackTarget): string {
  if ('tag' in target) return `Rollback to '${target.tag}' Script`
  if ('count' in target) return `Rollback ${target.count} Change(s) Script`
  return `Rollback to ${new Date(target.date).toISOString()} Script`
}

async function write(context: EngineContext, plan: Plan, history: History, title: string | undefined): Promise<string> {
  const script = new ScriptWriter(context.database.facts.properties['lineComment'] ?? '--')
  await writeTables(script, context, history)
  if (title !== undefined) writeHeader(script, context, title)
  for (const { row, checksum } of plan.checksumUpgrades) script.statement(checksumText(context, row, checksum))
  let order = nextOrder(history)
  for (const step of plan.steps) writeStep(script, context, step, order++)
  script.comment('Release Database Lock')
  script.statement(unlockText(context))
  return script.text()
}

/** Creates what is missing of lock and history table, and takes the lock. */
async function writeTables(script: ScriptWriter, context: EngineContext, history: History): Promise<void> {
  const { database, names } = context
  if (!(await database.hasTable(names.schemaName, names.lockTable))) {
    script.comment('Create Database Lock Table')
    script.statement(database.dialect.createLockTable(names))
    script.comment('Initialize Database Lock Table')
    script.statement(clearText(context))
    script.statement(initialiseText(context))
  }
  script.comment('Lock Database')
  script.statement(lockText(context))
  if (!history.exists) {
    script.comment('Create Database Change Log Table')
    script.statement(database.dialect.createChangelogTable(names))
  }
}

function writeStep(script: ScriptWriter, context: EngineContext, step: PlannedStep, order: number): void {
  const { changeSet } = step
  const name = changeSetFqn({ ...changeSet, fileName: changeSet.path })
  if (step.direction === 'rollback') script.comment(`Rolling Back ChangeSet: ${name}`)
  else {
    script.comment(`Changeset ${name}`)
    if (changeSet.comment !== '') script.comment(changeSet.comment)
  }
  for (const statement of step.statements) script.statement(statement.sql, statement.endDelimiter)
  script.statement(recordText(context, step, order))
}

/**
 * Without those whose preconditions say onSqlOutput TEST and do not hold now; IGNORE, the default, prints without looking. The
 * plan keeps them: it is what an update would try.
 */
async function printedSteps(context: EngineContext, plan: Plan, signal?: AbortSignal): Promise<readonly PlannedStep[]> {
  const steps: PlannedStep[] = []
  for (const step of plan.steps) if (await isPrinted(context, step, signal)) steps.push(step)
  return steps
}

async function isPrinted(context: EngineContext, step: PlannedStep, signal?: AbortSignal): Promise<boolean> {
  const { changeSet } = step
  const container = changeSet.preconditions
  if (container === undefined || container.onSqlOutput === 'IGNORE') return true
  const name = changeSetFqn({ ...changeSet, fileName: changeSet.path })
  if (container.onSqlOutput === 'FAIL') {
    throw new Fault('precondition-failed', `${name} has a precondition that says onSqlOutput FAIL.`)
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
  if (outcome.result === 'passed' || outcome.how === 'WARN') return true
  if (outcome.how !== 'HALT') return false
  throw new Fault('precondition-failed', `A precondition of ${name}: ${outcome.message}`, {
    diagnostics: outcome.diagnostics,
  })
}
