// The delegate: works from inside the customer's network for a manager outside, and outlives neither its steps nor they it.
import { setMaxListeners } from 'node:events'
import { mkdir, readFile } from 'node:fs/promises'
import type { Fetch } from '#contract/client'
import { type Clock, systemClock, withTimeLimit } from '#contract/delegate/repeat'
import { openFetch } from '#outward/fetch'
import { type OutwardSettings, readOutward, withoutCertificate } from '#outward/setting'
import { createCapabilities } from './capability.ts'
import { callMilliseconds, checkManagerUrl, type DelegateClient, openConnection } from './connection.ts'
import { type HealthServer, type HealthState, startHealthServer } from './health.ts'
import { openIdentity } from './identity.ts'
import { openLedger } from './ledger.ts'
import { lockDirectory } from './lock.ts'
import type { DelegateLog } from './log.ts'
import { createMetrics } from './metric.ts'
import { goodbyeMilliseconds, type PollOptions, pollForWork, sayGoodbye } from './poll.ts'
import { judgePressure, type PressureLimits, readUsage } from './pressure.ts'
import { createReadiness } from './readiness.ts'
import type { AskEnded, Runner } from './runner/port.ts'
import type { OwnSecrets } from './secret/managers.ts'
import type { SecretPorts } from './secret/port.ts'
import { openSealed } from './secret/sealed.ts'
import { createSupervisor } from './supervisor.ts'
import { openWorkspaces } from './workspace.ts'

const plainOutward = readOutward({})

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
  /** What the steps may read of the delegate's own: nothing unless told. */
  readonly ownSecrets?: OwnSecrets
  readonly log: DelegateLog
  readonly clock?: Clock
  /** In [0, 1); `Math.random`. */
  readonly random: () => number
  /** `crypto.randomUUID`. */
  readonly randomId: () => string
  readonly processId: number
  /** Proxies and certificates; none unless told. */
  readonly outward?: OutwardSettings
  /** NODE_EXTRA_CA_CERTS of this process: Node itself trusts what is in it. */
  readonly nodeTrusts?: string | undefined
  /** Programs are looked for in it, and secret managers look for their credentials. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Check what an attempt needs before it is accepted. */
  readonly checks?: { readonly hasDriver?: (database: string) => Promise<boolean | undefined> }
  readonly pressure?: PressureLimits
  /** Where health and metrics are offered; nowhere unless told. */
  readonly health?: HealthOptions
  readonly fetch?: Fetch
}

export interface HealthOptions {
  readonly host: string
  readonly port: number
  /** How the names of all metrics begin. */
  readonly prefix: string
  /** A port that is taken is told and lived without. */
  readonly mayFail: boolean
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
  /** Port of health and metrics, when they are offered. */
  readonly healthPort: number | undefined
}

/**
 * Starts a delegate. Returns when its directory is open and what an earlier one left is taken over; registering and polling go on
 * behind. Faults: `usage` for the address and files of certificates, `store-in-use` for the directory, `invalid-input` for a broken
 * identity.
 */
export async function startDelegate(options: DelegateOptions, signal: AbortSignal): Promise<Delegate> {
  const { directory, capacity, runner, log, random, clock = systemClock, name } = options
  const managerUrl = checkManagerUrl(options.managerUrl, options.allowPlainHttp ?? false)
  const outwardSettings = options.outward ?? plainOutward
  const fetch = options.fetch ?? (await openFetch(outwardSettings, options.nodeTrusts))
  const fetchSecrets = options.fetch ?? (await openFetch(withoutCertificate(outwardSettings), options.nodeTrusts))
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const lock = await lockDirectory(directory, options.processId)
  // Two ends: no more polls at the first, no more reports about dead steps at the second.
  const polling = new AbortController()
  const working = new AbortController()
  // Each running step and each offer listens; more than ten of them are no leak, which Node would warn of.
  setMaxListeners(0, polling.signal, working.signal)
  const onAbort = (): void => polling.abort(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()

  const metrics = createMetrics(name, options.health?.prefix ?? 'sluice_')
  const outward = { managerUrl, clock, random, log, metrics, fetch }
  const instance = options.randomId()
  const opened = await open().catch(async (error: unknown) => {
    await lock.release()
    throw error
  })
  const { supervisor, identity, health } = opened
  const taking = new Map<string, Promise<void>>()
  const readiness = createReadiness(clock)
  const polled = pollOptions()

  async function open() {
    const openedIdentity = await openIdentity(directory)
    const replaces = await openedIdentity.takeOver(instance)
    const ledger = await openLedger(directory)
    const overseer = createSupervisor({ ...outward, ledger, runner }, working.signal)
    const server = await offerHealth()
    await overseer.adopt()
    return { identity: openedIdentity, replaces, supervisor: overseer, health: server }
  }
  async function offerHealth(): Promise<HealthServer | undefined> {
    if (!options.health) return undefined
    const { host, port, mayFail } = options.health
    const state: HealthState = {
      notReady,
      metrics: async () => {
        await supervisor.countLeases()
        metrics.connected(notReady() === undefined)
        return metrics.render(supervisor.running.length)
      },
    }
    return startHealthServer(host, port, state).catch((error: unknown) => {
      if (!mayFail) throw error
      log('warn', error instanceof Error ? error.message : String(error))
      return undefined
    })
  }
  function notReady(): string | undefined {
    return polling.signal.aborted ? 'It ends and takes nothing new.' : readiness.notReady()
  }
  function pollOptions(): PollOptions {
    const { token, tags, version, randomId, checks } = options
    const connection = openConnection({ ...outward, joinToken: token, name, tags, version, identity, randomId })
    const askEnded: AskEnded = async (executions) => {
      const body = { executions: [...executions] }
      const ask = (client: DelegateClient, stop: AbortSignal) => client.endedExecutions({ body }, stop)
      const call = (stop: AbortSignal) => connection.call(ask, callMilliseconds, stop)
      return (await withTimeLimit(callMilliseconds, call, working.signal)).ended
    }
    runner.connected?.(askEnded)
    const secrets: SecretPorts = {
      fetch: fetchSecrets,
      environment: options.environment ?? {},
      readFile: (path) => readFile(path),
      openBox: (box, binding) => openSealed(identity.sealingKeys, box, binding),
      own: options.ownSecrets ?? {},
    }
    const looked = { clock, outward: outwardSettings, environment: options.environment ?? {} }
    return {
      ...outward,
      connection,
      supervisor,
      secrets,
      instance,
      capacity,
      taking,
      identity,
      replaces: opened.replaces,
      working: working.signal,
      ...(runner.lackingForPods ? {} : { workspaces: openWorkspaces(directory, clock, askEnded) }),
      ...(checks ? { capabilities: createCapabilities({ ...looked, ...checks, pods: runner.lackingForPods }) } : {}),
      pressure: async () => {
        const limits = options.pressure
        const reason = limits && judgePressure(await readUsage(), limits)
        metrics.pressed(reason !== undefined)
        return reason
      },
      onPoll: (failure) => {
        metrics.polled(failure === undefined)
        readiness.polled(failure)
      },
    }
  }
  async function work(): Promise<void> {
    try {
      const delegate = await polled.connection.join(polling.signal)
      log('info', `delegate ${name} is connected`, { delegate, managerUrl, capacity })
      await pollForWork(polled, polling.signal)
    } catch (error) {
      if (!polling.signal.aborted) throw error
    }
  }
  const done = work()
  // Whoever awaits it hears of it; nobody has to.
  done.catch(() => {})

  async function drain(milliseconds: number): Promise<readonly string[]> {
    const isFirst = !working.signal.aborted
    polling.abort(new Error('draining'))
    const ended = new AbortController()
    const finish = async (): Promise<void> => {
      const isRefused = await done.then(
        () => false,
        () => true,
      )
      // Nobody waits long for a manager that does not hear it: it notices by itself.
      if (isFirst && !isRefused && identity.delegate !== undefined)
        await withTimeLimit(goodbyeMilliseconds, (stop) => sayGoodbye(polled, stop)).catch(() => {})
      await Promise.all(taking.values())
      await supervisor.idle(milliseconds)
      ended.abort()
    }
    await Promise.race([finish(), clock.sleep(milliseconds, ended.signal).catch(() => {})])
    working.abort(new Error('drained'))
    signal.removeEventListener('abort', onAbort)
    await health?.close()
    await lock.release()
    return supervisor.running
  }
  return {
    get running() {
      return supervisor.running
    },
    done,
    drain,
    healthPort: health?.port,
  }
}
