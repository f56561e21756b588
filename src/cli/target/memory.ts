// Where the command line keeps what it may remember between runs: small files in the user's cache folder. Nobody else may write
// there, otherwise nothing of it is believed. `SLUICE_CACHE=off` keeps nothing, any other value is the cache folder.
import { createHash, randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { lstat, mkdir, open, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Memory } from '#engine/idle/update'
import { programFile } from '../process/built.ts'
import type { Terminal } from '../terminal.ts'

const limits = { entryBytes: 16_777_216, entries: 64, totalBytes: 134_217_728 } as const

/** Undefined when it is switched off, or when there is no place for it. */
export async function openMemory({ environment, folder }: Terminal): Promise<Memory | undefined> {
  const place = placeOf(environment, folder)
  if (place === undefined || !(await isOurs(place))) return undefined
  const program = createHash('sha256')
    .update(await readFile(programFile()))
    .digest('hex')
  const fileOf = (key: string): string => join(place, `${key}.idle`)
  return {
    program,
    read: async (key) => await readEntry(fileOf(key)).catch(() => undefined),
    write: async (key, text) => {
      try {
        await writeEntry(fileOf(key), text)
        await makeRoom(place)
      } catch {
        // A full disk or a folder that has gone makes the next run slower, no more.
      }
    },
  }
}

function placeOf(environment: Terminal['environment'], folder: string): string | undefined {
  const { SLUICE_CACHE: own, XDG_CACHE_HOME: cache, HOME: home } = environment
  if (own?.toLowerCase() === 'off') return undefined
  const base = own
    ? resolve(folder, own)
    : cache
      ? join(cache, 'sluice')
      : home
        ? join(home, '.cache', 'sluice')
        : undefined
  return base && join(base, 'idle')
}

/** Made when missing. A folder, not a link to one, of this user, that nobody else may enter. */
async function isOurs(place: string): Promise<boolean> {
  try {
    await mkdir(place, { recursive: true, mode: 0o700 })
    const status = await lstat(place)
    return status.isDirectory() && status.uid === process.getuid?.() && (status.mode & 0o077) === 0
  } catch {
    return false
  }
}

/** The first line is the digest of the rest: half a file, or one that was touched, is no entry. */
async function readEntry(file: string): Promise<string | undefined> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    const status = await handle.stat()
    const foreign = status.uid !== process.getuid?.() || (status.mode & 0o022) !== 0
    if (!status.isFile() || foreign || status.size > limits.entryBytes) return undefined
    const whole = await handle.readFile('utf8')
    const end = whole.indexOf('\n')
    const text = whole.slice(end + 1)
    if (whole.slice(0, end) !== digestOf(text)) return undefined
    const now = new Date()
    await utimes(file, now, now)
    return text
  } finally {
    await handle.close()
  }
}

/** Under a name of its own and then renamed: two writers never mix, and a reader sees the old or the new one. */
async function writeEntry(file: string, text: string): Promise<void> {
  const whole = `${digestOf(text)}\n${text}`
  if (Buffer.byteLength(whole) > limits.entryBytes) return
  const temporary = `${file}.${randomBytes(6).toString('hex')}`
  try {
    await writeFile(temporary, whole, { mode: 0o600, flag: 'wx' })
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** Those that were used longest ago go first. */
async function makeRoom(place: string): Promise<void> {
  const names = await readdir(place)
  const files = await Promise.all(
    names.map(async (name) => {
      const { size, mtimeMs } = await stat(join(place, name))
      return { name, size, used: mtimeMs }
    }),
  )
  let kept = 0
  for (const [index, { name, size }] of files.toSorted((a, b) => b.used - a.used).entries()) {
    kept += size
    if (index >= limits.entries || kept > limits.totalBytes) await rm(join(place, name), { force: true })
  }
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')
