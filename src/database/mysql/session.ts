// One session of MySQL or MariaDB: statements, transactions, cancelling.
import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '#contract/fault'
import type { BulkRows, LoadOutcome, Row, Session, SqlValue, StatementResult } from '../port.ts'
import type { Connection, Reply } from './connect.ts'
import { statementFault } from './fault.ts'
import { loadStream, loadText, mayLoad } from './load.ts'

/** A KILL QUERY that comes before the statement has begun is lost; so it is repeated. Milliseconds. */
const cancelInterval = 500
/** After this the server is taken for dead, and so is the connection. Milliseconds. */
const cancelPatience = 30_000

export class MysqlSession implements Session {
  private readonly connection: Connection
  private closed = false

  constructor(connection: Connection) {
    this.connection = connection
  }

  async execute(sql: string, parameters?: readonly SqlValue[], signal?: AbortSignal): Promise<StatementResult> {
    if (signal?.aborted) throw reasonOf(signal)
    const replies = await this.guarded(sql, signal, () =>
      this.connection.send(sql, parameters && parameters.length > 0 ? parameters : undefined),
    )
    const rows = replies.findLast(({ count }) => count === undefined)?.rows ?? []
    return { rows, rowsAffected: replies.reduce((sum, { count }) => sum + (count ?? 0), 0) }
  }

  async queries(texts: readonly string[], signal?: AbortSignal): Promise<readonly (readonly Row[])[]> {
    if (signal?.aborted) throw reasonOf(signal)
    const sql = texts.join(';\n')
    const replies = await this.guarded(sql, signal, () => this.connection.send(sql, undefined))
    return replies.map(({ rows }) => rows)
  }

  async begin(): Promise<void> {
    await this.execute('START TRANSACTION')
  }

  async commit(): Promise<void> {
    await this.execute('COMMIT')
  }

  async commitTogether(statements: readonly string[]): Promise<void> {
    await this.execute(['START TRANSACTION', ...statements, 'COMMIT'].join(';\n'))
  }

  async rollback(): Promise<void> {
    if (this.connection.lost || this.closed) return
    await this.execute('ROLLBACK')
  }

  /**
   * LOCAL turns errors into warnings, so with the first one everything is taken back and the statements have their turn: they find
   * the same error, with its place.
   */
  async load(parts: readonly BulkRows[], signal?: AbortSignal): Promise<LoadOutcome | undefined> {
    const [first] = parts
    if (first === undefined || !(await mayLoad(this, parts, signal))) return undefined
    await this.execute('SAVEPOINT sluice_load')
    const sql = loadText(first)
    const expected = parts.reduce((sum, { rows }) => sum + rows.length, 0)
    let loaded = 0
    try {
      const send = async (): Promise<readonly Reply[]> => [await this.connection.sendWithData(sql, loadStream(parts))]
      loaded = (await this.guarded(sql, signal, send))[0]?.count ?? 0
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'statement-failed') throw error
    }
    const warnings = await this.execute('select @@warning_count as warnings')
    if (loaded === expected && Number(warnings.rows[0]?.['warnings']) === 0) return { rowsAffected: loaded }
    await this.execute('ROLLBACK TO SAVEPOINT sluice_load')
    return undefined
  }

  async close(): Promise<void> {
    if (this.closed) return
    this.closed = true
    await this.connection.close()
  }

  private async guarded(
    sql: string,
    signal: AbortSignal | undefined,
    send: () => Promise<readonly Reply[]>,
  ): Promise<readonly Reply[]> {
    if (this.closed) throw new Fault('database-lost', 'the connection to the database is closed')
    if (this.connection.lost) throw new Fault('database-lost', 'the connection to the database is broken')
    // Only for who cancels: aborting one for each statement takes longer than sending a short one.
    let finished: AbortController | undefined
    let cancelling: Promise<void> | undefined
    const cancel = (): void => {
      finished = new AbortController()
      cancelling = this.cancelUntil(finished.signal)
    }
    signal?.addEventListener('abort', cancel, { once: true })
    try {
      return await send()
    } catch (error) {
      const fault = statementFault(error, sql, this.connection.lost)
      throw signal?.aborted && fault.code === 'cancelled' ? reasonOf(signal) : fault
    } finally {
      signal?.removeEventListener('abort', cancel)
      finished?.abort()
      // A KILL that is still under way would hit the next statement.
      await cancelling
    }
  }

  private async cancelUntil(finished: AbortSignal): Promise<void> {
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
