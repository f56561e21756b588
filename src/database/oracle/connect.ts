// A connection to Oracle through the thin driver. The only file that loads `oracledb`.
import { Fault } from '#contract/fault'
import { driverMissing } from '../driver-missing.ts'
import type { OpenOptions, Row, SqlValue } from '../port.ts'
import type {
  DriverConnection as Driver,
  ExecuteOptions,
  FetchMetaData,
  FetchType,
  Oracledb,
  Result,
} from './driver.ts'
import { type Place, connectFault } from './fault.ts'
import type { OracleUrl } from './url.ts'

const defaultTimeout = 15_000

export interface Reply {
  readonly rows: readonly Row[]
  /** Rows touched; 0 when none are counted. */
  readonly count: number
  /** A stored program was made that does not compile. */
  readonly warning: string | undefined
}

/** Errors are those of the driver, with `errorNum`, `offset` and `ORA-…` in the message when the server sent them. */
export interface Connection {
  /** One statement or PL/SQL block; parameters are `:1`, `:2` … in order. */
  send(sql: string, parameters: readonly SqlValue[], autoCommit: boolean): Promise<Reply>
  /** A PL/SQL block that gives one number in `:result`. */
  number(block: string, parameters: Readonly<Record<string, SqlValue>>): Promise<number>
  commit(): Promise<void>
  rollback(): Promise<void>
  /** Asks the server to interrupt what runs now. */
  cancel(): Promise<void>
  /** Drops the connection without a farewell. */
  destroy(): Promise<void>
  close(): Promise<void>
  readonly healthy: boolean
  readonly version: string
}

export async function connectServer(url: OracleUrl, options: OpenOptions, signal?: AbortSignal): Promise<Connection> {
  const username = options.username ?? url.username ?? ''
  const place: Place = { host: url.host, port: url.port, database: url.database, username }
  if (username === '') {
    throw new Fault('database-authentication', `no user name is given for the server at ${url.host}`)
  }
  const oracledb = await loadDriver()
  const seconds = Math.max(1, Math.ceil((options.connectTimeout ?? defaultTimeout) / 1000))
  const opening = oracledb.getConnection({
    user: username,
    password: options.password ?? url.password ?? '',
    connectString: url.connectString,
    connectTimeout: seconds,
    transportConnectTimeout: seconds,
  })
  try {
    return new ServerConnection(await raced(opening, signal), oracledb)
  } catch (error) {
    throw connectFault(error, place)
  }
}

/** The driver cannot stop connecting; what comes too late is closed again. */
async function raced(opening: Promise<Driver>, signal?: AbortSignal): Promise<Driver> {
  if (!signal) return await opening
  return await new Promise((resolve, reject) => {
    const stop = (): void => {
      reject(signal.reason instanceof Fault ? signal.reason : new Fault('cancelled', 'Cancelled on request.'))
      opening.then(
        async (late) => await late.close(),
        () => {},
      )
    }
    signal.addEventListener('abort', stop, { once: true })
    const settled = (): void => signal.removeEventListener('abort', stop)
    opening.then(resolve, reject).finally(settled)
  })
}

async function loadDriver(): Promise<Oracledb> {
  try {
    // Without types of its own, so the compiler must not look for any.
    const name: string = 'oracledb'
    const loaded = (await import(name)) as { readonly default: Oracledb }
    return loaded.default
  } catch (error) {
    throw driverMissing(error, 'oracledb', 'oracledb@26.0.0')
  }
}

class ServerConnection implements Connection {
  private readonly driver: Driver
  private readonly oracledb: Oracledb

  constructor(driver: Driver, oracledb: Oracledb) {
    this.driver = driver
    this.oracledb = oracledb
  }

  get healthy(): boolean {
    return this.driver.isHealthy()
  }

  get version(): string {
    return this.driver.oracleServerVersionString
  }

  async send(sql: string, parameters: readonly SqlValue[], autoCommit: boolean): Promise<Reply> {
    const options: ExecuteOptions = {
      autoCommit,
      outFormat: this.oracledb.OUT_FORMAT_OBJECT,
      fetchTypeHandler: (metaData) => this.typeOf(metaData),
    }
    const result: Result = await this.driver.execute(sql, parameters.map(bindable), options)
    return { rows: result.rows ?? [], count: result.rowsAffected ?? 0, warning: result.warning?.message }
  }

  async number(block: string, parameters: Readonly<Record<string, SqlValue>>): Promise<number> {
    const result = { dir: this.oracledb.BIND_OUT, type: this.oracledb.NUMBER }
    const { outBinds } = await this.driver.execute(block, { ...parameters, result }, {})
    return Number(outBinds?.['result'])
  }

  async commit(): Promise<void> {
    await this.driver.commit()
  }

  async rollback(): Promise<void> {
    await this.driver.rollback()
  }

  async cancel(): Promise<void> {
    await this.driver.break()
  }

  async destroy(): Promise<void> {
    await this.driver.close({ drop: true }).catch(() => {})
  }

  async close(): Promise<void> {
    if (this.healthy) await this.driver.close()
  }

  /** Numbers and long texts as text, times as the server has them. */
  private typeOf({ dbType }: FetchMetaData): FetchType | undefined {
    const { oracledb } = this
    const texts = [oracledb.DB_TYPE_NUMBER, oracledb.DB_TYPE_CLOB, oracledb.DB_TYPE_NCLOB, oracledb.DB_TYPE_LONG]
    if (texts.includes(dbType)) return { type: oracledb.STRING }
    if (dbType === oracledb.DB_TYPE_BLOB) return { type: oracledb.BUFFER }
    if (dbType === oracledb.DB_TYPE_DATE || dbType === oracledb.DB_TYPE_TIMESTAMP) return { converter: wallClock }
    if (dbType === oracledb.DB_TYPE_TIMESTAMP_TZ || dbType === oracledb.DB_TYPE_TIMESTAMP_LTZ)
      return { converter: instant }
    return undefined
  }
}

function bindable(value: SqlValue): string | number | Buffer | null {
  if (value instanceof Uint8Array) return Buffer.from(value)
  if (typeof value === 'boolean') return value ? 1 : 0
  return typeof value === 'bigint' ? value.toString() : value
}

const two = (value: number): string => String(value).padStart(2, '0')

/** The driver reads a time without zone as one of this machine; so its parts are those that the server holds. */
export function wallClock(value: unknown): unknown {
  if (!(value instanceof Date)) return value
  const date = `${value.getFullYear()}-${two(value.getMonth() + 1)}-${two(value.getDate())}`
  const time = `${two(value.getHours())}:${two(value.getMinutes())}:${two(value.getSeconds())}`
  return `${date} ${time}.${String(value.getMilliseconds()).padStart(3, '0')}`
}

/** A moment, in UTC. */
export function instant(value: unknown): unknown {
  return value instanceof Date ? value.toISOString().replace('T', ' ').replace('Z', '+00') : value
}
