// DBSchemaRollback: back to a tag, or by a number of change sets.
import type { TargetWork } from '#contract/delegate/step-spec'
import { Fault } from '#contract/fault'
import type { RollbackTarget } from '#engine/context'
import { rollback } from '#engine/rollback'
import type { WorkContext, WorkResult } from './context.ts'
import { reportProgress } from './listener.ts'
import { betweenStates, outputList } from './output.ts'

export type Rollback = Extract<TargetWork, { type: 'DBSchemaRollback' }>

export function rollbackTarget(work: {
  tag?: string | undefined
  changeSetCount?: number | undefined
}): RollbackTarget {
  if (work.tag !== undefined && work.changeSetCount === undefined) return { tag: work.tag }
  if (work.changeSetCount !== undefined && work.tag === undefined) return { count: work.changeSetCount }
  throw new Fault('invalid-input', 'A rollback needs either a tag or a number of change sets.')
}

export async function rollBack(context: WorkContext<Rollback>): Promise<WorkResult> {
  const { work, engine, signal } = context
  const progress = reportProgress(context)
  const target = rollbackTarget(work)
  await betweenStates(context, () => rollback(engine, target, {}, progress.listener, signal))
  return { output: outputList('changeSets', progress.done) }
}
