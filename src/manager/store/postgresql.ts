// The PostgreSQL store: a pool of connections, and one more that listens. The only file of the manager that loads `pg`.
import type { Client, ClientConfig, PoolClient } from 'pg'
import { Fault } from '#contract/fault'
import type { Link, LinkSource } from './dialect.ts'
import { asText, valueParsers } from './value.ts'

export interface PostgresqlLinkOptions {
  readonly url: string
  /** Connections of this replica, besides the one that listens. */
  readonly poolSize: number
  readonly channels: readonly string[]
  readonly notified: (channel: string) => void
  readonly log: (line: string) => void
}

const oldestSupported = 150_000
/** Type oid of `text[]`, the only array that both stores read as one. */
const textArray = 1009
const reconnectMilliseconds = [250, 500, 1000, 2000, 5000]

/** Connects, checks the version and begins to listen. Raises `store-unavailable`. */
export async function openPostgresqlLinks(options: PostgresqlLinkOptions): Promise<LinkSource> {
  const { default: pg } = await import('pg')
  const drivers = pg.types as unknown as { getTypeParser(oid: number): (text: string) => unknown }
  const readTextArray = drivers.getTypeParser(textArray)
  const config: ClientConfig = {
    connectionString: options.url,
    application_name: 'sluice-manager',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    // A replica that hangs inside a transaction must not hold row locks for ever.
    idle_in_transaction_session_timeout: 60_000,
    types: {
      getTypeParser: (oid: number) => valueParsers[oid] ?? (oid === textArray ? readTextArray : asText),
    },
  }
  const pool = new pg.Pool({ ...config, max: options.poolSize })
  // An idle connection that breaks is replaced by the pool; without a listener the error would end the process.
  pool.on('error', (error) => options.log(`A connection to the store broke: ${error.message}`))
  const listener = new Listener(() => new pg.Client(config), options)
  try {
    await checkVersion(() => pool.query<{ version: string }>(`select current_setting('server_version_num') as version`))
    await listener.start()
  } catch (error) {
    await pool.end()
    throw error
  }
  return {
    acquire: async () => link(await pool.connect()),
    close: async () => {
      await listener.close()
      await pool.end()
    },
  }
}

function link(client: PoolClient): Link {
  return {
    query: async (sql, parameters) => {
      const { rows, rowCount, command } = await client.query<Record<string, unknown>>(sql, [...parameters])
      return { rows: rows ?? [], affected: command === 'SELECT' ? 0 : (rowCount ?? 0) }
    },
    release: (broken) => client.release(broken),
  }
}

async function checkVersion(ask: () => Promise<{ rows: { version: string }[] }>): Promise<void> {
  const { rows } = await ask().catch((error: unknown) => {
    throw new Fault('store-unavailable', `The metadata store cannot be opened: ${(error as Error).message}`, {
      cause: error,
    })
  })
  if (Number(rows[0]?.version) >= oldestSupported) return
  throw new Fault('store-unavailable', 'The metadata store needs PostgreSQL 15 or newer.', {
    hint: 'Upgrade the server, or use another.',
  })
}

/** Holds one connection that listens. While it is away hints are lost; polls find what they would have told. */
class Listener {
  readonly #connect: () => Client
  readonly #options: PostgresqlLinkOptions
  #client: Client | undefined
  #timer: NodeJS.Timeout | undefined
  #failures = 0
  #closed = false

  constructor(connect: () => Client, options: PostgresqlLinkOptions) {
    this.#connect = connect
    this.#options = options
  }

  async start(): Promise<void> {
    const client = this.#connect()
    const lost = once(() => this.#retry(client))
    client.on('error', lost)
    client.on('end', lost)
    client.on('notification', ({ channel }) => this.#options.notified(channel))
    await client.connect()
    await client.query(this.#options.channels.map((channel) => `listen ${channel}`).join('; '))
    if (this.#closed) {
      await client.end()
      return
    }
    this.#client = client
    this.#failures = 0
    // What was told while nobody listened.
    for (const channel of this.#options.channels) this.#options.notified(channel)
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#client?.end().catch(() => {})
  }

  #retry(client: Client): void {
    if (this.#closed) return
    if (this.#client === client) this.#client = undefined
    const wait = reconnectMilliseconds[Math.min(this.#failures, reconnectMilliseconds.length - 1)]
    this.#failures += 1
    this.#timer = setTimeout(() => {
      this.start().catch((error: unknown) =>
        this.#options.log(`The store cannot be listened to: ${(error as Error).message}`),
      )
    }, wait)
    this.#timer.unref()
    client.end().catch(() => {})
  }
}

function once(action: () => void): () => void {
  let done = false
  return () => {
    if (!done) action()
    done = true
  }
}
