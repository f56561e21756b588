// A connection to a MySQL or MariaDB server. The only file that loads `mysql2`.
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import type { Readable } from 'node:stream'
import type { Connection as Driver, ConnectionOptions, FieldPacket, QueryError } from 'mysql2'
import { Fault } from '#contract/fault'
import { driverMissing } from '../driver-missing.ts'
import type { OpenOptions, Row, SqlValue } from '../port.ts'
import type { ServerUrl } from '../url.ts'
import { type Place, connectFault } from './fault.ts'
import { type ConnectionSettings, readSettings } from './parameter.ts'

const defaultTimeout = 10_000

export type MysqlUrl = ServerUrl<'mysql'> | ServerUrl<'mariadb'>

/** What one statement gave. */
export interface Reply {
  readonly rows: readonly Row[]
  /** Rows touched; undefined for a statement that gives rows. */
  readonly count: number | undefined
}

/** Errors are those of the driver: with `errno`, `sqlState` and `fatal` when the server sent them. */
export interface Connection {
  /** One reply for each statement. With parameters there is exactly one statement. */
  send(sql: string, parameters: readonly SqlValue[] | undefined): Promise<readonly Reply[]>
  /** The same with what the server reads instead of a file, for `LOAD DATA LOCAL INFILE`. */
  sendWithData(sql: string, data: Readable): Promise<Reply>
  /** Asks the server, over a second connection, to interrupt what runs now. It may be too late or too early for that. */
  cancel(): Promise<void>
  /** Drops the connection at once. */
  destroy(): void
  close(): Promise<void>
  readonly lost: boolean
}

/** `sslMode` or `useSSL` of the URL decides about encryption: by default it is taken when the server offers it. */
export async function connectServer(url: MysqlUrl, options: OpenOptions, signal?: AbortSignal): Promise<Connection> {
  const settings = readSettings(url.parameters)
  const username = options.username ?? url.username
  const place: Place = { host: url.host, port: url.port, database: url.database, username: username ?? '' }
  if (username === undefined || username === '') {
    throw new Fault('database-authentication', `no user name is given for the server at ${url.host}:${url.port}`)
  }
  if (settings.ignored.length > 0) {
    options.notice?.(`The database URL has parameters that change nothing here: ${settings.ignored.join(', ')}.`)
  }
  const basic = driverOptions(url, options, settings, username)
  let problem: unknown
  // Of a host that is an address the driver names none to Node, which then looks for `localhost` in the certificate.
  if (settings.encryption === 'verify-identity' && isIP(url.host) !== 0) {
    throw new Fault(
      'database-url-invalid',
      `sslMode=VERIFY_IDENTITY cannot check the certificate of an address, ${url.host}.`,
      {
        hint: 'Use the name that its certificate is for, or VERIFY_CA.',
      },
    )
  }
  for (const ssl of await encryptions(settings, options)) {
    if (signal?.aborted) throw cancelled(signal)
    try {
      return await connectOnce(ssl === undefined ? basic : { ...basic, ssl }, settings, signal)
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
  error instanceof Error && 'code' in error && error.code === 'HANDSHAKE_NO_SSL_SUPPORT'

function driverOptions(
  url: MysqlUrl,
  options: OpenOptions,
  settings: ConnectionSettings,
  username: string,
): ConnectionOptions {
  return {
    host: url.host,
    port: url.port,
    user: username,
    password: options.password ?? url.password ?? '',
    ...(url.database === '' || settings.createDatabase ? {} : { database: url.database }),
    connectTimeout: options.connectTimeout ?? settings.connectTimeout ?? defaultTimeout,
    charset: 'utf8mb4',
    multipleStatements: true,
    enableKeepAlive: true,
    supportBigNumbers: true,
    dateStrings: true,
    // IGNORE_SPACE would make the names of functions reserved words, ODBC would change what `id IS NULL` finds.
    flags: ['-IGNORE_SPACE', '-ODBC'],
    connectAttributes: { program_name: 'sluice' },
    ...({ jsonStrings: true } as object),
  }
}

type Tls = Exclude<ConnectionOptions['ssl'], string | undefined>

/** Undefined stands for no encryption. Tried in order while the server does not offer it. */
async function encryptions(settings: ConnectionSettings, options: OpenOptions): Promise<readonly (Tls | undefined)[]> {
  const file = options.caFile ?? settings.authorityFile
  switch (settings.encryption) {
    case 'off':
      return [undefined]
    case 'preferred':
      return [{ rejectUnauthorized: false }, undefined]
    case 'required':
      return [{ rejectUnauthorized: false }]
    case 'verify-authority':
      return [{ rejectUnauthorized: true, verifyIdentity: false, ...(await authority(file)) }]
    case 'verify-identity':
      break
  }
  return [{ rejectUnauthorized: true, verifyIdentity: true, ...(await authority(file)) }]
}

async function authority(file: string | undefined): Promise<{ readonly ca?: string }> {
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

async function connectOnce(
  options: ConnectionOptions,
  settings: ConnectionSettings,
  signal?: AbortSignal,
): Promise<Connection> {
  const { createConnection } = await loadDriver()
  const driver = createConnection(options)
  const connection = new ServerConnection(driver, () => createConnection(options), settings.localInfile)
  const stop = (): void => connection.destroy()
  signal?.addEventListener('abort', stop, { once: true })
  try {
    await new Promise<void>((resolve, reject) => {
      driver.once('close', () => reject(new Error('the connection was closed')))
      driver.connect((error) => (error ? reject(error) : resolve()))
    })
    return connection
  } catch (error) {
    connection.destroy()
    throw error
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}

async function loadDriver(): Promise<{ readonly createConnection: (options: ConnectionOptions) => Driver }> {
  try {
    const { default: mysql } = await import('mysql2')
    return mysql
  } catch (error) {
    throw driverMissing(error, 'mysql2')
  }
}

class ServerConnection implements Connection {
  lost = false
  private readonly driver: Driver
  private readonly second: () => Driver
  private readonly localInfile: boolean

  constructor(driver: Driver, second: () => Driver, localInfile: boolean) {
    this.driver = driver
    this.second = second
    this.localInfile = localInfile
    driver.on('error', () => {
      this.lost = true
    })
    driver.on('end', () => {
      this.lost = true
    })
  }

  async send(sql: string, parameters: readonly SqlValue[] | undefined): Promise<readonly Reply[]> {
    return await new Promise((resolve, reject) => {
      const answer = (error: QueryError | null, results: unknown, fields: unknown): void => {
        if (error) reject(this.noted(error))
        else resolve(repliesOf(results, fields))
      }
      if (parameters === undefined) this.driver.query(this.withFiles(sql), answer)
      else this.driver.execute(sql, parameters.map(bindable), answer)
    })
  }

  async sendWithData(sql: string, data: Readable): Promise<Reply> {
    const [reply] = await new Promise<readonly Reply[]>((resolve, reject) => {
      this.driver.query({ sql, infileStreamFactory: () => data }, (error, results, fields) => {
        if (error) reject(this.noted(error))
        else resolve(repliesOf(results, fields))
      })
    })
    return reply ?? { rows: [], count: 0 }
  }

  async cancel(): Promise<void> {
    const id = this.driver.threadId
    const second = this.second()
    await new Promise<void>((resolve) => {
      second.on('error', () => resolve())
      second.query(`KILL QUERY ${id}`, () => resolve())
    })
    second.destroy()
  }

  destroy(): void {
    this.lost = true
    this.driver.destroy()
  }

  async close(): Promise<void> {
    if (this.lost) return
    await new Promise<void>((resolve) => {
      this.driver.end(() => resolve())
    })
  }

  /** A server could ask for any file of this machine, so the driver gets none unless the URL allows it. */
  private withFiles(sql: string): { readonly sql: string; readonly infileStreamFactory?: (path: string) => Readable } {
    return this.localInfile ? { sql, infileStreamFactory: (path) => createReadStream(path) } : { sql }
  }

  private noted(error: QueryError): QueryError {
    if (error.fatal) this.lost = true
    return error
  }
}

function bindable(value: SqlValue): string | number | bigint | boolean | Buffer | null {
  return value instanceof Uint8Array ? Buffer.from(value) : value
}

/** Of one statement the driver gives its result, of several an array of results; only the fields tell them apart. */
function repliesOf(results: unknown, fields: unknown): readonly Reply[] {
  const isSeveral =
    Array.isArray(results) &&
    Array.isArray(fields) &&
    fields.length > 0 &&
    (fields as readonly (FieldPacket[] | undefined)[]).every((field) => field === undefined || Array.isArray(field))
  return (isSeveral ? (results as readonly unknown[]) : [results]).map(replyOf)
}

function replyOf(result: unknown): Reply {
  if (Array.isArray(result)) return { rows: result as readonly Row[], count: undefined }
  return { rows: [], count: (result as { readonly affectedRows?: number }).affectedRows ?? 0 }
}
