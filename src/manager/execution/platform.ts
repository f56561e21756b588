// What clients of the platform services do with pipelines, in one object: documents, input sets, runs, approvals and logs.
import { platformApprovalHandlers } from '../approval/platform.ts'
import { inputSetHandlers } from '../input-set/handlers.ts'
import { platformInputSetHandlers } from '../input-set/platform.ts'
import { type DownloadDependencies, downloadHandlers } from '../log/download.ts'
import type { Executions } from './executions.ts'
import { platformExecutionHandlers } from './platform-execution.ts'
import { platformPipelineHandlers } from './platform-pipeline.ts'

/** The handlers of our own API do the work. */
export function platformRunHandlers(
  dependencies: DownloadDependencies & { readonly account: string },
  own: Executions['handlers'],
) {
  const { store, account } = dependencies
  return {
    ...platformPipelineHandlers(store, own),
    ...platformInputSetHandlers(account, { ...inputSetHandlers(store), ...own }),
    ...platformExecutionHandlers(store, account, own),
    ...platformApprovalHandlers(store, own),
    ...downloadHandlers(dependencies),
  }
}
