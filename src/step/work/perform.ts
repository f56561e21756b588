// Which work a spec asks for.
import type { TargetWork } from '#contract/delegate/step-spec'
import { apply } from './apply.ts'
import { runCommand } from './command.ts'
import type { WorkContext, WorkResult } from './context.ts'
import { syncHistory } from './history-sync.ts'
import { preview } from './preview.ts'
import { reconcileLost } from './reconcile.ts'
import { rollBack } from './rollback.ts'
import { testAndPreview } from './test-preview.ts'

export function perform(context: WorkContext): Promise<WorkResult> {
  const work: TargetWork = context.work
  switch (work.type) {
    case 'DBSchemaApply':
      return apply({ ...context, work })
    case 'DBSchemaRollback':
      return rollBack({ ...context, work })
    case 'DBSchemaUpdateSQL':
    case 'DBSchemaRollbackSQL':
      return preview({ ...context, work })
    case 'DBTestAndPreview':
      return testAndPreview({ ...context, work })
    case 'LiquibaseCommand':
      return runCommand({ ...context, work })
    case 'HistorySync':
      return syncHistory({ ...context, work })
    case 'Reconcile':
      break
  }
  return reconcileLost({ ...context, work })
}
