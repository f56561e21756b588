// Writes a file whole or not at all.
import { randomBytes } from 'node:crypto'
import { type FileHandle, link, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Fault } from '#contract/fault'

export interface WriteOptions {
  /** Otherwise a file that is there is a Fault `already-exists`. */
  readonly overwrite: boolean
}

/** `path` absolute. Folders on the way are made. Whoever reads the file meanwhile sees the old one. */
export async function writeWholeFile(path: string, text: string, { overwrite }: WriteOptions): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(temporary, text, { flag: 'wx' })
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => {})
    throw cannotWrite(path, cause)
  }
  await place(temporary, path, overwrite)
}

/** A link, unlike a rename, fails when there is a file of the name. */
async function place(temporary: string, path: string, overwrite: boolean): Promise<void> {
  try {
    if (overwrite) await rename(temporary, path)
    else await link(temporary, path)
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') {
      throw new Fault('already-exists', `The file ${path} is there already; it was left as it is.`, {
        hint: 'Name another file, or give --overwrite-output-file=true.',
        cause,
      })
    }
    throw cannotWrite(path, cause)
  } finally {
    await rm(temporary, { force: true })
  }
}

const cannotWrite = (path: string, cause: unknown): Fault =>
  new Fault('usage', `The file ${path} cannot be written: ${cause instanceof Error ? cause.message : ''}`, { cause })

export interface OpenFile {
  append(text: string): Promise<void>
  finish(): Promise<void>
  discard(): Promise<void>
}

/** The same for a text that comes piece by piece. */
export async function openWholeFile(path: string, { overwrite }: WriteOptions): Promise<OpenFile> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  const handle = await openNew(temporary).catch((cause: unknown) => {
    throw cannotWrite(path, cause)
  })
  return {
    append: async (text) => {
      await handle.appendFile(text)
    },
    finish: async () => {
      await handle.close()
      await place(temporary, path, overwrite)
    },
    discard: async () => {
      await handle.close()
      await rm(temporary, { force: true })
    },
  }
}

async function openNew(path: string): Promise<FileHandle> {
  await mkdir(dirname(path), { recursive: true })
  return await open(path, 'wx')
}

/** Undefined when there is none. Fault `usage` when it cannot be read. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined
    throw new Fault('usage', `The file ${path} cannot be read.`, { cause })
  }
}

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
