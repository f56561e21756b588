// The delegate: works from inside the customer's network for a manager outside, and outlives neither its steps nor they it.
import type { Fetch } from '#contract/client'
import { type Clock, systemClock } from '#contract/delegate/repeat'
import { checkManagerUrl, openConnection } from './connection.ts'
import { openIdentity } from './identity.ts'
import { openLedger } from './ledger.ts'
import { lockDirectory } from './lock.ts'
import type { DelegateLog } from './log.ts'
import { pollForWork } from './poll.ts'
import type { Runner } from './runner/port.ts'
import { createSealedSource } from './secret/sealed.ts'
import type { SecretSource } from './secret/source.ts'
import { createSupervisor, type Supervisor } from './supervisor.ts'

export interface DelegateOptions {
  readonly managerUrl: string
  /** Accept plain HTTP to a manager that is not on this machine. */
  readonly allowPlainHttp?: boolean
  /** Join token; needed until the manager knows the delegate of this directory. */
  readonly token: string | undefined
  readonly name: string
  readonly tags: readonly string[]
  /** Version of this program. */
  readonly version: string
  /** Keys, lock and accepted attempts: private, absolute, kept between starts, one for each delegate. */
  readonly directory: string
  /** Steps at the same time. */
  readonly capacity: number
  readonly runner: Runner
  /** Asked for secrets that did not come sealed with the attempt. */
  readonly secretSources?: readonly SecretSource[]
  readonly log: DelegateLog
  readonly clock?: Clock
  /** In [0, 1); `Math.random`. */
  readonly random: () => number
  /** `crypto.randomUUID`. */
  readonly randomId: () => string
  readonly processId: number
  readonly fetch?: Fetch
}

export interface Delegate {
  /** Attempts whose step is at work. */
  readonly running: readonly string[]
  /**
   * Resolves when polling has ended, because `signal` was aborted or `drain` called; the steps go on. Rejects with a Fault when the
   * manager refuses this delegate for good.
   */
  readonly done: Promise<void>
  /**
   * Takes nothing new, waits at most so long until all steps have ended and are reported, and gives up the directory. Gives the
   * attempts that still run: they go on by themselves and are adopted by the next delegate on the directory.
   */
  drain(milliseconds: number): Promise<readonly string[]>
}

/**
 * Starts a delegate. Returns when its directory is open and what an earlier one left is taken over; registering and polling go on
 * behind. Faults: `usage` for the address, `store-in-use` for the directory, `invalid-input` for a broken identity.
 */
export async function startDelegate(options: DelegateOptions, signal: AbortSignal): Promise<Delegate> {
  const { directory, capacity, runner, log, random, clock = systemClock, fetch } = options
  const managerUrl = checkManagerUrl(options.managerUrl, options.allowPlainHttp ?? false)
  const identity = await openIdentity(directory)
  const lock = await lockDirectory(directory, options.processId)
  // Two ends: no more polls at the first, no more reports about dead steps at the second.
  const polling = new AbortController()
  const working = new AbortController()
  const onAbort = (): void => polling.abort(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()

  const outward = { managerUrl, clock, random, log, ...(fetch ? { fetch } : {}) }
  const supervisor = await takeOver().catch(async (error: unknown) => {
    await lock.release()
    throw error
  })
  const { name, tags, version, randomId } = options
  const connection = openConnection({ ...outward, joinToken: options.token, name, tags, version, identity, randomId })
  const secretSources = [createSealedSource(identity.sealing.privateKey), ...(options.secretSources ?? [])]
  const taking = new Map<string, Promise<void>>()
  const instance = randomId()

  async function takeOver(): Promise<Supervisor> {
    const ledger = await openLedger(directory)
    const overseer = createSupervisor({ ...outward, ledger, runner }, working.signal)
    await overseer.adopt()
    return overseer
  }
  async function work(): Promise<void> {
    try {
      const delegate = await connection.join(polling.signal)
      log('info', `delegate ${name} is connected`, { delegate, managerUrl, capacity })
      const polled = { ...outward, connection, supervisor, secretSources, instance, capacity, taking }
      await pollForWork({ ...polled, working: working.signal }, polling.signal)
    } catch (error) {
      if (!polling.signal.aborted) throw error
    }
  }
  const done = work()
  // Whoever awaits it hears of it; nobody has to.
  done.catch(() => {})

  async function drain(milliseconds: number): Promise<readonly string[]> {
    polling.abort(new Error('draining'))
    const ended = new AbortController()
    const finish = async (): Promise<void> => {
      await Promise.all([done.catch(() => {}), ...taking.values()])
      await supervisor.idle(milliseconds)
      ended.abort()
    }
    await Promise.race([finish(), clock.sleep(milliseconds, ended.signal).catch(() => {})])
    working.abort(new Error('drained'))
    signal.removeEventListener('abort', onAbort)
    await lock.release()
    return supervisor.running
  }
  return {
    get running() {
      return supervisor.running
    },
    done,
    drain,
  }
}
