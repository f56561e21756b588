// Testing a connector for clients of the platform services, which wait for the outcome.
import type { Task } from '#contract/api/task'
import { Fault, faultKinds } from '#contract/fault'
import { scopeOf } from '../entity/platform-connector.ts'
import type { ApiHandlers } from '../http/handler.ts'
import type { Asked } from './ask.ts'
import { connectorTestWork } from './work.ts'

/** Seconds until such a client is told that nothing is known yet. */
const patience = 25

type Handler = ApiHandlers<'platformTestConnection'>['platformTestConnection']

export function platformTestHandler(ask: (asked: Asked, wait: number, signal: AbortSignal) => Promise<Task>): Handler {
  return async ({ params, query, caller, signal }) => {
    const { org, project } = scopeOf(query)
    if (org === undefined || project === undefined)
      throw new Fault('not-offered', 'A connector is tested from a project, whose delegates can reach it.', {
        hint: 'Give orgIdentifier and projectIdentifier, and account.id or org.id for a connector of a wider scope.',
      })
    const { connector } = params
    const task = await ask(
      {
        params: { org, project },
        caller,
        kind: 'connection-test',
        connector,
        resolve: (tx, id) => connectorTestWork(tx, id, connector, {}),
      },
      patience,
      signal,
    )
    return show(task)
  }
}

function show(task: Task): Awaited<ReturnType<Handler>> {
  const { status, fault, considered } = task
  const isOpen = status === 'queued' || status === 'running'
  const message = fault ? `${fault.message}${fault.hint ? ` ${fault.hint}` : ''}` : (task.statusReason ?? status)
  const error = { reason: fault?.code ?? status, message, code: fault ? faultKinds[fault.code].http : 0 }
  return {
    status: status === 'succeeded' ? 'SUCCESS' : isOpen || status === 'unknown' ? 'UNKNOWN' : 'FAILURE',
    errors: status === 'succeeded' ? [] : [error],
    errorSummary: status === 'succeeded' ? null : message,
    testedAt: task.endedAt ?? task.createdAt,
    delegateId: considered.find(({ chosen }) => chosen)?.id ?? null,
    taskId: task.id,
  }
}
