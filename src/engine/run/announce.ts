// The first statement of the next change set, written to the journal together with the history row of this one. Where DDL commits
// by itself this saves the one commit before each change set that the journal would cost; nothing is begun without its row all the same.
import { beginJournalText, type JournalRow, withdrawJournalText } from '../journal/table.ts'
import type { PlannedStep } from '../plan.ts'
import { entryOf, isAloneCovered, leftBy } from './entry.ts'
import { messageOf } from './message.ts'
import type { Run } from './shared.ts'

/** What is in the journal already although it has not begun. */
export interface Announced {
  readonly step: PlannedStep
  readonly row: JournalRow
}

/**
 * The row for `next`, not written yet. Only of a statement that the database can be asked about later: whoever dies before it
 * begins leaves a row from which the next run sees that it never did. Undefined also where something is decided before it.
 */
export async function announcement(run: Run, next: PlannedStep | undefined): Promise<Announced | undefined> {
  const { witness } = run.context.database
  const [statement] = next?.statements ?? []
  if (witness === undefined || next === undefined || statement === undefined || run.signal?.aborted) return undefined
  if (next.transactional || next.stop !== undefined || next.changeSet.preconditions !== undefined) return undefined
  if (isAloneCovered(run, next, statement) || leftBy(run.journal, next).length > 0) return undefined
  // Whatever it is, the change set itself will find it again.
  const before = await witness.before(statement.sql).catch(() => undefined)
  return before === undefined
    ? undefined
    : { step: next, row: { ...entryOf(run, next, statement, 1), witness: before } }
}

export function announceText(run: Run, { row }: Announced): string {
  return beginJournalText(run.context, row)
}

/** The row of a statement that is about to begin, when it was announced. From then on it stands for the statement. */
export function takeAnnounced(run: Run, step: PlannedStep): JournalRow | undefined {
  const { announced } = run.progress
  if (announced?.step !== step) return undefined
  run.progress.announced = undefined
  return announced.row
}

/** A run that ends before what it announced takes the row back. Where it cannot, the next one finds that nothing took effect. */
export async function withdrawAnnounced(run: Run): Promise<void> {
  const { announced } = run.progress
  if (announced === undefined) return
  run.progress.announced = undefined
  try {
    await run.context.database.session.execute(withdrawJournalText(run.context, announced.row))
  } catch (error) {
    run.listener.line(
      `The journal still has a statement that did not begin (${messageOf(error)}); the next run sees that.`,
    )
  }
}
