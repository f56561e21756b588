// One session of SQL Server: batches, transactions, cancelling.
import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '#contract/fault'
import type { Session, SqlValue, StatementResult } from '../port.ts'
import type { Connection, Reply } from './connect.ts'
import { statementFault } from './fault.ts'

/** After this the server is taken for dead, and so is the connection. Milliseconds. */
const cancelPatience = 30_000

export class SqlServerSession implements Session {
  private readonly connection: Connection
  private closed = false

  constructor(connection: Connection) {
    this.connection = connection
  }

  async execute(sql: string, parameters: readonly SqlValue[] = [], signal?: AbortSignal): Promise<StatementResult> {
    if (signal?.aborted) throw reasonOf(signal)
    const { rows, count } = await this.guarded(sql, parameters, signal)
    return { rows, rowsAffected: rows.length > 0 ? 0 : count }
  }

  async begin(): Promise<void> {
    await this.execute('BEGIN TRANSACTION')
  }

  async commit(): Promise<void> {
    await this.execute('COMMIT TRANSACTION')
  }

  /** Some errors have ended the transaction already. */
  async rollback(): Promise<void> {
    if (this.connection.lost || this.closed) return
    await this.execute('IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION')
  }

  async close(): Promise<void> {
    if (this.closed) return
    this.closed = true
    await this.connection.close()
  }

  private async guarded(sql: string, parameters: readonly SqlValue[], signal?: AbortSignal): Promise<Reply> {
    if (this.closed) throw new Fault('database-lost', 'the connection to the database is closed')
    if (this.connection.lost) throw new Fault('database-lost', 'the connection to the database is broken')
    const finished = new AbortController()
    const cancel = (): void => void this.cancelUntil(finished.signal)
    signal?.addEventListener('abort', cancel, { once: true })
    try {
      return await this.connection.send(sql, parameters)
    } catch (error) {
      const fault = statementFault(error, sql, this.connection.lost)
      throw signal?.aborted && (fault.code === 'cancelled' || this.connection.lost) ? reasonOf(signal) : fault
    } finally {
      signal?.removeEventListener('abort', cancel)
      finished.abort()
    }
  }

  /** The server answers the attention in the same connection, so nothing of it can hit a later statement. */
  private async cancelUntil(finished: AbortSignal): Promise<void> {
    this.connection.cancel()
    await sleep(cancelPatience, undefined, { signal: finished, ref: false }).catch(() => {})
    if (!finished.aborted) this.connection.destroy()
  }
}

/** What the canceller said, for example `timed-out`. */
const reasonOf = (signal: AbortSignal): Fault =>
  signal.reason instanceof Fault ? signal.reason : new Fault('cancelled', 'Cancelled on request.')
