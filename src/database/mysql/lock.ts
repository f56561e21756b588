// A lock that the server drops when the session dies: nothing is left to clean up after a kill -9.
import { createHash } from 'node:crypto'
import type { Session, SessionLock } from '../port.ts'

/**
 * GET_LOCK is one name space for the whole server, names have at most 64 characters, and a session gets the same lock twice, so
 * this remembers which ones it has. In a cluster with several writers (Galera, Group Replication) it holds on one node only.
 */
export class NamedLocks {
  private readonly session: Session
  private readonly held = new Set<string>()

  constructor(session: Session) {
    this.session = session
  }

  /** `database` tells locks of the same name apart that belong to different databases of one server. */
  async tryLock(database: string, name: string): Promise<SessionLock | undefined> {
    const key = lockName(database, name)
    if (this.held.has(key)) return undefined
    const { rows } = await this.session.execute('select get_lock(?, 0) as locked', [key])
    if (Number(rows[0]?.['locked']) !== 1) return undefined
    this.held.add(key)
    return { release: () => this.release(key) }
  }

  private async release(key: string): Promise<void> {
    if (!this.held.delete(key)) return
    await this.session.execute('select release_lock(?)', [key])
  }
}

/** 47 characters. Without regard to letter case, as the names of tables on many servers. */
export const lockName = (database: string, name: string): string =>
  `sluice:${createHash('sha256').update(`${database}\0${name}`.toLowerCase(), 'utf8').digest('hex').slice(0, 40)}`
