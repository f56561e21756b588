// DBSchemaUpdateSQL and DBSchemaRollbackSQL: what would run, as plan and script. Changes nothing.
import { changeSetFqn } from '#contract/change-set'
import type { TargetWork } from '#contract/delegate/step-spec'
import { rollbackSql, type Script, updateSql } from '#engine/sql'
import type { WorkContext, WorkResult } from './context.ts'
import { outputList, planPayload, postState } from './output.ts'
import { rollbackTarget } from './rollback.ts'

export type Preview = Extract<TargetWork, { type: 'DBSchemaUpdateSQL' | 'DBSchemaRollbackSQL' }>

function script({ work, engine, signal }: WorkContext<Preview>): Promise<Script> {
  if (work.type === 'DBSchemaUpdateSQL') return updateSql(engine, {}, signal)
  return rollbackSql(engine, rollbackTarget(work), {}, signal)
}

export async function preview(context: WorkContext<Preview>): Promise<WorkResult> {
  const { outbox, line, signal } = context
  await postState(context, signal)
  const plan = planPayload(context, await script(context))
  outbox.payload({ kind: 'plan', plan })
  const statements = plan.changeSets.flatMap((changeSet) => changeSet.statements)
  line(`${plan.changeSets.length} change sets with ${statements.length} statements would run; plan ${plan.digest}`)
  return {
    output: {
      ...outputList('changeSets', plan.changeSets.map(changeSetFqn)),
      ...outputList('sqlCommands', statements),
      planDigest: plan.digest,
    },
  }
}
