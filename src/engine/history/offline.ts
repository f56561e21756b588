// The history of an offline URL: rows of a file instead of a table, written as soon as a script has been made.
import { fullLabels } from '#changelog/label'
import type { OfflineHistory, OfflineRow } from '#database/port'
import type { TargetContext } from '../context.ts'
import type { PlannedStep } from '../plan.ts'
import { engineVersion } from '../version.ts'
import { historyKey } from './row.ts'

export interface Recorded {
  readonly step: PlannedStep
  /** ORDEREXECUTED in the file. */
  readonly order: number
}

/** What the steps of a script do to the rows of the file. `upgraded` are rows that only get a new checksum, by their key. */
export async function recordOffline(
  target: TargetContext,
  offline: OfflineHistory,
  recorded: readonly Recorded[],
  upgraded: ReadonlyMap<string, string>,
): Promise<void> {
  let rows = ((await offline.read()) ?? []).map((row) => {
    const checksum = upgraded.get(keyOf(row))
    return checksum === undefined ? row : { ...row, MD5SUM: checksum }
  })
  for (const { step, order } of recorded) rows = applied(target, rows, step, order)
  await offline.write(rows)
}

const keyOf = (row: OfflineRow): string => historyKey(row['FILENAME'] ?? '', row['ID'] ?? '', row['AUTHOR'] ?? '')

function applied(target: TargetContext, rows: readonly OfflineRow[], step: PlannedStep, order: number): OfflineRow[] {
  const { changeSet } = step
  const old = step.row
  const key = old
    ? historyKey(old.fileName, old.id, old.author)
    : historyKey(changeSet.path, changeSet.id, changeSet.author)
  if (step.direction === 'rollback') return rows.filter((row) => keyOf(row) !== key)
  const fresh = rowOf(target, step, order)
  // Only the last row of a file tells nothing from an empty text, as the original engine writes it.
  const others = rows.map((row): OfflineRow => ({ ...row, COMMENTS: row['COMMENTS'] ?? '' }))
  if (!old) return [...others, fresh]
  return others.map((row) => (keyOf(row) === key ? { ...fresh, FILENAME: row['FILENAME'] ?? null } : row))
}

function rowOf(target: TargetContext, step: PlannedStep, order: number): OfflineRow {
  const { changeSet } = step
  const comments = changeSet.comment
  return {
    ID: changeSet.id,
    AUTHOR: changeSet.author,
    FILENAME: changeSet.path,
    DATEEXECUTED: localTime(target.clock()),
    ORDEREXECUTED: String(order),
    EXECTYPE: step.execType,
    MD5SUM: step.checksum,
    DESCRIPTION: step.description,
    COMMENTS: comments === '' ? null : comments,
    TAG: step.tag ?? '',
    LIQUIBASE: engineVersion,
    // Its own expression as it was written, without those of the files around it.
    CONTEXTS: changeSet.contextFilter || '()',
    LABELS: fullLabels(changeSet),
    DEPLOYMENT_ID: target.deploymentId,
  }
}

/** `2026-11-25T21:07:32.18`, in the zone of this process. */
export function localTime(epochMilliseconds: number): string {
  const offset = new Date(epochMilliseconds).getTimezoneOffset() * 60_000
  return new Date(epochMilliseconds - offset).toISOString().replace(/\.?0*Z$/, '')
}

/** Puts a tag on the newest row. */
export async function tagOffline(offline: OfflineHistory, newest: string, tag: string): Promise<void> {
  const rows = (await offline.read()) ?? []
  await offline.write(rows.map((row) => (keyOf(row) === newest ? { ...row, TAG: tag } : row)))
}

/** Gives back how many rows had a checksum. */
export async function clearChecksumsOffline(offline: OfflineHistory): Promise<number> {
  const rows = await offline.read()
  if (rows === undefined) return 0
  await offline.write(rows.map((row) => ({ ...row, MD5SUM: null })))
  return rows.filter((row) => (row['MD5SUM'] ?? '') !== '').length
}
