// One running update or rollback: the loop over its steps.
import { Fault } from '#contract/fault'
import type { EngineContext } from '../context.ts'
import { checksumText } from '../history/write.ts'
import type { JournalRow } from '../journal/table.ts'
import { throwIfCancelled } from '../lock/acquire.ts'
import type { ChecksumUpgrade, Plan, PlannedStep, ProgressListener } from '../plan.ts'
import { withdrawAnnounced } from './announce.ts'
import { messageOf } from './message.ts'
import { recordFailed } from './record-failed.ts'
import type { Progress, Run, StepOutcome } from './shared.ts'
import { runStep } from './step.ts'

export interface Totals {
  readonly done: number
  readonly markedRan: number
  /** Skipped by a precondition, or failed with failOnError=false. */
  readonly skipped: number
  readonly rowsAffected: number
}

/**
 * Runs the steps of a plan in order; call it under the lock. `from`: the first ORDEREXECUTED, and what an earlier run left in the
 * journal, none of it undecided. Stops at the first fault, with everything before it applied.
 */
export async function runPlan(
  context: EngineContext,
  plan: Plan,
  from: { readonly order: number; readonly journal: readonly JournalRow[]; readonly recordFailed?: boolean },
  listener: ProgressListener,
  signal: AbortSignal | undefined,
): Promise<Totals> {
  const progress: Progress = { order: from.order, announced: undefined }
  const { journal, recordFailed: marks = false } = from
  const run: Run = { context, listener, signal, journal, recordFailed: marks, progress }
  let totals: Totals = { done: 0, markedRan: 0, skipped: 0, rowsAffected: 0 }
  const upgrades = [...plan.checksumUpgrades]
  try {
    for (const [index, step] of plan.steps.entries()) {
      await upgradeChecksums(run, upgrades, index)
      totals = add(totals, await reportedStep(run, step, plan.steps[index + 1]))
    }
  } finally {
    await withdrawAnnounced(run)
  }
  await upgradeChecksums(run, upgrades, plan.steps.length)
  return totals
}

/** Those that come after so many steps; they are taken off the list. */
async function upgradeChecksums(run: Run, upgrades: ChecksumUpgrade[], steps: number): Promise<void> {
  const { context, signal } = run
  const later = upgrades.findIndex(({ after }) => after > steps)
  for (const { row, checksum } of upgrades.splice(0, later < 0 ? upgrades.length : later)) {
    const name = `${row.fileName}::${row.id}::${row.author}`
    context.log(`Upgrading checksum for Changeset ${name} from ${row.checksum ?? '(null)'} to ${checksum}.`)
    await context.database.session.execute(checksumText(context, row, checksum), [], signal)
  }
}

async function reportedStep(run: Run, step: PlannedStep, next: PlannedStep | undefined): Promise<StepOutcome> {
  const { listener, context } = run
  throwIfCancelled(run.signal)
  await listener.mayContinue()
  await listener.changeSetStarted(step)
  const started = context.clock()
  let outcome: StepOutcome
  try {
    outcome = await runStep(run, step, next)
  } catch (error) {
    const reason = reasonOf(error, run.signal)
    await recordFailed(run, step, reason)
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
