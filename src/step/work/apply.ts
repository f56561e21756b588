// DBSchemaApply: tags where it starts from, runs exactly the plan, tags the result.
import type { TargetWork } from '#contract/delegate/step-spec'
import { update } from '#engine/update'
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
  }
  const { preStartTag } = await betweenStates(context, () => update(engine, options, progress.listener, signal))
  return { output: { preStartTag: preStartTag ?? work.preStartTag, ...outputList('changeSets', progress.done) } }
}
