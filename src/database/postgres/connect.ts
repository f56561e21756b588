// A connection to a PostgreSQL server. The only file that loads `pg`.
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect as connectSocket, type Socket } from 'node:net'
import type { Client, ClientConfig, Query } from 'pg'
import { Fault } from '#contract/fault'
import { driverMissing } from '../driver-missing.ts'
import type { OpenOptions } from '../port.ts'
import type { ServerUrl } from '../url.ts'
import { type Connection, type Progress, type Reply, parsers } from './connection.ts'
import { type Place, connectFault } from './fault.ts'

const defaultTimeout = 10_000
const identity = (text: unknown): unknown => text

/** `sslmode` of the URL decides about encryption: `prefer` (default) takes it when the server offers it. */
export async function connectServer(url: ServerUrl, options: OpenOptions, signal?: AbortSignal): Promise<Connection> {
  const username = options.username ?? url.username
  const place: Place = { host: url.host, port: url.port, database: url.database, username: username ?? '' }
  if (username === undefined || username === '') {
    throw new Fault('database-authentication', `no user name is given for the server at ${url.host}:${url.port}`)
  }
  let problem: unknown
  for (const tls of await encryptions(url, options)) {
    if (signal?.aborted) throw cancelled(signal)
    try {
      return await connectOnce({ ...clientConfig(url, options, username), ssl: tls }, options, signal)
    } catch (error) {
      problem = error
      if (!isUnencrypted(error)) break
    }
  }
  throw signal?.aborted ? cancelled(signal) : connectFault(problem, place)
}

const cancelled = (signal: AbortSignal): Fault =>
  signal.reason instanceof Fault ? signal.reason : new Fault('cancelled', 'Cancelled on request.')

const isUnencrypted = (error: unknown): boolean =>
  error instanceof Error && /does not support SSL connections/i.test(error.message)

function clientConfig(url: ServerUrl, options: OpenOptions, username: string): ClientConfig {
  const password = options.password ?? url.password
  return {
    host: url.host,
    port: url.port,
    database: url.database,
    user: username,
    // A function, because an absent one would be looked for in the environment and in files.
    password: () => {
      if (password !== undefined) return password
      throw new Fault(
        'database-authentication',
        `the server at ${url.host}:${url.port} asks for a password, none is given`,
      )
    },
    application_name: url.parameters.get('applicationname') ?? 'sluice',
    connectionTimeoutMillis: options.connectTimeout ?? defaultTimeout,
    keepAlive: true,
    types: { getTypeParser: (oid: number, format?: string) => (format === 'binary' ? identity : textParser(oid)) },
  }
}

/** bytea comes as `\x` and hexadecimal digits. */
function textParser(oid: number): (text: string) => unknown {
  if (oid === 17) return (text) => new Uint8Array(Buffer.from(text.slice(2), 'hex'))
  return parsers[oid] ?? identity
}

type Encryption = Exclude<ClientConfig['ssl'], undefined>

async function encryptions(url: ServerUrl, options: OpenOptions): Promise<readonly Encryption[]> {
  const asked =
    url.parameters.get('sslmode')?.toLowerCase() ?? (url.parameters.get('ssl') === 'true' ? 'verify-full' : 'prefer')
  switch (asked) {
    case 'disable':
      return [false]
    case 'allow':
      return [false, { rejectUnauthorized: false }]
    case 'prefer':
      return [{ rejectUnauthorized: false }, false]
    case 'require':
      return [{ rejectUnauthorized: false }]
    case 'verify-ca':
      return [{ rejectUnauthorized: true, checkServerIdentity: () => undefined, ...(await authority(url, options)) }]
    case 'verify-full':
      return [{ rejectUnauthorized: true, ...(await authority(url, options)) }]
    default:
      throw new Fault('database-url-invalid', `sslmode "${asked}" is not known`, {
        hint: 'Use disable, allow, prefer, require, verify-ca or verify-full.',
      })
  }
}

async function authority(url: ServerUrl, options: OpenOptions): Promise<{ readonly ca?: string }> {
  const file = options.caFile ?? url.parameters.get('sslrootcert')
  if (file === undefined) return {}
  try {
    return { ca: await readFile(file, 'utf8') }
  } catch (error) {
    throw new Fault('database-url-invalid', `the file with the certificate authority, ${file}, cannot be read`, {
      cause: error,
      hint: 'Correct the path, or allow the process to read it.',
    })
  }
}

async function connectOnce(config: ClientConfig, options: OpenOptions, signal?: AbortSignal): Promise<Connection> {
  const { default: pg } = await loadDriver()
  const client = new pg.Client(config)
  const connection = new ServerConnection(client, pg.Query, config.host ?? '', config.port ?? 0)
  client.on('notice', ({ message }) => options.notice?.(message ?? ''))
  const stop = (): void => connection.destroy()
  signal?.addEventListener('abort', stop, { once: true })
  try {
    await client.connect()
    return connection
  } catch (error) {
    connection.destroy()
    throw error
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}

interface Driver {
  readonly Client: typeof Client
  readonly Query: typeof Query
}

async function loadDriver(): Promise<{ readonly default: Driver }> {
  try {
    return await import('pg')
  } catch (error) {
    throw driverMissing(error, 'pg')
  }
}

/** What the driver keeps to cancel with, and the socket, which it has but does not describe. */
interface Internals {
  readonly processID: number | null
  readonly secretKey: number | null
  readonly connection: { readonly stream: Socket }
}

/** What the driver calls at the end of each command. */
interface Completing {
  handleCommandComplete(message: { readonly text: string }, connection: unknown): void
  /** And when the server waits for the data of a COPY. */
  handleCopyInResponse(connection: CopyTarget): void
}

interface CopyTarget {
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
}

class ServerConnection implements Connection {
  lost = false
  readonly canCopy = true
  private readonly client: Client
  private readonly query: typeof Query
  private readonly host: string
  private readonly port: number

  constructor(client: Client, query: typeof Query, host: string, port: number) {
    this.client = client
    this.query = query
    this.host = host
    this.port = port
    client.on('error', () => {
      this.lost = true
    })
    client.on('end', () => {
      this.lost = true
    })
  }

  get announced(): number | undefined {
    return (this.client as unknown as Internals).processID ?? undefined
  }

  async send(sql: string, parameters: readonly unknown[] | undefined): Promise<readonly Reply[]> {
    const result = await this.client.query(sql, parameters as unknown[] | undefined)
    const all = (Array.isArray(result) ? result : [result]) as (typeof result)[]
    return all.map(({ rows, rowCount, command }) => ({
      rows: rows as Reply['rows'],
      count: rowCount ?? undefined,
      command: command ?? '',
    }))
  }

  /** The driver keeps the tags of a message to itself when it fails, so this listens to them as they come. */
  async run(sql: string): Promise<Progress> {
    return await this.follow(sql, () => {})
  }

  async copy(sql: string, parts: Iterable<Uint8Array>): Promise<Progress> {
    const { stream } = (this.client as unknown as Internals).connection
    return await this.follow(sql, (query) => {
      let failed = false
      query.on('error', () => {
        failed = true
      })
      query.handleCopyInResponse = (connection) => void send(connection)
      const send = async (connection: CopyTarget): Promise<void> => {
        for (const part of parts) {
          if (failed) return
          connection.sendCopyFromChunk(Buffer.from(part.buffer, part.byteOffset, part.byteLength))
          if (stream.writableNeedDrain) await Promise.race([once(stream, 'drain'), once(stream, 'close')])
        }
        connection.endCopyFrom()
      }
    })
  }

  private async follow(sql: string, prepare: (query: Query & Completing) => void): Promise<Progress> {
    const tags: string[] = []
    return await new Promise<Progress>((resolve) => {
      const query = new this.query(sql) as Query & Completing
      prepare(query)
      const complete = query.handleCommandComplete.bind(query)
      query.handleCommandComplete = (message, connection) => {
        tags.push(message.text)
        complete(message, connection)
      }
      // With somebody who listens to single rows the driver does not gather them.
      query.on('row', () => {})
      query.on('error', (error) => resolve({ tags, error }))
      query.on('end', () => resolve({ tags }))
      this.client.query(query)
    })
  }

  /** A second connection that only says which session to interrupt (protocol 3.0, CancelRequest). It is never answered. */
  async cancel(): Promise<void> {
    const { processID, secretKey } = this.client as unknown as Internals
    if (processID === null || secretKey === null) return
    const request = Buffer.alloc(16)
    request.writeInt32BE(16, 0)
    request.writeInt32BE(80_877_102, 4)
    request.writeInt32BE(processID, 8)
    request.writeInt32BE(secretKey, 12)
    await new Promise<void>((resolve) => {
      const socket = connectSocket({ host: this.host, port: this.port }, () => socket.end(request))
      socket.setTimeout(5000, () => socket.destroy())
      socket.on('error', () => resolve())
      socket.on('close', () => resolve())
    })
  }

  destroy(): void {
    this.lost = true
    ;(this.client as unknown as Internals).connection.stream.destroy()
  }

  async close(): Promise<void> {
    if (!this.lost) await this.client.end()
  }
}
