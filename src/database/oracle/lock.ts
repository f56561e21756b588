// A lock of the session through DBMS_LOCK, which the server drops when the session dies; a substitute where that is not granted.
import { createHash } from 'node:crypto'
import { Fault } from '#contract/fault'
import type { OpenOptions, SessionLock } from '../port.ts'
import type { OracleSession } from './session.ts'

/** Exclusive, at once or not at all, and kept over commits. By number, because ALLOCATE_UNIQUE would commit. */
const request = 'BEGIN :result := DBMS_LOCK.REQUEST(:id, 6, 0, FALSE); END;'
const release = 'BEGIN :result := DBMS_LOCK.RELEASE(:id); END;'

/**
 * Without the right to use DBMS_LOCK there is no lock that outlives a commit and dies with the session. Then only the row of the
 * lock table protects, as with the original engine, and a row that a dead run left must be released by a person.
 */
export class SessionLocks {
  private readonly session: OracleSession
  private readonly notice: OpenOptions['notice']
  private readonly held = new Set<number>()

  constructor(session: OracleSession, notice: OpenOptions['notice']) {
    this.session = session
    this.notice = notice
  }

  async tryLock(name: string): Promise<SessionLock | undefined> {
    const id = lockId(name)
    if (this.held.has(id)) return undefined
    try {
      const answer = await this.session.number(request, { id })
      // 0: granted. 1: another session has it. 4: this one has it. Others are mistakes in the call.
      if (answer === 1) return undefined
      if (answer !== 0 && answer !== 4) throw new Fault('statement-failed', `DBMS_LOCK.REQUEST answered ${answer}`)
    } catch (error) {
      if (!isNotGranted(error)) throw error
      this.notice?.(
        'The user may not use DBMS_LOCK: the lock of a run that dies will not be recognised as dead. GRANT EXECUTE ON DBMS_LOCK helps.',
      )
      return { release: () => Promise.resolve(), isSubstitute: true }
    }
    this.held.add(id)
    return {
      release: async () => {
        if (this.held.delete(id)) await this.session.number(release, { id })
      },
    }
  }
}

/** PLS-00201: the identifier must be declared. PLS-00904: insufficient privilege. */
const isNotGranted = (error: unknown): boolean =>
  error instanceof Fault && (/PLS-00(?:201|904)/.test(error.message) || error.code === 'database-permission')

/** 0 to 1073741823 are for users. Without regard to letter case, as names are. */
export const lockId = (name: string): number =>
  createHash('sha256').update(name.toLowerCase(), 'utf8').digest().readUInt32BE(0) % 1_073_741_824
