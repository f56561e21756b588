// A new data directory, made whole in a sibling and renamed: a crash while creating leaves nothing half-made.
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { Fault } from '#contract/fault'
import { unpack } from './archive.ts'

const syncsAtOnce = 32

/** The major version of the database inside; a directory belongs to one. */
export const databaseMajor = '18'

export interface CreateOptions {
  /** Makes a data directory without a seed, 3 to 6 seconds. Used by the build, and when the seed is missing. */
  readonly initialize: (folder: string) => Promise<void>
  readonly log: (line: string) => void
}

/** Makes sure that `folder` holds a whole data directory of our version. The caller holds its lock. */
export async function ensureCreated(folder: string, options: CreateOptions): Promise<void> {
  const path = resolve(folder)
  const unfinished = `${path}.creating`
  // Only the holder of the lock comes here, so what lies there is from a crash.
  rmSync(unfinished, { recursive: true, force: true })
  if (existsSync(join(path, 'PG_VERSION'))) {
    checkVersion(path)
    return
  }
  if (existsSync(path) && readdirSync(path).length > 0) {
    throw new Fault('invalid-input', `The directory ${path} holds other files and no database.`, {
      hint: 'Choose an empty directory or one that does not exist yet.',
    })
  }
  await fill(unfinished, options)
  await syncTree(unfinished)
  if (existsSync(path)) rmdirSync(path)
  renameSync(unfinished, path)
  syncDirectory(dirname(path))
}

async function fill(folder: string, options: CreateOptions): Promise<void> {
  const seed = readSeed()
  if (seed !== undefined) {
    unpack(seed, folder)
    return
  }
  options.log(`No seed was built; creating ${basename(folder)} from nothing, which takes some seconds.`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  await options.initialize(folder)
}

/** `dist/seed/pgdata.tgz`, found from the sources and from the built files alike. */
function readSeed(): Buffer | undefined {
  try {
    return readFileSync(new URL('../../dist/seed/pgdata.tgz', import.meta.url))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function checkVersion(folder: string): void {
  const major = readFileSync(join(folder, 'PG_VERSION'), 'utf8').trim()
  if (major === databaseMajor) return
  throw new Fault(
    'invalid-input',
    `The directory ${folder} was made by version ${major}, this program has ${databaseMajor}.`,
    {
      hint: 'Open it with the release that made it and move its contents to PostgreSQL first.',
    },
  )
}

/** Several at once: each waits for the disk, which takes them together. */
async function syncTree(folder: string): Promise<void> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const directories = names.filter((entry) => entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name))
  for (let at = 0; at < files.length; at += syncsAtOnce) {
    await Promise.all(files.slice(at, at + syncsAtOnce).map(syncFile))
  }
  for (const directory of [...directories, folder]) syncDirectory(directory)
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+')
  await file.sync()
  await file.close()
}

/** Makes names durable. Not every system lets a directory be opened; there the file system has to do. */
function syncDirectory(path: string): void {
  if (process.platform === 'win32') return
  const descriptor = openSync(path, 'r')
  fsyncSync(descriptor)
  closeSync(descriptor)
}
