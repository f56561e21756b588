// One delegate for one directory: a file with the number and identity of the process that has it.
import { open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Fault } from '#contract/fault'
import { identifyProcess } from '#contract/delegate/process-identity'

export interface DirectoryLock {
  release(): Promise<void>
}

/** Raises Fault `store-in-use` when another delegate lives on the directory. One that was killed is no obstacle. */
export async function lockDirectory(directory: string, processId: number): Promise<DirectoryLock> {
  const path = join(directory, 'delegate.lock')
  const own = `${processId} ${(await identifyProcess(processId)) ?? ''}`
  for (let tries = 0; tries < 5; tries++) {
    try {
      const file = await open(path, 'wx', 0o600)
      await file.writeFile(own)
      await file.close()
      return { release: () => rm(path, { force: true }) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const holder = await readFile(path, 'utf8').catch(() => '')
    const [number, identity] = holder.split(' ')
    if (identity && (await identifyProcess(Number(number))) === identity) {
      throw new Fault('store-in-use', `Another delegate, process ${number}, works on ${directory}.`, {
        hint: 'Stop it, or give this one a directory of its own.',
      })
    }
    await rm(path, { force: true })
  }
  throw new Fault('store-in-use', `The lock of ${directory} cannot be taken.`)
}
