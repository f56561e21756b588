// Plans a rollback: which rows of the history are undone, newest first, with the very statements.
import type { ChangeSet } from '#changelog/model'
import { type Diagnostic, hasErrors } from '#contract/diagnostic'
import { Fault } from '#contract/fault'
import { isCoveredByTransaction } from './change-set/covered.ts'
import { filterReason } from './change-set/filter.ts'
import { editedSince } from './change-set/edited.ts'
import { descriptionOf, parseChangeSet, type ParsedChangeSet, tagOf } from './change-set/parse.ts'
import { forwardStatements, type Lowered, rollbackStatements } from './change-set/statement.ts'
import { TableTypes } from './change-set/table-types.ts'
import type { EngineContext, RollbackTarget } from './context.ts'
import { digestOf } from './digest.ts'
import { type HistoryRow, historyKey } from './history/row.ts'
import { findTag, type History, readHistory } from './history/table.ts'
import { throwIfCancelled } from './lock/acquire.ts'
import type { Filtered, Plan, PlannedStatement, PlannedStep } from './plan.ts'
import { selectPending, type SelectionLimit } from './change-set/select.ts'
import { duplicateIdentities, changelogFault } from './change-set/finding.ts'

/** What the rollback does instead of what the change sets say, as statements of one text. */
export interface RollbackScript {
  readonly statements: readonly PlannedStatement[]
}

/** Changes nothing. Faults: `tag-not-found`, `rollback-impossible` with a diagnostic for every change that has no inverse. */
export async function planRollback(
  context: EngineContext,
  target: RollbackTarget,
  signal?: AbortSignal,
): Promise<Plan> {
  return await planRollbackFrom(context, await readHistory(context, signal), target, {}, signal)
}

/** The same over a history that was read already. */
export async function planRollbackFrom(
  context: EngineContext,
  history: History,
  target: RollbackTarget,
  options: { readonly script?: RollbackScript } = {},
  signal?: AbortSignal,
): Promise<Plan> {
  const duplicates = duplicateIdentities(context.changelog.changeSets)
  if (!context.allowDuplicates && hasErrors(duplicates)) throw changelogFault(duplicates)
  const boundary = 'tag' in target ? history.rows.indexOf(taggedRow(history, target)) : -1
  const steps: PlannedStep[] = []
  const filtered: Filtered[] = []
  const diagnostics: Diagnostic[] = []
  const tables = new TableTypes(context.database)
  for (const { row, position, changeSet } of newestFirst(context, history)) {
    throwIfCancelled(signal)
    const parsed = parseChangeSet(context, changeSet)
    if (isDone(target, steps.length, { row, position, boundary, parsed })) break
    const reason = filterReason(context, changeSet)
    if (reason !== undefined) {
      filtered.push({ changeSet, reason })
      continue
    }
    const lowered = await loweredFor(context, parsed, tables, steps.length === 0, options.script)
    diagnostics.push(...lowered.diagnostics, ...(await editedSince(context, parsed, row)))
    steps.push(stepOf(context, parsed, row, lowered))
  }
  if (hasErrors(diagnostics)) throw refused(diagnostics)
  return { steps, digest: digestOf(steps), checksumUpgrades: [], filtered, alreadyRan: 0 }
}

/** A script runs once, with the first change set; the others only lose their rows. */
async function loweredFor(
  context: EngineContext,
  parsed: ParsedChangeSet,
  tables: TableTypes,
  isFirst: boolean,
  script: RollbackScript | undefined,
): Promise<Lowered> {
  if (script === undefined) return await rollbackStatements(context, parsed, tables)
  return { statements: isFirst ? script.statements : [], messages: [], stop: undefined, diagnostics: [] }
}

/**
 * Undoes, last first, what an update would do now. Changes nothing. Faults as `planUpdate`, and `rollback-impossible` with a
 * diagnostic for every change that has no inverse.
 */
export async function planFutureRollbackFrom(
  context: EngineContext,
  history: History,
  limit: SelectionLimit,
  signal?: AbortSignal,
): Promise<Plan> {
  const { pending, filtered, alreadyRan } = await selectPending(context, history, limit, signal)
  const steps: PlannedStep[] = []
  const diagnostics: Diagnostic[] = []
  const tables = new TableTypes(context.database)
  // Where a table is copied it has to be known as the update will have left it.
  if (context.database.dialect.copy !== undefined)
    for (const { parsed } of pending) await forwardStatements(context, parsed, tables)
  for (const { parsed, row } of pending.toReversed()) {
    throwIfCancelled(signal)
    const lowered = await rollbackStatements(context, parsed, tables)
    diagnostics.push(...lowered.diagnostics)
    steps.push(stepOf(context, parsed, row, lowered))
  }
  if (hasErrors(diagnostics)) throw refused(diagnostics)
  return { steps, digest: digestOf(steps), checksumUpgrades: [], filtered, alreadyRan }
}

/** The newest rows that `isWanted`, in one go: what a run has just added. */
export async function planRollbackOfRows(
  context: EngineContext,
  history: History,
  isWanted: (row: HistoryRow) => boolean,
  signal?: AbortSignal,
): Promise<Plan> {
  const steps: PlannedStep[] = []
  const diagnostics: Diagnostic[] = []
  const tables = new TableTypes(context.database)
  for (const { row, changeSet } of newestFirst(context, history)) {
    throwIfCancelled(signal)
    if (!isWanted(row)) continue
    const parsed = parseChangeSet(context, changeSet)
    const lowered = await rollbackStatements(context, parsed, tables)
    diagnostics.push(...lowered.diagnostics)
    steps.push(stepOf(context, parsed, row, lowered))
  }
  if (hasErrors(diagnostics)) throw refused(diagnostics)
  return { steps, digest: digestOf(steps), checksumUpgrades: [], filtered: [], alreadyRan: 0 }
}

/** Rows that the changelog has a change set for; the others are silently left alone, as the original engine does. */
function newestFirst(
  context: EngineContext,
  history: History,
): readonly { readonly row: HistoryRow; readonly position: number; readonly changeSet: ChangeSet }[] {
  const byKey = new Map(
    // Of change sets with one identity the first counts.
    context.changelog.changeSets
      .toReversed()
      .map((changeSet) => [historyKey(changeSet.path, changeSet.id, changeSet.author), changeSet]),
  )
  const known = history.rows.flatMap((row, position) => {
    const changeSet = byKey.get(historyKey(row.fileName, row.id, row.author))
    return changeSet ? [{ row, position, changeSet }] : []
  })
  return known.toReversed()
}

/** Whether everything that the target asks for lies behind, so that the row stays. */
function isDone(
  target: RollbackTarget,
  taken: number,
  at: {
    readonly row: HistoryRow
    readonly position: number
    /** Position of the tagged row. */
    readonly boundary: number
    readonly parsed: ParsedChangeSet
  },
): boolean {
  if ('count' in target) return taken >= target.count
  if ('date' in target) return at.row.executedAt <= target.date
  if (at.position !== at.boundary) return at.position < at.boundary
  // The row of a tagDatabase change goes too, unless the change says otherwise.
  return !(at.row.description === 'tagDatabase' && !tagOf(at.parsed)?.keepTagOnRollback)
}

function taggedRow(history: History, target: RollbackTarget & { readonly tag: string }): HistoryRow {
  const found = findTag(history, target)
  if (found) return found
  throw new Fault('tag-not-found', `Could not find the tag '${target.tag}' in the database.`)
}

function stepOf(
  context: EngineContext,
  parsed: ParsedChangeSet,
  row: HistoryRow | undefined,
  { statements, messages, stop }: Lowered,
): PlannedStep {
  const { changeSet } = parsed
  return {
    changeSet,
    direction: 'rollback',
    execType: 'ROLLED_BACK',
    checksum: row?.checksum ?? '',
    description: descriptionOf(parsed),
    statements,
    messages,
    stop,
    transactional: changeSet.runInTransaction && isCoveredByTransaction(context, statements),
    tag: row?.tag,
    irreversible: undefined,
    row,
  }
}

function refused(diagnostics: readonly Diagnostic[]): Fault {
  const irreversible = diagnostics.filter((diagnostic) => diagnostic.code === 'engine/no-inverse').length
  if (irreversible === 0) return changelogFault(diagnostics)
  const subject = irreversible === 1 ? 'One change' : `${irreversible} changes`
  return new Fault('rollback-impossible', `${subject} cannot be rolled back. Nothing was changed.`, { diagnostics })
}
