// `status`: which change sets have not been applied.
import type { ChangeSet } from '#changelog/model'
import { selectPending } from './change-set/select.ts'
import type { EngineContext } from './context.ts'
import { readHistory } from './history/table.ts'
import type { Plan } from './plan.ts'

export interface Status {
  readonly pending: readonly ChangeSet[]
  readonly filtered: Plan['filtered']
  readonly alreadyRan: number
}

/** Reads the history and validates. Changes nothing, needs no lock. Faults as `planUpdate`. */
export async function status(context: EngineContext, signal?: AbortSignal): Promise<Status> {
  const selection = await selectPending(context, await readHistory(context, signal), {}, signal)
  const { pending, filtered, alreadyRan } = selection
  return { pending: pending.map((one) => one.parsed.changeSet), filtered, alreadyRan }
}
