// Keeps what a step reads and writes by name within the folder of its group: a repository that was cloned there may hold symbolic links.
import { lstat, realpath } from 'node:fs/promises'
import { dirname, sep } from 'node:path'
import { Fault } from '#contract/fault'

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
