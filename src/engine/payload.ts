// The engine's plan in the forms that leave it: for the manager, and whole, for programs that read the command line.
import type { PlanPayload } from '#contract/change-set'
import type { Span } from '#contract/diagnostic'
import { hasErrors } from '#contract/diagnostic'
import { parseChangeSet } from './change-set/parse.ts'
import { rollbackStatements } from './change-set/statement.ts'
import type { EngineContext } from './context.ts'
import type { Plan, PlannedStatement, PlannedStep } from './plan.ts'

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

/** A statement with the place that it comes from: file, line and column from 1. */
export interface StatementDocument {
  readonly sql: string
  readonly endDelimiter: string
  readonly span: Span
}

export interface StepDocument {
  readonly fileName: string
  readonly id: string
  readonly author: string
  readonly direction: PlannedStep['direction']
  /** What its row of the history will say. */
  readonly execType: PlannedStep['execType']
  readonly checksum: string
  readonly description: string
  readonly comment?: string
  readonly tag?: string
  /** Of the change set. */
  readonly span: Span
  /** `one`: all statements and the history row together · `none`: each for itself, journaled. */
  readonly transaction: 'one' | 'none'
  readonly statements: readonly StatementDocument[]
  /** What would undo it; absent for a rollback, and when `irreversible` says why there is nothing. */
  readonly reverse?: readonly StatementDocument[]
  readonly irreversible?: string
}

export interface PlanDocument {
  readonly digest: string
  readonly changeSets: readonly StepDocument[]
  /** Rows of which only MD5SUM is brought to the present version. */
  readonly checksumUpgrades: readonly {
    readonly changeSet: string
    readonly from: string | null
    readonly to: string
  }[]
  readonly sql: string
}

/** The whole plan, with the way back of every step. */
export async function planDocument(context: EngineContext, plan: Plan, script: string): Promise<PlanDocument> {
  const changeSets: StepDocument[] = []
  for (const step of plan.steps) changeSets.push(await stepDocument(context, step))
  const checksumUpgrades = plan.checksumUpgrades.map(({ row, checksum }) => ({
    changeSet: `${row.fileName}::${row.id}::${row.author}`,
    from: row.checksum ?? null,
    to: checksum,
  }))
  return { digest: plan.digest, changeSets, checksumUpgrades, sql: script }
}

async function stepDocument(context: EngineContext, step: PlannedStep): Promise<StepDocument> {
  const { changeSet, direction, execType, checksum, description, tag, irreversible } = step
  return {
    fileName: changeSet.path,
    id: changeSet.id,
    author: changeSet.author,
    direction,
    execType,
    checksum,
    description,
    ...(changeSet.comment ? { comment: changeSet.comment } : {}),
    ...(tag === undefined ? {} : { tag }),
    span: changeSet.span,
    transaction: step.transactional ? 'one' : 'none',
    statements: step.statements.map(statementDocument),
    ...(direction === 'apply' ? await reverseOf(context, step) : {}),
    ...(irreversible ? { irreversible } : {}),
  }
}

async function reverseOf(context: EngineContext, step: PlannedStep): Promise<Pick<StepDocument, 'reverse'>> {
  const { statements, diagnostics } = await rollbackStatements(context, parseChangeSet(context, step.changeSet))
  return hasErrors(diagnostics) ? {} : { reverse: statements.map(statementDocument) }
}

const statementDocument = ({ sql, endDelimiter, span }: PlannedStatement): StatementDocument => ({
  sql,
  endDelimiter,
  span,
})
