// HistorySync: tells how the changelog stands on a database that others may have changed, and what its history has besides.
import { changeSetFqn } from '#contract/change-set'
import type { StepWork } from '#contract/delegate/step-spec'
import { changeSetsOnInstance } from '#engine/state'
import { unexpectedChangeSets } from '#engine/unexpected-changesets'
import type { WorkContext, WorkResult } from './context.ts'
import { outputList, postState } from './output.ts'

export type SyncHistory = Extract<StepWork, { type: 'HistorySync' }>

export async function syncHistory(context: WorkContext<SyncHistory>): Promise<WorkResult> {
  const { engine, line, signal } = context
  await postState(context, signal)
  const { changeSets } = await changeSetsOnInstance(engine, signal)
  const deployed = changeSets.filter(({ status }) => status === 'Successfully_Deployed').length
  const unexpected = await unexpectedChangeSets(engine, signal)
  line(`${deployed} of ${changeSets.length} change sets of the changelog are deployed`)
  for (const row of unexpected.slice(0, 100)) line(`Not in the changelog: ${changeSetFqn(row)}`)
  return {
    output: { deployed, changeSets: changeSets.length, ...outputList('unexpected', unexpected.map(changeSetFqn)) },
  }
}
