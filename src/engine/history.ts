// `history`: the rows of the history table, oldest first.
import type { TargetContext } from './context.ts'
import type { HistoryRow } from './history/row.ts'
import { readHistory } from './history/table.ts'

export type { HistoryRow } from './history/row.ts'

/** Empty when the table is missing. Changes nothing. */
export async function history(target: TargetContext, signal?: AbortSignal): Promise<readonly HistoryRow[]> {
  return (await readHistory(target, signal)).rows
}
