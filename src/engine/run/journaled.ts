// A change set that cannot run in one transaction: every statement is written to the journal before it begins and after it ended.
import { Fault } from '#contract/fault'
import { recordText } from '../history/write.ts'
import { finishedStatements, statementDigest } from '../journal/interrupted.ts'
import {
  beginJournalText,
  deleteJournalText,
  endJournalText,
  ensureJournal,
  type JournalRow,
} from '../journal/table.ts'
import { throwIfCancelled } from '../lock/acquire.ts'
import type { PlannedStatement, PlannedStep } from '../plan.ts'
import { changeSetFailed } from './failure.ts'
import { messageOf } from './message.ts'
import type { Run } from './shared.ts'
import { commit, rollBackQuietly } from './transaction.ts'

/** Goes on after the statements that an interrupted run completed. Gives back the rows that its own statements touched. */
export async function runJournaled(run: Run, step: PlannedStep): Promise<number> {
  if (step.statements.length > 0) await ensureJournal(run.context)
  const earlier = run.journal.filter((row) => belongsTo(row, step))
  const finished = finishedStatements(step, earlier)
  if (finished > 0) {
    run.listener.line(
      `An earlier run completed ${finished} of ${step.statements.length} statements; going on with the next one.`,
    )
    await restoreSession(run, step.statements.slice(0, finished))
  }
  const { isCovered } = run.context.database.dialect
  let rowsAffected = 0
  for (const [index, statement] of step.statements.entries()) {
    if (index < finished) continue
    throwIfCancelled(run.signal)
    const position = index + 1
    // A row of an attempt that failed is replaced.
    const failed = earlier.find((row) => row.position === position)
    if (failed) await run.context.database.session.execute(deleteJournalText(run.context, failed, position))
    const alone = step.changeSet.runInTransaction && isCovered?.(statement.sql) === true ? runCovered : runUncovered
    rowsAffected += await alone(run, step, statement, entryOf(run, step, statement, position))
  }
  await record(run, step)
  return rowsAffected
}

function entryOf(run: Run, step: PlannedStep, statement: PlannedStatement, position: number): JournalRow {
  return {
    run: run.context.run,
    fileName: step.changeSet.path,
    id: step.changeSet.id,
    author: step.changeSet.author,
    direction: step.direction,
    position,
    total: step.statements.length,
    state: 'STARTED',
    startedAt: new Date(run.context.clock()).toISOString(),
    digest: statementDigest(statement.sql),
    error: undefined,
    witness: undefined,
  }
}

/** A statement that only the change set as a whole keeps from being in one transaction: it and its row of the journal are. */
async function runCovered(
  run: Run,
  step: PlannedStep,
  statement: PlannedStatement,
  entry: JournalRow,
): Promise<number> {
  const { context } = run
  const { session } = context.database
  let rowsAffected = 0
  await session.begin()
  try {
    rowsAffected = (await session.execute(statement.sql, [], run.signal)).rowsAffected
    await session.execute(beginJournalText(context, { ...entry, state: 'DONE' }))
  } catch (error) {
    await rollBackQuietly(run)
    if (!isLost(error)) {
      await session.execute(beginJournalText(context, { ...entry, state: 'FAILED', error: messageOf(error) }))
    }
    throw await changeSetFailed(context.files, step, statement, error, run.signal)
  }
  await commit(run, step)
  return rowsAffected
}

async function runUncovered(
  run: Run,
  step: PlannedStep,
  statement: PlannedStatement,
  entry: JournalRow,
): Promise<number> {
  const { context } = run
  const { session, witness } = context.database
  const before = await witness?.before(statement.sql)
  await session.execute(beginJournalText(context, { ...entry, witness: before }))
  try {
    const { rowsAffected } = await session.execute(statement.sql, [], run.signal)
    // After the last one the journal goes in the next transaction; until then the database can tell.
    const spared = before !== undefined && entry.position === entry.total
    if (!spared) await session.execute(endJournalText(context, entry, 'DONE', null))
    return rowsAffected
  } catch (error) {
    if (!isLost(error)) await session.execute(endJournalText(context, entry, 'FAILED', messageOf(error)))
    throw await changeSetFailed(context.files, step, statement, error, run.signal)
  }
}

/**
 * Settings of the session died with the run that was interrupted. Those that can be made again are; a variable that held a value
 * of that time cannot, and a person must look.
 */
async function restoreSession(run: Run, finished: readonly PlannedStatement[]): Promise<void> {
  for (const statement of finished) {
    if (/^\s*set\s+@(?!@)/i.test(statement.sql)) throw lostVariable(statement)
    if (!/^\s*(?:set\s+(?!global\b|persist|password\b)|use\s)/i.test(statement.sql)) continue
    await run.context.database.session.execute(statement.sql, [], run.signal)
  }
}

function lostVariable(statement: PlannedStatement): Fault {
  return new Fault(
    'outcome-unknown',
    'The change set was interrupted after a statement that set a variable of the session, which is lost.',
    {
      hint: 'Undo by hand what was done and resolve the journal with `restart`, or put the change sets apart so that none needs a variable of an earlier statement.',
      diagnostics: [
        {
          code: 'engine/interrupted-variable',
          severity: 'error',
          message: 'the value that this statement gave a variable was lost with its session',
          span: statement.span,
          fix: 'Set the variable in the statement that uses it, or use a subquery instead.',
        },
      ],
    },
  )
}

/** The history row comes and the journal goes in one transaction. */
async function record(run: Run, step: PlannedStep): Promise<void> {
  const { session } = run.context.database
  await session.begin()
  try {
    await session.execute(recordText(run.context, step, run.order.next))
    if (step.statements.length > 0) {
      const entry = { ...step.changeSet, fileName: step.changeSet.path, direction: step.direction }
      await session.execute(deleteJournalText(run.context, entry))
    }
  } catch (error) {
    await rollBackQuietly(run)
    throw error
  }
  await commit(run, step)
  run.order.next += 1
}

function belongsTo(row: JournalRow, step: PlannedStep): boolean {
  const { changeSet } = step
  return (
    row.fileName === changeSet.path &&
    row.id === changeSet.id &&
    row.author === changeSet.author &&
    row.direction === step.direction
  )
}

/** Then nobody can write what became of the statement: its row stays STARTED. */
function isLost(error: unknown): boolean {
  return !(error instanceof Fault) || error.code === 'database-lost' || error.code === 'database-unreachable'
}
