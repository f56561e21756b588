// `list-locks` and `release-locks`: who holds the changelog, and letting go of it by hand.
import type { TargetContext } from './context.ts'
import { isOurs, type LockRow, readLockRow, unlockText } from './lock/row.ts'

export interface Lock extends LockRow {
  /** Sluice itself wrote it, so that the next run finds out whether its holder lives. */
  readonly ours: boolean
}

/** The lock that is held now, if any. Changes nothing. */
export async function listLocks(target: TargetContext, signal?: AbortSignal): Promise<readonly Lock[]> {
  if (!(await target.database.hasTable(target.names.schemaName, target.names.lockTable))) return []
  const row = await readLockRow(target, signal)
  return row?.locked ? [{ ...row, ours: isOurs(row.holder) }] : []
}

/** Clears the lock whoever holds it, and gives back what it cleared. */
export async function releaseLocks(target: TargetContext, signal?: AbortSignal): Promise<readonly Lock[]> {
  const locks = await listLocks(target, signal)
  if (locks.length > 0) await target.database.session.execute(unlockText(target), [], signal)
  return locks
}
