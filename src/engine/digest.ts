// The digest of a plan: what was approved is what runs.
import { createHash } from 'node:crypto'
import { planDigestText } from '#contract/change-set'
import type { PlannedStep } from './plan.ts'

/** sha-256, hex, over identity, direction and statements of every step in order. */
export function digestOf(steps: readonly PlannedStep[]): string {
  const hash = createHash('sha256')
  for (const { changeSet, direction, statements } of steps) {
    const { path: fileName, id, author } = changeSet
    hash.update(planDigestText({ fileName, id, author, direction, statements: statements.map(({ sql }) => sql) }))
  }
  return hash.digest('hex')
}
