// Writes unpacked files into a private folder.
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ArchiveFile } from './unpack.ts'

/** Replaces `folder`; gives the one in it that holds the files. Paths were checked when they were unpacked. */
export async function writeTree(folder: string, files: readonly ArchiveFile[], signal: AbortSignal): Promise<string> {
  const root = join(folder, 'tree')
  await rm(folder, { recursive: true, force: true })
  await mkdir(root, { recursive: true, mode: 0o700 })
  for (const { path, bytes } of files) {
    signal.throwIfAborted()
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), bytes)
  }
  return root
}
