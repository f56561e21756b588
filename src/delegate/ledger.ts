// Which attempts this delegate has accepted and not settled, on disk: one private folder each. Survives the delegate.
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { AcceptedAttempt } from './runner/port.ts'

const recordFile = 'attempt.json'
const recordSchema = z.object({
  attempt: z.string(),
  fence: z.string(),
  type: z.string(),
  attemptToken: z.string(),
  acceptedAt: z.number(),
  timeoutSeconds: z.number(),
})

export interface Ledger {
  /** Makes the folder. The same attempt under another fence is another one. */
  add(attempt: Omit<AcceptedAttempt, 'folder'>): Promise<AcceptedAttempt>
  /** All that are there; folders without a readable record are removed, for nothing was started in them. */
  list(): Promise<readonly AcceptedAttempt[]>
  /** Removes the folder. With `keepOutput` the last words of its process are kept; gives the file. */
  remove(attempt: AcceptedAttempt, keepOutput: boolean): Promise<string | undefined>
}

/** Attempt ids come from the manager and become names of folders. */
const safe = (text: string): string => text.replace(/[^\w-]/g, '_').slice(0, 80)

async function read(folder: string): Promise<AcceptedAttempt | undefined> {
  try {
    const record = recordSchema.parse(JSON.parse(await readFile(join(folder, recordFile), 'utf8')))
    return { ...record, folder }
  } catch {
    return undefined
  }
}

/** `directory` must be private to the delegate. */
export async function openLedger(directory: string): Promise<Ledger> {
  const attempts = join(directory, 'attempts')
  const crashed = join(directory, 'crashed')
  for (const folder of [attempts, crashed]) await mkdir(folder, { recursive: true, mode: 0o700 })
  return {
    async add(record) {
      const folder = join(attempts, `${safe(record.attempt)}.${safe(record.fence)}`)
      await mkdir(folder, { mode: 0o700 })
      const file = await open(join(folder, recordFile), 'wx', 0o600)
      try {
        await file.writeFile(JSON.stringify(record))
        await file.sync()
      } finally {
        await file.close()
      }
      return { ...record, folder }
    },
    async list() {
      const found: AcceptedAttempt[] = []
      for (const name of await readdir(attempts)) {
        const folder = join(attempts, name)
        const record = await read(folder)
        if (record) found.push(record)
        else await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
      }
      return found
    },
    async remove({ folder, attempt, fence }, keepOutput) {
      const kept = join(crashed, `${safe(attempt)}.${safe(fence)}.txt`)
      const isKept =
        keepOutput &&
        (await rename(join(folder, 'output.txt'), kept).then(
          () => true,
          () => false,
        ))
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
      return isKept ? kept : undefined
    },
  }
}
