// Writes what a transition changed: the state, the rows of the nodes, and an event for each status that is new.
import { sql } from 'kysely'
import type { Actor, EventBody } from '#contract/event/live'
import { isFinal } from '#contract/pipeline/status'
import { databaseTarget, nodeOf } from '#pipeline/graph'
import type { NodeState, PipelineState } from '#pipeline/state'
import { recordEvents } from '../audit/record.ts'
import { requestNotifications } from '../notify/request.ts'
import { releaseAll } from '../hold/request.ts'
import type { StoreTransaction } from '../store/port.ts'
import { type Run, withoutOutputs } from './run.ts'

const clock = sql<Date>`clock_timestamp()`

/** The rows of a new run, before anything began. */
export async function insertNodes(tx: StoreTransaction, run: Run): Promise<void> {
  const rows = run.graph.order.map((id) => {
    const node = nodeOf(run.graph, id)
    const target = databaseTarget(node)
    return {
      execution_id: run.id,
      node_id: id,
      position: node.position,
      parent_id: node.parent,
      kind: node.kind,
      type: node.type,
      identifier: node.identifier,
      name: node.name,
      rollback: node.rollback,
      status: 'NotStarted',
      db_schema: target?.dbSchema ?? null,
      db_instance: target?.dbInstance ?? null,
    }
  })
  // PostgreSQL takes 65,535 parameters in a statement.
  for (let from = 0; from < rows.length; from += 1000)
    await tx
      .insertInto('execution_node')
      .values(rows.slice(from, from + 1000))
      .execute()
}

/** `run.state` is the state before. */
export async function saveTransition(
  tx: StoreTransaction,
  run: Run,
  next: PipelineState,
  by: { readonly actor: Actor; readonly sourceAddress?: string | undefined },
): Promise<void> {
  const changed = run.graph.order.filter((id) => !same(run.state.nodes[id], next.nodes[id]))
  const events: EventBody[] = []
  for (const id of changed) {
    const [before, after] = [stateOf(run.state, id), stateOf(next, id)]
    await updateNode(tx, run.id, id, after)
    if (before.status === after.status && before.reason === after.reason) continue
    const reason = after.reason === undefined ? {} : { reason: after.reason }
    events.push({ type: 'node.status', node: id, status: after.status, ...reason })
  }
  if (run.state.status !== next.status)
    events.push({ type: 'execution.status', status: next.status, pipeline: run.pipeline })
  await updateExecution(tx, run.id, next)
  await requestNotifications(tx, run, next)
  const place = { ...by, projectId: run.projectId, executionId: run.id }
  await recordEvents(
    tx,
    events.map((body) => ({ ...place, body })),
  )
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

function stateOf(state: PipelineState, id: string): NodeState {
  const node = state.nodes[id]
  if (!node) throw new Error(`The state has no node ${id}.`)
  return node
}

async function updateNode(tx: StoreTransaction, execution: string, id: string, node: NodeState): Promise<void> {
  // Waiting in the queue is no beginning: durations tell of work.
  const begun = !['NotStarted', 'Queued', 'Skipped'].includes(node.status)
  await tx
    .updateTable('execution_node')
    .set({
      status: node.status,
      status_reason: node.reason ?? null,
      output: JSON.stringify(node.output),
      fault: node.fault ? JSON.stringify(node.fault) : null,
      attempts: node.attempts,
      ended_at: isFinal(node.status) ? sql<Date>`coalesce(ended_at, clock_timestamp())` : null,
      ...(begun ? { started_at: sql<Date>`coalesce(started_at, clock_timestamp())` } : {}),
    })
    .where('execution_id', '=', execution)
    .where('node_id', '=', id)
    .execute()
}

async function updateExecution(tx: StoreTransaction, id: string, state: PipelineState): Promise<void> {
  const over = isFinal(state.status)
  await tx
    .updateTable('execution')
    .set({ status: state.status, state: JSON.stringify(withoutOutputs(state)), ...(over ? { ended_at: clock } : {}) })
    .where('id', '=', id)
    .execute()
  if (!over) return
  await tx.deleteFrom('execution_timer').where('execution_id', '=', id).execute()
  await releaseAll(tx, id)
}
