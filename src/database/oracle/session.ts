// One session of Oracle: statements, transactions, cancelling. DDL commits what came before it, whatever the session says.
import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '#contract/fault'
import type { OpenOptions, Session, SqlValue, StatementResult } from '../port.ts'
import type { Connection, Reply } from './connect.ts'
import { statementFault } from './fault.ts'

/** A break that comes before the statement has begun is lost; so it is repeated. Milliseconds. */
const cancelInterval = 500
/** After this the server is taken for dead, and so is the connection. Milliseconds. */
const cancelPatience = 30_000

export class OracleSession implements Session {
  private readonly connection: Connection
  private readonly notice: OpenOptions['notice']
  private inTransaction = false
  private closed = false

  constructor(connection: Connection, notice: OpenOptions['notice']) {
    this.connection = connection
    this.notice = notice
  }

  async execute(sql: string, parameters: readonly SqlValue[] = [], signal?: AbortSignal): Promise<StatementResult> {
    if (signal?.aborted) throw reasonOf(signal)
    const { rows, count, warning } = await this.guarded(
      sql,
      async () => await this.connection.send(withoutSlash(sql), parameters, !this.inTransaction),
      signal,
    )
    // The program is there, but calling it will fail; what is wrong stands in USER_ERRORS.
    if (warning !== undefined) this.notice?.(warning)
    return { rows, rowsAffected: count }
  }

  /** A block with `:result`, outside of any transaction of its own. */
  async number(block: string, parameters: Readonly<Record<string, SqlValue>>): Promise<number> {
    return await this.guarded(block, async () => await this.connection.number(block, parameters))
  }

  /** A transaction begins with its first statement. */
  begin(): Promise<void> {
    this.inTransaction = true
    return Promise.resolve()
  }

  async commit(): Promise<void> {
    await this.guarded('COMMIT', async () => await this.connection.commit())
    this.inTransaction = false
  }

  async rollback(): Promise<void> {
    this.inTransaction = false
    if (this.closed || !this.connection.healthy) return
    await this.guarded('ROLLBACK', async () => await this.connection.rollback())
  }

  async close(): Promise<void> {
    if (this.closed) return
    this.closed = true
    await this.connection.close()
  }

  private async guarded<T extends Reply | number | undefined | void>(
    sql: string,
    work: () => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    if (this.closed) throw new Fault('database-lost', 'the connection to the database is closed')
    if (!this.connection.healthy) throw new Fault('database-lost', 'the connection to the database is broken')
    const finished = new AbortController()
    let cancelling: Promise<void> | undefined
    const cancel = (): void => {
      cancelling = this.cancelUntil(finished.signal)
    }
    signal?.addEventListener('abort', cancel, { once: true })
    try {
      return await work()
    } catch (error) {
      const fault = statementFault(error, sql, this.connection.healthy)
      throw signal?.aborted && fault.code === 'cancelled' ? reasonOf(signal) : fault
    } finally {
      signal?.removeEventListener('abort', cancel)
      finished.abort()
      // A break that is still under way would hit the next statement.
      await cancelling
    }
  }

  private async cancelUntil(finished: AbortSignal): Promise<void> {
    for (let waited = 0; waited < cancelPatience && !finished.aborted; waited += cancelInterval) {
      await this.connection.cancel().catch(() => {})
      await sleep(cancelInterval, undefined, { signal: finished }).catch(() => {})
    }
    if (!finished.aborted) await this.connection.destroy()
  }
}

/** A slash on a line of its own is for SQL*Plus. */
const withoutSlash = (sql: string): string => sql.replace(/\n\s*\/\s*$/, '')

/** What the canceller said, for example `timed-out`. */
const reasonOf = (signal: AbortSignal): Fault =>
  signal.reason instanceof Fault ? signal.reason : new Fault('cancelled', 'Cancelled on request.')
