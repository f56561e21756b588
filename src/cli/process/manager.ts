// The manager as a running process: store, root key, first administrator. Shared by `manager`, `up` and `demo`.
import { mkdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Logger } from 'pino'
import { migrate } from '#engine/embed'
import { folderSource } from '#changelog/folder'
import { type Manager, startManager } from '#manager/main'
import { randomPassword } from '#manager/identity/bootstrap'
import { loadRootKey } from '#manager/secret/root-key'
import { openStore, parseStoreLocation } from '#manager/store/open'
import { storeChangelogFolder, storeChangelogFile } from '#manager/store/migration'
import { webDirectory } from './built.ts'
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
  const rootKey = loadRootKey(join(data, 'root.key'))
  const store = await openStore(
    {
      location: parseStoreLocation(options.store ?? join(data, 'store')),
      migrate: async (session) => {
        await migrate({
          // The store owns the connection; the engine only works on it.
          session: { ...session, close: async () => {} },
          dialect: 'postgresql',
          files: folderSource([storeChangelogFolder]),
          file: storeChangelogFile,
          log: line,
        })
      },
      log: line,
    },
    signal,
  )
  try {
    const { host, port, secure, trustProxy, log } = options
    const manager = await startManager({
      store,
      rootKey,
      host,
      port,
      secure,
      trustProxy,
      log,
      version,
      webDirectory: webDirectory(),
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
  manager: Manager,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<FirstAdministrator | undefined> {
  if (await manager.hasUsers()) return undefined
  const email = environment['SLUICE_ADMIN_EMAIL'] ?? 'admin@sluice.local'
  const file = environment['SLUICE_ADMIN_PASSWORD_FILE']
  const given = file === undefined ? undefined : (await readFile(file, 'utf8')).replace(/\r?\n$/, '')
  const password = given ?? randomPassword()
  await manager.ensureUser({ email, name: 'Administrator', role: 'admin', password })
  return { email, password: given === undefined ? password : undefined }
}
