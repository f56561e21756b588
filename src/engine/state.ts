// The whole changelog with its state on this database: one column of the change set × instance matrix.
import { fullContext } from '#changelog/context'
import { fullLabels } from '#changelog/label'
import type { ChangeSet } from '#changelog/model'
import { type ChangeSetOnInstance, changeSetFqn } from '#contract/change-set'
import { filterReason } from './change-set/filter.ts'
import type { EngineContext } from './context.ts'
import type { HistoryRow } from './history/row.ts'
import { readHistory } from './history/table.ts'
import { readJournal } from './journal/table.ts'

export interface InstanceState {
  /** In changelog order, also those that a filter keeps away. */
  readonly changeSets: readonly ChangeSetOnInstance[]
  /** Tag of the newest row that has one. */
  readonly lastTag: string | undefined
}

/**
 * Reads the history; changes nothing. What the history lacks is Not_Deployed, or Deployment_Failed when the journal holds a part
 * of it; that something was rolled back only the events of the rollback tell.
 */
export async function changeSetsOnInstance(context: EngineContext, signal?: AbortSignal): Promise<InstanceState> {
  const history = await readHistory(context, signal)
  const begun = new Set((await readJournal(context, signal)).map((row) => changeSetFqn(row)))
  const changeSets = inChangelogOrder(context.changelog.changeSets, context.changelog.skipped).map((changeSet) => {
    const skipped = context.changelog.skipped.includes(changeSet)
    const filteredBy = skipped ? 'DBMS mismatch' : filterReason(context, changeSet)
    return describe(changeSet, history.find(changeSet), filteredBy, begun)
  })
  return { changeSets, lastTag: history.rows.findLast((row) => row.tag !== undefined)?.tag }
}

function describe(
  changeSet: ChangeSet,
  row: HistoryRow | undefined,
  filteredBy: string | undefined,
  begun: ReadonlySet<string>,
): ChangeSetOnInstance {
  const identity = { fileName: changeSet.path, id: changeSet.id, author: changeSet.author }
  const contexts = fullContext(changeSet)
  const labels = fullLabels(changeSet)
  const missing = begun.has(changeSetFqn(identity)) ? 'Deployment_Failed' : 'Not_Deployed'
  return {
    ...identity,
    status: row ? 'Successfully_Deployed' : missing,
    ...(row === undefined && filteredBy !== undefined ? { filteredBy } : {}),
    ...(row?.tag ? { tag: row.tag } : {}),
    ...(changeSet.comment === '' ? {} : { comment: changeSet.comment }),
    ...(labels === '' ? {} : { labels }),
    ...(contexts === '' ? {} : { contexts }),
    ...(row?.checksum ? { checksum: row.checksum } : {}),
    ...(row && row.executedAt > 0 ? { executedAt: row.executedAt } : {}),
  }
}

/** Puts those that `dbms` excluded while reading back to where they stand in their file. */
export function inChangelogOrder(
  changeSets: readonly ChangeSet[],
  skipped: readonly ChangeSet[],
): readonly ChangeSet[] {
  const ordered = [...changeSets]
  for (const one of skipped) {
    const sameFile = (other: ChangeSet): boolean => other.physicalPath === one.physicalPath
    const before = ordered.findLastIndex((other) => sameFile(other) && other.span.line < one.span.line)
    const after = before >= 0 ? before + 1 : ordered.findIndex(sameFile)
    ordered.splice(after >= 0 ? after : ordered.length, 0, one)
  }
  return ordered
}
