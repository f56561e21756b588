// The digest of a plan: what was approved is what runs.
import { createHash } from 'node:crypto'
import { planDigestText } from '#contract/change-set'
import { Fault } from '#contract/fault'
import type { Plan, PlannedStep } from './plan.ts'

/** sha-256, hex, over identity, direction and statements of every step in order. */
export function digestOf(steps: readonly PlannedStep[]): string {
  const hash = createHash('sha256')
  for (const { changeSet, direction, statements } of steps) {
    const { path: fileName, id, author } = changeSet
    hash.update(planDigestText({ fileName, id, author, direction, statements: statements.map(({ sql }) => sql) }))
  }
  return hash.digest('hex')
}

/** Is it how the other begins: the same change sets with the same statements, and perhaps more after them? */
export function isBeginningOf(plan: Plan, whole: Plan): boolean {
  return plan.digest === digestOf(whole.steps.slice(0, plan.steps.length))
}

/** Fault `plan-changed` when another plan was approved than the one that would run. */
export function checkDigest(plan: Pick<Plan, 'digest'>, approved: string | undefined): void {
  if (approved === undefined || approved === plan.digest) return
  throw new Fault(
    'plan-changed',
    `The plan now has the digest ${plan.digest}, approved was ${approved}. Nothing was run.`,
  )
}
