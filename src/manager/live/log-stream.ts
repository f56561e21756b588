// The log of an attempt, as text from an offset or as a stream that follows it until it is closed.
import { findProject, missing } from '../entity/scope.ts'
import type { ApiHandlers, ServerSentEvent } from '../http/handler.ts'
import { listResults, readLog } from '../log/read.ts'
import type { Executor, Store } from '../store/port.ts'
import type { Hub } from './hub.ts'

/** Bytes of one answer of `getLog`. */
const answerBytes = 1_048_576
/** Bytes of one event: the reader's pace decides when the next is read, so this is all that a slow reader costs. */
const eventBytes = 65_536
/** Milliseconds between two looks when no hint comes. */
const lookEvery = 1000

type Piece = { readonly text: string; readonly nextOffset: number }

export function logHandlers({
  store,
  hub,
}: {
  readonly store: Store
  readonly hub: Hub
}): ApiHandlers<'getLog' | 'streamLog' | 'listResults' | 'getResult'> {
  return {
    getLog: async ({ params, query, setHeader }) => {
      await checkAttempt(store.db, params)
      const log = await readLog(store.db, params.attempt, query.offset, answerBytes)
      setHeader('x-log-committed', String(log.committed))
      setHeader('x-log-closed', String(log.closed))
      return log
    },
    listResults: async ({ params }) => {
      await checkAttempt(store.db, params)
      return listResults(store.db, params.attempt)
    },
    getResult: async ({ params, query }) => {
      await checkAttempt(store.db, params)
      return readLog(store.db, params.attempt, query.offset, answerBytes, params.result)
    },
    streamLog: async function* ({ params, query, request, signal }): AsyncGenerator<ServerSentEvent<Piece | null>> {
      await checkAttempt(store.db, params)
      yield* followLog({ store, hub }, params.attempt, { request, offset: query.offset }, signal)
    },
  }
}

/** The log of an attempt as it comes, from where the reader was; ends with `eof`. */
export async function* followLog(
  { store, hub }: { readonly store: Store; readonly hub: Hub },
  attempt: string,
  from: { readonly request: Request; readonly offset: number },
  signal: AbortSignal,
): AsyncGenerator<ServerSentEvent<Piece | null>> {
  let offset = resumeOffset(from.request.headers.get('last-event-id')) ?? from.offset
  while (!signal.aborted) {
    const mark = hub.mark('sluice_log')
    const log = await readLog(store.db, attempt, offset, eventBytes)
    // The step was replaced before it started, and its log began anew.
    if (offset > log.committed && !log.closed) offset = 0
    if (log.nextOffset > offset) {
      offset = log.nextOffset
      yield { id: String(offset), data: { text: log.text, nextOffset: offset } }
    } else if (log.closed) {
      yield { event: 'eof', data: null }
      return
    } else await hub.changed('sluice_log', mark, lookEvery, signal)
  }
}

function resumeOffset(lastEventId: string | null): number | undefined {
  return lastEventId !== null && /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : undefined
}

async function checkAttempt(
  db: Executor,
  params: { readonly org: string; readonly project: string; readonly execution: string; readonly attempt: string },
): Promise<void> {
  const project = await findProject(db, params)
  const row = await db
    .selectFrom('attempt')
    .where('id', '=', params.attempt)
    .where('execution_id', '=', params.execution)
    .where('project_id', '=', project.id)
    .select('id')
    .executeTakeFirst()
  if (!row) throw missing('Attempt', params.attempt)
}
