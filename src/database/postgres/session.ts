// One PostgreSQL session: statements, transactions, cancelling.
import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '#contract/fault'
import type { Session, SqlValue, StatementResult } from '../port.ts'
import type { Connection, Reply } from './connection.ts'
import { statementFault } from './fault.ts'

/** A cancel request that comes before the statement has begun is lost; so it is repeated. Milliseconds. */
const cancelInterval = 500
/** After this the server is taken for dead, and so is the connection. Milliseconds. */
const cancelPatience = 30_000

export class PostgresSession implements Session {
  private readonly connection: Connection
  private closed = false

  constructor(connection: Connection) {
    this.connection = connection
  }

  async execute(sql: string, parameters?: readonly SqlValue[], signal?: AbortSignal): Promise<StatementResult> {
    if (signal?.aborted) throw reasonOf(signal)
    const replies = await this.send(sql, parameters, signal)
    const last = replies.at(-1)
    return { rows: last?.rows ?? [], rowsAffected: replies.reduce((sum, reply) => sum + affected(reply), 0) }
  }

  async begin(): Promise<void> {
    await this.send('BEGIN')
  }

  /** A transaction that has failed cannot be committed; PostgreSQL rolls it back then and only the tag says so. */
  async commit(): Promise<void> {
    const replies = await this.send('COMMIT')
    if (replies.at(-1)?.command !== 'ROLLBACK') return
    throw new Fault('statement-failed', 'the transaction had failed before and was rolled back instead of committed')
  }

  async rollback(): Promise<void> {
    if (this.connection.lost || this.closed) return
    await this.send('ROLLBACK')
  }

  async close(): Promise<void> {
    if (this.closed) return
    this.closed = true
    await this.connection.close()
  }

  private async send(sql: string, parameters?: readonly SqlValue[], signal?: AbortSignal): Promise<readonly Reply[]> {
    if (this.closed) throw new Fault('database-lost', 'the connection to the database is closed')
    if (this.connection.lost) throw new Fault('database-lost', 'the connection to the database is broken')
    const finished = new AbortController()
    const cancel = (): void => void this.cancelUntil(finished.signal)
    signal?.addEventListener('abort', cancel, { once: true })
    try {
      return await this.connection.send(sql, parameters && parameters.length > 0 ? parameters : undefined)
    } catch (error) {
      const fault = statementFault(error, sql, this.connection.lost)
      throw signal?.aborted && fault.code === 'cancelled' ? reasonOf(signal) : fault
    } finally {
      signal?.removeEventListener('abort', cancel)
      finished.abort()
    }
  }

  private async cancelUntil(finished: AbortSignal): Promise<void> {
    if (!this.connection.cancel) return
    for (let waited = 0; waited < cancelPatience && !finished.aborted; waited += cancelInterval) {
      await this.connection.cancel()
      await sleep(cancelInterval, undefined, { signal: finished }).catch(() => {})
    }
    if (!finished.aborted) this.connection.destroy()
  }
}

/** What the canceller said, for example `timed-out`. */
const reasonOf = (signal: AbortSignal): Fault =>
  signal.reason instanceof Fault ? signal.reason : new Fault('cancelled', 'Cancelled on request.')

const affected = ({ command, count }: Reply): number => (command === 'SELECT' ? 0 : (count ?? 0))
