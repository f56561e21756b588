// A change set in one transaction with its history row.
import { changeSetFqn } from '#contract/change-set'
import { Fault } from '#contract/fault'
import { recordText } from '../history/write.ts'
import type { PlannedStatement, PlannedStep } from '../plan.ts'
import { changeSetFailed } from './failure.ts'
import { messageOf } from './message.ts'
import type { Run } from './run.ts'

/** Statements and history row in ONE transaction: killed at any point, either both are there or neither. */
export async function runTransaction(
  run: Run,
  step: PlannedStep,
  statements: readonly PlannedStatement[],
): Promise<number> {
  const { session } = run.context.database
  let current: PlannedStatement | undefined
  let rowsAffected = 0
  await session.begin()
  try {
    for (current of statements) {
      rowsAffected += (await session.execute(current.sql, [], run.signal)).rowsAffected
    }
    current = undefined
    await session.execute(recordText(run.context, step, run.takeOrder()), [], run.signal)
  } catch (error) {
    await rollBackQuietly(run)
    throw await changeSetFailed(run.context.files, step, current, error, run.signal)
  }
  await commit(run, step)
  return rowsAffected
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
    throw await changeSetFailed(run.context.files, step, undefined, error, run.signal)
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
