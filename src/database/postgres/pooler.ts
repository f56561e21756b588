// A pooler between us and the server. In session mode it is a longer way and no more; in transaction mode each statement may run in
// another session of the server, so that a lock of ours protects nothing and our settings become those of strangers.
import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '#contract/fault'
import type { Session } from '../port.ts'
import type { Connection } from './connection.ts'
import { otherSession } from './fault.ts'
import { separator } from './message.ts'

/** Within this a second connection gets its first answer; a pooler that has no session left lets it wait. Milliseconds. */
const patience = 3000

/** The server tells its process id at the start; a pooler tells one of its own. Costs nothing. */
export function isPooled(connection: Connection, backend: number): boolean {
  return connection.announced !== undefined && connection.announced !== backend
}

/**
 * Fault `database-pooled` when a second connection is given our session while we have it, which only happens when sessions are
 * shared. Otherwise every transaction from here on makes sure of its session, in the message that it begins with.
 */
export async function refusePooler(
  session: Session & { stayOn(backend: number): void },
  backend: number,
  another: () => Promise<Connection>,
): Promise<void> {
  const second = await another()
  try {
    const theirs = await Promise.race([holdSession(second), sleep(patience, undefined)])
    if (theirs === 'shared' || theirs === backend || (await ownBackend(session)) !== backend) throw pooled()
  } finally {
    // It is in a transaction, or still waiting for a session.
    second.destroy()
  }
  session.stayOn(backend)
}

/** Undefined when nothing can be said. In statement mode a pooler refuses to begin a transaction, and says why. */
async function holdSession(connection: Connection): Promise<number | 'shared' | undefined> {
  try {
    const replies = await connection.send('BEGIN; select pg_backend_pid() as backend', undefined)
    return Number(replies.at(-1)?.rows[0]?.['backend'])
  } catch (error) {
    return /pooling mode/.test(String(error)) ? 'shared' : undefined
  }
}

async function ownBackend(session: Session): Promise<number> {
  return Number((await session.execute('select pg_backend_pid() as backend')).rows[0]?.['backend'])
}

const pooled = (): Fault =>
  new Fault(
    'database-pooled',
    'what answers is a connection pooler that shares the sessions of the server between its clients (transaction or statement mode): the lock of a run would protect nothing there',
  )

/** Fails in the server before anything else of the transaction when it has come to another session. */
export function guardedBegin(backend: number): string {
  const message =
    'a connection pooler has given this run another session of the server; nothing of the change set was run'
  const check = `DO $$ BEGIN IF pg_backend_pid() <> ${backend} THEN RAISE EXCEPTION USING ERRCODE = '${otherSession}', MESSAGE = '${message}'; END IF; END $$`
  return `BEGIN${separator}${check}`
}
