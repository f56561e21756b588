// What reading a changelog looked at: every file, every folder, and every file that was not there. The same answers again mean
// the same changelog. Also which properties its texts may ask for, because their values come from elsewhere.
import { createHash } from 'node:crypto'
import type { FileSource } from '#changelog/source'
import { throwIfCancelled } from '../lock/acquire.ts'

/** Of a file or folder: sha-256 of its content or of its sorted list, null when it is not there. */
export type Look = readonly [kind: 'file' | 'folder', path: string, digest: string | null]

export interface Trace {
  readonly files: FileSource
  readonly looks: () => readonly Look[]
  /** Lower-case names between `${` and `}`; undefined when they cannot be told. */
  readonly properties: () => readonly string[] | undefined
}

export function traced(files: FileSource): Trace {
  const looks = new Map<string, Look>()
  const names = new Set<string>()
  let unclear = false
  const saw = (kind: 'file' | 'folder', path: string, digest: string | null): void => {
    const key = `${kind} ${path}`
    // Changed while it was being read.
    if (looks.has(key) && looks.get(key)?.[2] !== digest) unclear = true
    looks.set(key, [kind, path, digest])
  }
  return {
    files: {
      async read(path) {
        const bytes = await files.read(path)
        saw('file', path, bytes === undefined ? null : digestOfBytes(bytes))
        if (bytes !== undefined) unclear ||= !gatherNames(bytes, names)
        return bytes
      },
      async list(folder) {
        const paths = await files.list(folder)
        saw('folder', folder, paths === undefined ? null : digestOfPaths(paths))
        return paths
      },
    },
    looks: () => [...looks.values()],
    properties: () => (unclear ? undefined : [...names].toSorted()),
  }
}

/** Looks again, several at a time. False at the first answer that differs, and when one cannot be had. Raises the reason of the signal. */
export async function looksTheSame(files: FileSource, looks: readonly Look[], signal?: AbortSignal): Promise<boolean> {
  const rest = [...looks]
  let same = true
  const look = async (): Promise<void> => {
    for (let next = rest.pop(); next !== undefined && same; next = rest.pop()) {
      throwIfCancelled(signal)
      const [kind, path, digest] = next
      if ((await digestNow(files, kind, path)) !== digest) same = false
    }
  }
  try {
    await Promise.all(Array.from({ length: 8 }, look))
    return same
  } catch {
    throwIfCancelled(signal)
    return false
  }
}

async function digestNow(files: FileSource, kind: Look[0], path: string): Promise<string | null> {
  if (kind === 'folder') {
    const paths = await files.list(path)
    return paths === undefined ? null : digestOfPaths(paths)
  }
  const bytes = await files.read(path)
  return bytes === undefined ? null : digestOfBytes(bytes)
}

const digestOfBytes = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64')
const digestOfPaths = (paths: readonly string[]): string => digestOfBytes(Buffer.from(paths.toSorted().join('\0')))

/** False for texts of two bytes a character, and for names that are put together of other names. */
function gatherNames(bytes: Uint8Array, names: Set<string>): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (buffer.includes(0)) return false
  if (!buffer.includes('${')) return true
  return namesIn(buffer.toString('utf8'), names)
}

/** Adds the names in a text; false when one is put together of others. */
export function namesIn(text: string, names: Set<string>): boolean {
  for (const [, name = ''] of text.matchAll(/\$\{([^}]*)/g)) {
    if (name.includes('${')) return false
    names.add(name.trim().toLowerCase())
  }
  return true
}
