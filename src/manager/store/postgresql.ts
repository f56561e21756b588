// The PostgreSQL store: a pool of connections, and one more that listens. The only file of the manager that loads `pg`.
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client, ClientConfig, PoolClient } from 'pg'
import { Fault } from '#contract/fault'
import type { Link, LinkResult, LinkSource } from './dialect.ts'
import { asText, valueParsers } from './value.ts'

export interface PostgresqlLinkOptions {
  readonly url: string
  /** Connections of this replica, besides the one that listens and the reserved ones. */
  readonly poolSize: number
  readonly channels: readonly string[]
  /** Called for each hint of another replica. */
  readonly wake: (channel: string) => void
  readonly log: (line: string) => void
}

/** Two statements of the same look go side by side. */
const reservedConnections = 2
const oldestSupported = 150_000
/** Type oid of `text[]`, the only array that both stores read as one. */
const textArray = 1009
/** Hints of so many milliseconds go out together. */
const hintMilliseconds = 10
const reconnectMilliseconds = [250, 500, 1000, 2000, 5000]

/** Connects, checks the version and begins to listen. Raises `store-unavailable`. */
export async function openPostgresqlLinks(
  options: PostgresqlLinkOptions,
): Promise<{ readonly links: LinkSource; readonly reserved: LinkSource; readonly hint: (channel: string) => void }> {
  const { default: pg } = await import('pg')
  const drivers = pg.types as unknown as { getTypeParser(oid: number): (text: string) => unknown }
  const readTextArray = drivers.getTypeParser(textArray)
  const config: ClientConfig = {
    connectionString: options.url,
    application_name: 'sluice-manager',
    // Also the longest that a call waits for one of the pool: a burst of a hundred starts on a busy machine takes longer than 10 s.
    connectionTimeoutMillis: 30_000,
    keepAlive: true,
    // A replica that hangs inside a transaction must not hold row locks for ever.
    idle_in_transaction_session_timeout: 60_000,
    types: {
      getTypeParser: (oid: number) => valueParsers[oid] ?? (oid === textArray ? readTextArray : asText),
    },
  }
  const prepared = new PreparedNames()
  const openPool = (max: number): InstanceType<typeof pg.Pool> => {
    // Statements of one transaction that do not need each other's results are on the wire together.
    const pool = new pg.Pool({ ...config, max, pipeline: true })
    // Compiling a statement takes 200 ms; ours take less than one, but the planner's guess for the queue is over the threshold.
    // Not a start parameter, because connection poolers refuse those. Sent ahead of whatever the connection is wanted for.
    pool.on('connect', (client) => void client.query('set jit = off').catch(() => {}))
    // An idle connection that breaks is replaced by the pool; without a listener the error would end the process.
    pool.on('error', (error) => options.log(`A connection to the store broke: ${error.message}`))
    return pool
  }
  const pool = openPool(options.poolSize)
  const kept = openPool(reservedConnections)
  const listener = new Listener(() => new pg.Client(config), options)
  const end = async (): Promise<void> => {
    await listener.close()
    await Promise.all([pool.end(), kept.end()])
  }
  try {
    await checkVersion(() => pool.query<{ version: string }>(`select current_setting('server_version_num') as version`))
    await listener.start()
  } catch (error) {
    await Promise.all([pool.end(), kept.end()])
    throw error
  }
  let closed: Promise<void> | undefined
  const linksOf = (of: typeof pool): LinkSource => ({
    acquire: async () => link(await of.connect(), prepared),
    close: () => (closed ??= end()),
  })
  return { links: linksOf(pool), reserved: linksOf(kept), hint: (channel) => listener.hint(channel) }
}

function link(client: PoolClient, prepared: PreparedNames): Link {
  const query = async (sql: string, parameters: readonly unknown[]): Promise<LinkResult> => {
    const name = parameters.length > 0 ? prepared.nameOf(sql) : undefined
    const { rows, rowCount, command } = await client.query<Record<string, unknown>>({
      text: sql,
      values: [...parameters],
      ...(name === undefined ? {} : { name }),
    })
    return { rows: rows ?? [], affected: command === 'SELECT' ? 0 : (rowCount ?? 0) }
  }
  // Not in the types. Both statements leave in one packet: sending is what costs this side most (half of its time, measured).
  const { stream } = (client as unknown as { readonly connection: { readonly stream: Duplex } }).connection
  return {
    query,
    begin: async (sql, parameters) => {
      stream.cork()
      const both = Promise.all([query('begin', []), query(sql, parameters)])
      stream.uncork()
      return (await both)[1]
    },
    release: (broken) => client.release(broken),
  }
}

/** Statements that a connection may keep prepared; beyond that they are parsed each time. */
const preparedStatements = 400

/**
 * Names for statements, so that each connection parses and plans them once: half of what a short statement costs the server.
 * The first ones win; texts that vary without end (lists of any length) must not fill the server's memory.
 */
class PreparedNames {
  readonly #names = new Map<string, string>()

  nameOf(sql: string): string | undefined {
    const known = this.#names.get(sql)
    if (known !== undefined || this.#names.size >= preparedStatements) return known
    const name = `sluice_${this.#names.size}`
    this.#names.set(sql, name)
    return name
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

/** Holds one connection that listens and sends hints. While it is away hints are lost; polls find what they would have told. */
class Listener {
  readonly #connect: () => Client
  readonly #options: PostgresqlLinkOptions
  #client: Client | undefined
  #timer: NodeJS.Timeout | undefined
  #failures = 0
  #closed = false
  readonly #unsent = new Set<string>()
  #sending = false

  constructor(connect: () => Client, options: PostgresqlLinkOptions) {
    this.#connect = connect
    this.#options = options
  }

  async start(): Promise<void> {
    const client = this.#connect()
    const lost = once(() => this.#retry(client))
    client.on('error', lost)
    client.on('end', lost)
    const { channels, wake } = this.#options
    let own: number | undefined
    client.on('notification', ({ channel, processId }) => {
      if (processId !== own) wake(channel)
    })
    await client.connect()
    // A hint need not be on disk.
    await client.query('set synchronous_commit = off')
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
    own = rows[0]?.pid
    await client.query(channels.map((channel) => `listen ${channel}`).join('; '))
    if (this.#closed) {
      await client.end()
      return
    }
    this.#client = client
    this.#failures = 0
    // What was told while nobody listened.
    for (const channel of channels) wake(channel)
  }

  /** Sent at once when nothing is on its way, else together with the others of the same moment. */
  hint(channel: string): void {
    this.#unsent.add(channel)
    if (!this.#sending) void this.#send()
  }

  async #send(): Promise<void> {
    this.#sending = true
    while (this.#unsent.size > 0 && this.#client !== undefined && !this.#closed) {
      const channels = [...this.#unsent]
      this.#unsent.clear()
      const sql = `select ${channels.map((_, n) => `pg_notify($${n + 1}, '')`).join(', ')}`
      // A connection that broke says so itself; the polls of the others do without the hint.
      await this.#client.query(sql, channels).catch(() => {})
      await sleep(hintMilliseconds, undefined, { ref: false })
    }
    this.#unsent.clear()
    this.#sending = false
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
