// Secrets in a folder that the delegate may read: what an agent, an operator or a volume of Kubernetes puts there.
import { open, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { Fault } from '#contract/fault'
import type { ManagerName } from '#outward/cloud/call'
import { chooseFromText, notFound, type SecretManager, splitPath } from './port.ts'

const largest = 196_608

/** `folder`: absolute; undefined when the delegate was given none. */
export function createFileManager(folder: string | undefined): SecretManager {
  const manager: ManagerName = { name: 'delegateFile', kind: 'files of the delegate', address: folder ?? 'no folder' }
  return {
    async read(whole) {
      if (folder === undefined)
        throw new Fault('secret-manager-refused', 'The delegate was given no folder for secrets.', {
          hint: 'Start it with --secrets-folder <folder>.',
        })
      const { path, field } = splitPath(whole)
      const bytes = await readInside(manager, folder, path)
      const text = textOf(bytes)
      if (text === undefined) return { bytes }
      // An editor or `echo` ends a file with a line feed, which belongs to no password.
      const value = { text: chooseFromText(manager, path, text.replace(/\r?\n$/, ''), field) }
      return field === undefined ? { ...value, bytes } : value
    },
  }
}

function textOf(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

async function readInside(manager: ManagerName, folder: string, path: string): Promise<Buffer> {
  const base = await realpath(folder).catch(() => folder)
  const real = await realpath(join(base, path)).catch(() => undefined)
  // A volume of Kubernetes is made of links, which stay inside of it; others must not lead out.
  if (real === undefined || !real.startsWith(base + sep))
    throw notFound(manager, path, 'there is no such file in the folder', 'Check the path, relative to the folder.')
  const file = await open(real, 'r')
  try {
    const status = await file.stat()
    if (!status.isFile()) throw notFound(manager, path, 'it is no file', 'Name a file.')
    if (status.size > largest)
      throw notFound(manager, path, `it is larger than ${largest} bytes`, 'Secrets are smaller than that.')
    return await file.readFile()
  } finally {
    await file.close()
  }
}
