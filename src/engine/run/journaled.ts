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
import type { Run } from './run.ts'
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
  }
  let rowsAffected = 0
  for (const [index, statement] of step.statements.entries()) {
    if (index < finished) continue
    throwIfCancelled(run.signal)
    rowsAffected += await runStatement(run, step, statement, index + 1)
  }
  await record(run, step)
  return rowsAffected
}

async function runStatement(
  run: Run,
  step: PlannedStep,
  statement: PlannedStatement,
  position: number,
): Promise<number> {
  const { context } = run
  const { session } = context.database
  const entry: JournalRow = {
    run: context.run,
    fileName: step.changeSet.path,
    id: step.changeSet.id,
    author: step.changeSet.author,
    direction: step.direction,
    position,
    total: step.statements.length,
    state: 'STARTED',
    startedAt: new Date(context.clock()).toISOString(),
    digest: statementDigest(statement.sql),
    error: undefined,
  }
  // A row of an attempt that failed is replaced.
  await session.execute(deleteJournalText(context, entry, position))
  await session.execute(beginJournalText(context, entry))
  try {
    const { rowsAffected } = await session.execute(statement.sql, [], run.signal)
    await session.execute(endJournalText(context, entry, 'DONE', null))
    return rowsAffected
  } catch (error) {
    if (!isLost(error)) await session.execute(endJournalText(context, entry, 'FAILED', messageOf(error)))
    throw await changeSetFailed(context.files, step, statement, error, run.signal)
  }
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
