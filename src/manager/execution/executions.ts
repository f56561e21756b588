// Executions and approvals put together: their handlers, the observer of the work queue, and the timer.
import { approvalHandlers } from '../approval/handlers.ts'
import { approveDue } from '../approval/by-itself.ts'
import { rejectSuperseded } from '../approval/supersede.ts'
import type { MailSettled } from '../notify/deliver.ts'
import type { ApiHandlers } from '../http/handler.ts'
import type { AttemptObserver } from '../work/port.ts'
import { type Cause, createAdvance } from './advance.ts'
import type { ExecutionDependencies } from './dependency.ts'
import { executionHandlers } from './handlers.ts'
import { createObserver } from './observe.ts'
import { pipelineHandlers } from './pipeline-handlers.ts'
import { type StartInput, startExecution } from './start.ts'
import type { StoreTransaction } from '../store/port.ts'
import { grantHolds } from '../hold/grant.ts'
import { fireTimers } from './tick.ts'

type Names =
  | 'listPipelines'
  | 'createPipeline'
  | 'getPipeline'
  | 'updatePipeline'
  | 'updatePipelineGitMetadata'
  | 'deletePipeline'
  | 'validatePipeline'
  | 'listPipelineInputs'
  | 'dryRunPipeline'
  | 'executePipeline'
  | 'listExecutions'
  | 'getExecution'
  | 'retryExecution'
  | 'retryPlatformExecution'
  | 'abortExecution'
  | 'pauseExecution'
  | 'resumeExecution'
  | 'resolveNode'
  | 'giveInputs'
  | 'getPlan'
  | 'listApprovals'
  | 'getApproval'
  | 'decideApproval'

export interface Executions {
  readonly handlers: ApiHandlers<Names>
  /** Must come after the observer that keeps the deployed state: what is left of an approved plan is read from that. */
  readonly observer: AttemptObserver
  /** Starts a run in the transaction of whatever wants it. Gives its id; raises what `startExecution` raises. */
  start(tx: StoreTransaction, input: StartInput): Promise<string>
  /** Ends a run before its end; nothing happens when it is over. */
  abort(tx: StoreTransaction, id: string, by: string, reason: string, cause: Cause): Promise<void>
  /** The mail of a step was sent or given up. */
  readonly mailSettled: MailSettled
  /** Fires what is due, once; call it about every second on every replica. Gives how many executions it moved on. */
  tick(): Promise<number>
}

export function createExecutions(dependencies: ExecutionDependencies): Executions {
  const { store } = dependencies
  const { advance, carry } = createAdvance(dependencies)
  return {
    handlers: {
      ...pipelineHandlers(store),
      ...executionHandlers(dependencies, { advance, carry }),
      ...approvalHandlers(store, advance),
    },
    observer: createObserver(advance),
    start: (tx, input) => startExecution(dependencies, tx, carry, input),
    abort: (tx, id, by, reason, cause) => advance(tx, id, { type: 'abort', by, reason }, cause),
    mailSettled: (tx, id, settled) => advance(tx, id, { type: 'mail-settled', ...settled }),
    tick: async () => {
      const fired = await fireTimers(dependencies, advance)
      const approved = await approveDue(dependencies, advance)
      const rejected = await rejectSuperseded(dependencies, advance)
      return fired + approved + rejected + (await grantHolds(dependencies, advance))
    },
  }
}
