// Puts a stage or a Queue step into the line for what it needs, and takes it out again.
import { sql } from 'kysely'
import type { Command } from '#pipeline/state'
import { instanceKey } from '../execution/target.ts'
import type { Run } from '../execution/run.ts'
import type { StoreTransaction } from '../store/port.ts'

type Request = Extract<Command, { readonly type: 'request-hold' }>

/**
 * Everybody who joins a line does so one after the other, and joins all lines that it needs at once: so the order is the same in all
 * of them, and two requests never wait for each other. Taken after the lock of the execution, held until the transaction ends.
 */
const joinTheLine = sql`select pg_advisory_xact_lock(7505003)`

/** True when nobody is before it: then it has what it asked for. */
export async function requestHold(tx: StoreTransaction, run: Run, request: Request): Promise<boolean> {
  await joinTheLine.execute(tx)
  const wanted = [
    ...request.targets.map((target) => ({
      resource: instanceKey(run.projectId, target),
      name: `${target.dbSchema}/${target.dbInstance}`,
    })),
    ...(request.key === undefined
      ? []
      : [{ resource: `queue/${run.projectId}/${request.key}`, name: `the queue ${request.key}` }]),
  ]
  await releaseHold(tx, run.id, request.node)
  await tx
    .insertInto('resource_hold')
    .values(wanted.map((one) => ({ ...one, project_id: run.projectId, execution_id: run.id, node_id: request.node })))
    .execute()
  return grantIfFirst(tx, run.id, request.node)
}

export async function releaseHold(tx: StoreTransaction, execution: string, node: string): Promise<void> {
  await tx.deleteFrom('resource_hold').where('execution_id', '=', execution).where('node_id', '=', node).execute()
}

/** Everything that a run has or waits for. */
export async function releaseAll(tx: StoreTransaction, execution: string): Promise<void> {
  await tx.deleteFrom('resource_hold').where('execution_id', '=', execution).execute()
}

/** Rows of other runs in the same lines before those of the request. A run never waits for itself. */
const isBefore = sql<boolean>`exists (select 1 from resource_hold earlier where earlier.resource = mine.resource
  and earlier.id < mine.id and earlier.execution_id <> mine.execution_id)`

export async function grantIfFirst(tx: StoreTransaction, execution: string, node: string): Promise<boolean> {
  const blocked = await tx
    .selectFrom('resource_hold as mine')
    .where('execution_id', '=', execution)
    .where('node_id', '=', node)
    .where(isBefore)
    .select('id')
    .limit(1)
    .executeTakeFirst()
  if (blocked) return false
  await tx
    .updateTable('resource_hold')
    .set({ held_at: sql<Date>`clock_timestamp()` })
    .where('execution_id', '=', execution)
    .where('node_id', '=', node)
    .where('held_at', 'is', null)
    .execute()
  return true
}
