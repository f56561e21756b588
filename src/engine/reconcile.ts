// After an attempt was lost: reads lock, journal and history and says what is true.
import { changeSetFqn } from '#contract/change-set'
import { Fault } from '#contract/fault'
import type { EngineContext, RollbackTarget } from './context.ts'
import { findTag, type History, newestRow, readHistory } from './history/table.ts'
import { explainUndecided, undecided } from './journal/interrupted.ts'
import { settledJournal } from './journal/settle.ts'
import type { JournalRow } from './journal/table.ts'
import { underLock } from './lock/acquire.ts'
import { planRollbackFrom } from './plan-rollback.ts'
import { type Extent, planUpdateFrom } from './plan-update.ts'
import type { Plan } from './plan.ts'

export type LostWork = LostUpdate | { readonly type: 'rollback'; readonly target: RollbackTarget }
type LostUpdate = Extent & {
  readonly type: 'update'
  /** What it should have left on the newest row. */
  readonly tag?: string
  /** It was to roll back what it applied, and apply it again. */
  readonly testRollback?: boolean
}

export interface Verdict {
  /** complete: all is done · resumable: what is missing has not begun · unclear: something began and cannot be judged. */
  readonly verdict: 'complete' | 'resumable' | 'unclear'
  readonly explanation: string
}

/**
 * Changes nothing but a lock row that a dead run of ours left. Waits for the lock as long as `lockWait` says: while the server
 * still works for the lost attempt, its session lock is held, and nothing can be said. Faults only when the database cannot be read.
 */
export async function reconcile(context: EngineContext, lost: LostWork, signal?: AbortSignal): Promise<Verdict> {
  try {
    return await underLock(context, async () => await judge(context, lost, signal), signal)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    if (error.code === 'changelog-locked') {
      return { verdict: 'unclear', explanation: `${error.message} The lost attempt may still be at work.` }
    }
    const ours = [
      'changelog-invalid',
      'checksum-changed',
      'precondition-failed',
      'rollback-impossible',
      'tag-not-found',
    ]
    if (!ours.includes(error.code)) throw error
    return { verdict: 'unclear', explanation: `What is missing cannot be planned: ${error.message}` }
  }
}

async function judge(context: EngineContext, lost: LostWork, signal?: AbortSignal): Promise<Verdict> {
  const journal = await settledJournal(context, signal)
  const open = undecided(journal)
  if (open.length > 0) return { verdict: 'unclear', explanation: open.map(explainUndecided).join('\n') }
  const history = await readHistory(context, signal)
  const verdict =
    lost.type === 'update'
      ? await judgeUpdate(context, history, lost, signal)
      : await judgeRollback(context, history, lost.target, signal)
  return { ...verdict, explanation: verdict.explanation + partsDone(journal) }
}

/** Change sets outside a transaction of which a part is done; who goes on continues after that part. */
function partsDone(journal: readonly JournalRow[]): string {
  const parts = new Map<string, number>()
  for (const row of journal) {
    const name = changeSetFqn(row)
    parts.set(name, (parts.get(name) ?? 0) + (row.state === 'DONE' ? 1 : 0))
  }
  const texts = [...parts].map(
    ([name, done]) => ` Of ${name}, which runs outside a transaction, ${done} statements are done.`,
  )
  return texts.join('')
}

/** Change set and history row commit together, or the journal tells of the part that is done; what both lack has not happened. */
async function judgeUpdate(
  context: EngineContext,
  history: History,
  { tag, count, toTag, testRollback }: LostUpdate,
  signal?: AbortSignal,
): Promise<Verdict> {
  const unclear = (lost: string): Verdict => ({
    verdict: 'unclear',
    explanation: `${lost}, which the history does not tell; the newest row is ${rowName(history)}.`,
  })
  if (testRollback) return unclear('An update that tests its rollback was lost: how far it was')
  if (count !== undefined) return unclear(`An update of ${count} change sets was lost: how many of them it has run`)
  const plan = await planUpdateFrom(context, history, toTag === undefined ? {} : { toTag }, signal)
  // Change sets that run always are due again at once.
  const missing = plan.steps.filter((step) => !(step.changeSet.runAlways && step.row))
  if (missing.length > 0) {
    return {
      verdict: 'resumable',
      explanation: `${countOf(missing.length)} left to apply, the first is ${nameOf(missing[0])}. The history has ${history.rows.length} rows.`,
    }
  }
  if (tag !== undefined && newestRow(history)?.tag !== tag) {
    return { verdict: 'resumable', explanation: `All change sets are applied; the tag "${tag}" is missing.` }
  }
  return {
    verdict: 'complete',
    explanation: `All change sets are applied (${history.rows.length} rows in the history).`,
  }
}

async function judgeRollback(
  context: EngineContext,
  history: History,
  target: RollbackTarget,
  signal?: AbortSignal,
): Promise<Verdict> {
  if ('count' in target) {
    return {
      verdict: 'unclear',
      explanation: `A rollback of ${target.count} change sets was lost. What the history holds now does not tell how many of them it had undone; the newest row is ${rowName(history)}.`,
    }
  }
  if ('tag' in target && !findTag(history, target)) {
    return {
      verdict: 'unclear',
      explanation: `The tag "${target.tag}" is not in the history: either it never was, or its own row was the last to be rolled back. The newest row is ${rowName(history)}.`,
    }
  }
  const plan = await planRollbackFrom(context, history, target, {}, signal)
  const first = plan.steps[0]
  if (first === undefined) return { verdict: 'complete', explanation: 'Nothing is left to roll back.' }
  return {
    verdict: 'resumable',
    explanation: `${countOf(plan.steps.length)} left to roll back, the next is ${nameOf(first)}.`,
  }
}

const countOf = (count: number): string => (count === 1 ? '1 change set is' : `${count} change sets are`)

function nameOf(step: Plan['steps'][number] | undefined): string {
  return step ? `${step.changeSet.path}::${step.changeSet.id}::${step.changeSet.author}` : 'none'
}

function rowName(history: History): string {
  const row = newestRow(history)
  return row ? `${row.fileName}::${row.id}::${row.author}` : 'none, it is empty'
}
