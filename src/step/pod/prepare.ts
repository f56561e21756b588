// `sluice pod prepare`: makes a key for each container, in memory, and says the public halves where the delegate can read them.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createSealingKeys } from '#contract/delegate/seal'
import { podFiles, podPaths } from '#contract/delegate/pod-folder'
import { writePodResult } from './result.ts'

/** For whom boxes are good: given in the environment, which holds no secret. */
export async function preparePod(root: string, attempt: string, fence: string): Promise<void> {
  const folders = { source: podPaths.sourceKey, step: podPaths.stepKey } as const
  const prepared: Record<string, string> = {}
  for (const task of ['source', 'step'] as const) {
    const { publicKey, privateKey } = createSealingKeys()
    const folder = join(root, folders[task])
    await mkdir(folder, { recursive: true })
    // The group: a volume may belong to another user of the same group.
    const text = JSON.stringify({ privateKey, attempt, fence })
    await writeFile(join(folder, podFiles.key), text, { mode: 0o440 })
    prepared[task] = publicKey
  }
  writePodResult(root, prepared)
}
