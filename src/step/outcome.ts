// How a step ended, as it is reported. What cannot be known is said to be unknown, never guessed.
import type { FinishBody } from '#contract/delegate/protocol'
import { changingStepTypes, type StepType } from '#contract/delegate/step-spec'
import { Fault, type FaultRecord, toFaultRecord } from '#contract/fault'

export interface Ending {
  readonly outcome: Exclude<FinishBody['outcome'], 'success'>
  readonly fault: Fault
}

/** Faults after which a change that was begun may or may not have taken effect. */
const unknowable = new Set<Fault['code']>(['outcome-unknown', 'database-lost', 'bug'])

export interface EndingInput {
  readonly error: unknown
  readonly type: StepType
  /** The target may have been touched. */
  readonly begun: boolean
  /** Reason of the stop, if there was one: it explains a cancelled statement better than the database does. */
  readonly stopped: unknown
}

export function judgeEnding({ error, type, begun, stopped }: EndingInput): Ending {
  const fault = asFault(error)
  if (begun && changingStepTypes.has(type) && unknowable.has(fault.code)) return { outcome: 'unknown', fault }
  const because = fault.code === 'cancelled' && stopped instanceof Fault ? stopped : fault
  return { outcome: because.code === 'cancelled' ? 'cancelled' : 'failure', fault: because }
}

/** A defect shows its place in the log; its stack is for us. */
function asFault(error: unknown): Fault {
  if (error instanceof Fault) return error
  const message = error instanceof Error ? error.message : String(error)
  return new Fault('bug', `Unexpected: ${message}`, { cause: error })
}

export function maskedRecord(fault: Fault, mask: <T>(value: T) => T): FaultRecord {
  return mask(toFaultRecord(fault))
}
