// The history table itself: is it there, make it, read it.
import type { OfflineRow } from '#database/port'
import type { TargetContext } from '../context.ts'
import { type HistoryRow, historyKey, inHistoryOrder, toHistoryRow } from './row.ts'

export interface History {
  /** Whether the table is there. */
  readonly exists: boolean
  /** Oldest first. */
  readonly rows: readonly HistoryRow[]
  /** The row of a change set; of duplicates the latest, of those of one moment the one with the lower number. */
  find(changeSet: { readonly path: string; readonly id: string; readonly author: string }): HistoryRow | undefined
}

export function historyTable(target: TargetContext): string {
  return target.database.dialect.historyTable(target.names, 'changelog')
}

/** Two queries: is the table there, and its rows. Never creates anything. */
export async function readHistory(target: TargetContext, signal?: AbortSignal): Promise<History> {
  const { offline } = target.database
  if (offline) {
    const rows = await offline.read()
    return historyOf((rows ?? []).map(withoutEmpty).map(toHistoryRow).sort(inHistoryOrder), rows !== undefined)
  }
  const exists = await target.database.hasTable(target.names.schemaName, target.names.changelogTable)
  if (!exists) return historyOf([], false)
  // The time of the database beside each row tells the zone that DATEEXECUTED is written in.
  const { now, nowWithZone = now } = target.database.dialect
  const text = `SELECT h.*, ${nowWithZone} AS SLUICE_NOW FROM ${historyTable(target)} h`
  const result = await target.database.session.execute(text, [], signal)
  return historyOf(result.rows.map(toHistoryRow).sort(inHistoryOrder), true)
}

/** A file does not tell an empty text from none; no column means anything when it is empty. */
const withoutEmpty = (row: OfflineRow): OfflineRow =>
  Object.fromEntries(Object.entries(row).map(([name, text]) => [name, text === '' || text === '()' ? null : text]))

export function historyOf(rows: readonly HistoryRow[], exists: boolean): History {
  const byKey = new Map<string, HistoryRow>()
  for (const row of rows) {
    const key = historyKey(row.fileName, row.id, row.author)
    const other = byKey.get(key)
    if (other === undefined || row.dateExecuted > other.dateExecuted) byKey.set(key, row)
  }
  return {
    exists,
    rows,
    find: (changeSet) => byKey.get(historyKey(changeSet.path, changeSet.id, changeSet.author)),
  }
}

/** Creates the table when it is missing. Call it under the lock. */
export async function ensureHistoryTable(target: TargetContext, signal?: AbortSignal): Promise<void> {
  if (await target.database.hasTable(target.names.schemaName, target.names.changelogTable)) return
  await target.database.session.execute(target.database.dialect.createChangelogTable(target.names), [], signal)
  target.log(`Created the history table ${historyTable(target)}.`)
}

/** The row that tags are put on. */
export function newestRow(history: History): HistoryRow | undefined {
  return history.rows.at(-1)
}

export function nextOrder(history: History): number {
  return history.rows.reduce((highest, row) => Math.max(highest, row.orderExecuted), 0) + 1
}

/** Letter case does not matter; of several rows the newest, unless asked otherwise. */
export function findTag(
  history: History,
  target: { readonly tag: string; readonly tagVersion?: 'NEWEST' | 'OLDEST' },
): HistoryRow | undefined {
  const wanted = target.tag.toLowerCase()
  const rows = history.rows.filter((row) => row.tag?.toLowerCase() === wanted)
  return target.tagVersion === 'OLDEST' ? rows[0] : rows.at(-1)
}
