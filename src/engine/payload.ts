// The engine's plan in the form that travels to the manager.
import type { PlanPayload } from '#contract/change-set'
import type { Plan } from './plan.ts'

export function toPayload(plan: Plan, script: string): PlanPayload {
  return {
    digest: plan.digest,
    sql: script,
    changeSets: plan.steps.map((step) => ({
      fileName: step.changeSet.path,
      id: step.changeSet.id,
      author: step.changeSet.author,
      direction: step.direction,
      ...(step.changeSet.comment ? { comment: step.changeSet.comment } : {}),
      description: step.description,
      statements: step.statements.map((statement) => statement.sql),
      ...(step.irreversible ? { irreversible: step.irreversible } : {}),
    })),
  }
}
