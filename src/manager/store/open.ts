// Opens the metadata store, embedded or PostgreSQL, and brings its schema up to date.
import { Kysely } from 'kysely'
import { Fault } from '#contract/fault'
import { type LinkSource, noScope, storeDialect, transactionScope } from './dialect.ts'
import { openEmbeddedLinks } from './embedded.ts'
import { type Migrate, migrationSession } from './migration.ts'
import { collectHints } from './notify.ts'
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
  const wake = (channel: string): void => {
    for (const listener of listeners.get(channel) ?? []) listener()
  }
  const { links, reserved, hint } = await openLinks(options, wake)
  try {
    signal.throwIfAborted()
    await migrate(links, options)
  } catch (error) {
    await links.close()
    throw error
  }
  const scope = options.location.kind === 'embedded' ? transactionScope() : noScope
  const db = new Kysely<Tables>({ dialect: storeDialect(links, scope) })
  return {
    kind: options.location.kind,
    db,
    reserved: reserved === undefined ? db : new Kysely<Tables>({ dialect: storeDialect(reserved, scope) }),
    transaction: async (work) => {
      let hints: ReadonlySet<Channel> = new Set()
      const result = await db.transaction().execute((tx) => {
        hints = collectHints(tx)
        return scope.run(() => work(tx))
      })
      for (const channel of hints) {
        wake(channel)
        hint(channel)
      }
      return result
    },
    listen: (channel, listener) => {
      const known = listeners.get(channel) ?? new Set()
      listeners.set(channel, known.add(listener))
      return () => void known.delete(listener)
    },
    close: () => links.close(),
  }
}

interface Links {
  /** Ends the reserved ones too. */
  readonly links: LinkSource
  readonly reserved?: LinkSource
  /** Tells the other replicas. */
  readonly hint: (channel: Channel) => void
}

async function openLinks({ location, log = () => {} }: StoreOptions, wake: (channel: string) => void): Promise<Links> {
  if (location.kind === 'embedded') {
    // There is no other replica.
    return { links: await openEmbeddedLinks({ directory: location.directory, log }), hint: () => {} }
  }
  const { url, poolSize = 10 } = location
  return openPostgresqlLinks({ url, poolSize, channels, wake, log })
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
