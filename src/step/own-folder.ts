// The folder in which a step reads and writes by name. It is kept in there: a repository that was cloned there may hold symbolic links.
import { lstat, mkdir, realpath } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { scriptFile } from '#contract/delegate/attempt-folder'
import type { StepDocument } from '#contract/delegate/step-document'
import { Fault } from '#contract/fault'

/** Where a step of a group finds the files of the others; where it is alone, a folder that goes with it. Made when it is not there. */
export async function ownFolder({ workspace, folder }: Pick<StepDocument, 'workspace' | 'folder'>): Promise<string> {
  const path = workspace ?? join(folder, scriptFile.workspace)
  await mkdir(path, { recursive: true, mode: 0o700 })
  return path
}

/** `path` need not be there. Raises `forbidden` when a symbolic link on the way, or at its end, leads out of `folder`, which is there. */
export async function refuseLeaving(folder: string, path: string): Promise<void> {
  const root = await realpath(folder)
  const real = await nearest(path)
  if (real === root || real?.startsWith(root + sep) === true) return
  throw new Fault('forbidden', `A symbolic link leads from ${path} out of the folder of the step group.`, {
    hint: 'Remove the link from the repository, or write a path without it.',
  })
}

/** Where the path, or the last folder of it that is there, really is; undefined for a link to nothing, which would be made by writing. */
async function nearest(path: string): Promise<string | undefined> {
  try {
    return await realpath(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return undefined
  }
  const isLink = await lstat(path).then(
    () => true,
    () => false,
  )
  return isLink ? undefined : await nearest(dirname(path))
}
