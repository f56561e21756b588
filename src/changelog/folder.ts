// A file source over real folders that never leaves them, not through `..` and not through symbolic links.
import { constants } from 'node:fs'
import { open, readdir, realpath, stat } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import { Fault } from '#contract/fault'
import { type FileSource, sourceLimits } from './source.ts'

/** Deeper folders than this are a mistake or an attack. */
const maximumDepth = 100

export interface FolderOptions {
  /** The same path in two roots: refuse (what Liquibase does), or take the one of the first root. Default `refuse`. */
  readonly duplicates?: 'refuse' | 'first'
}

/**
 * A search path: files below `roots`, which are folders of this machine in order of precedence. Raises Fault
 * `invalid-input` for a path that would lead out of its root or that two roots hold, `too-large` beyond `sourceLimits`.
 */
export function folderSource(roots: readonly string[], options: FolderOptions = {}): FileSource {
  const duplicates = options.duplicates ?? 'refuse'
  return {
    async read(path) {
      refuseBadPath(path)
      const found: { readonly root: string; readonly real: string }[] = []
      for (const root of roots) {
        const real = await locate(root, path, 'file')
        if (real === undefined || found.some((other) => other.real === real)) continue
        found.push({ root, real })
        if (duplicates === 'first') break
      }
      if (found.length > 1) throw inTwoRoots(path, found[0]!.root, found[1]!.root)
      return found[0] && readLimited(path, found[0].real)
    },
    async list(folder) {
      refuseBadPath(folder)
      const paths = new Set<string>()
      let exists = false
      for (const root of roots) {
        const real = await locate(root, folder, 'folder')
        if (real === undefined) continue
        exists = true
        await walk({ root: await realpath(root), paths }, folder, real, [])
      }
      return exists ? [...paths] : undefined
    },
  }
}

function refuseBadPath(path: string): void {
  const parts = path.split('/')
  const bad = path.includes('\0') || path.includes('\\') || path.startsWith('/') || parts.includes('..')
  if (bad) throw outside(path)
}

function outside(path: string): Fault {
  return new Fault('invalid-input', `${JSON.stringify(path)} leads out of the search path.`, {
    hint: 'Keep every file below a folder of the search path; symbolic links may not point outside either.',
  })
}

function inTwoRoots(path: string, first: string, second: string): Fault {
  return new Fault('invalid-input', `Found ${path} in two folders of the search path: ${first} and ${second}.`, {
    hint: 'Remove one of the two files, or narrow the search path.',
  })
}

/** The real path of a file or folder below a root; undefined when there is none. */
async function locate(root: string, path: string, kind: 'file' | 'folder'): Promise<string | undefined> {
  const base = await absent(realpath(root))
  if (base === undefined) return undefined
  const real = await absent(realpath(join(base, path)))
  if (real === undefined) return undefined
  if (!isWithin(base, real)) throw outside(path)
  const status = await absent(stat(real))
  if (status === undefined) return undefined
  return (kind === 'file' ? status.isFile() : status.isDirectory()) ? real : undefined
}

function isWithin(base: string, real: string): boolean {
  return real === base || real.startsWith(base.endsWith(sep) ? base : base + sep)
}

async function absent<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return undefined
    throw error
  }
}

/** Opens the resolved path without following a link once more, so that a link set in between is not followed. */
async function readLimited(path: string, real: string): Promise<Uint8Array> {
  const file = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    const { size } = await file.stat()
    if (size > sourceLimits.fileBytes) {
      throw new Fault('too-large', `${path} has ${size} bytes; the limit is ${sourceLimits.fileBytes}.`)
    }
    return await file.readFile()
  } finally {
    await file.close()
  }
}

interface Walk {
  readonly root: string
  readonly paths: Set<string>
}

async function walk(into: Walk, folder: string, real: string, above: readonly string[]): Promise<void> {
  if (above.length >= maximumDepth) throw new Fault('too-large', `${folder} is nested too deeply.`)
  for (const entry of await readdir(real, { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    const target = entry.isSymbolicLink() ? await absent(realpath(resolve(real, entry.name))) : join(real, entry.name)
    if (target === undefined) continue
    if (!isWithin(into.root, target)) throw outside(path)
    const status = entry.isSymbolicLink() ? await absent(stat(target)) : entry
    if (status?.isDirectory()) {
      // A link to a folder around it would go round for ever.
      if (target === real || above.includes(target)) continue
      await walk(into, path, target, [...above, real])
    } else if (status?.isFile()) {
      into.paths.add(path)
      if (into.paths.size > sourceLimits.files) {
        throw new Fault('too-large', `${folder} holds more than ${sourceLimits.files} files.`)
      }
    }
  }
}
