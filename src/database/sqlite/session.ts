// One connection to a SQLite file: statements and transactions. The driver cannot interrupt a statement; one that may take long runs
// beside this thread, so that a cancel is heard, and is left behind when it does not end.
import { Fault } from '#contract/fault'
import type { Row, Session, SqlValue, StatementResult } from '../port.ts'
import { executeBeside, type Handle } from './connect.ts'
import { statementFault } from './fault.ts'
import { hasSeveralStatements } from './statement-count.ts'

export class SqliteSession implements Session {
  private readonly handle: Handle
  private closed = false
  abandoned = false

  constructor(handle: Handle) {
    this.handle = handle
  }

  async execute(sql: string, parameters: readonly SqlValue[] = [], signal?: AbortSignal): Promise<StatementResult> {
    if (signal?.aborted) {
      throw signal.reason instanceof Fault ? signal.reason : new Fault('cancelled', 'Cancelled on request.')
    }
    if (signal !== undefined && parameters.length === 0 && mayTakeLong(sql)) return await this.runBeside(sql, signal)
    return await Promise.resolve(this.run(sql, parameters))
  }

  async begin(): Promise<void> {
    // At once, so that a database that is in use is noticed before the first change and not in the middle.
    await this.execute('BEGIN IMMEDIATE')
  }

  async commit(): Promise<void> {
    await this.execute('COMMIT')
  }

  async rollback(): Promise<void> {
    if (this.closed) return
    if (this.handle.inTransaction) await this.execute('ROLLBACK')
    this.endCopy()
  }

  close(): Promise<void> {
    if (this.closed) return Promise.resolve()
    this.release()
    this.closed = true
    return Promise.resolve()
  }

  private release(): void {
    // The driver may close the file later; an open transaction would keep its locks until then.
    if (this.handle.inTransaction) this.handle.exec('ROLLBACK')
    this.handle.close()
  }

  private async runBeside(sql: string, signal: AbortSignal): Promise<StatementResult> {
    if (this.closed) throw lost()
    const before = this.totalChanges()
    const begins = !this.handle.inTransaction
    const waiting = new AbortController()
    const running = executeBeside(this.handle, sql)
    try {
      const given = await Promise.race([running.then(() => 'ended'), giveUpAfter(signal, waiting.signal)])
      if (given !== 'ended') throw this.leave(running)
      const changed = this.totalChanges() > before
      const row = this.handle.prepare('select changes() as changes').get() as { readonly changes: number | bigint }
      return { rows: [], rowsAffected: changed ? Number(row.changes) : 0 }
    } catch (error) {
      if (error instanceof Fault) throw error
      if (isNothing(error)) return { rows: [], rowsAffected: 0 }
      if (begins && this.handle.inTransaction) this.handle.exec('ROLLBACK')
      this.endCopy()
      throw statementFault(error, sql)
    } finally {
      waiting.abort()
    }
  }

  /** Whatever asked for the connection now would wait for the statement. It goes with the process, or else when the statement ends. */
  private leave(running: Promise<void>): Fault {
    this.closed = true
    this.abandoned = true
    const release = (): void => this.release()
    running.then(release, release)
    return new Fault('cancelled', 'Cancelled on request, while a statement was running that SQLite cannot interrupt.', {
      hint: 'What its transaction did is undone when the database is opened the next time; a lock that stayed is taken over by the next run.',
    })
  }

  private run(sql: string, parameters: readonly SqlValue[]): StatementResult {
    if (this.closed) throw lost()
    try {
      if (parameters.length === 0 && hasSeveralStatements(sql)) return this.runSeveral(sql)
      const statement = this.handle.prepare(sql)
      const values = parameters.map(bindable)
      if (!statement.reader) return { rows: [], rowsAffected: statement.run(values).changes }
      statement.safeIntegers(true)
      const rows = statement.all(values) as Row[]
      // A statement with RETURNING reads and changes.
      const changes = /^\s*(?:insert|update|delete|replace|with)\b/i.test(sql) ? rows.length : 0
      return { rows: rows.map(plainRow), rowsAffected: /\breturning\b/i.test(sql) ? changes : 0 }
    } catch (error) {
      if (isNothing(error)) return { rows: [], rowsAffected: 0 }
      this.endCopy()
      throw statementFault(error, sql)
    }
  }

  /** A copy of a table that ended half-way must not leave its setting to what comes after it; no transaction takes that back. */
  private endCopy(): void {
    this.handle.exec('PRAGMA legacy_alter_table = OFF')
  }

  private runSeveral(sql: string): StatementResult {
    const before = this.totalChanges()
    const begins = !this.handle.inTransaction
    try {
      this.handle.exec(sql)
    } catch (error) {
      // A transaction that the text itself began.
      if (begins && this.handle.inTransaction) this.handle.exec('ROLLBACK')
      throw error
    }
    return { rows: [], rowsAffected: this.totalChanges() - before }
  }

  private totalChanges(): number {
    const row = this.handle.prepare('select total_changes() as changes').get() as { readonly changes: number | bigint }
    return Number(row.changes)
  }
}

const lost = (): Fault => new Fault('database-lost', 'the connection to the database is closed')

/** How long a statement may go on after a cancel. Milliseconds. */
const patience = 3000

/** Resolves some time after the signal; never when `ended` comes before. */
function giveUpAfter(signal: AbortSignal, ended: AbortSignal): Promise<'given-up'> {
  return new Promise((resolve) => {
    const begin = (): void => {
      const timer = setTimeout(() => resolve('given-up'), patience)
      ended.addEventListener('abort', () => clearTimeout(timer))
    }
    if (signal.aborted) begin()
    else signal.addEventListener('abort', begin, { once: true, signal: ended })
  })
}

/** Not what gives rows, nor rows that are written out: these are quick, and may be many. */
function mayTakeLong(sql: string): boolean {
  const text = sql.replace(/^(?:\s+|--[^\n]*\n|\/\*[\s\S]*?\*\/)+/, '')
  if (/\breturning\b/i.test(text)) return false
  if (/^(?:insert|replace)\b/i.test(text)) return /\bselect\b/i.test(text)
  return /^(?:create|update|delete|drop|alter|reindex|vacuum|analyze|begin\s+immediate;)/i.test(text)
}

/** A text of nothing but comments is "not an error", which the driver throws. */
const isNothing = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'rawCode' in error && error.rawCode === 0

function bindable(value: SqlValue): unknown {
  if (typeof value === 'boolean') return value ? 1 : 0
  return value instanceof Uint8Array ? Buffer.from(value) : value
}

/** Whole numbers that fit are numbers, larger ones text, as with every other database. */
function plainRow(row: Row): Row {
  const entries = Object.entries(row).filter(([name]) => name !== '_metadata')
  return Object.fromEntries(entries.map(([name, value]) => [name, plainValue(value)]))
}

function plainValue(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString()
  return value instanceof ArrayBuffer ? new Uint8Array(value) : value
}
