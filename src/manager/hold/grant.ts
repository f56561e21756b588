// Gives what became free to whoever is next, and says of the others in one sentence what they wait for.
import { sql } from 'kysely'
import { nodeOf } from '#pipeline/graph'
import { recordEvent, systemActor } from '../audit/record.ts'
import type { Advance } from '../execution/advance.ts'
import type { ExecutionDependencies } from '../execution/dependency.ts'
import { lockFree } from '../execution/free.ts'
import { lockRun } from '../execution/run.ts'
import { stageHeldBy } from '../freeze/hold.ts'
import type { StoreTransaction } from '../store/port.ts'
import { grantIfFirst } from './request.ts'

const MOST_AT_ONCE = 500

interface Waiting {
  readonly execution_id: string
  readonly node_id: string
  readonly name: string
  readonly reason: string | null
  /** Other runs before it in this line. */
  readonly before: number
  readonly holder: string | null
}

/** Gives how many requests were granted. Any number of replicas may do it; the lock of the execution lets one act. */
export async function grantHolds(
  { store, log }: Pick<ExecutionDependencies, 'store' | 'log'>,
  advance: Advance,
): Promise<number> {
  const requests = new Map<string, Waiting[]>()
  for (const row of await readWaiting(store.db)) {
    const key = `${row.execution_id} ${row.node_id}`
    requests.set(key, [...(requests.get(key) ?? []), row])
  }
  let granted = 0
  for (const rows of requests.values()) {
    const [first] = rows
    if (!first) continue
    const worst = rows.reduce((one, other) => (other.before > one.before ? other : one))
    try {
      const given = await store.transaction((tx) =>
        worst.before === 0 ? grantOne(tx, advance, first) : explain(tx, worst),
      )
      if (given) granted += 1
    } catch (error) {
      log(
        `The hold of ${first.node_id} of execution ${first.execution_id} could not be given: ${(error as Error).message}`,
      )
    }
  }
  return granted
}

/** Those that may be next come first: a long line for one instance does not hide the others. */
async function readWaiting(db: ExecutionDependencies['store']['db']): Promise<readonly Waiting[]> {
  const { rows } = await sql<Waiting>`
    select mine.execution_id, mine.node_id, mine.name, node.status_reason as reason,
      (select count(distinct earlier.execution_id)::int from resource_hold earlier
        where earlier.resource = mine.resource and earlier.id < mine.id and earlier.execution_id <> mine.execution_id) as before,
      (select execution.pipeline_name || ' ' || execution.number from resource_hold earlier
        join execution on execution.id = earlier.execution_id
        where earlier.resource = mine.resource and earlier.id < mine.id and earlier.execution_id <> mine.execution_id
        order by earlier.id limit 1) as holder
    from resource_hold mine
    left join execution_node node on node.execution_id = mine.execution_id and node.node_id = mine.node_id
    where mine.held_at is null order by before, mine.id limit ${MOST_AT_ONCE}`.execute(db)
  return rows
}

async function grantOne(
  tx: StoreTransaction,
  advance: Advance,
  { execution_id: id, node_id: node }: Waiting,
): Promise<boolean> {
  if ((await lockFree(tx, id)) === undefined) return false
  if (!(await stillWaits(tx, id, node)) || !(await grantIfFirst(tx, id, node))) return false
  const reason = await heldBy(tx, id, node)
  await advance(tx, id, reason === undefined ? { type: 'hold-granted', node } : { type: 'hold-refused', node, reason })
  return reason === undefined
}

/** A freeze may have begun while the stage waited. A Queue step changes nothing by itself. */
async function heldBy(tx: StoreTransaction, execution: string, node: string): Promise<string | undefined> {
  const run = await lockRun(tx, execution)
  if (!run || nodeOf(run.graph, node).kind !== 'stage') return undefined
  const rows = await tx
    .selectFrom('resource_hold')
    .where('execution_id', '=', execution)
    .where('node_id', '=', node)
    .select('name')
    .execute()
  const targets = rows.map(({ name }) => {
    const [dbSchema = '', dbInstance = ''] = name.split('/')
    return { dbSchema, dbInstance }
  })
  return stageHeldBy(tx, run, node, targets)
}

async function stillWaits(tx: StoreTransaction, execution: string, node: string): Promise<boolean> {
  const row = await tx
    .selectFrom('resource_hold')
    .where('execution_id', '=', execution)
    .where('node_id', '=', node)
    .where('held_at', 'is', null)
    .select('id')
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** It is no state of the machine: nothing follows from it, and the next change of the node replaces it. */
async function explain(tx: StoreTransaction, waiting: Waiting): Promise<boolean> {
  const { execution_id: execution, node_id: node, name, before, holder } = waiting
  const place = before === 1 ? 'it is next' : `${before - 1} more before it`
  const reason = `waits for ${holder ?? 'another run'}, which has ${name}; ${place}`
  if (reason === waiting.reason) return false
  const row = await tx
    .updateTable('execution_node')
    .set({ status_reason: reason })
    .where('execution_id', '=', execution)
    .where('node_id', '=', node)
    .where('status', '=', 'ResourceWaiting')
    .returning('status')
    .executeTakeFirst()
  if (!row) return false
  const { project_id: projectId } = await tx
    .selectFrom('execution')
    .where('id', '=', execution)
    .select('project_id')
    .executeTakeFirstOrThrow()
  const body = { type: 'node.status', node, status: 'ResourceWaiting', reason } as const
  await recordEvent(tx, { actor: systemActor, projectId, executionId: execution, body })
  return false
}
