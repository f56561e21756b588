// DBSchemaUpdateSQL and DBSchemaRollbackSQL: what would run, as plan and script. Changes nothing.
import type { TargetWork } from '#contract/delegate/step-spec'
import { rollbackSql, type Script, updateSql } from '#engine/sql'
import type { WorkContext, WorkResult } from './context.ts'
import { planPayload, postPlan, postState } from './output.ts'
import { rollbackTarget } from './rollback.ts'

export type Preview = Extract<TargetWork, { type: 'DBSchemaUpdateSQL' | 'DBSchemaRollbackSQL' }>

function script({ work, engine, signal }: WorkContext<Preview>): Promise<Script> {
  if (work.type === 'DBSchemaUpdateSQL') return updateSql(engine, {}, signal)
  return rollbackSql(engine, rollbackTarget(work), {}, signal)
}

export async function preview(context: WorkContext<Preview>): Promise<WorkResult> {
  await postState(context, context.signal)
  return { output: postPlan(context, planPayload(context, await script(context))) }
}
