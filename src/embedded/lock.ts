// One process at a time for an embedded data directory: a lock file beside it that names the holder and dies with it.
// The database itself takes no lock, and two processes in one directory lose acknowledged rows (measured: 226 of 300).
import { randomUUID } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { Fault } from '#contract/fault'

/** Which fault a second process gets: the manager's store, or a target database. */
export type InUseCode = 'store-in-use' | 'database-in-use'

export interface FolderLock {
  release(): void
}

interface Holder {
  readonly pid: number
  /** Start of the process in clock ticks since boot, so that a reused pid is not taken for the holder. Empty where unknown. */
  readonly started: string
  /** Boot and pid namespace (or host name): only within the same place does a pid mean anything. */
  readonly place: string
  readonly token: string
}

const heartbeatMilliseconds = 5000
/** A holder in another container or on another host is judged by its heartbeat alone: four missed ones and it is dead. */
const deadAfterMilliseconds = 20_000
const attempts = 50

/** Takes the lock or raises `code`, naming the pid that holds it. The folder need not exist yet, its parent is made. */
export function lockFolder(folder: string, code: InUseCode): FolderLock {
  const path = lockPath(folder)
  const candidate = `${path}.${randomUUID()}`
  const me: Holder = { pid: process.pid, started: startOf(process.pid), place: place(), token: randomUUID() }
  writeDurably(candidate, JSON.stringify(me))
  try {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      if (tryLink(candidate, path)) {
        removeLeftovers(path)
        return hold(path, me)
      }
      const holder = read(path)
      if (holder === undefined) continue
      if (isAlive(holder, path)) throw inUse(folder, holder, code)
      removeDead(candidate, path)
    }
  } finally {
    unlinkSync(candidate)
  }
  throw new Fault(code, `The lock file ${path} could not be taken; other processes are fighting over it.`)
}

/** Files of processes that were killed between writing their name and taking the lock. */
function removeLeftovers(path: string): void {
  for (const name of readdirSync(dirname(path))) {
    if (!name.startsWith(`${basename(path)}.`) || name.endsWith('.takeover')) continue
    const file = join(dirname(path), name)
    const writer = read(file)
    if (writer !== undefined && !isAlive(writer, file)) unlinkQuietly(file)
  }
}

function lockPath(folder: string): string {
  const full = resolve(folder)
  mkdirSync(dirname(full), { recursive: true })
  // One name for a folder, however it was reached.
  return `${join(realpathSync(dirname(full)), basename(full))}.lock`
}

function hold(path: string, me: Holder): FolderLock {
  const beat = setInterval(() => {
    try {
      const now = new Date()
      utimesSync(path, now, now)
    } catch {
      // The file was removed by hand. The next one who opens the folder decides; there is nothing to save here.
    }
  }, heartbeatMilliseconds)
  beat.unref()
  return {
    release: () => {
      clearInterval(beat)
      if (read(path)?.token === me.token) unlinkSync(path)
    },
  }
}

/**
 * Removes the file of a dead holder. Two processes may find it at once, so it is removed only under a guard file and after
 * reading it again; otherwise the slower one would remove the lock that the faster one has just taken.
 */
function removeDead(candidate: string, path: string): void {
  const guard = `${path}.takeover`
  if (!tryLink(candidate, guard)) {
    const other = read(guard)
    // Whoever died between the next three lines left the guard; it is removed so that nobody waits for ever.
    if (other !== undefined && !isAlive(other, guard)) unlinkQuietly(guard)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
    return
  }
  const holder = read(path)
  if (holder !== undefined && !isAlive(holder, path)) unlinkQuietly(path)
  unlinkQuietly(guard)
}

function isAlive(holder: Holder, path: string): boolean {
  if (holder.place !== place()) return ageOf(path) < deadAfterMilliseconds
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    // EPERM: it exists and belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  return holder.started === startOf(holder.pid)
}

function inUse(folder: string, holder: Holder, code: InUseCode): Fault {
  const who = holder.place === place() ? `process ${holder.pid}` : `process ${holder.pid} in another container or host`
  const what = code === 'store-in-use' ? 'Stop it first, or use PostgreSQL for several.' : 'Wait until it ends.'
  return new Fault(code, `The directory ${resolve(folder)} is open in ${who}.`, {
    hint: `${what} If that process is surely gone, delete ${lockPath(folder)}.`,
  })
}

/** Linux tells when a process began; elsewhere the pid has to do. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in brackets may hold spaces; `starttime` is the 20th field after it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

function place(): string {
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return hostname()
  }
}

function read(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    // A lock is linked into place whole, so this one was not written by us; its age decides.
    return { pid: 0, started: '', place: 'unknown', token: '' }
  }
}

function ageOf(path: string): number {
  try {
    return Date.now() - statSync(path).mtimeMs
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function writeDurably(path: string, text: string): void {
  const descriptor = openSync(path, 'wx', 0o600)
  writeSync(descriptor, text)
  fsyncSync(descriptor)
  closeSync(descriptor)
}

function unlinkQuietly(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
