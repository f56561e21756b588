// A lock that the server drops when the session dies: nothing is left to clean up after a kill -9.
import { lockNumber } from '../lock-key.ts'
import type { Session, SessionLock } from '../port.ts'

/** PostgreSQL gives a session the same lock twice, so this remembers which ones it has. */
export class AdvisoryLocks {
  private readonly session: Session
  private readonly held = new Set<string>()

  constructor(session: Session) {
    this.session = session
  }

  async tryLock(name: string): Promise<SessionLock | undefined> {
    const key = lockNumber(name)
    if (this.held.has(key)) return undefined
    const { rows } = await this.session.execute('select pg_try_advisory_lock($1::bigint) as locked', [key])
    if (rows[0]?.['locked'] !== true) return undefined
    this.held.add(key)
    return { release: () => this.release(key) }
  }

  private async release(key: string): Promise<void> {
    if (!this.held.delete(key)) return
    await this.session.execute('select pg_advisory_unlock($1::bigint)', [key])
  }
}
