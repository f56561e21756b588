// What the delegate asks of whatever runs its steps: processes, pods, or a script in a test.
import type { StepDocument } from '#contract/delegate/step-document'

/** An attempt that was accepted, as it is kept on disk until it is settled. */
export interface AcceptedAttempt {
  readonly attempt: string
  readonly fence: string
  readonly type: string
  /** For the report of a step that died without one. */
  readonly attemptToken: string
  /** Epoch milliseconds. */
  readonly acceptedAt: number
  readonly timeoutSeconds: number
  /** Private folder of the attempt, absolute. */
  readonly folder: string
}

export interface RunningStep {
  /** Resolves when it is gone: how, in a few words, such as `exit code 1` or `signal SIGKILL`. Never rejects. */
  readonly ended: Promise<string>
  /** Asks it to cancel its statement, roll back and report. */
  terminate(): void
  /** Ends it at once; what it was doing is lost. */
  kill(): void
}

/** Of these executions, the ones that are over, as the manager knows them. Rejects when it does not answer in time. */
export type AskEnded = (executions: readonly string[]) => Promise<readonly string[]>

export interface Runner {
  /** Starts the step; resolves when it has its document. A rejection means that nothing runs. */
  start(attempt: AcceptedAttempt, document: StepDocument): Promise<RunningStep>
  /** A step that an earlier delegate started; undefined when it is gone. */
  find(attempt: AcceptedAttempt): Promise<RunningStep | undefined>
  /**
   * Only where steps are pods: why none can be made now in the namespace (undefined: its own), in words; undefined when one can.
   */
  readonly lackingForPods?: (namespace: string | undefined) => Promise<string | undefined>
  /** Only where something outlives steps: told once how the manager is asked which executions are over. */
  readonly connected?: (ask: AskEnded) => void
}
