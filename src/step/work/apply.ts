// DBSchemaApply: tags where it starts from, runs exactly the plan, or how it begins, tags the result.
import type { TargetWork } from '#contract/delegate/step-spec'
import type { Extent } from '#engine/plan-update'
import { update } from '#engine/update'
import { updateTestingRollback } from '#engine/update-testing-rollback'
import type { WorkContext, WorkResult } from './context.ts'
import { reportProgress } from './listener.ts'
import { betweenStates, outputList } from './output.ts'

export type Apply = Extract<TargetWork, { type: 'DBSchemaApply' }>

export async function apply(context: WorkContext<Apply>): Promise<WorkResult> {
  const { work, engine, outbox, signal } = context
  const progress = reportProgress(context)
  const options = {
    preStartTag: work.preStartTag,
    // Also when it fails later, a rollback must know where to go back to.
    onAnchor: (preStartTag: string) => outbox.payload({ kind: 'anchor', preStartTag }),
    ...(work.approvedDigest === undefined ? {} : { approvedDigest: work.approvedDigest }),
    ...(work.tag === undefined ? {} : { tag: work.tag }),
    ...extentOf(work),
    recordFailed: work.recordFailed ?? false,
    tagAlways: work.tagAlways ?? false,
  }
  const run = (): Promise<{ readonly preStartTag: string | undefined }> =>
    (work.testRollback ? updateTestingRollback : update)(engine, options, progress.listener, signal)
  const { preStartTag } = await betweenStates(context, run)
  const changeSets = [...new Set(progress.done)]
  return { output: { preStartTag: preStartTag ?? work.preStartTag, ...outputList('changeSets', changeSets) } }
}

/** How far an update goes. */
export const extentOf = ({ count, toTag }: Pick<Apply, 'count' | 'toTag'>): Extent => ({
  ...(count === undefined ? {} : { count }),
  ...(toTag === undefined ? {} : { toTag }),
})
