// The manager as a running process: store, root key, first administrator. Shared by `manager`, `up` and `demo`.
import { mkdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Logger } from 'pino'
import type { Fetch } from '#contract/client'
import { openGuardedFetch } from '#outward/fetch'
import { ownNetwork } from '#outward/guard'
import { openMail, readMail } from '#outward/mail'
import { readOutward, withoutCertificate } from '#outward/setting'
import { type Manager, startManager, type Users } from '#manager/main'
import { randomPassword } from '#manager/identity/bootstrap'
import { loadRootKeys } from '#manager/secret/root-key'
import { openStore, parseStoreLocation } from '#manager/store/open'
import { webDirectory } from './built.ts'
import { rootKeySource } from './root-key.ts'
import { signInProvider } from './sign-in.ts'
import { migrateStore } from './store-migration.ts'
import { version } from './version.ts'

export interface ManagerProcessOptions {
  /** Folder for root key and embedded store. */
  readonly data: string
  /** PostgreSQL URL; absent: the embedded store in `data`. */
  readonly store: string | undefined
  readonly host: string
  readonly port: number
  readonly secure: boolean
  readonly trustProxy: boolean
  readonly log: Logger
  /** Makes the first users, before anybody is answered. */
  readonly prepare: (users: Users) => Promise<void>
}

export interface ManagerProcess {
  readonly manager: Manager
  close(): Promise<void>
}

export async function startManagerProcess(
  options: ManagerProcessOptions,
  signal: AbortSignal,
): Promise<ManagerProcess> {
  const data = resolve(options.data)
  await mkdir(data, { recursive: true, mode: 0o700 })
  const line = (text: string): void => options.log.info(text)
  const mail = readMail(process.env)
  const rootKeys = await loadRootKeys(rootKeySource(data, process.env), signal)
  const store = await openStore(
    {
      location: parseStoreLocation(options.store ?? join(data, 'store')),
      migrate: migrateStore(line),
      log: line,
    },
    signal,
  )
  try {
    const { host, port, secure, trustProxy, log, prepare } = options
    const manager = await startManager({
      store,
      rootKeys,
      host,
      port,
      secure,
      trustProxy,
      log,
      version,
      webDirectory: webDirectory(),
      signInProvider: signInProvider(process.env, host, port),
      fetch: outgoingFetch(process.env),
      sendMail: mail && openMail(mail),
      publicUrl: process.env['SLUICE_PUBLIC_URL']?.replace(/\/+$/, ''),
      prepare,
    })
    return {
      manager,
      close: async () => {
        await manager.close()
        await store.close()
      },
    }
  } catch (error) {
    await store.close()
    throw error
  }
}

/**
 * Opened when something is called for the first time: most managers call nobody. The addresses are named by users: where a delegate has
 * its certificate in the same environment, it is shown to none of them.
 */
export function outgoingFetch(environment: Readonly<Record<string, string | undefined>>): Fetch {
  let opened: Promise<Fetch> | undefined
  return async (url, init) => {
    const settings = withoutCertificate(readOutward(environment))
    opened ??= openGuardedFetch(settings, ownNetwork(environment['SLUICE_ALLOWED_HOSTS'] ?? ''))
    return (await opened)(url, init)
  }
}

/** What the first start tells the person who runs it. */
export interface FirstAdministrator {
  readonly email: string
  /** Present when it was made up now; shown once. */
  readonly password: string | undefined
}

/**
 * Makes sure that somebody can sign in: SLUICE_ADMIN_EMAIL with the password in the file SLUICE_ADMIN_PASSWORD_FILE, else with a
 * random one. Undefined when there are users already.
 */
export async function ensureAdministrator(
  users: Users,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<FirstAdministrator | undefined> {
  if (await users.hasUsers()) return undefined
  const email = environment['SLUICE_ADMIN_EMAIL'] ?? 'admin@sluice.local'
  const file = environment['SLUICE_ADMIN_PASSWORD_FILE']
  const given = file === undefined ? undefined : (await readFile(file, 'utf8')).replace(/\r?\n$/, '')
  const password = given ?? randomPassword()
  await users.ensureUser({ email, name: 'Administrator', role: 'admin', password })
  return { email, password: given === undefined ? password : undefined }
}

/** Says the made-up password of the first administrator, which is not kept anywhere. */
export function announce(first: FirstAdministrator | undefined): void {
  if (first?.password)
    console.log(`Sign in as ${first.email} with password ${first.password} (shown only now; change it).`)
}
