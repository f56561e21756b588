// Reacts to what the work queue tells of attempts: each report becomes an event of the machine, in the same transaction.
import { sql } from 'kysely'
import type { Payload } from '#contract/delegate/payload'
import type { PipelineEvent } from '#pipeline/state'
import { recordEvent, systemActor } from '../audit/record.ts'
import type { StoreTransaction } from '../store/port.ts'
import type { AttemptObserver, AttemptRecord } from '../work/port.ts'
import type { Advance } from './advance.ts'

export function createObserver(advance: Advance): AttemptObserver {
  const tell = async (tx: StoreTransaction, { executionId }: AttemptRecord, event: PipelineEvent): Promise<void> => {
    if (executionId !== null) await advance(tx, executionId, event)
  }
  return {
    accepted: (tx, attempt) => tell(tx, attempt, { type: 'attempt-accepted', ...placeOf(attempt) }),
    started: (tx, attempt) => tell(tx, attempt, { type: 'attempt-started', ...placeOf(attempt) }),
    requeued: (tx, attempt) => tell(tx, attempt, { type: 'attempt-requeued', ...placeOf(attempt) }),
    waiting: explain,
    payload: async (tx, attempt, payload) => {
      if (payload.kind === 'plan') await keepPlan(tx, attempt, payload.plan)
      if (payload.kind === 'anchor') {
        const output = { preStartTag: payload.preStartTag }
        await tell(tx, attempt, { type: 'attempt-output', ...placeOf(attempt), output })
      }
    },
    ended: (tx, attempt, result) => tell(tx, attempt, { type: 'attempt-ended', ...placeOf(attempt), result }),
  }
}

const placeOf = ({ nodeId, number }: AttemptRecord) => ({ node: nodeId, number })

type Plan = Extract<Payload, { readonly kind: 'plan' }>['plan']

/** The newest plan of a step replaces the one before; the same one told again changes nothing. */
async function keepPlan(tx: StoreTransaction, attempt: AttemptRecord, plan: Plan): Promise<void> {
  const { executionId, nodeId, projectId } = attempt
  if (executionId === null) return
  const known = await tx
    .selectFrom('plan')
    .where('execution_id', '=', executionId)
    .where('node_id', '=', nodeId)
    .where('attempt_id', '=', attempt.id)
    .select('digest')
    .executeTakeFirst()
  if (known?.digest === plan.digest) return
  const values = {
    attempt_id: attempt.id,
    digest: plan.digest,
    payload: JSON.stringify(plan),
    created_at: sql<Date>`clock_timestamp()`,
  }
  await tx
    .insertInto('plan')
    .values({ execution_id: executionId, node_id: nodeId, ...values })
    .onConflict((conflict) => conflict.columns(['execution_id', 'node_id']).doUpdateSet(values))
    .execute()
  await recordEvent(tx, {
    actor: { type: 'attempt', name: attempt.id },
    projectId,
    executionId,
    body: { type: 'plan.posted', node: nodeId, digest: plan.digest },
  })
}

/**
 * Why an attempt stays in the queue is shown on its node. It is no state of the machine: nothing follows from it, and the next
 * change of the node replaces it.
 */
async function explain(tx: StoreTransaction, attempt: AttemptRecord, reason: string | null): Promise<void> {
  const { executionId, nodeId, projectId } = attempt
  if (executionId === null) return
  const text = reason === null ? null : `queued: ${(await blockingRun(tx, attempt)) ?? reason}`
  const row = await tx
    .updateTable('execution_node')
    .set({ status_reason: text })
    .where('execution_id', '=', executionId)
    .where('node_id', '=', nodeId)
    .where('attempt_id', '=', attempt.id)
    .where('status', '=', 'Queued')
    .returning('status')
    .executeTakeFirst()
  if (!row) return
  const body = {
    type: 'node.status',
    node: nodeId,
    status: 'Queued',
    ...(text === null ? {} : { reason: text }),
  } as const
  await recordEvent(tx, { actor: systemActor, projectId, executionId, body })
}

/** The sentence for the usual case: another execution works on the instance, or left it unclear. */
async function blockingRun(tx: StoreTransaction, attempt: AttemptRecord): Promise<string | undefined> {
  const row = await tx
    .selectFrom('attempt as mine')
    .innerJoin('attempt as other', 'other.instance_key', 'mine.instance_key')
    .innerJoin('execution', 'execution.id', 'other.execution_id')
    .where('mine.id', '=', attempt.id)
    .where('other.state', 'in', ['accepted', 'started', 'unknown'])
    .where('execution.ended_at', 'is', null)
    .whereRef('other.execution_id', '<>', 'mine.execution_id')
    .select(['execution.pipeline_name', 'execution.number', 'other.node_id', 'other.state'])
    .limit(1)
    .executeTakeFirst()
  if (!row) return undefined
  const unclear = row.state === 'unknown' ? ', which ended without a known outcome' : ''
  const { work } = attempt.spec
  const dbInstance = 'dbInstance' in work ? work.dbInstance : ''
  return `waits for another execution on ${dbInstance} (${row.pipeline_name} ${row.number}, ${row.node_id}${unclear})`
}
