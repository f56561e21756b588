// `update-sql` and `rollback-sql`: the plan as a script that a person could run instead.
import { Fault } from '#contract/fault'
import type { EngineContext, RollbackTarget } from './context.ts'
import type { Plan } from './plan.ts'
import type { UpdateOptions } from './update.ts'

export interface Script {
  readonly plan: Plan
  /** Whole text, with the statements for history and lock tables. */
  readonly sql: string
}

/** Changes nothing in the database. */
export async function updateSql(
  _context: EngineContext,
  _options: Pick<UpdateOptions, 'count' | 'toTag'> = {},
  _signal?: AbortSignal,
): Promise<Script> {
  throw new Fault('not-offered', 'It is being written.')
}

export async function rollbackSql(
  _context: EngineContext,
  _target: RollbackTarget,
  _signal?: AbortSignal,
): Promise<Script> {
  throw new Fault('not-offered', 'It is being written.')
}
