// The seam between the work queue and the rooms that react to it. All callbacks run inside the transaction of the change.
//
// Lock order: the row of the execution first, then the row of the attempt. Every handler and the sweeper hold
// `select … from execution where id = … for update` before they touch the attempt or call an observer, and whoever calls
// `enqueue` or `requestCancel` must hold it too. Otherwise an abort and a finish of the same execution wait for each other.
// The attempt of a task belongs to no execution: its own row is the only lock.
//
// The queue writes the events `attempt.state` and `change-set.state` itself. What follows from them (node and execution status,
// plans, deployed state) is written by the observers, with their events.
import type { Payload } from '#contract/delegate/payload'
import type { FinishBody, SealedSecret, SecretPlace, StepEvent } from '#contract/delegate/protocol'
import type { StepSpec } from '#contract/delegate/step-spec'
import type { StoreTransaction } from '../store/port.ts'

/** An attempt as observers see it. */
export interface AttemptRecord {
  readonly id: string
  /** Null: the attempt of a task, which has the same id. */
  readonly executionId: string | null
  readonly nodeId: string
  readonly projectId: string
  readonly number: number
  readonly fence: string
  readonly spec: StepSpec
  readonly delegateId: string | null
}

/** How an attempt ended. `unknown` comes from the sweeper or from a delegate whose child process died without a report. */
export type AttemptEnd = Pick<FinishBody, 'outcome' | 'output' | 'fault' | 'reconcile'>

export interface AttemptObserver {
  accepted?(tx: StoreTransaction, attempt: AttemptRecord): Promise<void>
  /** The step is about to open the target. */
  started?(tx: StoreTransaction, attempt: AttemptRecord): Promise<void>
  /** The lease of an attempt that had not started ran out: it is queued again under a higher fence. */
  requeued?(tx: StoreTransaction, attempt: AttemptRecord): Promise<void>
  /** Called once for each event, in order of seq. */
  event?(tx: StoreTransaction, attempt: AttemptRecord, event: StepEvent): Promise<void>
  /** May be called again with the same payload, when the answer to the first did not get through. */
  payload?(tx: StoreTransaction, attempt: AttemptRecord, payload: Payload): Promise<void>
  /** A queued attempt cannot be taken by anybody now: one sentence why, or null when that is over. */
  waiting?(tx: StoreTransaction, attempt: AttemptRecord, reason: string | null): Promise<void>
  /** Called exactly once. For outcome `unknown` of a changing step the truth still has to be found out. */
  ended?(tx: StoreTransaction, attempt: AttemptRecord, end: AttemptEnd): Promise<void>
}

export interface EnqueueInput {
  readonly spec: StepSpec
  readonly projectId: string
  readonly number: number
  /** Belongs to no execution. */
  readonly isTask?: boolean
  /**
   * Attempts with the same key never run at the same time. An attempt in state `unknown` holds its key against other nodes
   * until its own node has a final status (or its execution has ended), because its step may still be at work.
   * Null for work that is on no instance.
   */
  readonly instanceKey: string | null
  readonly delegateSelectors: readonly string[]
}
/** Puts an attempt into the queue and wakes the polls. Its id is `spec.attempt`. */
export type Enqueue = (tx: StoreTransaction, input: EnqueueInput) => Promise<void>
/**
 * Asks an attempt to stop. A queued one ends at once with outcome `cancelled` (observers are called); an accepted or started one
 * learns it with its next lease renewal or poll.
 */
export type RequestCancel = (
  tx: StoreTransaction,
  attemptId: string,
  cancel: { readonly reason: string; readonly graceSeconds: number },
) => Promise<void>

/** Finds the secrets that a spec refers to: sealed to the delegate, or where it can read them. Raises `secret-unresolved`. */
export type SealSecrets = (
  tx: StoreTransaction,
  input: { readonly attempt: AttemptRecord; readonly references: readonly string[]; readonly sealingKey: string },
) => Promise<{ readonly sealed: readonly SealedSecret[]; readonly places: readonly SecretPlace[] }>
