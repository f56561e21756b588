// A change set that cannot run in one transaction: every statement is written to the journal before it begins and after it ended.
import { Fault } from '#contract/fault'
import { recordText } from '../history/write.ts'
import { finishedStatements } from '../journal/interrupted.ts'
import {
  beginJournalText,
  deleteJournalText,
  endJournalText,
  ensureJournal,
  type JournalRow,
} from '../journal/table.ts'
import { throwIfCancelled } from '../lock/acquire.ts'
import type { PlannedStatement, PlannedStep } from '../plan.ts'
import { type Announced, announcement, announceText, takeAnnounced } from './announce.ts'
import { entryOf, isAloneCovered, leftBy } from './entry.ts'
import { changeSetFailed } from './failure.ts'
import { messageOf } from './message.ts'
import type { Run } from './shared.ts'
import { commit, commitFailed, rollBackQuietly } from './transaction.ts'

/**
 * Goes on after the statements that an interrupted run completed. Gives back the rows that its own statements touched. `next` is
 * announced when it can be.
 */
export async function runJournaled(run: Run, step: PlannedStep, next: PlannedStep | undefined): Promise<number> {
  if (step.statements.length > 0 && run.progress.announced === undefined) await ensureJournal(run.context)
  const earlier = leftBy(run.journal, step)
  const finished = finishedStatements(step, earlier)
  if (finished > 0) {
    run.listener.line(
      `An earlier run completed ${finished} of ${step.statements.length} statements; going on with the next one.`,
    )
    await restoreSession(run, step.statements.slice(0, finished))
  }
  let rowsAffected = 0
  for (const [index, statement] of step.statements.entries()) {
    if (index < finished) continue
    throwIfCancelled(run.signal)
    const position = index + 1
    // A row of an attempt that failed is replaced.
    const failed = earlier.find((row) => row.position === position)
    if (failed) await run.context.database.session.execute(deleteJournalText(run.context, failed, position))
    const alone = isAloneCovered(run, step, statement) ? runCovered : runUncovered
    rowsAffected += await alone(run, step, statement, entryOf(run, step, statement, position))
  }
  await record(run, step, next)
  return rowsAffected
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
  const announced = takeAnnounced(run, step)
  const before = announced === undefined ? await witness?.before(statement.sql) : announced.witness
  if (announced === undefined) await session.execute(beginJournalText(context, { ...entry, witness: before }))
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
    if (!/^\s*(?:set\s+(?!global\b|persist|password\b)|use\s|pragma\s+[\w.]+\s*=)/i.test(statement.sql)) continue
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

/** The history row comes and the journal goes in one transaction, and with them comes the first row of the next change set. */
async function record(run: Run, step: PlannedStep, next: PlannedStep | undefined): Promise<void> {
  const texts = [recordText(run.context, step, run.progress.order)]
  let announced: Announced | undefined
  if (step.statements.length > 0) {
    const entry = { ...step.changeSet, fileName: step.changeSet.path, direction: step.direction }
    texts.push(deleteJournalText(run.context, entry))
    announced = await announcement(run, next)
    if (announced !== undefined) texts.push(announceText(run, announced))
  }
  await commitTogether(run, step, texts)
  run.progress.order += 1
  run.progress.announced = announced
}

async function commitTogether(run: Run, step: PlannedStep, texts: readonly string[]): Promise<void> {
  const { session } = run.context.database
  if (session.commitTogether !== undefined) {
    try {
      return await session.commitTogether(texts)
    } catch (error) {
      await rollBackQuietly(run)
      throw isLost(error) ? await commitFailed(run, step, error) : error
    }
  }
  await session.begin()
  try {
    for (const text of texts) await session.execute(text)
  } catch (error) {
    await rollBackQuietly(run)
    throw error
  }
  await commit(run, step)
}

/** Then nobody can write what became of the statement: its row stays STARTED. */
function isLost(error: unknown): boolean {
  return !(error instanceof Fault) || error.code === 'database-lost' || error.code === 'database-unreachable'
}
