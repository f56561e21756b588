// Opens the metadata store, embedded or PostgreSQL, and brings its schema up to date.
import { Kysely } from 'kysely'
import { Fault } from '#contract/fault'
import { type LinkSource, storeDialect, transactionScope } from './dialect.ts'
import { openEmbeddedLinks } from './embedded.ts'
import { type Migrate, migrationSession } from './migration.ts'
import type { Channel, Store } from './port.ts'
import { openPostgresqlLinks } from './postgresql.ts'
import type { Tables } from './tables.ts'

export type StoreLocation =
  | { readonly kind: 'embedded'; readonly directory: string }
  | { readonly kind: 'postgresql'; readonly url: string; readonly poolSize?: number }

export interface StoreOptions {
  readonly location: StoreLocation
  /** Applies the store's changelog; from the composition root, which may use the change engine. */
  readonly migrate: Migrate
  readonly log?: (line: string) => void
}

const channels: readonly Channel[] = ['sluice_work', 'sluice_event', 'sluice_log']
/** Advisory lock key of migrations: `sluice` as a number. Two replicas may start at the same time. */
const migrationLock = '126943972912997'

/** Raises `store-in-use` when another process has the embedded directory, `store-unavailable` when the server is away. */
export async function openStore(options: StoreOptions, signal: AbortSignal): Promise<Store> {
  signal.throwIfAborted()
  const listeners = new Map<string, Set<() => void>>()
  const notified = (channel: string): void => {
    for (const wake of listeners.get(channel) ?? []) wake()
  }
  const links = await openLinks(options, notified)
  try {
    signal.throwIfAborted()
    await migrate(links, options)
  } catch (error) {
    await links.close()
    throw error
  }
  const scope = transactionScope()
  const db = new Kysely<Tables>({ dialect: storeDialect(links, scope) })
  return {
    kind: options.location.kind,
    db,
    transaction: (work) => db.transaction().execute((tx) => scope.run(() => work(tx))),
    listen: (channel, wake) => {
      const wakes = listeners.get(channel) ?? new Set()
      listeners.set(channel, wakes.add(wake))
      return () => void wakes.delete(wake)
    },
    close: () => links.close(),
  }
}

function openLinks(
  { location, log = () => {} }: StoreOptions,
  notified: (channel: string) => void,
): Promise<LinkSource> {
  return location.kind === 'embedded'
    ? openEmbeddedLinks({ directory: location.directory, channels, notified, log })
    : openPostgresqlLinks({ url: location.url, poolSize: location.poolSize ?? 10, channels, notified, log })
}

async function migrate(links: LinkSource, options: StoreOptions): Promise<void> {
  const link = await links.acquire()
  try {
    await link.query(`select pg_advisory_lock(${migrationLock})`, [])
    await options.migrate(
      migrationSession(async (sql, parameters) => {
        const { rows, affected } = await link.query(sql, parameters)
        return { rows, rowsAffected: affected }
      }),
    )
    await link.query(`select pg_advisory_unlock(${migrationLock})`, [])
    link.release(false)
  } catch (error) {
    // Ends the session and with it the lock and an open transaction.
    link.release(true)
    if (error instanceof Fault) throw error
    throw new Fault('store-unavailable', `The metadata store cannot be migrated: ${(error as Error).message}`, {
      cause: error,
    })
  }
}

/** The location that a `--store` option names: a PostgreSQL URL or a directory. */
export function parseStoreLocation(text: string): StoreLocation {
  return /^postgres(ql)?:\/\//.test(text) ? { kind: 'postgresql', url: text } : { kind: 'embedded', directory: text }
}
