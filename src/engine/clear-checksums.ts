// `clear-checksums`: forgets what the change sets were, so that what they are now counts as what ran.
import type { TargetContext } from './context.ts'
import { clearChecksumsOffline } from './history/offline.ts'
import { historyTable, readHistory } from './history/table.ts'
import { underLock } from './lock/acquire.ts'

/** Takes the lock. Gives back how many rows had a checksum; 0 without touching anything when there is no history. */
export async function clearChecksums(target: TargetContext, signal?: AbortSignal): Promise<number> {
  const { offline } = target.database
  if (offline) return await clearChecksumsOffline(offline)
  const { exists } = await readHistory(target, signal)
  if (!exists) return 0
  return await underLock(
    target,
    async () => {
      const { rows } = await readHistory(target, signal)
      await target.database.session.execute(clearText(target), [], signal)
      return rows.filter((row) => row.checksum !== undefined).length
    },
    signal,
  )
}

const clearText = (target: TargetContext): string => `UPDATE ${historyTable(target)} SET MD5SUM = NULL`
