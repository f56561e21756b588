// The events of an execution as a stream: from the event table in the order of their ids, then as they come.
import { actorSchema, eventBodySchema, type LiveEvent } from '#contract/event/live'
import { Fault } from '#contract/fault'
import { findProject, missing } from '../entity/scope.ts'
import type { ApiHandlers, ServerSentEvent } from '../http/handler.ts'
import type { Executor, Store } from '../store/port.ts'
import type { Hub } from './hub.ts'

const pageRows = 200
/** Milliseconds between two looks when no hint comes. */
const lookEvery = 1000

export function executionStreamHandler({
  store,
  hub,
}: {
  readonly store: Store
  readonly hub: Hub
}): ApiHandlers<'streamExecution'>['streamExecution'] {
  return async function* ({ params, query, request, signal }): AsyncGenerator<ServerSentEvent<LiveEvent>> {
    await checkExecution(store.db, params)
    let after = parseAfter(request.headers.get('last-event-id') ?? query.after)
    while (!signal.aborted) {
      const mark = hub.mark('sluice_event')
      const events = await readEvents(store.db, params.execution, after)
      for (const event of events) {
        yield { id: event.id, data: event }
        after = event.id
      }
      if (events.length < pageRows) await hub.changed('sluice_event', mark, lookEvery, signal)
    }
  }
}

/** Raises `not-found` for an execution that is not in the project. */
export async function checkExecution(
  db: Executor,
  params: { readonly org: string; readonly project: string; readonly execution: string },
): Promise<void> {
  const project = await findProject(db, params)
  const row = await db
    .selectFrom('execution')
    .where('id', '=', params.execution)
    .where('project_id', '=', project.id)
    .select('id')
    .executeTakeFirst()
  if (!row) throw missing('Execution', params.execution)
}

function parseAfter(text: string | undefined): string {
  const id = text?.trim() ?? ''
  if (id === '') return '0'
  if (!/^\d{1,18}$/.test(id)) throw new Fault('invalid-input', 'Last-Event-ID: not the id of an event.')
  return id
}

export async function readEvents(db: Executor, executionId: string, after: string): Promise<readonly LiveEvent[]> {
  const rows = await db
    .selectFrom('event')
    .where('execution_id', '=', executionId)
    .where('id', '>', after as never)
    .select(['id', 'at', 'actor_type', 'actor_name', 'execution_id', 'body'])
    .orderBy('id')
    .limit(pageRows)
    .execute()
  return rows.map((row) => ({
    id: row.id,
    at: row.at.getTime(),
    actor: actorSchema.parse({ type: row.actor_type, name: row.actor_name }),
    execution: row.execution_id,
    body: eventBodySchema.parse(row.body),
  }))
}
