// Moves a run on by one event, in the transaction of whatever caused it: lock, transition, save, commands.
import { type Fault, toFaultRecord } from '#contract/fault'
import type { Actor } from '#contract/event/live'
import { transition } from '#pipeline/machine'
import type { PipelineEvent, Transition } from '#pipeline/state'
import { systemActor } from '../audit/record.ts'
import type { StoreTransaction } from '../store/port.ts'
import type { ExecutionDependencies } from './dependency.ts'
import { performCommand } from './perform.ts'
import { lockRun, type Run } from './run.ts'
import { saveTransition } from './save.ts'

/** Who caused the event; it is written with what follows from it. */
export interface Cause {
  readonly actor: Actor
  readonly sourceAddress?: string | undefined
}
const bySystem: Cause = { actor: systemActor }

export interface Advance {
  /** Nothing happens when the execution does not exist, or when the event is about something that is over. */
  (tx: StoreTransaction, executionId: string, event: PipelineEvent, cause?: Cause): Promise<void>
}
/** Saves a transition of a locked run and carries its commands out. */
export type Carry = (tx: StoreTransaction, run: Run, next: Transition, cause: Cause) => Promise<void>

interface Pending {
  readonly executionId: string
  readonly event: PipelineEvent
  readonly cause: Cause
}

export function createAdvance(dependencies: ExecutionDependencies): {
  readonly advance: Advance
  readonly carry: Carry
} {
  /**
   * Events that come up while commands are carried out (a cancelled attempt that ends at once, an attempt that cannot be described)
   * wait until all commands of that transition are done: no command is then older than the state that it meets.
   */
  const waiting = new WeakMap<StoreTransaction, Pending[]>()

  const carry: Carry = async (tx, run, next, cause) => {
    const queue: Pending[] = []
    // Locked, and changed by nobody but this transaction: what was written need not be read again.
    const runs = new Map<string, Run>()
    waiting.set(tx, queue)
    try {
      runs.set(run.id, await carryOne(tx, run, next, cause, queue))
      for (let pending = queue.shift(); pending; pending = queue.shift()) await apply(tx, pending, queue, runs)
    } finally {
      waiting.delete(tx)
    }
  }

  async function apply(
    tx: StoreTransaction,
    { executionId, event, cause }: Pending,
    queue: Pending[],
    runs: Map<string, Run>,
  ): Promise<void> {
    const run = runs.get(executionId) ?? (await lockRun(tx, executionId))
    if (run) runs.set(run.id, await carryOne(tx, run, transition(run.graph, run.state, event), cause, queue))
  }

  /** Gives the run as it is then. */
  async function carryOne(
    tx: StoreTransaction,
    run: Run,
    { state, commands }: Transition,
    cause: Cause,
    queue: Pending[],
  ): Promise<Run> {
    if (state === run.state) return run
    const now = { ...run, state }
    await saveTransition(tx, run, state, cause)
    const impossible = (node: string, number: number, fault: Fault): void => {
      const event = { type: 'attempt-impossible', node, number, fault: toFaultRecord(fault) } as const
      queue.push({ executionId: run.id, event, cause: bySystem })
    }
    const settled = (node: string, granted: boolean): void => {
      const event = { type: granted ? 'hold-granted' : 'hold-delayed', node } as const
      queue.push({ executionId: run.id, event, cause: bySystem })
    }
    const refused = (node: string, reason: string): void => {
      queue.push({ executionId: run.id, event: { type: 'hold-refused', node, reason }, cause: bySystem })
    }
    for (const command of commands)
      await performCommand(dependencies, tx, now, command, { impossible, settled, refused })
    return now
  }

  const advance: Advance = async (tx, executionId, event, cause = bySystem) => {
    const queue = waiting.get(tx)
    if (queue) {
      queue.push({ executionId, event, cause })
      return
    }
    const run = await lockRun(tx, executionId)
    if (run) await carry(tx, run, transition(run.graph, run.state, event), cause)
  }
  return { advance, carry }
}
