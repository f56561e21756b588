// The manager, wired: every room gets what it needs here and nowhere else.
import { type KeyObject, randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Fetch } from '#contract/client'
import { createAuthenticate } from './access/authenticate.ts'
import { accessHandlers } from './access/handlers.ts'
import { KnownTokens } from './access/known-tokens.ts'
import { signingKeys } from './audit/entry.ts'
import { auditHandlers } from './audit/handlers.ts'
import { sealAudit } from './audit/seal.ts'
import type { KnownProtocolTokens } from './delegate/authenticate.ts'
import { renewBuiltInToken } from './delegate/built-in.ts'
import { consideredHandlers } from './delegate/considered.ts'
import { delegateHandlers } from './delegate/delegates.ts'
import { platformDelegateHandlers } from './delegate/platform-delegates.ts'
import { platformDelegateTokenHandlers } from './delegate/platform-token.ts'
import { protocolHandlers } from './delegate/protocol.ts'
import { delegateTokenHandlers } from './delegate/tokens.ts'
import { entityHandlers } from './entity/handlers.ts'
import { createExecutions, type Executions } from './execution/executions.ts'
import { platformRunHandlers } from './execution/platform.ts'
import { freezeHandlers } from './freeze/handlers.ts'
import { createIdempotentCalls, forgetOldCalls } from './http/idempotency.ts'
import { healthHandlers } from './http/health.ts'
import type { AllHandlers } from './http/mount.ts'
import { startServer } from './http/server.ts'
import { ensureUser, type FirstUser, readAccount } from './identity/bootstrap.ts'
import { createProvider, type ProviderOptions } from './identity/provider.ts'
import { identityHandlers } from './identity/handlers.ts'
import { createPasswordHasher } from './identity/password.ts'
import { hasUsers } from './identity/user.ts'
import { imageHandlers } from './image/image.ts'
import { liveHandlers } from './live/handlers.ts'
import { createHub } from './live/hub.ts'
import type { SendMail } from './notify/deliver.ts'
import { createNotifications } from './notify/notifications.ts'
import { createRetention, type Retention } from './retention/purge.ts'
import type { RootKeys } from './secret/envelope.ts'
import { createRunSecretObserver } from './secret/run-secret.ts'
import { createSealSecrets } from './secret/seal-secrets.ts'
import { platformSecretHandlers } from './secret/platform-secret.ts'
import { secretHandlers } from './secret/secret.ts'
import { settingHandlers } from './setting/handlers.ts'
import { stateHandlers } from './state/handlers.ts'
import { stateObserver } from './state/observe.ts'
import type { Store } from './store/port.ts'
import { createTriggers } from './trigger/triggers.ts'
import { createRequestCancel, enqueue } from './work/enqueue.ts'
import { inputSetHandlers } from './input-set/handlers.ts'
import { keepQueue } from './work/keeper.ts'
import { expireTasks, forgetOldTasks } from './task/keep.ts'
import { taskHandlers } from './task/handlers.ts'
import { taskObserver } from './task/observe.ts'
import type { AttemptObserver, RequestCancel } from './work/port.ts'

export interface ManagerOptions {
  /** Migrated. Closed by whoever opened it, after the manager. */
  readonly store: Store
  /** Wrap the data keys of the built-in secrets. */
  readonly rootKeys: RootKeys
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  readonly secure: boolean
  readonly trustProxy: boolean
  readonly log: Logger
  readonly version: string
  readonly webDirectory: string
  /** For calls to addresses that users name, such as Git hosts. */
  readonly fetch: Fetch
  /** Absent: no mail server is configured. */
  readonly sendMail?: SendMail | undefined
  /** Where browsers reach this manager, without a slash at the end; absent: nobody is sent links to it. */
  readonly publicUrl?: string | undefined
  /** OpenID Connect; absent: e-mail and password only. */
  readonly signInProvider?: ProviderOptions | undefined
  /** Runs before anybody is answered: makes the users that a new installation needs. */
  readonly prepare?: (users: Users) => Promise<void>
}

export interface Users {
  /** Creates the user unless the address is taken. */
  ensureUser(user: FirstUser): Promise<boolean>
  hasUsers(): Promise<boolean>
}

export interface Manager {
  /** Address for people. */
  readonly url: string
  /** A join token for the delegate of the same process. */
  builtInDelegateToken(): Promise<string>
  /** Takes no new requests, ends streams and polls, stops the timers. */
  close(): Promise<void>
}

export async function startManager(options: ManagerOptions): Promise<Manager> {
  const { store, rootKeys, host, port, secure, trustProxy, log, version, webDirectory } = options
  const account = await readAccount(store.db)
  const passwords = createPasswordHasher(randomBytes)
  const auditKeys = signingKeys(rootKeys)
  const provider = options.signInProvider && createProvider(options.signInProvider)
  const hub = createHub(store)
  const stopping = new AbortController()

  // The order matters: what is deployed is written down before the pipeline decides what comes next.
  const runSecrets = createRunSecretObserver(rootKeys, randomBytes)
  const observers: AttemptObserver[] = [stateObserver, taskObserver, runSecrets]
  const requestCancel = createRequestCancel(observers)
  const warn = (line: string): void => log.warn(line)
  const executions = createExecutions({ store, enqueue, requestCancel, createId: randomUUID, log: warn })
  observers.push(executions.observer)

  const triggers = createTriggers({
    store,
    executions,
    rootKeys,
    account,
    createId: randomUUID,
    now: () => Date.now() / 1000,
    log: warn,
    fetch: options.fetch,
    publicUrl: options.publicUrl,
  })

  const { fetch, sendMail, publicUrl } = options
  const { mailSettled } = executions
  const outbox = { store, rootKeys, account, fetch, sendMail, mailSettled, publicUrl, log: warn }
  const notifications = createNotifications(outbox)

  const known: KnownProtocolTokens = new KnownTokens()
  const delegates = { store, hub, observers, sealSecrets: createSealSecrets(rootKeys), random: randomBytes, known }
  const handlers: AllHandlers = {
    ...healthHandlers(store, version),
    ...identityHandlers({ store, passwords, random: randomBytes, account, secure, provider }),
    ...entityHandlers(store, account),
    ...accessHandlers(store, account, randomUUID),
    ...auditHandlers({ store, account, keys: auditKeys }),
    ...settingHandlers(store),
    ...secretHandlers(store, rootKeys, randomBytes),
    ...platformSecretHandlers(store, rootKeys, randomBytes),
    ...imageHandlers(store, version),
    ...stateHandlers(store),
    ...executions.handlers,
    ...inputSetHandlers(store),
    ...platformRunHandlers({ store, account, rootKeys, publicUrl, now: Date.now }, executions.handlers),
    ...triggers.handlers,
    ...taskHandlers({ store, hub, enqueue, requestCancel, createId: randomUUID }),
    ...notifications.handlers,
    ...freezeHandlers(store, account),
    ...liveHandlers({ store, hub }),
    ...delegateTokenHandlers(delegates),
    ...platformDelegateTokenHandlers(delegates, account),
    ...platformDelegateHandlers(store),
    ...delegateHandlers(delegates),
    ...consideredHandlers(delegates),
    ...protocolHandlers(delegates),
  }
  await options.prepare?.({
    ensureUser: (user) => ensureUser(store, passwords, user),
    hasUsers: () => hasUsers(store.db),
  })
  const server = await startServer({
    host,
    port,
    handlers,
    authenticate: createAuthenticate(store, known),
    idempotentCalls: createIdempotentCalls(store),
    log,
    version,
    createId: () => randomUUID().slice(0, 13),
    webDirectory,
    secure,
    trustProxy,
  })
  const timers = [
    keepQueue({ store, observers, log: warn }, stopping.signal),
    keepTime(executions, warn, stopping.signal),
    keepTasks({ store, observers, requestCancel, log: warn }, stopping.signal),
    keep('Triggers', triggers, warn, stopping.signal),
    keep('Reports to Git hosts', { tick: () => triggers.report(), tidy: async () => {} }, warn, stopping.signal),
    keep('Notifications', notifications, warn, stopping.signal),
    keepAudit(store, auditKeys.current, warn, stopping.signal),
    keepRetention(
      createRetention(store, (line) => log.info(line)),
      warn,
      stopping.signal,
    ),
  ]
  return {
    url: server.url,
    builtInDelegateToken: () => renewBuiltInToken(store, randomBytes),
    close: async () => {
      stopping.abort()
      await server.close()
      await Promise.all(timers)
      hub.close()
    },
  }
}

/** Lets time-outs of executions fall due, every second on every replica, until `signal` is aborted. */
async function keepTime(executions: Executions, log: (line: string) => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await executions.tick().catch((error: unknown) => log(`Timers could not be looked at: ${(error as Error).message}`))
    await sleep(1000, undefined, { signal }).catch(() => {})
  }
}

interface Kept {
  tick(): Promise<unknown>
  tidy(): Promise<void>
}

/** Does what is due, every second on every replica, until `signal` is aborted. */
async function keep(name: string, what: Kept, log: (line: string) => void, signal: AbortSignal): Promise<void> {
  for (let round = 0; !signal.aborted; round += 1) {
    const work = round % 3600 === 0 ? what.tidy().then(() => what.tick()) : what.tick()
    await work.catch((error: unknown) => log(`${name} could not be looked at: ${(error as Error).message}`))
    await sleep(1000, undefined, { signal }).catch(() => {})
  }
}

/** Lets tasks expire, every second on every replica, and forgets old ones, every minute. */
async function keepTasks({ store, observers, requestCancel, log }: TaskKeeping, signal: AbortSignal): Promise<void> {
  for (let round = 0; !signal.aborted; round += 1) {
    const work = round % 60 === 0 ? forgetOldTasks(store) : expireTasks(store, observers, requestCancel)
    await work.catch((error: unknown) => log(`Tasks could not be looked at: ${(error as Error).message}`))
    await sleep(1000, undefined, { signal }).catch(() => {})
  }
}
interface TaskKeeping {
  readonly store: Store
  readonly observers: readonly AttemptObserver[]
  readonly requestCancel: RequestCancel
  readonly log: (line: string) => void
}

/** Purges what the settings keep no longer, every minute on every replica. */
async function keepRetention(retention: Retention, log: (line: string) => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await retention.tick().catch((error: unknown) => log(`Retention could not be kept: ${(error as Error).message}`))
    await sleep(60_000, undefined, { signal }).catch(() => {})
  }
}

/** Links what happened into the audit trail, every second on every replica, and what is left at the end. */
async function keepAudit(
  store: Store,
  key: KeyObject,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let round = 0; !signal.aborted; round += 1) {
    const work = round % 3600 === 0 ? forgetOldCalls(store).then(() => sealAudit(store, key)) : sealAudit(store, key)
    await work.catch((error: unknown) => log(`The audit trail could not be written: ${(error as Error).message}`))
    await sleep(1000, undefined, { signal }).catch(() => {})
  }
  await sealAudit(store, key).catch((error: unknown) =>
    log(`The audit trail could not be written: ${(error as Error).message}`),
  )
}
