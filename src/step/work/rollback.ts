// DBSchemaRollback: back to a tag or a moment, or by a number of change sets.
import type { TargetWork } from '#contract/delegate/step-spec'
import { Fault } from '#contract/fault'
import { historyDateExample, readHistoryDate } from '#contract/history-date'
import type { RollbackTarget } from '#engine/context'
import { rollback } from '#engine/rollback'
import type { WorkContext, WorkResult } from './context.ts'
import { reportProgress } from './listener.ts'
import { betweenStates, outputList } from './output.ts'

export type Rollback = Extract<TargetWork, { type: 'DBSchemaRollback' }>

export function rollbackTarget(work: {
  tag?: string | undefined
  changeSetCount?: number | undefined
  date?: string | undefined
}): RollbackTarget {
  const { tag, changeSetCount: count, date } = work
  if ([tag, count, date].filter((goal) => goal !== undefined).length === 1) {
    if (tag !== undefined) return { tag }
    if (count !== undefined) return { count }
    if (date !== undefined) return { date: momentOf(date) }
  }
  throw new Fault('invalid-input', 'A rollback needs a tag, a number of change sets or a date.')
}

/** Epoch milliseconds. */
export function momentOf(date: string): number {
  const time = readHistoryDate(date)
  if (time !== undefined) return time
  throw new Fault('invalid-input', `\`${date.slice(0, 64)}\` is no date.`, { hint: `Write ${historyDateExample}.` })
}

export async function rollBack(context: WorkContext<Rollback>): Promise<WorkResult> {
  const { work, engine, signal } = context
  const progress = reportProgress(context)
  const target = rollbackTarget(work)
  await betweenStates(context, () => rollback(engine, target, {}, progress.listener, signal))
  return { output: outputList('changeSets', progress.done) }
}
