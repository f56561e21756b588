// What a pod that is over leaves for the report of its attempt.
import type { Clock } from '#contract/delegate/repeat'
import { Fault } from '#contract/fault'
import type { PodApi } from './api.ts'
import type { PodState } from './judge.ts'
import type { Place } from './life.ts'
import type { Pod } from './object.ts'
import { readSourceFailure, writeFailure, writeLeft, writeLines } from './remains.ts'

export type Ended = Extract<PodState, { type: 'ended' }>
/** The last that was seen of a pod. */
export interface Seen {
  readonly pod: Pod | undefined
  /** Undefined: it vanished. `silent`: it should have ended, and its node does not say so. */
  readonly state: Ended | 'silent' | undefined
}

/** Writes it into the folder of the attempt, and gives in words how the pod ended. `stopped`: why we ended it, if we did. */
export async function leaveRemains(
  { clock, api }: { readonly clock: Clock; readonly api: PodApi },
  { accepted: { folder, fence }, namespace }: Place,
  { pod, state }: Seen,
  stopped: Fault | undefined,
): Promise<string> {
  if (state === 'silent') {
    // A step that lives there goes on and reports by itself; of one that does not the manager has learnt by its lease.
    await writeLeft(folder, { phase: 'reported' })
    return 'its node does not say how it ended; its report is left to the step, and to its lease'
  }
  if (!state || !pod) {
    await writeLeft(folder, undefined)
    return 'its pod vanished; whether it still works is not known'
  }
  const failure = readSourceFailure(state.sourceFailure)
  const warnings = state.left?.phase === 'preparing' ? await api.warnings(namespace, pod.metadata.uid) : []
  if (state.left?.phase === 'preparing' && !state.left.result) {
    await writeLines(folder, clock.now(), [...warnings, state.how])
    await writeFailure(folder, fence, stopped ?? failure ?? died(state.how, warnings))
  } else await writeLeft(folder, state.left)
  return state.how
}

const died = (how: string, warnings: readonly string[]): Fault =>
  new Fault('step-died', `Its pod ended before the step ran: ${[how, ...warnings].join('; ')}`)
