// A connection to SQL Server. The only file that loads `tedious`.
import { readFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import type * as tedious from 'tedious'
import type { Connection as Driver, ConnectionConfiguration, Request as DriverRequest } from 'tedious'
import { Fault } from '#contract/fault'
import { driverMissing } from '../driver-missing.ts'
import type { OpenOptions, Row, SqlValue } from '../port.ts'
import { openChecked } from './encrypted.ts'
import { type Place, connectFault } from './fault.ts'
import type { SqlServerUrl } from './url.ts'

const defaultTimeout = 15_000

export interface Reply {
  readonly rows: readonly Row[]
  /** Rows given or touched. */
  readonly count: number
}

/** Errors are those of the driver: with `number` and `lineNumber` when the server sent them, `code` otherwise. */
export interface Connection {
  /** A batch; with parameters, named `@p1`, `@p2` …, one statement. */
  send(sql: string, parameters: readonly SqlValue[]): Promise<Reply>
  /** Asks the server to interrupt what runs now; false when nothing does. */
  cancel(): boolean
  /** Drops the connection at once. */
  destroy(): void
  close(): Promise<void>
  readonly lost: boolean
}

type Tedious = typeof tedious

export async function connectServer(
  url: SqlServerUrl,
  options: OpenOptions,
  signal?: AbortSignal,
): Promise<Connection> {
  const username = options.username ?? url.username ?? ''
  const place: Place = { host: url.host, port: url.port, database: url.database, username }
  if (username === '') {
    throw new Fault('database-authentication', `no user name is given for the server at ${url.host}`)
  }
  const loaded = await loadDriver()
  const driver = new loaded.Connection(await configurationOf(url, options, username))
  const connection = new ServerConnection(driver, loaded, options.notice)
  const stop = (): void => connection.destroy()
  signal?.addEventListener('abort', stop, { once: true })
  // Of a refused sign-in the driver tells the text alone; the number came before it.
  let refusal: number | undefined
  driver.on('errorMessage', ({ number }) => {
    refusal ??= number
  })
  try {
    await new Promise<void>((resolve, reject) => {
      driver.once('end', () => reject(new Error('the connection was closed')))
      driver.connect((error) => (error ? reject(error) : resolve()))
    })
    return connection
  } catch (error) {
    connection.destroy()
    if (signal?.aborted) {
      throw signal.reason instanceof Fault ? signal.reason : new Fault('cancelled', 'Cancelled on request.')
    }
    throw connectFault(error, place, refusal)
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}

async function loadDriver(): Promise<Tedious> {
  try {
    return await import('tedious')
  } catch (error) {
    throw driverMissing(error, 'tedious', 'tedious@19.2.2')
  }
}

const isTrue = (text: string | undefined): boolean => /^(?:true|yes|1)$/i.test(text ?? '')

/** Encryption is on unless the URL says otherwise, and the certificate must be trusted unless it says otherwise: as with JDBC. */
export async function configurationOf(
  url: SqlServerUrl,
  options: OpenOptions,
  username: string,
): Promise<ConnectionConfiguration> {
  const { parameters } = url
  const authority = options.caFile === undefined ? undefined : await readAuthority(options.caFile)
  const loginTimeout = Number(parameters.get('logintimeout') ?? Number.NaN)
  const preset = Number.isFinite(loginTimeout) && loginTimeout > 0 ? loginTimeout * 1000 : defaultTimeout
  const certificateName = parameters.get('hostnameincertificate')
  const encrypt = encryptionOf(parameters.get('encrypt'))
  const connectTimeout = options.connectTimeout ?? preset
  // The driver tells where: for a named instance it has asked the server for the port.
  const connector = async (where?: { readonly host: string; readonly port: number }): Promise<Socket> =>
    await openChecked(where?.host ?? url.host, where?.port ?? url.port ?? 1433, connectTimeout)
  return {
    server: url.host,
    authentication: {
      type: 'default',
      options: { userName: username, password: options.password ?? url.password ?? '' },
    },
    options: {
      ...(url.port === undefined ? {} : { port: url.port }),
      ...(url.port === undefined && url.instanceName !== undefined ? { instanceName: url.instanceName } : {}),
      ...(url.database === '' ? {} : { database: url.database }),
      encrypt,
      ...(encrypt === true ? { connector } : { multiSubnetFailover: isTrue(parameters.get('multisubnetfailover')) }),
      trustServerCertificate: isTrue(parameters.get('trustservercertificate')),
      ...(certificateName === undefined ? {} : { serverName: certificateName }),
      ...(authority === undefined ? {} : { cryptoCredentialsDetails: { ca: authority } }),
      connectTimeout,
      // A change may take hours; who wants an end gives a signal.
      requestTimeout: 0,
      appName: parameters.get('applicationname') ?? 'sluice',
      useUTC: true,
      useColumnNames: false,
      rowCollectionOnRequestCompletion: false,
      // What JDBC sets for its sessions, too: indexes on views and computed columns need it.
      enableArithAbort: true,
    },
  }
}

function encryptionOf(text: string | undefined): boolean | 'strict' {
  if (text?.toLowerCase() === 'strict') return 'strict'
  return text === undefined ? true : !/^(?:false|no|0|optional)$/i.test(text)
}

async function readAuthority(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new Fault('database-url-invalid', `the file with the certificate authority, ${file}, cannot be read`, {
      cause: error,
      hint: 'Correct the path, or allow the process to read it.',
    })
  }
}

class ServerConnection implements Connection {
  lost = false
  private readonly driver: Driver
  private readonly loaded: Tedious
  private running: DriverRequest | undefined

  constructor(driver: Driver, loaded: Tedious, notice: OpenOptions['notice']) {
    this.driver = driver
    this.loaded = loaded
    const broken = (): void => {
      this.lost = true
    }
    driver.on('error', broken)
    driver.on('end', broken)
    // PRINT, and RAISERROR up to severity 10. 5701 and 5703 only say which database and language are chosen.
    driver.on('infoMessage', ({ number, message }) => {
      if (number !== 5701 && number !== 5703) notice?.(message)
    })
  }

  async send(sql: string, parameters: readonly SqlValue[]): Promise<Reply> {
    return await new Promise((resolve, reject) => {
      let rows: Row[] = []
      const request = new this.loaded.Request(sql, (error, count) => {
        this.running = undefined
        if (error) reject(error)
        else resolve({ rows, count: count ?? 0 })
      })
      // Of several results of a batch the last one counts.
      request.on('columnMetadata', () => {
        rows = []
      })
      request.on('row', (columns: readonly ColumnValue[]) => rows.push(rowOf(columns)))
      this.running = request
      if (parameters.length === 0) this.driver.execSqlBatch(request)
      else {
        for (const [index, value] of parameters.entries()) this.bind(request, `p${index + 1}`, value)
        this.driver.execSql(request)
      }
    })
  }

  cancel(): boolean {
    return this.running === undefined ? false : this.driver.cancel()
  }

  destroy(): void {
    this.lost = true
    this.driver.close()
  }

  async close(): Promise<void> {
    if (this.lost) return
    await new Promise<void>((resolve) => {
      this.driver.once('end', () => resolve())
      this.driver.close()
    })
  }

  private bind(request: DriverRequest, name: string, value: SqlValue): void {
    const { TYPES } = this.loaded
    if (value instanceof Uint8Array) request.addParameter(name, TYPES.VarBinary, Buffer.from(value))
    else if (typeof value === 'boolean') request.addParameter(name, TYPES.Bit, value)
    else if (typeof value === 'bigint') request.addParameter(name, TYPES.BigInt, value.toString())
    else if (typeof value === 'number') {
      request.addParameter(name, Number.isSafeInteger(value) ? TYPES.BigInt : TYPES.Float, value)
    } else request.addParameter(name, TYPES.NVarChar, value)
  }
}

interface ColumnValue {
  readonly metadata: { readonly colName: string }
  readonly value: unknown
}

function rowOf(columns: readonly ColumnValue[]): Row {
  return Object.fromEntries(columns.map(({ metadata, value }) => [metadata.colName, cellOf(value)]))
}

/** Times as the server prints them, without its `T`; the driver reads them as if they were UTC. */
function cellOf(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString().replace('T', ' ').replace('Z', '')
  return value
}
