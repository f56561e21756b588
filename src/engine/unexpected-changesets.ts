// `unexpected-changesets`: rows of the history that the changelog has no change set for.
import type { EngineContext } from './context.ts'
import { type HistoryRow, historyKey } from './history/row.ts'
import { readHistory } from './history/table.ts'
import { isTagMarker } from './history/write.ts'

/** Oldest first. Changes nothing, needs no lock. */
export async function unexpectedChangeSets(
  context: EngineContext,
  signal?: AbortSignal,
): Promise<readonly HistoryRow[]> {
  const { changeSets, skipped } = context.changelog
  const known = new Set([...changeSets, ...skipped].map(({ path, id, author }) => historyKey(path, id, author)))
  const { rows } = await readHistory(context, signal)
  return rows.filter((row) => !known.has(historyKey(row.fileName, row.id, row.author)) && !isTagCarrier(row))
}

/** What `tag` wrote into an empty history, and what only carries a tag: no changelog ever has it. */
const isTagCarrier = (row: HistoryRow): boolean =>
  (row.author === 'liquibase' && row.fileName === 'liquibase-internal') || isTagMarker(row)
