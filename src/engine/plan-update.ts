// Plans an update: which change sets run, in order, with the very statements.
import { type Diagnostic, hasErrors } from '#contract/diagnostic'
import { isCoveredByTransaction } from './change-set/covered.ts'
import { type Pending, selectPending, type Selection } from './change-set/select.ts'
import { checksumOf, descriptionOf, tagOf } from './change-set/parse.ts'
import { forwardStatements, rollbackStatements } from './change-set/statement.ts'
import { TableTypes } from './change-set/table-types.ts'
import type { EngineContext } from './context.ts'
import { digestOf } from './digest.ts'
import { type History, readHistory } from './history/table.ts'
import type { Plan, PlannedStep } from './plan.ts'
import { changelogFault } from './change-set/finding.ts'

/** How far an update goes. */
export interface Extent {
  /** At most so many change sets. */
  readonly count?: number
  /** Up to and including the change set that sets this tag. */
  readonly toTag?: string
}

export interface PlanOptions extends Extent {
  /** Find out for each step whether it could be undone, which takes as long as planning it. Default true. */
  readonly withReverse?: boolean
  /** Nothing will run, so changes that Sluice does not run are no finding. Default false. */
  readonly recordOnly?: boolean
}

/** Reads the history and validates. Changes nothing. Faults as `update` before anything ran, but for the lock. */
export async function planUpdate(context: EngineContext, options: Extent = {}, signal?: AbortSignal): Promise<Plan> {
  return await planUpdateFrom(context, await readHistory(context, signal), options, signal)
}

/** The same over a history that was read already. */
export async function planUpdateFrom(
  context: EngineContext,
  history: History,
  options: PlanOptions,
  signal?: AbortSignal,
): Promise<Plan> {
  const selection = await selectPending(context, history, options, signal)
  return await planSelection(context, selection, options)
}

async function planSelection(context: EngineContext, selection: Selection, options: PlanOptions): Promise<Plan> {
  const diagnostics: Diagnostic[] = []
  const steps: PlannedStep[] = []
  const tables = new TableTypes(context.database)
  /** How many steps there were before each of `pending`, and at the end. */
  const counts = [0]
  for (const pending of selection.pending) {
    const planned = await planStep(context, pending, tables, options)
    diagnostics.push(...planned.diagnostics)
    if (planned.step) steps.push(planned.step)
    counts.push(steps.length)
  }
  if (hasErrors(diagnostics)) throw changelogFault(diagnostics)
  let digest: string | undefined
  return {
    steps,
    // Only when it is asked for: it is made of the texts of all statements.
    get digest() {
      digest ??= digestOf(steps)
      return digest
    },
    checksumUpgrades: selection.checksumUpgrades.map((one) => ({ ...one, after: counts[one.after] ?? steps.length })),
    filtered: selection.filtered,
    alreadyRan: selection.alreadyRan,
  }
}

/** What Sluice cannot run may have run elsewhere. */
const onlyWhenRun: ReadonlySet<string> = new Set(['change/not-offered', 'engine/unknown-executor'])

async function planStep(
  context: EngineContext,
  pending: Pending,
  tables: TableTypes,
  options: PlanOptions,
): Promise<{ readonly step: PlannedStep | undefined; readonly diagnostics: readonly Diagnostic[] }> {
  const { parsed, row } = pending
  const { changeSet } = parsed
  const forward = pending.markOnly ? undefined : await forwardStatements(context, parsed, tables)
  const found = forward?.diagnostics.filter(({ code }) => !options.recordOnly || !onlyWhenRun.has(code)) ?? []
  const invalid = hasErrors(found)
  if (invalid && changeSet.onValidationFail !== 'MARK_RAN') return { step: undefined, diagnostics: found }
  const run = invalid ? undefined : forward
  const step: PlannedStep = {
    changeSet,
    direction: 'apply',
    execType: run === undefined ? 'MARK_RAN' : row ? 'RERAN' : 'EXECUTED',
    checksum: await checksumOf(context, parsed),
    description: descriptionOf(parsed),
    statements: run?.statements ?? [],
    messages: run?.messages ?? [],
    stop: run?.stop,
    transactional: changeSet.runInTransaction && isCoveredByTransaction(context, run?.statements ?? []),
    tag: tagOf(parsed)?.tag,
    irreversible: (options.withReverse ?? true) ? await irreversible(context, pending) : undefined,
    row,
  }
  return { step, diagnostics: [] }
}

/** Why the change set could not be rolled back later. Findings here never stop an update. */
async function irreversible(context: EngineContext, { parsed }: Pending): Promise<string | undefined> {
  const { diagnostics } = await rollbackStatements(context, parsed)
  const reasons = diagnostics.filter((diagnostic) => diagnostic.severity === 'error')
  return reasons.length === 0 ? undefined : reasons.map((diagnostic) => diagnostic.message).join('; ')
}
