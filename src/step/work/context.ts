// What each kind of work gets, and what it gives back.
import type { FinishBody } from '#contract/delegate/protocol'
import type { StepSpec, TargetWork } from '#contract/delegate/step-spec'
import type { EngineContext } from '#engine/context'
import type { Masking } from '../log/mask.ts'
import type { Streams } from '../log/stream.ts'
import type { Lease } from '../report/lease.ts'
import type { Outbox } from '../report/outbox.ts'

export interface WorkContext<Work extends TargetWork = TargetWork> {
  readonly spec: StepSpec
  /** That the steps of the group share, or of this step alone; absolute. */
  readonly folder: string
  readonly work: Work
  readonly engine: EngineContext
  readonly outbox: Outbox
  readonly lease: Lease
  readonly masking: Masking
  /** For results that are too large for a report. */
  readonly streams: Streams
  readonly line: (text: string) => void
  readonly signal: AbortSignal
}

export type WorkResult = Pick<FinishBody, 'output' | 'reconcile'>
