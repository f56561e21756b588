// A lock that dies with the process: a write transaction on an empty file beside the database, held by the operating system.
import type { SessionLock } from '../port.ts'
import { type Handle, connectFile } from './connect.ts'

/** One lock for a database, whatever its name: SQLite has one writer anyway. */
export class FileLock {
  private readonly path: string
  private held = false

  constructor(databasePath: string) {
    this.path = `${databasePath}.sluice-lock`
  }

  async tryLock(): Promise<SessionLock | undefined> {
    if (this.held) return undefined
    const handle = await connectFile(this.path, false)
    if (!tryBegin(handle)) {
      handle.close()
      return undefined
    }
    this.held = true
    return {
      release: () => {
        if (this.held) letGo(handle)
        this.held = false
        return Promise.resolve()
      },
    }
  }
}

function tryBegin(handle: Handle): boolean {
  try {
    handle.exec('BEGIN IMMEDIATE')
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'SQLITE_BUSY') return false
    throw error
  }
}

/** The driver may close the file later; the end of the transaction lets go at once. */
function letGo(handle: Handle): void {
  handle.exec('ROLLBACK')
  handle.close()
}

/** A database in memory belongs to one connection; nobody else can want it. */
export const memoryLock = { tryLock: (): Promise<SessionLock> => Promise.resolve({ release: () => Promise.resolve() }) }
