// The metadata store as the rest of the manager sees it, embedded or PostgreSQL.
import type { Kysely, Transaction } from 'kysely'
import type { Tables } from './tables.ts'

export type Executor = Kysely<Tables> | Transaction<Tables>
export type StoreTransaction = Transaction<Tables>

/** Channels of NOTIFY. Never data, only a hint that a poll would find something. */
export type Channel = 'sluice_work' | 'sluice_event' | 'sluice_log'

/**
 * Rules: functions take the executor as first parameter; only `transaction` opens one and it is passed down (on the embedded
 * store a query beside an open transaction would wait for ever). `now()` is always the database's clock.
 */
export interface Store {
  readonly kind: 'embedded' | 'postgresql'
  /** For single statements outside a transaction. */
  readonly db: Kysely<Tables>
  /** The same over connections that no request takes: for the few statements that must not wait behind hundreds of others. */
  readonly reserved: Kysely<Tables>
  transaction<T>(work: (tx: StoreTransaction) => Promise<T>): Promise<T>
  /** Calls back on a hint; also at least every `pollMilliseconds` by the caller's own timer. Returns the unsubscribe. */
  listen(channel: Channel, wake: () => void): () => void
  close(): Promise<void>
}

/** Hands a hint to all replicas when the transaction has committed. */
export type Notify = (tx: StoreTransaction, channel: Channel) => void
