// The part of `oracledb` that is used here; the package brings no types.

export interface FetchMetaData {
  readonly name: string
  readonly dbType: unknown
}

export interface FetchType {
  readonly type?: unknown
  readonly converter?: (value: unknown) => unknown
}

export interface Result {
  readonly rows?: readonly Readonly<Record<string, unknown>>[]
  readonly rowsAffected?: number
  readonly outBinds?: Readonly<Record<string, unknown>>
  /** A stored program was made, but does not compile. */
  readonly warning?: { readonly message: string }
}

export interface ExecuteOptions {
  readonly autoCommit?: boolean
  readonly outFormat?: number
  readonly fetchTypeHandler?: (metaData: FetchMetaData) => FetchType | undefined
}

export interface DriverConnection {
  execute(
    sql: string,
    binds: Readonly<Record<string, unknown>> | readonly unknown[],
    options: ExecuteOptions,
  ): Promise<Result>
  commit(): Promise<void>
  rollback(): Promise<void>
  break(): Promise<void>
  close(options?: { readonly drop?: boolean }): Promise<void>
  isHealthy(): boolean
  readonly oracleServerVersionString: string
}

export interface Oracledb {
  readonly OUT_FORMAT_OBJECT: number
  readonly BIND_OUT: number
  readonly STRING: unknown
  readonly NUMBER: unknown
  readonly BUFFER: unknown
  readonly DB_TYPE_NUMBER: unknown
  readonly DB_TYPE_CLOB: unknown
  readonly DB_TYPE_NCLOB: unknown
  readonly DB_TYPE_BLOB: unknown
  readonly DB_TYPE_LONG: unknown
  readonly DB_TYPE_DATE: unknown
  readonly DB_TYPE_TIMESTAMP: unknown
  readonly DB_TYPE_TIMESTAMP_TZ: unknown
  readonly DB_TYPE_TIMESTAMP_LTZ: unknown
  getConnection(options: Readonly<Record<string, unknown>>): Promise<DriverConnection>
}
