// One running update or rollback: what its steps share, and the loop over them.
import { Fault } from '#contract/fault'
import type { EngineContext } from '../context.ts'
import { refuseUndecided } from '../journal/interrupted.ts'
import { type JournalRow, readJournal } from '../journal/table.ts'
import { throwIfCancelled } from '../lock/acquire.ts'
import type { Plan, PlannedStep, ProgressListener, StepResult } from '../plan.ts'
import { messageOf } from './message.ts'
import { runStep } from './step.ts'

export interface Run {
  readonly context: EngineContext
  readonly listener: ProgressListener
  readonly signal: AbortSignal | undefined
  /** Left by an earlier run. */
  readonly journal: readonly JournalRow[]
  /** Hands out ORDEREXECUTED. */
  readonly takeOrder: () => number
}

/** What became of one step. */
export interface StepOutcome {
  readonly status: StepResult['status']
  readonly rowsAffected: number
  /** Why it was skipped, or what failed when failOnError is false. */
  readonly message?: string
}

export interface Totals {
  readonly done: number
  readonly markedRan: number
  /** Skipped by a precondition, or failed with failOnError=false. */
  readonly skipped: number
  readonly rowsAffected: number
}

/** Runs the steps of a plan in order; call it under the lock. Stops at the first fault, with everything before it applied. */
export async function runPlan(
  context: EngineContext,
  plan: Plan,
  firstOrder: number,
  listener: ProgressListener,
  signal: AbortSignal | undefined,
): Promise<Totals> {
  const journal = await readJournal(context, signal)
  refuseUndecided(journal)
  let order = firstOrder
  const takeOrder = (): number => order++
  const run: Run = { context, listener, signal, journal, takeOrder }
  let totals: Totals = { done: 0, markedRan: 0, skipped: 0, rowsAffected: 0 }
  for (const step of plan.steps) totals = add(totals, await reportedStep(run, step))
  return totals
}

async function reportedStep(run: Run, step: PlannedStep): Promise<StepOutcome> {
  const { listener, context } = run
  throwIfCancelled(run.signal)
  await listener.mayContinue()
  await listener.changeSetStarted(step)
  const started = context.clock()
  let outcome: StepOutcome
  try {
    outcome = await runStep(run, step)
  } catch (error) {
    const reason = reasonOf(error, run.signal)
    await reportFailure(listener, step, context.clock() - started, reason)
    throw reason
  }
  const duration = context.clock() - started
  const error = outcome.message === undefined ? {} : { error: outcome.message }
  await listener.changeSetFinished(step, { status: outcome.status, duration, ...error })
  return outcome
}

/** Who cancels may say why, for example `timed-out`; that is what the run ended with. */
function reasonOf(error: unknown, signal: AbortSignal | undefined): unknown {
  const cancelled = error instanceof Fault && error.code === 'cancelled' && signal?.aborted
  return cancelled && signal.reason instanceof Fault ? signal.reason : error
}

/** What really happened must reach the caller, even when the report of it does not get through. */
async function reportFailure(
  listener: ProgressListener,
  step: PlannedStep,
  duration: number,
  error: unknown,
): Promise<void> {
  try {
    await listener.changeSetFinished(step, { status: 'failed', duration, error: messageOf(error) })
  } catch (reporting) {
    listener.line(`The failure could not be reported: ${messageOf(reporting)}`)
  }
}

function add(totals: Totals, outcome: StepOutcome): Totals {
  return {
    done: totals.done + (outcome.status === 'done' ? 1 : 0),
    markedRan: totals.markedRan + (outcome.status === 'marked-ran' ? 1 : 0),
    skipped: totals.skipped + (outcome.status === 'skipped' || outcome.status === 'failed' ? 1 : 0),
    rowsAffected: totals.rowsAffected + outcome.rowsAffected,
  }
}
