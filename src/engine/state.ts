// The whole changelog with its state on this database: one column of the change set × instance matrix.
import type { ChangeSetOnInstance } from '#contract/change-set'
import { Fault } from '#contract/fault'
import type { EngineContext } from './context.ts'

export interface InstanceState {
  /** In changelog order, also those that a filter keeps away. */
  readonly changeSets: readonly ChangeSetOnInstance[]
  /** Tag of the newest row that has one. */
  readonly lastTag: string | undefined
}

/** Reads the history; changes nothing. */
export async function changeSetsOnInstance(_context: EngineContext, _signal?: AbortSignal): Promise<InstanceState> {
  throw new Fault('not-offered', 'It is being written.')
}
