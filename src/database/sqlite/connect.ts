// A SQLite file. The only file that loads the driver.
import type Driver from 'libsql'
import { driverMissing } from '../driver-missing.ts'
import { openFault } from './fault.ts'

export type Handle = Driver.Database

/** How long a statement waits for a lock of another process. Milliseconds. */
const busyTimeout = 5000

/** Makes the file when it does not exist, as SQLite does. Faults `database-unreachable`, `database-url-invalid`. */
export async function connectFile(path: string, waits = true): Promise<Handle> {
  const { default: Database } = await loadDriver()
  try {
    const handle = new Database(path, { timeout: waits ? busyTimeout : 0 })
    // Reads the header, so that a file of another kind is noticed now.
    handle.prepare('select count(*) from sqlite_master').all()
    return handle
  } catch (error) {
    throw openFault(error, path)
  }
}

/** Runs a text in a thread of the driver; errors as those of `Handle.exec`. Nothing else may use the handle until it is over. */
export async function executeBeside(handle: Handle, sql: string): Promise<void> {
  const { default: Database } = await import('libsql/promise')
  await Database.prototype.exec.call(handle, sql)
}

async function loadDriver(): Promise<{ readonly default: typeof Driver }> {
  try {
    return await import('libsql')
  } catch (error) {
    throw driverMissing(error, 'libsql')
  }
}
