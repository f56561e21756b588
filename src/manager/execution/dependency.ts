// What executions need from the rest of the manager; main.ts hands it in.
import type { Store } from '../store/port.ts'
import type { Enqueue, RequestCancel } from '../work/port.ts'

export interface ExecutionDependencies {
  readonly store: Store
  readonly enqueue: Enqueue
  /** Must call the observer of these executions: pass a function that looks it up when it is called. */
  readonly requestCancel: RequestCancel
  /** Random and short; ids of executions, attempts and approvals. At most 64 characters. */
  readonly createId: () => string
  readonly log: (line: string) => void
}
