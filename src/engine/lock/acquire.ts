// Holding the changelog lock: the row that Liquibase reads, and a lock of the session that dies with it.
// The session lock is taken first. Who has it and finds the row locked by another run of Sluice knows that run to be dead,
// because a living one would still hold the session lock; a row of anybody else is respected.
import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '#contract/fault'
import type { SessionLock } from '#database/port'
import type { TargetContext } from '../context.ts'
import { messageOf } from '../run/message.ts'
import {
  initialiseText,
  isOurs,
  type LockRow,
  lockTable,
  lockText,
  readLockRow,
  takeOverText,
  unlockOwnText,
} from './row.ts'

/** Runs `work` under the lock and releases it whatever happens. Fault `changelog-locked` names the holder and since when. */
export async function underLock<T>(target: TargetContext, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const sessionLock = await acquire(target, signal)
  try {
    return await work()
  } finally {
    await release(target, sessionLock)
  }
}

/**
 * For a run that needs no lock: lets go of a row that a dead run of ours left, on which other engines would wait for ever. What is
 * held by a living run, by another engine or by a person stays as it is. `patience`: milliseconds that a run may take to die.
 */
export async function clearDeadLock(target: TargetContext, signal?: AbortSignal, patience = 0): Promise<void> {
  if (!(await target.database.hasTable(target.names.schemaName, target.names.lockTable))) return
  const row = await readLockRow(target, signal)
  if (row === undefined || !row.locked || !isOurs(row.holder)) return
  const impatient = { ...target, lockWait: { patience, interval: 50 } }
  try {
    await underLock(impatient, () => Promise.resolve(), signal)
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'changelog-locked') throw error
  }
}

async function acquire(target: TargetContext, signal?: AbortSignal): Promise<SessionLock> {
  const deadline = target.clock() + target.lockWait.patience
  let sessionLock: SessionLock | undefined
  let announced = false
  try {
    for (;;) {
      throwIfCancelled(signal)
      sessionLock ??= await target.database.tryLock(`sluice:${lockTable(target)}`)
      const blocker = await attempt(target, sessionLock, signal)
      if (blocker === undefined && sessionLock !== undefined) return sessionLock
      if (target.clock() >= deadline) throw lockedFault(blocker)
      if (!announced) target.log(`Waiting for the changelog lock, held by ${nameOf(blocker)}.`)
      announced = true
      await pause(target.lockWait.interval, signal)
    }
  } catch (error) {
    await sessionLock?.release()
    throw error
  }
}

type Blocker = LockRow | 'another run of Sluice' | undefined

/** Tries once to take the row; gives back who stands in the way. */
async function attempt(
  target: TargetContext,
  sessionLock: SessionLock | undefined,
  signal?: AbortSignal,
): Promise<Blocker> {
  if (sessionLock === undefined) {
    const there = await target.database.hasTable(target.names.schemaName, target.names.lockTable)
    const row = there ? await readLockRow(target, signal) : undefined
    return row?.locked ? row : 'another run of Sluice'
  }
  const row = await ensureLockRow(target, signal)
  if (!row.locked) return (await changesOne(target, lockText(target))) ? undefined : await readBlocker(target, signal)
  if (!isOurs(row.holder) || sessionLock.isSubstitute) return row
  if (!(await changesOne(target, takeOverText(target, row)))) return await readBlocker(target, signal)
  target.log(`The changelog lock of ${row.holder}, taken ${row.since}, was left by a run that is dead; took it over.`)
  return undefined
}

async function changesOne(target: TargetContext, text: string): Promise<boolean> {
  return (await target.database.session.execute(text)).rowsAffected === 1
}

async function readBlocker(target: TargetContext, signal?: AbortSignal): Promise<Blocker> {
  return (await readLockRow(target, signal)) ?? 'another run of Sluice'
}

/** The table and its one row, made when missing. Another engine may make them at the same moment, so it looks again. */
async function ensureLockRow(target: TargetContext, signal?: AbortSignal): Promise<LockRow> {
  const { session, dialect } = target.database
  const there = (): Promise<boolean> => target.database.hasTable(target.names.schemaName, target.names.lockTable)
  if (!(await there())) {
    try {
      await session.execute(dialect.createLockTable(target.names), [], signal)
    } catch (error) {
      if (!(await there())) throw error
    }
  }
  const row = await readLockRow(target, signal)
  if (row) return row
  try {
    await session.execute(initialiseText(target), [], signal)
  } catch (error) {
    const other = await readLockRow(target, signal)
    if (other) return other
    throw error
  }
  return { locked: false, holder: '', since: '' }
}

/** Never fails: what cannot be released now is recognised as dead by the next run. */
async function release(target: TargetContext, sessionLock: SessionLock): Promise<void> {
  try {
    await target.database.session.execute(unlockOwnText(target))
  } catch (error) {
    target.log(
      `The changelog lock could not be released (${messageOf(error)}); the next run will recognise it as dead.`,
    )
  }
  try {
    await sessionLock.release()
  } catch {
    // The server drops it with the connection.
  }
}

function lockedFault(blocker: Blocker): Fault {
  return new Fault('changelog-locked', `The changelog is locked by ${nameOf(blocker)}.`)
}

function nameOf(blocker: Blocker): string {
  if (blocker === undefined || typeof blocker === 'string') return blocker ?? 'another run'
  return `${blocker.holder || 'an unnamed holder'} since ${blocker.since || 'an unknown time'}`
}

/** With the fault that the canceller gave as reason, for example `timed-out`, else `cancelled`. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return
  throw signal.reason instanceof Fault ? signal.reason : new Fault('cancelled', 'Cancelled on request.')
}

async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal })
  } catch {
    throwIfCancelled(signal)
  }
}
