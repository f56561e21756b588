// Executes one step of a plan together with its history row.
import { changeSetFqn } from '#contract/change-set'
import { Fault } from '#contract/fault'
import type { PlannedStep } from '../plan.ts'
import { judgePreconditions } from '../precondition/judge.ts'
import { runJournaled } from './journaled.ts'
import { messageOf } from './message.ts'
import type { Run, StepOutcome } from './shared.ts'
import { runTransaction } from './transaction.ts'

/** `next` comes after it in the plan. */
export async function runStep(run: Run, step: PlannedStep, next: PlannedStep | undefined): Promise<StepOutcome> {
  const judgement = await judgePreconditions(run, step)
  if (judgement.decision === 'skip') return { status: 'skipped', rowsAffected: 0, message: judgement.message }
  if (judgement.decision === 'mark-ran') {
    await runTransaction(run, markedRan(step), [])
    return { status: 'marked-ran', rowsAffected: 0, message: judgement.message }
  }
  if (step.execType === 'MARK_RAN') {
    await runTransaction(run, step, [])
    return { status: 'marked-ran', rowsAffected: 0 }
  }
  if (step.stop !== undefined) throw stopped(step, step.stop)
  for (const message of step.messages) run.listener.line(message)
  try {
    const rowsAffected = step.transactional
      ? await runTransaction(run, step, step.statements)
      : await runJournaled(run, step, next)
    return { status: 'done', rowsAffected }
  } catch (error) {
    if (mustSucceed(step) || !(error instanceof Fault) || error.code !== 'change-set-failed') throw error
    run.listener.line(
      `${error.message}; it has failOnError=false, so the run goes on, and the next one tries it again.`,
    )
    return { status: 'failed', rowsAffected: 0, message: messageOf(error) }
  }
}

/** failOnError=false is about running it: nobody asks to go back and is content to stay, and the original fails there, too. */
function mustSucceed({ changeSet, direction }: PlannedStep): boolean {
  return changeSet.failOnError || direction === 'rollback'
}

/** A row that was there before is kept as RERAN, as the original engine does. */
function markedRan(step: PlannedStep): PlannedStep {
  return { ...step, execType: step.row ? 'RERAN' : 'MARK_RAN' }
}

function stopped({ changeSet }: PlannedStep, message: string): Fault {
  const diagnostic = { code: 'engine/stop', severity: 'error', message, span: changeSet.span } as const
  const name = changeSetFqn({ ...changeSet, fileName: changeSet.path })
  return new Fault('change-set-failed', `Change set ${name} stops the run: ${message}`, {
    hint: 'Take the stop change out when it has served its purpose.',
    diagnostics: [diagnostic],
  })
}
