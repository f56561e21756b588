// `journal`: what interrupted change sets left behind, and a person's word on it.
import { type ChangeSetIdentity, changeSetFqn } from '#contract/change-set'
import { Fault } from '#contract/fault'
import type { TargetContext } from './context.ts'
import { deleteJournalText, endJournalText, type JournalRow, readJournal } from './journal/table.ts'
import { underLock } from './lock/acquire.ts'

export type { JournalRow } from './journal/table.ts'

/** done: the open statement took effect · not-done: it did not, run it again · restart: forget all, run from the first. */
export type Resolution = 'done' | 'not-done' | 'restart'

export async function listJournal(target: TargetContext, signal?: AbortSignal): Promise<readonly JournalRow[]> {
  return await readJournal(target, signal)
}

/** Takes the lock. Fault `not-found` when the journal has nothing of that change set. Gives back how many rows it settled. */
export async function resolveJournal(
  target: TargetContext,
  identity: ChangeSetIdentity,
  resolution: Resolution,
  signal?: AbortSignal,
): Promise<number> {
  return await underLock(
    target,
    async () => {
      const wanted = changeSetFqn(identity)
      const rows = (await readJournal(target, signal)).filter((row) => changeSetFqn(row) === wanted)
      const open = resolution === 'restart' ? rows : rows.filter((row) => row.state !== 'DONE')
      if (open.length === 0) throw new Fault('not-found', `The journal has nothing open of ${wanted}.`)
      for (const row of open) {
        const text =
          resolution === 'done'
            ? endJournalText(target, row, 'DONE', null)
            : deleteJournalText(target, row, row.position)
        await target.database.session.execute(text, [], signal)
      }
      return open.length
    },
    signal,
  )
}
