// A change set in one transaction with its history row.
import { changeSetFqn } from '#contract/change-set'
import { Fault } from '#contract/fault'
import { recordText } from '../history/write.ts'
import type { PlannedStatement, PlannedStep } from '../plan.ts'
import { changeSetFailed, type Doing } from './failure.ts'
import { messageOf } from './message.ts'
import type { Run } from './run.ts'

/** Statements and history row in ONE transaction: killed at any point, either both are there or neither. */
export async function runTransaction(
  run: Run,
  step: PlannedStep,
  statements: readonly PlannedStatement[],
): Promise<number> {
  const { session } = run.context.database
  let doing: Doing = 'record'
  warnAboutTransactions(run, step, statements)
  let rowsAffected = 0
  await session.begin()
  try {
    for (const statement of statements) {
      doing = statement
      rowsAffected += (await session.execute(statement.sql, [], run.signal)).rowsAffected
    }
    doing = 'record'
    await session.execute(recordText(run.context, step, run.takeOrder()), [], run.signal)
  } catch (error) {
    await rollBackQuietly(run)
    throw await changeSetFailed(run.context.files, step, doing, error, run.signal)
  }
  await commit(run, step)
  return rowsAffected
}

/** Then a part of the change set is committed before its row, and a failure leaves that part. */
function warnAboutTransactions(run: Run, step: PlannedStep, statements: readonly PlannedStatement[]): void {
  const own = /^\s*(?:begin|start\s+transaction|commit|end|rollback)(?:\s+(?:work|transaction))?\s*;?\s*$/i
  const found = statements.find((statement) => own.test(statement.sql))
  if (found === undefined) return
  const { file, line } = found.span
  const name = changeSetFqn({ ...step.changeSet, fileName: step.changeSet.path })
  run.listener.line(
    `Warning: ${file}:${line} ${name} has a transaction of its own; it is not all or nothing. Take the statement out, or set runInTransaction=false.`,
  )
}

/** A connection that breaks here leaves open which way it went: only the history can tell. */
export async function commit(run: Run, step: PlannedStep): Promise<void> {
  try {
    await run.context.database.session.commit()
  } catch (error) {
    await rollBackQuietly(run)
    if (error instanceof Fault && (error.code === 'database-lost' || error.code === 'database-unreachable')) {
      const name = changeSetFqn({ ...step.changeSet, fileName: step.changeSet.path })
      throw new Fault('outcome-unknown', `The connection broke while ${name} was being committed.`, { cause: error })
    }
    throw await changeSetFailed(run.context.files, step, 'commit', error, run.signal)
  }
}

/** The reason why it is rolled back matters more than a rollback that fails, which a broken connection does by itself. */
export async function rollBackQuietly(run: Run): Promise<void> {
  try {
    await run.context.database.session.rollback()
  } catch (error) {
    run.listener.line(`The transaction could not be rolled back: ${messageOf(error)}`)
  }
}
