// The rows that a change set has in the journal.
import { statementDigest } from '../journal/interrupted.ts'
import type { JournalRow } from '../journal/table.ts'
import type { PlannedStatement, PlannedStep } from '../plan.ts'
import type { Run } from './shared.ts'

/** Of a statement that is about to begin. `position` counts from 1. */
export function entryOf(run: Run, step: PlannedStep, statement: PlannedStatement, position: number): JournalRow {
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

/** Those of the step among what an earlier run left. */
export function leftBy(rows: readonly JournalRow[], { changeSet, direction }: PlannedStep): readonly JournalRow[] {
  return rows.filter(
    (row) =>
      row.fileName === changeSet.path &&
      row.id === changeSet.id &&
      row.author === changeSet.author &&
      row.direction === direction,
  )
}

/** Whether a transaction of its own covers the statement, although none covers the change set. */
export function isAloneCovered({ context }: Run, { changeSet }: PlannedStep, { sql }: PlannedStatement): boolean {
  return changeSet.runInTransaction && context.database.dialect.isCovered?.(sql) === true
}
