// What the preconditions of a change set mean for it: run, skip, mark as ran, or stop everything.
import type { PreconditionContainer } from '#changelog/model'
import { changeSetFqn } from '#contract/change-set'
import { Fault } from '#contract/fault'
import { readHistory } from '../history/table.ts'
import type { PlannedStep } from '../plan.ts'
import type { Run } from '../run/shared.ts'
import { evaluatePreconditions, type Outcome } from './evaluate.ts'

export type Judgement =
  | { readonly decision: 'run' }
  | { readonly decision: 'skip' | 'mark-ran'; readonly message: string }

/** Looks inside a transaction that is always rolled back, so that a check cannot change anything. Fault `precondition-failed`. */
export async function judgePreconditions(run: Run, step: PlannedStep): Promise<Judgement> {
  const { preconditions } = step.changeSet
  if (preconditions === undefined || step.direction === 'rollback') return { decision: 'run' }
  const { session } = run.context.database
  await session.begin()
  let outcome: Outcome
  try {
    outcome = await evaluatePreconditions(
      {
        context: run.context,
        history: async () => await readHistory(run.context, run.signal),
        path: step.changeSet.path,
        quoting: step.changeSet.objectQuotingStrategy,
        expand: run.context.expanderFor(step.changeSet),
        signal: run.signal,
        isRolledBack: true,
      },
      preconditions,
    )
  } finally {
    await session.rollback()
  }
  return decide(run, step, preconditions, outcome)
}

function decide(run: Run, step: PlannedStep, container: PreconditionContainer, outcome: Outcome): Judgement {
  if (outcome.result === 'passed') return { decision: 'run' }
  const name = changeSetFqn({ ...step.changeSet, fileName: step.changeSet.path })
  const verb = outcome.result === 'failed' ? 'does not hold' : 'could not be evaluated'
  const message = `A precondition of ${name} ${verb}: ${outcome.message}`
  const { how } = outcome
  if (how === 'HALT') throw new Fault('precondition-failed', message, { diagnostics: outcome.diagnostics })
  if (how === 'WARN') {
    run.listener.line(`Warning: ${message}. Running it, as the changelog says (line ${container.span.line}).`)
    return { decision: 'run' }
  }
  if (how === 'CONTINUE') {
    run.listener.line(`${message}. Skipped it; the next run tries again.`)
    return { decision: 'skip', message }
  }
  run.listener.line(`${message}. Marked it as ran.`)
  return { decision: 'mark-ran', message }
}
