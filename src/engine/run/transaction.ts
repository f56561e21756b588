// A change set in one transaction with its history row.
import { changeSetFqn } from '#contract/change-set'
import { Fault } from '#contract/fault'
import type { BulkRows } from '#database/port'
import { recordText } from '../history/write.ts'
import type { PlannedStatement, PlannedStep } from '../plan.ts'
import { changeSetFailed, type Doing } from './failure.ts'
import { messageOf } from './message.ts'
import type { Run } from './shared.ts'

/**
 * Statements and history row in ONE transaction: killed at any point, either both are there or neither. Gives back the rows that
 * the statements touched.
 */
export async function runTransaction(
  run: Run,
  step: PlannedStep,
  statements: readonly PlannedStatement[],
): Promise<number> {
  const own = ownTransaction(statements)
  if (own !== undefined) warnAboutTransaction(run, step, own)
  const rowsAffected =
    own === undefined && !isLoad(run, statements) && run.context.database.session.transaction !== undefined
      ? await runTogether(run, step, statements)
      : await runOneByOne(run, step, statements)
  run.progress.order += 1
  return rowsAffected
}

async function runTogether(run: Run, step: PlannedStep, statements: readonly PlannedStatement[]): Promise<number> {
  const { context, signal } = run
  const texts = [...statements.map(({ sql }) => sql), recordText(context, step, run.progress.order)]
  const outcome = await context.database.session.transaction?.(texts, signal)
  const { failure, rowsAffected = [] } = outcome ?? {}
  if (failure === undefined) return rowsAffected.slice(0, statements.length).reduce((sum, count) => sum + count, 0)
  if (failure.statement === texts.length) throw await commitFailed(run, step, failure.fault)
  const doing = statements[failure.statement] ?? 'record'
  throw await changeSetFailed(context.files, step, doing, failure.fault, signal)
}

async function runOneByOne(run: Run, step: PlannedStep, statements: readonly PlannedStatement[]): Promise<number> {
  const { session } = run.context.database
  let doing: Doing = 'record'
  let rowsAffected = 0
  await session.begin()
  try {
    for (let next = 0; next < statements.length; ) {
      const bulk = bulkFrom(statements, next)
      const loaded = bulk.length > 0 ? await session.load?.(bulk, run.signal) : undefined
      doing = statements[next + (loaded?.failure?.part ?? 0)] ?? 'record'
      if (loaded?.failure !== undefined) throw loaded.failure.fault
      if (loaded === undefined && typeof doing !== 'string') {
        rowsAffected += (await session.execute(doing.sql, [], run.signal)).rowsAffected
        next += 1
      } else {
        rowsAffected += loaded?.rowsAffected ?? 0
        next += bulk.length
      }
    }
    doing = 'record'
    await session.execute(recordText(run.context, step, run.progress.order), [], run.signal)
  } catch (error) {
    await rollBackQuietly(run)
    throw await changeSetFailed(run.context.files, step, doing, error, run.signal)
  }
  await commit(run, step)
  return rowsAffected
}

/** A statement that begins or ends a transaction. */
export const transactionWord =
  /^\s*(?:begin|start\s+transaction|commit|end|rollback)(?:\s+(?:work|transaction))?\s*;?\s*$/i

function ownTransaction(statements: readonly PlannedStatement[]): PlannedStatement | undefined {
  return statements.find((statement) => statement.bulk === undefined && transactionWord.test(statement.sql))
}

/** Fewer rows than this travel as statements with all others: looking at the table would take longer. */
const worthLoading = 1000

/** The rows of all statements from this one on that fill the same columns; empty when they are not worth it. */
function bulkFrom(statements: readonly PlannedStatement[], start: number): readonly BulkRows[] {
  const first = statements[start]?.bulk
  if (first === undefined) return []
  const parts: BulkRows[] = []
  for (const { bulk } of statements.slice(start)) {
    if (bulk?.table !== first.table || bulk.columns.join() !== first.columns.join()) break
    parts.push(bulk)
  }
  return parts.reduce((sum, { rows }) => sum + rows.length, 0) < worthLoading ? [] : parts
}

function isLoad(run: Run, statements: readonly PlannedStatement[]): boolean {
  if (run.context.database.session.load === undefined) return false
  return statements.some((statement, index) => statement.bulk !== undefined && bulkFrom(statements, index).length > 0)
}

/** Then a part of the change set is committed before its row, and a failure leaves that part. */
function warnAboutTransaction(run: Run, step: PlannedStep, { span: { file, line } }: PlannedStatement): void {
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
    throw await commitFailed(run, step, error)
  }
}

export async function commitFailed(run: Run, step: PlannedStep, error: unknown): Promise<unknown> {
  if (error instanceof Fault && (error.code === 'database-lost' || error.code === 'database-unreachable')) {
    const name = changeSetFqn({ ...step.changeSet, fileName: step.changeSet.path })
    return new Fault('outcome-unknown', `The connection broke while ${name} was being committed.`, { cause: error })
  }
  return await changeSetFailed(run.context.files, step, 'commit', error, run.signal)
}

/** The reason why it is rolled back matters more than a rollback that fails, which a broken connection does by itself. */
export async function rollBackQuietly(run: Run): Promise<void> {
  try {
    await run.context.database.session.rollback()
  } catch (error) {
    run.listener.line(`The transaction could not be rolled back: ${messageOf(error)}`)
  }
}
