// What a journal that was left behind means: where a change set can go on, or why only a person can tell.
import { createHash } from 'node:crypto'
import { changeSetFqn } from '#contract/change-set'
import type { Diagnostic } from '#contract/diagnostic'
import { Fault } from '#contract/fault'
import type { PlannedStep } from '../plan.ts'
import type { JournalRow } from './table.ts'

export function statementDigest(sql: string): string {
  return createHash('sha256').update(sql).digest('hex')
}

/** Rows of statements of which nobody knows whether they took effect: the run died while they were under way. */
export function undecided(rows: readonly JournalRow[]): readonly JournalRow[] {
  return rows.filter((row) => row.state === 'STARTED')
}

export function explainUndecided(row: JournalRow): string {
  const verb = row.direction === 'apply' ? 'applying' : 'rolling back'
  return (
    `A run (${row.run}) died while ${verb} ${changeSetFqn(row)} outside a transaction: statement ${row.position} of ${row.total} ` +
    `began at ${row.startedAt}, and whether it took effect is not recorded. ` +
    (row.position > 1 ? `Statements 1 to ${row.position - 1} are done.` : 'No statement before it.')
  )
}

const resolveHint =
  'Look in the database whether the statement took effect, then say so: `sluice journal --change-set <file::id::author> --resolve done` or `not-done`; `restart` forgets all of the change set.'

/** Fault `outcome-unknown` when some statement cannot be judged. Nothing may run before a person has decided. */
export function refuseUndecided(rows: readonly JournalRow[]): void {
  const unclear = undecided(rows)
  if (unclear.length === 0) return
  throw new Fault('outcome-unknown', unclear.map(explainUndecided).join('\n'), { hint: resolveHint })
}

/**
 * How many statements of the step an earlier run finished; it goes on after them. Fault `outcome-unknown` when what was done
 * then is not what the change set says now.
 */
export function finishedStatements(step: PlannedStep, rows: readonly JournalRow[]): number {
  const done = rows.filter((row) => row.state === 'DONE')
  for (const row of done) {
    const planned = step.statements[row.position - 1]
    if (planned === undefined || statementDigest(planned.sql) !== row.digest) throw edited(step, row)
  }
  return done.length
}

function edited(step: PlannedStep, row: JournalRow): Fault {
  const diagnostic: Diagnostic = {
    code: 'engine/interrupted-then-edited',
    severity: 'error',
    message: `statement ${row.position} was completed at ${row.startedAt} by a run that did not finish, and reads differently now`,
    span: step.changeSet.span,
    fix: 'Restore the text of the statements that ran and change only those after them, or undo them by hand and resolve the journal with `restart`.',
  }
  return new Fault('outcome-unknown', `${changeSetFqn(row)} was interrupted and then edited.`, {
    hint: resolveHint,
    diagnostics: [diagnostic],
  })
}
