// One PostgreSQL session: statements, transactions, cancelling.
import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '#contract/fault'
import { bulkText } from '../bulk-text.ts'
import type { BulkRows, LoadOutcome, Row, Session, SqlValue, StatementResult, TransactionOutcome } from '../port.ts'
import type { Connection, Progress, Reply } from './connection.ts'
import { copyText, mayCopy, partOfLine } from './copy.ts'
import { statementFault } from './fault.ts'
import { type Message, messagesOf, partAfter, partAt, separator } from './message.ts'
import { guardedBegin } from './pooler.ts'

/** A cancel request that comes before the statement has begun is lost; so it is repeated. Milliseconds. */
const cancelInterval = 500
/** After this the server is taken for dead, and so is the connection. Milliseconds. */
const cancelPatience = 30_000

export class PostgresSession implements Session {
  private readonly connection: Connection
  private closed = false
  /** Begins transactions; behind a pooler it also makes sure that they begin in our own session. */
  private beginning = 'BEGIN'

  constructor(connection: Connection) {
    this.connection = connection
  }

  async execute(sql: string, parameters?: readonly SqlValue[], signal?: AbortSignal): Promise<StatementResult> {
    if (signal?.aborted) throw reasonOf(signal)
    const replies = await this.send(sql, parameters, signal)
    const last = replies.at(-1)
    return { rows: last?.rows ?? [], rowsAffected: replies.reduce((sum, reply) => sum + affected(reply), 0) }
  }

  async queries(texts: readonly string[], signal?: AbortSignal): Promise<readonly (readonly Row[])[]> {
    if (signal?.aborted) throw reasonOf(signal)
    const replies = await this.send(texts.join(separator), undefined, signal)
    return replies.map(({ rows }) => rows)
  }

  /** From here on a transaction begins only while this process of the server answers. Fault `database-pooled` otherwise. */
  stayOn(backend: number): void {
    this.beginning = guardedBegin(backend)
  }

  async begin(): Promise<void> {
    await this.send(this.beginning)
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

  async transaction(statements: readonly string[], signal?: AbortSignal): Promise<TransactionOutcome> {
    const rowsAffected = statements.map(() => 0)
    for (const message of messagesOf(statements, this.beginning)) {
      const progress = await this.travel(message, signal)
      const failure = this.failureOf(message, progress, statements.length, signal)
      if (failure !== undefined) {
        // A rollback that fails means a broken connection, and then the server rolls back by itself.
        await this.rollback().catch(() => {})
        return { rowsAffected: rowsAffected.slice(0, failure.statement), failure }
      }
      for (const [index, tag] of progress.tags.entries()) {
        const statement = partAfter(message, index)?.statement ?? -1
        if (statement in rowsAffected) rowsAffected[statement] = (rowsAffected[statement] ?? 0) + touched(tag)
      }
    }
    return { rowsAffected }
  }

  async load(parts: readonly BulkRows[], signal?: AbortSignal): Promise<LoadOutcome | undefined> {
    const [first] = parts
    if (first === undefined || !this.connection.canCopy || !(await mayCopy(this, parts, signal))) return undefined
    const sql = copyText(first)
    const send = async (): Promise<Progress> => await this.connection.copy(sql, bulkText(parts))
    const { tags, error } = await this.cancellable(send, signal)
    if (error === undefined) return { rowsAffected: tags.reduce((sum, tag) => sum + touched(tag), 0) }
    const found = statementFault(error, sql, this.connection.lost)
    const fault = signal?.aborted && found.code === 'cancelled' ? reasonOf(signal) : found
    const context = typeof error === 'object' && error !== null && 'where' in error ? String(error.where) : ''
    return { rowsAffected: 0, failure: { part: partOfLine(parts, context), fault } }
  }

  async close(): Promise<void> {
    if (this.closed) return
    this.closed = true
    await this.connection.close()
  }

  private async send(sql: string, parameters?: readonly SqlValue[], signal?: AbortSignal): Promise<readonly Reply[]> {
    const given = parameters && parameters.length > 0 ? parameters : undefined
    try {
      return await this.cancellable(async () => await this.connection.send(sql, given), signal)
    } catch (error) {
      const fault = statementFault(error, sql, this.connection.lost)
      throw signal?.aborted && fault.code === 'cancelled' ? reasonOf(signal) : fault
    }
  }

  /** A message that is not sent any more ends before its first command. */
  private async travel(message: Message, signal?: AbortSignal): Promise<Progress> {
    if (signal?.aborted) return { tags: [], error: reasonOf(signal) }
    return await this.cancellable(async () => await this.connection.run(message.sql), signal)
  }

  private async cancellable<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (this.closed) throw new Fault('database-lost', 'the connection to the database is closed')
    if (this.connection.lost) throw new Fault('database-lost', 'the connection to the database is broken')
    // Only for who cancels: aborting one for each statement takes longer than sending a short one.
    let finished: AbortController | undefined
    const cancel = (): void => {
      finished = new AbortController()
      void this.cancelUntil(finished.signal)
    }
    signal?.addEventListener('abort', cancel, { once: true })
    try {
      return await work()
    } finally {
      signal?.removeEventListener('abort', cancel)
      finished?.abort()
    }
  }

  /**
   * A syntax error comes before anything ran, so its place tells more than the number of commands that completed. A connection
   * that broke without a word of the server may have broken at the commit, when that was on its way.
   */
  private failureOf(
    message: Message,
    { tags, error }: Progress,
    commit: number,
    signal: AbortSignal | undefined,
  ): TransactionOutcome['failure'] {
    if (error === undefined)
      return tags.at(-1) === 'ROLLBACK' && isLast(message, commit) ? notCommitted(commit) : undefined
    const found = statementFault(error, message.sql, this.connection.lost)
    const fault = signal?.aborted && found.code === 'cancelled' ? reasonOf(signal) : found
    if (fault.code === 'database-lost' && fault.databaseCode === undefined && isLast(message, commit)) {
      return { statement: commit, fault }
    }
    const part = fault.position === undefined ? partAfter(message, tags.length) : partAt(message, fault.position)
    const position = fault.position === undefined ? undefined : fault.position - (part?.start ?? 0)
    const { code, databaseCode, hint } = fault
    const placed =
      position === undefined ? fault : new Fault(code, fault.message, { databaseCode, hint, position, cause: error })
    return { statement: Math.max(0, part?.statement ?? 0), fault: placed }
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

const isLast = (message: Message, commit: number): boolean => message.parts.at(-1)?.statement === commit

const notCommitted = (commit: number): TransactionOutcome['failure'] => ({
  statement: commit,
  fault: new Fault('statement-failed', 'the transaction had failed before and was rolled back instead of committed'),
})

/** Rows that a command tag counts: `INSERT 0 3`, `UPDATE 2`; a SELECT touches none. */
const touched = (tag: string): number => (tag.startsWith('SELECT') ? 0 : Number(/ (\d+)$/.exec(tag)?.[1] ?? 0))

const affected = ({ command, count }: Reply): number => (command === 'SELECT' ? 0 : (count ?? 0))
