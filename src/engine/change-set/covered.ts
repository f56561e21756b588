// Whether one transaction can hold a whole change set.
import type { TargetContext } from '../context.ts'
import type { PlannedStatement } from '../plan.ts'

/** Everywhere where DDL takes part in transactions; elsewhere when there is no DDL among the statements. */
export function isCoveredByTransaction(target: TargetContext, statements: readonly PlannedStatement[]): boolean {
  const { capability, isCovered } = target.database.dialect
  return (
    capability.transactionalDdl ||
    (isCovered !== undefined &&
      statements.every((statement) => statement.bulk !== undefined || isCovered(statement.sql)))
  )
}
