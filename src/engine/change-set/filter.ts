// Which change sets and visitors the contexts, labels and database of a run keep away.
import type { ChangeSet, SqlVisitor } from '#changelog/model'
import { contextHolds, matchesContexts } from '#changelog/context'
import { matchesDbms } from '#changelog/dbms'
import { labelsHold, matchesLabels } from '#changelog/label'
import type { EngineContext } from '../context.ts'
import type { FilterReason } from '../plan.ts'

/** Undefined when the change set is for this run; else why not, in the words of the summary. */
export function filterReason(context: EngineContext, changeSet: ChangeSet): FilterReason | undefined {
  if (changeSet.ignore) return 'Ignored'
  if (!matchesContexts(changeSet, context.contexts)) return 'Context mismatch'
  if (!matchesLabels(changeSet, context.labelFilter)) return 'Label mismatch'
  if (!matchesDbms(changeSet.dbms, context.database.dialect.shortName)) return 'DBMS mismatch'
  return undefined
}

export function visitorApplies(context: EngineContext, visitor: SqlVisitor): boolean {
  return (
    matchesDbms(visitor.dbms, context.database.dialect.shortName) &&
    contextHolds(visitor.contextFilter, context.contexts) &&
    labelsHold(visitor.labels, context.labelFilter)
  )
}
