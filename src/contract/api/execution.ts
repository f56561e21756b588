// Executions: a run of a pipeline, its nodes, logs and plans, live and afterwards.
import { z } from 'zod'
import { planPayloadSchema } from '../change-set-schema.ts'
import { streamNameSchema } from '../delegate/protocol.ts'
import { endpoint } from '../endpoint.ts'
import { liveEventSchema } from '../event/live.ts'
import { faultRecordSchema } from '../fault-schema.ts'
import { epochMillisecondsSchema } from '../identifier.ts'
import { listQuerySchema, noQuerySchema } from '../paging.ts'
import { platformQuerySchema } from '../platform.ts'
import { executionStatusSchema } from '../pipeline/status.ts'
import { startBodySchema } from './pipeline.ts'
import { executionParamsSchema, noContentSchema, PROJECT, projectParamsSchema } from './scope.ts'

/** A stage, step group or step of an execution. `id` is its path, e.g. `dev.deploy.apply`; unique within the execution. */
export const executionNodeSchema = z.object({
  id: z.string(),
  parent: z.string().nullable(),
  kind: z.enum(['stage', 'group', 'step']),
  /** Step type (`DBSchemaApply`, `HarnessApproval`, …) or stage type. */
  type: z.string(),
  identifier: z.string(),
  name: z.string(),
  /** True for nodes of a rollbackSteps section. */
  rollback: z.boolean(),
  status: executionStatusSchema,
  /** One sentence: what it waits for, or why it was skipped. */
  statusReason: z.string().optional(),
  startedAt: epochMillisecondsSchema.nullable(),
  endedAt: epochMillisecondsSchema.nullable(),
  /** DB steps: what they touch. */
  dbSchema: z.string().optional(),
  dbInstance: z.string().optional(),
  /** Outputs that expressions can read: preStartTag, changeSets, sqlCommands, … */
  output: z.record(z.string(), z.unknown()),
  fault: faultRecordSchema.optional(),
  /** The latest attempt; its log is read by this id. */
  attempt: z.string().nullable(),
  attempts: z.int().nonnegative(),
  approval: z.string().nullable(),
  hasPlan: z.boolean(),
  /** Of a step that waits for inputs: what it asks for. */
  inputs: z
    .array(
      z.object({
        /** Where it stands in the step: `spec.tag`. */
        name: z.string(),
        default: z.string().optional(),
        allowed: z.array(z.string()).optional(),
        many: z.literal(true).optional(),
        pattern: z.string().optional(),
      }),
    )
    .optional(),
})
export type ExecutionNode = z.output<typeof executionNodeSchema>

/** How a run was started. */
export const triggerTypeSchema = z.enum(['MANUAL', 'API', 'WEBHOOK', 'WEBHOOK_CUSTOM', 'SCHEDULER_CRON'])
export type TriggerType = z.output<typeof triggerTypeSchema>

export const executionSummarySchema = z.object({
  id: z.string(),
  /** Counts from 1 for each pipeline; a start that was refused may have used one up. */
  number: z.int().positive(),
  pipeline: z.string(),
  pipelineName: z.string(),
  status: executionStatusSchema,
  /** Of a run that a trigger started: its owner, and the trigger. */
  triggeredBy: z.object({
    type: triggerTypeSchema,
    identifier: z.string(),
    name: z.string(),
    trigger: z.string().optional(),
  }),
  notes: z.string().optional(),
  createdAt: epochMillisecondsSchema,
  startedAt: epochMillisecondsSchema.nullable(),
  endedAt: epochMillisecondsSchema.nullable(),
})
export const executionSchema = executionSummarySchema.extend({
  pipelineYaml: z.string(),
  /** In document order. */
  nodes: z.array(executionNodeSchema),
})
export type ExecutionSummary = z.output<typeof executionSummarySchema>
export type Execution = z.output<typeof executionSchema>

/** `complete`: the step has sent all of it. `verified`: compared with the digest that it reported; null until that was done. */
export const resultSchema = z.object({
  name: z.string(),
  bytes: z.int(),
  complete: z.boolean(),
  sha256: z.string().nullable(),
  verified: z.boolean().nullable(),
})

const tag = 'Executions'
const one = `${PROJECT}/executions/{execution}`
const nodeParams = executionParamsSchema.extend({ node: z.string().min(1).max(512) })
const attemptParams = executionParamsSchema.extend({ attempt: z.string().min(1).max(64) })
export const executionEndpoints = {
  listExecutions: endpoint({
    name: 'listExecutions',
    method: 'GET',
    path: `${PROJECT}/executions`,
    tag,
    summary: 'List executions, newest first',
    access: 'pipeline.view',
    params: projectParamsSchema,
    query: listQuerySchema.extend({ pipeline: z.string().max(128).optional() }),
    status: 200,
    reply: z.array(executionSummarySchema),
    paged: true,
  }),
  getExecution: endpoint({
    name: 'getExecution',
    method: 'GET',
    path: one,
    tag,
    summary: 'Read an execution with its nodes',
    access: 'pipeline.view',
    params: executionParamsSchema,
    query: noQuerySchema,
    status: 200,
    reply: executionSchema,
  }),
  retryExecution: endpoint({
    name: 'retryExecution',
    method: 'POST',
    path: `${one}/retry`,
    tag,
    summary: 'Start a new execution that keeps the finished stages of one that failed, with the same inputs',
    access: 'pipeline.execute',
    params: executionParamsSchema,
    query: noQuerySchema,
    /** `stage`: where to begin; the first stage that is not done when it is left out. */
    body: z.object({
      stage: z.string().max(128).optional(),
      notes: z.string().max(1024).optional(),
      /** As at a start. */
      override_freeze: startBodySchema.shape.override_freeze,
    }),
    status: 200,
    reply: z.object({ execution_details: z.object({ execution_id: z.string(), status: executionStatusSchema }) }),
  }),
  retryPlatformExecution: endpoint({
    name: 'retryPlatformExecution',
    method: 'PUT',
    path: '/pipeline/api/pipeline/execute/retry/{execution}',
    tag,
    summary: 'The same for clients of the compatible API',
    access: 'pipeline.execute',
    envelope: 'platform',
    params: z.object({ execution: z.string().min(1).max(64) }),
    query: platformQuerySchema.extend({
      pipelineIdentifier: z.string().max(128).optional(),
      retryStages: z
        .string()
        .max(128)
        .optional()
        .describe('The stage to begin with; the first that is not done when it is left out.'),
      runAllStages: z
        .enum(['true', 'false'])
        .optional()
        .describe('No effect: stages beside it are kept when they are done.'),
      notesForPipelineExecution: z.string().max(1024).optional(),
      moduleType: z.string().max(64).optional(),
    }),
    /** Inputs stay those of the execution: a body must be empty. */
    rawBody: { contentType: 'application/yaml', maxBytes: 1_048_576 },
    status: 200,
    reply: z.object({ planExecution: z.object({ uuid: z.string(), status: executionStatusSchema }) }),
  }),
  abortExecution: endpoint({
    name: 'abortExecution',
    method: 'POST',
    path: `${one}/abort`,
    tag,
    summary: 'Abort an execution: running statements are cancelled and rolled back',
    access: 'pipeline.execute',
    params: executionParamsSchema,
    query: noQuerySchema,
    body: z.object({ reason: z.string().max(1024).optional() }),
    status: 204,
    reply: noContentSchema,
  }),
  pauseExecution: endpoint({
    name: 'pauseExecution',
    method: 'POST',
    path: `${one}/pause`,
    tag,
    summary: 'Let what runs go to its end and begin nothing new; a rollback is not held up',
    access: 'pipeline.execute',
    params: executionParamsSchema,
    query: noQuerySchema,
    body: z.object({ reason: z.string().max(1024).optional() }),
    status: 204,
    reply: noContentSchema,
  }),
  resumeExecution: endpoint({
    name: 'resumeExecution',
    method: 'POST',
    path: `${one}/resume`,
    tag,
    summary: 'Go on after a pause',
    access: 'pipeline.execute',
    params: executionParamsSchema,
    query: noQuerySchema,
    status: 204,
    reply: noContentSchema,
  }),
  resolveNode: endpoint({
    name: 'resolveNode',
    method: 'POST',
    path: `${one}/nodes/{node}/resolve`,
    tag,
    summary: 'Decide about a step that waits for intervention',
    access: 'pipeline.execute',
    params: nodeParams,
    query: noQuerySchema,
    body: z.object({
      action: z.enum(['Retry', 'MarkAsFailure', 'MarkAsSuccess']),
      reason: z.string().min(1).max(1024),
    }),
    status: 204,
    reply: noContentSchema,
  }),
  giveInputs: endpoint({
    name: 'giveInputs',
    method: 'POST',
    path: `${one}/nodes/{node}/inputs`,
    tag,
    summary: 'Give the values that a step waits for; those that are left out have their defaults',
    access: 'pipeline.execute',
    params: nodeParams,
    query: noQuerySchema,
    body: z.object({ inputs: z.record(z.string().max(1024), z.string().max(65_536)) }),
    status: 204,
    reply: noContentSchema,
  }),
  getPlan: endpoint({
    name: 'getPlan',
    method: 'GET',
    path: `${one}/nodes/{node}/plan`,
    tag,
    summary: 'The SQL that a preview step produced, or that an approval shows',
    access: 'pipeline.view',
    params: nodeParams,
    query: noQuerySchema,
    status: 200,
    reply: z.array(planPayloadSchema.extend({ dbSchema: z.string(), dbInstance: z.string(), node: z.string() })),
  }),
  /** Log as text from a byte offset, for tools: `text/plain`. `X-Log-Committed` and `X-Log-Closed` tell how far it is. */
  getLog: endpoint({
    name: 'getLog',
    method: 'GET',
    path: `${one}/attempts/{attempt}/log`,
    tag,
    summary: 'Log text of an attempt from a byte offset; at most 1 MiB an answer',
    access: 'pipeline.view',
    params: attemptParams,
    query: noQuerySchema.extend({ offset: z.coerce.number().int().min(0).default(0) }),
    status: 200,
    reply: z.object({ text: z.string(), nextOffset: z.int(), committed: z.int(), closed: z.boolean() }),
  }),
  listResults: endpoint({
    name: 'listResults',
    method: 'GET',
    path: `${one}/attempts/{attempt}/results`,
    tag,
    summary: 'Large results of an attempt: the SQL that ran, a snapshot, a diff',
    access: 'pipeline.view',
    params: attemptParams,
    query: noQuerySchema,
    status: 200,
    reply: z.array(resultSchema),
  }),
  getResult: endpoint({
    name: 'getResult',
    method: 'GET',
    path: `${one}/attempts/{attempt}/results/{result}`,
    tag,
    summary: 'Text of a large result from a byte offset; at most 1 MiB an answer',
    access: 'pipeline.view',
    params: attemptParams.extend({ result: streamNameSchema }),
    query: noQuerySchema.extend({ offset: z.coerce.number().int().min(0).default(0) }),
    status: 200,
    reply: z.object({ text: z.string(), nextOffset: z.int(), committed: z.int(), closed: z.boolean() }),
  }),
  streamLog: endpoint({
    name: 'streamLog',
    method: 'GET',
    path: `${one}/attempts/{attempt}/log/stream`,
    tag,
    summary: 'Log of an attempt as server-sent events, from committed data; ends with event `eof`',
    access: 'pipeline.view',
    params: attemptParams,
    query: noQuerySchema.extend({ offset: z.coerce.number().int().min(0).default(0) }),
    status: 200,
    reply: z.object({ text: z.string(), nextOffset: z.int() }),
    stream: true,
  }),
  streamExecution: endpoint({
    name: 'streamExecution',
    method: 'GET',
    path: `${one}/stream`,
    tag,
    summary: 'Events of an execution as server-sent events; `Last-Event-ID` resumes',
    access: 'pipeline.view',
    params: executionParamsSchema,
    query: noQuerySchema.extend({ after: z.string().max(32).optional() }),
    status: 200,
    reply: liveEventSchema,
    stream: true,
  }),
}
