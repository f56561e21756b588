// What a container of a pod is told: a mounted file, or one sealed to the key that the pod made, which comes a moment later.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openBox } from '#contract/delegate/seal'
import { podFiles, podPaths } from '#contract/delegate/pod-folder'

export interface PodPorts {
  /** Milliseconds. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>
  /** Of the paths of a pod; `/` but in tests. */
  readonly root: string
  readonly signal: AbortSignal
}

const pause = 100
/** Milliseconds until sealed documents must be there. The kubelet brings them within seconds, or at its next look in a minute. */
const patience = 150_000

const readIfThere = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** The key file names what it is good for, so that a container can open its own box and no other. */
async function unseal(box: string, task: string, root: string): Promise<string> {
  const key: unknown = JSON.parse(await readFile(join(root, podPaths.key, podFiles.key), 'utf8'))
  if (typeof key !== 'object' || key === null) throw new Error('The key of the pod is not one.')
  const { privateKey, attempt, fence } = key as Record<string, string>
  return openBox(privateKey ?? '', box.trim(), { attempt: attempt ?? '', fence: fence ?? '', ref: `pod:${task}` })
}

/** JSON text. Never in a message, since it is full of secrets. */
export async function readPodDocument(task: 'source' | 'step', { sleep, root, signal }: PodPorts): Promise<string> {
  const folder = join(root, podPaths.document)
  for (let waited = 0; waited <= patience; waited += pause) {
    const plain = await readIfThere(join(folder, podFiles.document))
    if (plain !== undefined) return plain
    const box = await readIfThere(join(folder, podFiles.sealed))
    if (box !== undefined) return await unseal(box, task, root)
    await sleep(pause, signal)
  }
  throw new Error(`Nothing was brought to ${podPaths.document} within ${patience / 1000} s.`)
}
