// What an interrupted run left in the journal and the database itself can answer needs no person.
import { changeSetFqn } from '#contract/change-set'
import type { TargetContext } from '../context.ts'
import { deleteJournalText, endJournalText, type JournalRow, readJournal } from './table.ts'

/** Whether the database may know what became of the statement. */
export function canTell(row: JournalRow): boolean {
  return row.state === 'STARTED' && row.witness !== undefined
}

/**
 * The journal, with the rows of statements that were under way settled where the database shows whether they took effect. Call it
 * under the lock: only then is the statement of a dead run surely over. What it decides is written down at once, because a later
 * statement may change the same object again.
 */
export async function settledJournal(target: TargetContext, signal?: AbortSignal): Promise<readonly JournalRow[]> {
  const rows = await readJournal(target, signal)
  const settled: JournalRow[] = []
  for (const row of rows) {
    const took = await tookEffect(target, row)
    if (took !== undefined) await write(target, row, took)
    if (took === undefined) settled.push(row)
    else if (took) settled.push({ ...row, state: 'DONE' })
  }
  return settled
}

async function tookEffect({ database }: TargetContext, row: JournalRow): Promise<boolean | undefined> {
  if (!canTell(row) || row.witness === undefined) return undefined
  return await database.witness?.changed(row.witness)
}

async function write(target: TargetContext, row: JournalRow, took: boolean): Promise<void> {
  const text = took ? endJournalText(target, row, 'DONE', null) : deleteJournalText(target, row, row.position)
  await target.database.session.execute(text)
  const what = took ? 'took effect' : 'did not take effect'
  target.log(
    `Statement ${row.position} of ${row.total} of ${changeSetFqn(row)} was under way when an earlier run died; the database shows that it ${what}.`,
  )
}
