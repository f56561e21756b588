// A lock that the server drops when the session dies: nothing is left to clean up after a kill -9.
import { createHash } from 'node:crypto'
import type { Session, SessionLock } from '../port.ts'

/** Application locks belong to one database of the server; a session gets the same lock twice, so this remembers which it has. */
export class ApplicationLocks {
  private readonly session: Session
  private readonly held = new Set<string>()

  constructor(session: Session) {
    this.session = session
  }

  async tryLock(name: string): Promise<SessionLock | undefined> {
    const key = lockName(name)
    if (this.held.has(key)) return undefined
    const { rows } = await this.session.execute(
      `DECLARE @result int;
EXEC @result = sp_getapplock @Resource = @p1, @LockMode = 'Exclusive', @LockOwner = 'Session', @LockTimeout = 0;
SELECT @result AS result`,
      [key],
    )
    // 0 and 1: granted. -1: another session has it.
    if (Number(rows[0]?.['result'] ?? -999) < 0) return undefined
    this.held.add(key)
    return { release: () => this.release(key) }
  }

  private async release(key: string): Promise<void> {
    if (!this.held.delete(key)) return
    await this.session.execute("EXEC sp_releaseapplock @Resource = @p1, @LockOwner = 'Session'", [key])
  }
}

/** At most 255 characters, compared in binary; without regard to letter case, as the names of tables on most servers. */
export const lockName = (name: string): string =>
  `sluice:${createHash('sha256').update(name.toLowerCase(), 'utf8').digest('hex').slice(0, 40)}`
