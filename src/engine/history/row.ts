// A row of DATABASECHANGELOG as data, and the key by which rows and change sets find each other.
import { normalisePath } from '#changelog/path'
import type { ChangeSetIdentity } from '#contract/change-set'
import type { Row } from '#database/port'
import { cellsOf } from '../cell.ts'

export interface HistoryRow extends ChangeSetIdentity {
  readonly id: string
  readonly author: string
  /** FILENAME as stored; compare with `historyKey`. */
  readonly fileName: string
  /** As the database prints it, in the zone of the session that wrote it. */
  readonly dateExecuted: string
  /** `dateExecuted` as epoch milliseconds, read in the zone that the session has now. */
  readonly executedAt: number
  readonly orderExecuted: number
  /** EXECUTED, RERAN, MARK_RAN; other engines may write FAILED or SKIPPED. */
  readonly execType: string
  /** `9:…`, `8:…`; undefined after clear-checksums. */
  readonly checksum: string | undefined
  readonly description: string
  readonly comments: string
  readonly tag: string | undefined
  /** The LIQUIBASE column: who wrote the row. */
  readonly engine: string
  readonly contexts: string | undefined
  readonly labels: string | undefined
  readonly deploymentId: string | undefined
}

/** Equal for a row and a change set when they are the same; the ran look-up of the original engine ignores case. */
export function historyKey(path: string, id: string, author: string): string {
  return `${normalisePath(path)}\n${id}\n${author}`.toLowerCase()
}

/** Whether two readings of the history are one and the same. Rows have only plain values. */
export function areSameRows(one: readonly HistoryRow[], other: readonly HistoryRow[]): boolean {
  return one.length === other.length && one.every((row, index) => isSameRow(row, other[index]!))
}

function isSameRow(one: HistoryRow, other: HistoryRow): boolean {
  for (const name in one) if (one[name as keyof HistoryRow] !== other[name as keyof HistoryRow]) return false
  return true
}

/** A row as the driver gives it. Column names come in any case; columns that old tables lack are empty. */
export function toHistoryRow(row: Row): HistoryRow {
  const text = cellsOf(row)
  const dateExecuted = text('dateexecuted') ?? ''
  return {
    id: text('id') ?? '',
    author: text('author') ?? '',
    fileName: text('filename') ?? '',
    dateExecuted,
    executedAt: parseTimestamp(dateExecuted, zoneOffset(text('sluice_now') ?? '')),
    orderExecuted: Number(text('orderexecuted') ?? 0),
    execType: text('exectype') ?? 'EXECUTED',
    checksum: text('md5sum'),
    description: text('description') ?? '',
    comments: text('comments') ?? '',
    tag: text('tag'),
    engine: text('liquibase') ?? '',
    contexts: text('contexts'),
    labels: text('labels'),
    deploymentId: text('deployment_id'),
  }
}

/** `2026-11-21 09:44:48.012` or, as some SQLite drivers store it, epoch milliseconds. 0 when it is neither. */
export function parseTimestamp(text: string, offset = 0): number {
  if (/^\d{10,}$/.test(text)) return Number(text)
  const found = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d+))?/.exec(text)
  if (!found) return 0
  return Date.parse(`${found[1]}T${found[2]}.${(found[3] ?? '').padEnd(3, '0').slice(0, 3)}Z`) - offset
}

/** Milliseconds east of UTC at the end of a time such as `2026-11-21 11:04:07.1+01`; 0 when it names no zone. */
export function zoneOffset(now: string): number {
  const found = /\d:\d\d[\d.:]*([+-])(\d\d)(?::?(\d\d))?$/.exec(now)
  if (!found) return 0
  const minutes = Number(found[2]) * 60 + Number(found[3] ?? 0)
  return (found[1] === '-' ? -minutes : minutes) * 60_000
}

/** Oldest first. Rows of one second (SQLite has no finer clock) are told apart by ORDEREXECUTED. */
export function inHistoryOrder(a: HistoryRow, b: HistoryRow): number {
  if (a.dateExecuted !== b.dateExecuted) return a.dateExecuted < b.dateExecuted ? -1 : 1
  return a.orderExecuted - b.orderExecuted
}
