// Tasks: work that somebody asks for outside of a run, done by a step where a delegate can reach what it is about.
import { z } from 'zod'
import { planPayloadSchema } from '../change-set-schema.ts'
import { streamNameSchema } from '../delegate/protocol.ts'
import { endpoint } from '../endpoint.ts'
import { faultRecordSchema } from '../fault-schema.ts'
import { databaseIdentifierSchema, epochMillisecondsSchema, scopedReferenceSchema } from '../identifier.ts'
import { listQuerySchema, noQuerySchema, pageQuerySchema } from '../paging.ts'
import { platformQuerySchema } from '../platform.ts'
import { consideredDelegateSchema } from './delegate.ts'
import { resultSchema } from './execution.ts'
import { instanceParamsSchema, noContentSchema, PROJECT, projectParamsSchema, SCHEMA } from './scope.ts'

export const taskKindSchema = z.enum(['connection-test', 'preview', 'snapshot', 'diff', 'sync'])
export type TaskKind = z.output<typeof taskKindSchema>
/** `expired`: nobody took it in time, or it took longer than its time limit. `unknown`: how it ended cannot be known. */
export const taskStatusSchema = z.enum(['queued', 'running', 'succeeded', 'failed', 'unknown', 'expired', 'aborted'])
export type TaskStatus = z.output<typeof taskStatusSchema>
export const isTaskOver = (status: TaskStatus): boolean => status !== 'queued' && status !== 'running'

export const taskSummarySchema = z.object({
  id: z.string(),
  kind: taskKindSchema,
  status: taskStatusSchema,
  connector: z.string().optional(),
  dbSchema: z.string().optional(),
  dbInstance: z.string().optional(),
  /** Of a diff: the instance, or the task whose snapshot, it compares with. */
  reference: z.string().optional(),
  askedBy: z.object({ identifier: z.string(), name: z.string() }),
  createdAt: epochMillisecondsSchema,
  startedAt: epochMillisecondsSchema.nullable(),
  endedAt: epochMillisecondsSchema.nullable(),
  /** When it expires, unless it has ended. */
  deadline: epochMillisecondsSchema,
  /** Name of the delegate that has it. */
  delegate: z.string().optional(),
  fault: faultRecordSchema.optional(),
})
export const taskSchema = taskSummarySchema.extend({
  /** While it is queued: one sentence why nobody has it yet. */
  statusReason: z.string().optional(),
  output: z.record(z.string(), z.unknown()),
  hasPlan: z.boolean(),
  /** Which delegates were considered, and why each was not chosen. */
  considered: z.array(consideredDelegateSchema),
})
export type TaskSummary = z.output<typeof taskSummarySchema>
export type Task = z.output<typeof taskSchema>

export const snapshotSchema = z.object({
  /** The id of the task that took it. */
  task: z.string(),
  createdAt: epochMillisecondsSchema,
  objects: z.int(),
  askedBy: z.object({ identifier: z.string(), name: z.string() }),
})

const limits = {
  timeoutSeconds: z.int().min(5).max(3600).optional().describe('For waiting and working together.'),
}
/** Answered when the task is over, or after this time. */
const wait = { wait: z.coerce.number().int().min(0).max(25).default(0).describe('Seconds to wait for its end.') }
const revision = {
  branch: z.string().min(1).max(256).optional(),
  commit: z.string().min(4).max(64).optional(),
  tag: z.string().min(1).max(256).optional(),
}

const tag = 'Tasks'
const INSTANCE = `${SCHEMA}/dbinstance/{dbinstance}`
const taskParams = projectParamsSchema.extend({ task: z.string().min(1).max(64) })
const one = `${PROJECT}/tasks/{task}`
const offset = noQuerySchema.extend({ offset: z.coerce.number().int().min(0).default(0) })
const text = z.object({ text: z.string(), nextOffset: z.int(), committed: z.int(), closed: z.boolean() })
/** Who may read a task is decided by what it is about. */
const reading = { method: 'GET', tag, access: 'signed-in', status: 200 } as const
const asking = { method: 'POST', tag, query: noQuerySchema.extend(wait), status: 201, reply: taskSchema } as const

export const taskEndpoints = {
  testConnector: endpoint({
    ...asking,
    name: 'testConnector',
    path: `${PROJECT}/connectors/{connector}/test`,
    summary: 'Test a connector from where a delegate runs',
    access: 'connector.edit',
    params: projectParamsSchema.extend({ connector: scopedReferenceSchema }),
    body: z.object({
      ...limits,
      /** Behind the address of a connector for a whole account. */
      repository: z.string().min(1).max(1024).optional(),
      ...revision,
    }),
  }),
  testInstance: endpoint({
    ...asking,
    name: 'testInstance',
    path: `${INSTANCE}/test`,
    summary: 'Test what a step for the instance needs: its database, and the repository with its changelog',
    access: 'instance.preview',
    params: instanceParamsSchema,
    body: z.object(limits),
  }),
  previewInstance: endpoint({
    ...asking,
    name: 'previewInstance',
    path: `${INSTANCE}/preview`,
    summary: 'The SQL that would run on the instance, with the digest of the plan; of its own revision or another',
    access: 'instance.preview',
    params: instanceParamsSchema,
    body: z.object({ ...limits, ...revision }),
  }),
  takeSnapshot: endpoint({
    ...asking,
    name: 'takeSnapshot',
    path: `${INSTANCE}/snapshots`,
    summary: 'Take a snapshot of what is in the database of the instance',
    access: 'instance.preview',
    params: instanceParamsSchema,
    body: z.object(limits),
  }),
  diffInstance: endpoint({
    ...asking,
    name: 'diffInstance',
    path: `${INSTANCE}/diff`,
    summary: 'What differs between the instance and another one of its schema, or a snapshot',
    access: 'instance.preview',
    params: instanceParamsSchema,
    body: z.object({
      ...limits,
      /** What the instance should be like: exactly one of both. */
      dbInstance: databaseIdentifierSchema.optional(),
      snapshot: z.string().min(1).max(64).optional().describe('The id of the task that took it.'),
    }),
  }),
  syncInstance: endpoint({
    ...asking,
    name: 'syncInstance',
    path: `${INSTANCE}/sync`,
    summary: 'Read the history in the database, so that the state is right after changes outside of Sluice',
    access: 'instance.edit',
    params: instanceParamsSchema,
    body: z.object(limits),
  }),
  listSnapshots: endpoint({
    name: 'listSnapshots',
    method: 'GET',
    path: `${INSTANCE}/snapshots`,
    tag,
    summary: 'List the snapshots of an instance, newest first',
    access: 'instance.view',
    params: instanceParamsSchema,
    query: pageQuerySchema,
    status: 200,
    reply: z.array(snapshotSchema),
    paged: true,
  }),
  listSnapshotObjectNames: endpoint({
    name: 'listSnapshotObjectNames',
    method: 'GET',
    path: `${INSTANCE}/snapshot-object-names`,
    tag,
    summary: 'Names of the objects of one type in the newest snapshot of an instance',
    access: 'instance.view',
    params: instanceParamsSchema,
    query: pageQuerySchema.extend({ objectType: z.string().min(1).max(64).default('Table') }),
    status: 200,
    reply: z.object({ data: z.array(z.string()) }),
    paged: true,
  }),
  getSnapshotObjectValues: endpoint({
    name: 'getSnapshotObjectValues',
    method: 'POST',
    path: `${INSTANCE}/snapshot-object-values`,
    tag,
    summary: 'Objects of the newest snapshot of an instance, each as JSON in a string',
    access: 'instance.view',
    params: instanceParamsSchema,
    query: noQuerySchema,
    body: z.object({
      objectType: z.string().min(1).max(64).default('Table'),
      objectNames: z.array(z.string().min(1).max(512)).min(1).max(100),
    }),
    status: 200,
    reply: z.object({ data: z.array(z.object({ objectName: z.string(), objectValue: z.string() })) }),
  }),
  listTasks: endpoint({
    ...reading,
    name: 'listTasks',
    path: `${PROJECT}/tasks`,
    summary: 'List the tasks of a project that the caller may see, newest first',
    params: projectParamsSchema,
    query: listQuerySchema.pick({ page: true, limit: true }).extend({
      kind: taskKindSchema.optional(),
      connector: scopedReferenceSchema.optional(),
      dbschema: databaseIdentifierSchema.optional(),
      dbinstance: databaseIdentifierSchema.optional(),
    }),
    reply: z.array(taskSummarySchema),
    paged: true,
  }),
  getTask: endpoint({
    ...reading,
    name: 'getTask',
    path: one,
    summary: 'Read a task, and the delegates that were considered for it',
    params: taskParams,
    query: noQuerySchema.extend(wait),
    reply: taskSchema,
  }),
  abortTask: endpoint({
    name: 'abortTask',
    method: 'POST',
    path: `${one}/abort`,
    tag,
    summary: 'Stop a task; who may ask for it may stop it',
    access: 'signed-in',
    params: taskParams,
    query: noQuerySchema,
    body: z.object({ reason: z.string().max(1024).optional() }),
    status: 204,
    reply: noContentSchema,
  }),
  getTaskPlan: endpoint({
    ...reading,
    name: 'getTaskPlan',
    path: `${one}/plan`,
    summary: 'The SQL that a preview found',
    params: taskParams,
    query: noQuerySchema,
    reply: planPayloadSchema,
  }),
  getTaskLog: endpoint({
    ...reading,
    name: 'getTaskLog',
    path: `${one}/log`,
    summary: 'Log text of a task from a byte offset; at most 1 MiB an answer',
    params: taskParams,
    query: offset,
    reply: text,
  }),
  listTaskResults: endpoint({
    ...reading,
    name: 'listTaskResults',
    path: `${one}/results`,
    summary: 'Large results of a task: a snapshot, a diff',
    params: taskParams,
    query: noQuerySchema,
    reply: z.array(resultSchema),
  }),
  getTaskResult: endpoint({
    ...reading,
    name: 'getTaskResult',
    path: `${one}/results/{result}`,
    summary: 'Text of a large result from a byte offset; at most 1 MiB an answer',
    params: taskParams.extend({ result: streamNameSchema }),
    query: offset,
    reply: text,
  }),
  streamTaskLog: endpoint({
    ...reading,
    name: 'streamTaskLog',
    path: `${one}/log/stream`,
    summary: 'Log of a task as server-sent events; ends with event `eof`',
    params: taskParams,
    query: offset,
    reply: z.object({ text: z.string(), nextOffset: z.int() }),
    stream: true,
  }),
  platformTestConnection: endpoint({
    name: 'platformTestConnection',
    method: 'POST',
    path: '/ng/api/connectors/testConnection/{connector}',
    tag: 'Connectors (platform services)',
    envelope: 'platform',
    summary: 'Test a connector and wait for the outcome, at most 25 seconds',
    access: 'connector.edit',
    params: z.object({ connector: scopedReferenceSchema }),
    query: platformQuerySchema,
    status: 200,
    reply: z.object({
      status: z.enum(['SUCCESS', 'FAILURE', 'UNKNOWN']),
      errors: z.array(z.object({ reason: z.string(), message: z.string(), code: z.int() })),
      errorSummary: z.string().nullable(),
      testedAt: epochMillisecondsSchema,
      delegateId: z.string().nullable(),
      taskId: z.string(),
    }),
  }),
}
