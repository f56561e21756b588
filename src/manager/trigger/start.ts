// Starts the run of a trigger: once for each delivery, with the rights of its owner, and written down in the same transaction.
import { sql } from 'kysely'
import type { TriggerType } from '#contract/api/execution'
import { Fault } from '#contract/fault'
import type { TriggerFacts } from '#pipeline/trigger/fact'
import type { Executions } from '../execution/executions.ts'
import type { Store, StoreTransaction } from '../store/port.ts'
import { type Decision, recordDecision } from './history.ts'
import { ownerOf } from './owner.ts'
import { markReplaced } from './replace.ts'
import type { TriggerRow } from './row.ts'

export interface Starting {
  readonly type: TriggerType
  readonly facts: TriggerFacts
  readonly subject: string | null
  /** What the delivery is known by. */
  readonly keys: readonly string[]
  /** Why it starts, as a sentence. */
  readonly reason: string
  readonly sourceAddress: string
  /** Unfinished older runs about the same subject are to be ended. */
  readonly replaces?: boolean
  /** Runs in the transaction of the start. */
  readonly started?: (tx: StoreTransaction, execution: string) => Promise<void>
}

export interface StartDependencies {
  readonly store: Store
  readonly executions: Pick<Executions, 'start' | 'abort'>
  readonly createId: () => string
  readonly log: (line: string) => void
}

type Outcome = Pick<Decision, 'status' | 'reason' | 'execution'>
type Common = Pick<Decision, 'delivery' | 'source' | 'summary'> & { readonly trigger: TriggerRow }

/**
 * Decides and records. `guard` runs first, in the transaction, and may say that there is nothing to do any more. Faults become a
 * decision; what is no fault of the trigger (a store that is away) is raised, so that the sender tries again.
 */
export async function startTrigger(
  { store, executions, createId }: StartDependencies,
  common: Common,
  starting: Starting,
  guard: (tx: StoreTransaction) => Promise<boolean> = async () => true,
): Promise<Outcome | undefined> {
  const { trigger } = common
  const record = (tx: StoreTransaction, outcome: Outcome) =>
    recordDecision(tx, { ...common, ...outcome, id: createId() })
  try {
    return await store.transaction(async (tx) => {
      if (!(await guard(tx))) return undefined
      const outcome = await begin(tx, executions, trigger, starting)
      await record(tx, outcome)
      return outcome
    })
  } catch (error) {
    if (!(error instanceof Fault) || error.code === 'store-unavailable' || error.code === 'bug') throw error
    const outcome: Outcome = { status: 'START_FAILED', reason: error.message }
    return store.transaction(async (tx) => {
      if (!(await guard(tx))) return undefined
      await record(tx, outcome)
      return outcome
    })
  }
}

async function begin(
  tx: StoreTransaction,
  executions: StartDependencies['executions'],
  trigger: TriggerRow,
  { type, facts, subject, keys, reason, sourceAddress, started, replaces = false }: Starting,
): Promise<Outcome> {
  // First: what was not decided for want of a right may be delivered again when the owner has it.
  const owner = await ownerOf(tx, trigger, sourceAddress)
  if ('because' in owner) return { status: 'OWNER_WITHOUT_RIGHT', reason: owner.because }
  for (const key of keys) {
    const claimed = await tx
      .insertInto('trigger_delivery')
      .values({ trigger_id: trigger.id, key, seen_at: sql<Date>`clock_timestamp()` })
      .onConflict((conflict) => conflict.doNothing())
      .returning('key')
      .executeTakeFirst()
    if (!claimed)
      return { status: 'REPEATED_DELIVERY', reason: 'The very same delivery came before and was decided then.' }
  }
  const { document } = trigger
  const execution = await executions.start(tx, {
    org: trigger.org,
    project: trigger.project,
    pipeline: trigger.pipeline,
    notes: undefined,
    given: {
      input_set_refs: [...document.inputSetRefs],
      ...(document.inputYaml === undefined ? {} : { inputs_yaml: document.inputYaml }),
    },
    caller: owner.caller,
    trigger: { id: trigger.id, type, facts, subject },
  })
  await started?.(tx, execution)
  if (replaces && subject !== null) await markReplaced(tx, trigger, subject, execution)
  return { status: 'TARGET_EXECUTION_REQUESTED', reason, execution }
}
