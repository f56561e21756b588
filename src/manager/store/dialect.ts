// The one Kysely dialect of the store: same compiler for both stores, over any source of connections.
// Refuses queries beside an open transaction: the embedded store, which has one connection, would wait for ever.
import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely'
import { translateStoreError } from './error.ts'

export interface LinkResult {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  /** Rows inserted, updated or deleted. */
  readonly affected: number
}
/** One connection, taken by one caller. */
export interface Link {
  query(sql: string, parameters: readonly unknown[]): Promise<LinkResult>
  /** Begins a transaction with its first statement. */
  begin(sql: string, parameters: readonly unknown[]): Promise<LinkResult>
  /** `broken`: its state is not known; it must not be used again. */
  release(broken: boolean): void
}
export interface LinkSource {
  acquire(): Promise<Link>
  close(): Promise<void>
}

/** Knows whether the code that runs now was called from inside a transaction. */
export interface TransactionScope {
  run<T>(work: () => Promise<T>): Promise<T>
  isInside(): boolean
}

export function transactionScope(): TransactionScope {
  const inside = new AsyncLocalStorage<{ open: boolean }>()
  return {
    run: async (work) => {
      // Timers and promises that outlive the transaction keep its context, but it is no longer open.
      const scope = { open: true }
      try {
        return await inside.run(scope, work)
      } finally {
        scope.open = false
      }
    },
    isInside: () => inside.getStore()?.open === true,
  }
}

/** For PostgreSQL: there such a query only runs outside of the transaction, and to know it slows every promise of the process. */
export const noScope: TransactionScope = { run: (work) => work(), isInside: () => false }

export function storeDialect(source: LinkSource, scope: TransactionScope): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createDriver: () => new LinkDriver(source, scope),
  }
}

class LinkConnection implements DatabaseConnection {
  readonly #link: Link
  #broken = false
  /** Asked for and not sent: it travels with the first statement, which spares a round trip. */
  #begin = false

  constructor(link: Link) {
    this.#link = link
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const { rows, affected } = await this.run(query.sql, query.parameters)
    return { rows: rows as readonly Row[] as Row[], numAffectedRows: BigInt(affected) }
  }

  // oxlint-disable-next-line require-yield -- the interface asks for it; large results are read in pages instead
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('The store does not stream queries; read in pages.')
  }

  async run(sql: string, parameters: readonly unknown[]): Promise<LinkResult> {
    try {
      if (!this.#begin) return await this.#link.query(sql, parameters)
      this.#begin = false
      return await this.#link.begin(sql, parameters)
    } catch (error) {
      throw translateStoreError(error)
    }
  }

  begin(): void {
    this.#begin = true
  }

  async commit(): Promise<void> {
    if (!this.#begin) await this.run('commit', [])
    this.#begin = false
  }

  /** A rollback that fails leaves the transaction to the server, which ends it with the connection. */
  async rollback(): Promise<void> {
    if (this.#begin) {
      this.#begin = false
      return
    }
    try {
      await this.#link.query('rollback', [])
    } catch {
      this.#broken = true
    }
  }

  release(): void {
    this.#link.release(this.#broken)
  }
}

class LinkDriver implements Driver {
  readonly #source: LinkSource
  readonly #scope: TransactionScope

  constructor(source: LinkSource, scope: TransactionScope) {
    this.#source = source
    this.#scope = scope
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<LinkConnection> {
    if (this.#scope.isInside()) {
      throw new Error('A query was sent beside an open transaction. Pass the transaction down and use it.')
    }
    try {
      return new LinkConnection(await this.#source.acquire())
    } catch (error) {
      throw translateStoreError(error)
    }
  }

  async beginTransaction(connection: LinkConnection): Promise<void> {
    connection.begin()
  }

  async commitTransaction(connection: LinkConnection): Promise<void> {
    await connection.commit()
  }

  async rollbackTransaction(connection: LinkConnection): Promise<void> {
    await connection.rollback()
  }

  async releaseConnection(connection: LinkConnection): Promise<void> {
    connection.release()
  }

  destroy(): Promise<void> {
    return this.#source.close()
  }
}
