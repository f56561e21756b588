// Testing a connector for clients of the platform services, which wait for the outcome.
import { sql } from 'kysely'
import type { Task } from '#contract/api/task'
import { Fault, faultKinds } from '#contract/fault'
import { scopeOf } from '../entity/platform-connector.ts'
import { seenFromProject } from '../entity/reference.ts'
import { findOwner, type OwnerParams } from '../entity/scope.ts'
import type { ApiHandlers } from '../http/handler.ts'
import type { Executor, Store } from '../store/port.ts'
import type { Asked } from './ask.ts'
import { connectorTestWork } from './connector-work.ts'

/** Seconds until such a client is told that nothing is known yet. */
const patience = 25

type Handler = ApiHandlers<'platformTestConnection'>['platformTestConnection']

export function platformTestHandler(
  store: Store,
  ask: (asked: Asked, wait: number, signal: AbortSignal) => Promise<Task>,
): Handler {
  return async ({ params, query, caller, signal }) => {
    const scope = scopeOf(query)
    const { kind } = await findOwner(store.db, scope)
    const connector = seenFromProject(kind, params.connector)
    const task = await ask(
      {
        params: await projectWithin(store.db, scope),
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

/**
 * Tasks belong to projects. What belongs to no project is tested from one that has a delegate, the oldest of these, or the oldest of
 * all: there it says why nobody can do it.
 */
async function projectWithin(
  db: Executor,
  { org, project }: OwnerParams,
): Promise<{ readonly org: string; readonly project: string }> {
  if (org !== undefined && project !== undefined) return { org, project }
  const found = await db
    .selectFrom('project')
    .innerJoin('organization', 'organization.id', 'project.organization_id')
    .$if(org !== undefined, (rows) => rows.where('organization.identifier', '=', org ?? ''))
    .select(['organization.identifier as org', 'project.identifier as project'])
    .orderBy(
      sql`exists (select from delegate where coalesce(delegate.organization_id, organization.id) = organization.id
        and coalesce(delegate.project_id, project.id) = project.id)`,
      'desc',
    )
    .orderBy('project.id')
    .executeTakeFirst()
  if (found) return found
  throw new Fault('conflict', `${org === undefined ? 'The account' : `The organization ${org}`} has no project.`, {
    hint: 'Create a project: the tasks of its delegates are how a connector is tested.',
  })
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
