// Tasks over the API: ask, read, stop, and what came of them.
import { sql } from 'kysely'
import type { planPayloadSchema } from '#contract/change-set-schema'
import type { z } from 'zod'
import { isTaskOver, type Task, type TaskKind } from '#contract/api/task'
import { Fault } from '#contract/fault'
import type { Permission } from '#contract/permission'
import { mayDo, visible } from '#contract/grant'
import { recordEvent } from '../audit/record.ts'
import { findProject, missing } from '../entity/scope.ts'
import type { ApiHandlers, Caller } from '../http/handler.ts'
import type { Hub } from '../live/hub.ts'
import { followLog } from '../live/log-stream.ts'
import { listResults, readLog } from '../log/read.ts'
import type { Executor } from '../store/port.ts'
import { lockAttempt } from '../work/attempt.ts'
import type { RequestCancel } from '../work/port.ts'
import { askFor, type Asked, type TaskDependencies } from './ask.ts'
import { connectorTestWork } from './connector-work.ts'
import { platformTestHandler } from './platform.ts'
import { snapshotHandlers } from './snapshot.ts'
import { hasPlan, selectTasks, showSummary, showTask, statusOf, taskColumns, type TaskRow } from './view.ts'
import { changelogWork, diffWork, instanceTestWork, revisionOf, snapshotWork } from './work.ts'

export interface TaskHandlerDependencies extends TaskDependencies {
  readonly hub: Hub
  readonly requestCancel: RequestCancel
}

type Names =
  | `test${'Connector' | 'Instance'}`
  | `${'preview' | 'diff' | 'sync'}Instance`
  | 'takeSnapshot'
  | 'listSnapshots'
  | 'listSnapshotObjectNames'
  | 'getSnapshotObjectValues'
  | 'listTasks'
  | 'getTask'
  | 'abortTask'
  | `getTask${'Plan' | 'Log' | 'Result'}`
  | 'listTaskResults'
  | 'streamTaskLog'
  | 'platformTestConnection'

/** Bytes of one answer. */
const answerBytes = 1_048_576
/** Seconds for the statement that runs. */
const abortSeconds = 30
/** Milliseconds between two looks when no hint comes. */
const lookEvery = 500

/** What somebody must be allowed to ask for a task. */
const needs: Readonly<Record<TaskKind, Permission>> = {
  'connection-test': 'instance.preview',
  preview: 'instance.preview',
  snapshot: 'instance.preview',
  diff: 'instance.preview',
  sync: 'instance.edit',
}

interface TaskPath {
  readonly org: string
  readonly project: string
  readonly task: string
}
interface InstancePath {
  readonly org: string
  readonly project: string
  readonly dbschema: string
  readonly dbinstance: string
}

export function taskHandlers(dependencies: TaskHandlerDependencies): ApiHandlers<Names> {
  const { store, hub, requestCancel } = dependencies

  async function ask(asked: Asked, wait: number, signal: AbortSignal): Promise<Task> {
    const id = await askFor(dependencies, asked)
    return await ended(id, wait, signal)
  }

  /** The task when it is over, or as it is when the time is. */
  async function ended(id: string, seconds: number, signal: AbortSignal): Promise<Task> {
    const deadline = performance.now() + seconds * 1000
    for (;;) {
      const mark = hub.mark('sluice_event')
      const row = await readTask(store.db, id)
      const left = deadline - performance.now()
      if (left <= 0 || signal.aborted || isTaskOver(statusOf(row))) return showTask(store.db, row)
      await hub.changed('sluice_event', mark, Math.min(left, lookEvery), signal)
    }
  }

  type InstanceCall = {
    readonly params: InstancePath
    readonly caller: Caller
    readonly query: { readonly wait: number }
    readonly signal: AbortSignal
  }
  /** Asks for something about an instance. */
  const about = (
    { params, caller, query, signal }: InstanceCall,
    asked: Pick<Asked, 'kind' | 'reference' | 'timeoutSeconds' | 'resolve'>,
  ): Promise<Task> => ask({ params, caller, instance: instanceOf(params), ...asked }, query.wait, signal)

  return {
    testConnector: ({ params, body, query, caller, signal }) => {
      const { timeoutSeconds, ...given } = body
      const { connector } = params
      return ask(
        {
          params,
          caller,
          kind: 'connection-test',
          connector,
          timeoutSeconds,
          resolve: (tx, project) => connectorTestWork(tx, project, connector, given),
        },
        query.wait,
        signal,
      )
    },
    testInstance: (call) =>
      about(call, {
        kind: 'connection-test',
        ...call.body,
        resolve: (tx, project) => instanceTestWork(tx, project, instanceOf(call.params)),
      }),
    previewInstance: (call) => {
      const { timeoutSeconds, ...given } = call.body
      const revision = revisionOf(given)
      return about(call, {
        kind: 'preview',
        timeoutSeconds,
        resolve: (tx, project) => changelogWork(tx, project, 'DBSchemaUpdateSQL', instanceOf(call.params), revision),
      })
    },
    takeSnapshot: (call) =>
      about(call, {
        kind: 'snapshot',
        ...call.body,
        resolve: (tx, project) => snapshotWork(tx, project, instanceOf(call.params)),
      }),
    diffInstance: (call) => {
      const { timeoutSeconds, dbInstance, snapshot } = call.body
      if ((dbInstance === undefined) === (snapshot === undefined))
        throw new Fault('invalid-input', 'A diff needs either another instance or a snapshot.')
      const { org, project, dbschema } = call.params
      const may = (permission: Permission, instance: string): boolean =>
        mayDo(call.caller.grants, permission, { org, project, identifier: `${dbschema}/${instance}` })
      if (dbInstance !== undefined && !may('instance.preview', dbInstance))
        throw new Fault('forbidden', `The permission instance.preview is missing for ${dbschema}/${dbInstance}.`)
      const reference = dbInstance === undefined ? { snapshot: snapshot ?? '' } : { dbInstance }
      return about(call, {
        kind: 'diff',
        timeoutSeconds,
        reference: dbInstance ?? snapshot,
        resolve: (tx, id) =>
          diffWork(tx, id, instanceOf(call.params), reference, (snapshotOf) => may('instance.view', snapshotOf)),
      })
    },
    syncInstance: (call) =>
      about(call, {
        kind: 'sync',
        ...call.body,
        resolve: (tx, project) => changelogWork(tx, project, 'HistorySync', instanceOf(call.params)),
      }),

    listTasks: async ({ params, query, caller }) => {
      const project = await findProject(store.db, params)
      const [instances, connectors] = (['instance.view', 'connector.view'] as const).map((permission) =>
        visible(caller.grants, permission, params),
      )
      const among = (column: string, seen: 'all' | ReadonlySet<string> | undefined) =>
        seen === 'all' ? sql<boolean>`true` : sql<boolean>`${sql.raw(column)} = any(${[...(seen ?? [])]}::text[])`
      const { kind, connector, dbschema, dbinstance } = query
      const found = selectTasks(store.db)
        .where('task.project_id', '=', project.id)
        .where(
          sql<boolean>`case when task.db_instance is null then ${among('task.connector', connectors)}
            else ${among("(task.db_schema || '/' || task.db_instance)", instances)} end`,
        )
        .$if(kind !== undefined, (rows) => rows.where('task.kind', '=', kind ?? ''))
        .$if(connector !== undefined, (rows) => rows.where('task.connector', '=', connector ?? ''))
        .$if(dbschema !== undefined, (rows) => rows.where('task.db_schema', '=', dbschema ?? ''))
        .$if(dbinstance !== undefined, (rows) => rows.where('task.db_instance', '=', dbinstance ?? ''))
      const { total } = await found.select(sql<string>`count(*)`.as('total')).executeTakeFirstOrThrow()
      const rows = await found
        .select(taskColumns)
        .select(hasPlan)
        .orderBy('task.created_at', 'desc')
        .orderBy('task.id')
        .limit(query.limit)
        .offset(query.page * query.limit)
        .execute()
      return { rows: rows.map(showSummary), total: Number(total) }
    },
    getTask: async ({ params, query, caller, signal }) => {
      await findVisible(store.db, params, caller)
      return ended(params.task, query.wait, signal)
    },
    abortTask: async ({ params, body, caller }) => {
      const task = await findVisible(store.db, params, caller)
      const permission = task.db_instance === null ? 'connector.edit' : needs[task.kind as TaskKind]
      const place = { ...scopeOf(params), identifier: identifierOf(task) }
      if (!mayDo(caller.grants, permission, place))
        throw new Fault('forbidden', `The permission ${permission} is missing for ${place.identifier}.`)
      const { id: projectId } = await findProject(store.db, params)
      await store.transaction(async (tx) => {
        await lockAttempt(tx, task.id)
        const status = statusOf(await readTask(tx, task.id))
        if (isTaskOver(status)) throw new Fault('conflict', `The task has ended: ${status}.`)
        const { actor, sourceAddress } = caller
        const given = body.reason ? { reason: body.reason } : {}
        await recordEvent(tx, {
          actor,
          sourceAddress,
          projectId,
          body: { type: 'task.abort', task: task.id, kind: task.kind, subject: identifierOf(task), ...given },
        })
        const name = caller.user?.name ?? actor.name
        const reason = `Aborted by ${name}${body.reason ? `: ${body.reason}` : ''}`
        await requestCancel(tx, task.id, { reason, graceSeconds: abortSeconds })
      })
      return null
    },
    getTaskPlan: async ({ params, caller }) => {
      await findVisible(store.db, params, caller)
      const row = await store.db.selectFrom('task').where('id', '=', params.task).select('plan').executeTakeFirst()
      if (!row?.plan) throw missing('A plan of the task', params.task)
      return row.plan as z.output<typeof planPayloadSchema>
    },
    getTaskLog: async ({ params, query, caller, setHeader }) => {
      await findVisible(store.db, params, caller)
      const log = await readLog(store.db, params.task, query.offset, answerBytes)
      setHeader('x-log-committed', String(log.committed))
      setHeader('x-log-closed', String(log.closed))
      return log
    },
    listTaskResults: async ({ params, caller }) => {
      await findVisible(store.db, params, caller)
      return listResults(store.db, params.task)
    },
    getTaskResult: async ({ params, query, caller }) => {
      await findVisible(store.db, params, caller)
      return readLog(store.db, params.task, query.offset, answerBytes, params.result)
    },
    streamTaskLog: async function* ({ params, query, request, caller, signal }) {
      await findVisible(store.db, params, caller)
      yield* followLog({ store, hub }, params.task, { request, offset: query.offset }, signal)
    },
    ...snapshotHandlers(store),
    platformTestConnection: platformTestHandler(store, ask),
  }
}

const instanceOf = ({ dbschema, dbinstance }: InstancePath) => ({ dbSchema: dbschema, dbInstance: dbinstance })
const scopeOf = ({ org, project }: TaskPath) => ({ org, project })
const identifierOf = (row: Pick<TaskRow, 'connector' | 'db_schema' | 'db_instance'>): string =>
  row.db_instance === null ? (row.connector ?? '') : `${row.db_schema}/${row.db_instance}`

async function readTask(db: Executor, id: string): Promise<TaskRow> {
  const row = await selectTasks(db).where('task.id', '=', id).select(taskColumns).select(hasPlan).executeTakeFirst()
  if (!row) throw missing('Task', id)
  return row
}

/** Raises `not-found` for a task of another project, and for one about something that the caller may not see. */
async function findVisible(db: Executor, params: TaskPath, caller: Caller): Promise<TaskRow> {
  const project = await findProject(db, params)
  const row = await selectTasks(db)
    .where('task.id', '=', params.task)
    .where('task.project_id', '=', project.id)
    .select(taskColumns)
    .select(hasPlan)
    .executeTakeFirst()
  const permission = row?.db_instance === null ? 'connector.view' : 'instance.view'
  if (!row || !mayDo(caller.grants, permission, { ...scopeOf(params), identifier: identifierOf(row) }))
    throw missing('Task', params.task)
  return row
}
