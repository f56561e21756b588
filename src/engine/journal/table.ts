// SLUICE_JOURNAL: one row for each statement of a change set that runs outside a transaction, so that an interruption is
// explained and never repeated blindly. Made only when first needed; rows go when the change set is recorded in the history.
import type { ChangeSetIdentity } from '#contract/change-set'
import type { Row } from '#database/port'
import { cellsOf } from '../cell.ts'
import type { TargetContext } from '../context.ts'

export interface JournalRow extends ChangeSetIdentity {
  readonly run: string
  readonly direction: 'apply' | 'rollback'
  /** Counts from 1. */
  readonly position: number
  readonly total: number
  /** STARTED stays when the run died while the statement was under way. */
  readonly state: 'STARTED' | 'DONE' | 'FAILED'
  /** ISO 8601, UTC, of the clock of the run. */
  readonly startedAt: string
  /** sha-256 of the statement, hex. */
  readonly digest: string
  /** What the database said, for FAILED. */
  readonly error: string | undefined
  /** What tells later whether the statement took effect, see `Witness` of the database. */
  readonly witness: string | undefined
}

const tableName = 'SLUICE_JOURNAL'

export function journalTable(target: TargetContext): string {
  return target.database.dialect.historyTable({ ...target.names, changelogTable: tableName }, 'changelog')
}

export async function journalExists(target: TargetContext): Promise<boolean> {
  return await target.database.hasTable(target.names.schemaName, tableName)
}

/** VARCHAR and INTEGER only: every database has them. Times are text, they are for people. */
export async function ensureJournal(target: TargetContext): Promise<void> {
  if (await journalExists(target)) return
  const columns = [
    'RUN VARCHAR(64) NOT NULL',
    'FILENAME VARCHAR(255) NOT NULL',
    'ID VARCHAR(255) NOT NULL',
    'AUTHOR VARCHAR(255) NOT NULL',
    'DIRECTION VARCHAR(8) NOT NULL',
    'STATEMENT INTEGER NOT NULL',
    'STATEMENTS INTEGER NOT NULL',
    'STATE VARCHAR(8) NOT NULL',
    'STARTEDAT VARCHAR(30) NOT NULL',
    'DIGEST VARCHAR(64) NOT NULL',
    'ERROR VARCHAR(255)',
    'WITNESS VARCHAR(255)',
  ]
  await target.database.session.execute(`CREATE TABLE ${journalTable(target)} (${columns.join(', ')})`)
  target.log(`Created the journal ${journalTable(target)} for change sets that run outside a transaction.`)
}

/** In the order of statements; empty when there is no journal. */
export async function readJournal(target: TargetContext, signal?: AbortSignal): Promise<readonly JournalRow[]> {
  if (!(await journalExists(target))) return []
  const text = `SELECT * FROM ${journalTable(target)} ORDER BY FILENAME, ID, AUTHOR, DIRECTION, STATEMENT`
  return (await target.database.session.execute(text, [], signal)).rows.map(toJournalRow)
}

function toJournalRow(row: Row): JournalRow {
  const cell = cellsOf(row)
  const text = (name: string): string => cell(name) ?? ''
  const state = text('state')
  return {
    run: text('run'),
    fileName: text('filename'),
    id: text('id'),
    author: text('author'),
    direction: text('direction') === 'rollback' ? 'rollback' : 'apply',
    position: Number(text('statement')),
    total: Number(text('statements')),
    state: state === 'DONE' || state === 'FAILED' ? state : 'STARTED',
    startedAt: text('startedat'),
    digest: text('digest'),
    error: text('error') || undefined,
    witness: text('witness') || undefined,
  }
}

export function deleteJournalText(
  target: TargetContext,
  entry: ChangeSetIdentity & { readonly direction: 'apply' | 'rollback' },
  position?: number,
): string {
  return `DELETE FROM ${journalTable(target)} WHERE ${identifies(target, entry)}${position === undefined ? '' : ` AND STATEMENT = ${position}`}`
}

/** Only the row of this run: when its lock was lost, another one may have begun the same statement. */
export function withdrawJournalText(target: TargetContext, row: JournalRow): string {
  return `${deleteJournalText(target, row, row.position)} AND RUN = ${target.database.dialect.literal(row.run)}`
}

export function beginJournalText(target: TargetContext, row: JournalRow): string {
  const { literal } = target.database.dialect
  const values = [row.run, row.fileName, row.id, row.author, row.direction, row.position, row.total, row.state]
  const rest = [row.startedAt, row.digest, row.error?.slice(0, 250) ?? null]
  // Journals of earlier versions lack the column; they are of databases that have no use for it.
  const more = row.witness === undefined ? [] : [row.witness]
  const columns = `RUN, FILENAME, ID, AUTHOR, DIRECTION, STATEMENT, STATEMENTS, STATE, STARTEDAT, DIGEST, ERROR${more.length === 0 ? '' : ', WITNESS'}`
  return `INSERT INTO ${journalTable(target)} (${columns}) VALUES (${[...values, ...rest, ...more].map(literal).join(', ')})`
}

export function endJournalText(
  target: TargetContext,
  row: JournalRow,
  state: 'DONE' | 'FAILED',
  error: string | null,
): string {
  const { literal } = target.database.dialect
  return `UPDATE ${journalTable(target)} SET STATE = ${literal(state)}, ERROR = ${literal(error?.slice(0, 250) ?? null)} WHERE ${identifies(target, row)} AND STATEMENT = ${row.position}`
}

function identifies(
  target: TargetContext,
  entry: ChangeSetIdentity & { readonly direction: 'apply' | 'rollback' },
): string {
  const { literal } = target.database.dialect
  return `FILENAME = ${literal(entry.fileName)} AND ID = ${literal(entry.id)} AND AUTHOR = ${literal(entry.author)} AND DIRECTION = ${literal(entry.direction)}`
}
