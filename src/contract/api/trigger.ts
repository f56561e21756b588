// Triggers: what starts pipelines by itself, the addresses that Git hosts send to, and what was decided about each delivery
// (wire contract 2.5 and 3.7). The YAML document is kept verbatim.
import { z } from 'zod'
import { diagnosticSchema } from '../diagnostic-schema.ts'
import { endpoint } from '../endpoint.ts'
import { epochMillisecondsSchema, identifierSchema } from '../identifier.ts'
import { noQuerySchema, pageQuery } from '../paging.ts'
import { platformListQuerySchema, platformQuerySchema } from '../platform.ts'
import { executionParamsSchema, noParamsSchema, PROJECT, projectParamsSchema } from './scope.ts'

export const triggerOutSchema = z.object({
  name: z.string(),
  identifier: z.string(),
  description: z.string(),
  tags: z.record(z.string(), z.string()),
  type: z.enum(['Webhook', 'Scheduled']),
  accountIdentifier: z.string(),
  orgIdentifier: z.string(),
  projectIdentifier: z.string(),
  targetIdentifier: z.string(),
  yaml: z.string(),
  /** Counts its changes. */
  version: z.int(),
  enabled: z.boolean(),
  /** Path and query of the address that deliveries are sent to; put the manager's own address in front. Empty for schedules. */
  webhookUrl: z.string(),
  errors: z.record(z.string(), z.string()),
  errorResponse: z.boolean(),
  /** Whose rights its runs have: who saved it last. Empty when that one is no more; then nothing starts. */
  owner: z.string(),
  /** Schedules that are enabled: the next times. */
  nextFireTimes: z.array(epochMillisecondsSchema),
  /** What was found in the document that is no error. */
  diagnostics: z.array(diagnosticSchema),
  createdAt: epochMillisecondsSchema,
  lastModifiedAt: epochMillisecondsSchema,
})
export type TriggerOut = z.output<typeof triggerOutSchema>

/** What became of a delivery or of a time of a schedule. */
export const triggerEventStatusSchema = z.enum([
  'TARGET_EXECUTION_REQUESTED',
  'NO_MATCHING_TRIGGER',
  'TRIGGER_DID_NOT_MATCH',
  'TRIGGER_AUTHENTICATION_FAILED',
  'REPEATED_DELIVERY',
  'IGNORED',
  'INVALID_PAYLOAD',
  'OWNER_WITHOUT_RIGHT',
  'START_FAILED',
  'REPORT_FAILED',
])
export type TriggerEventStatus = z.output<typeof triggerEventStatusSchema>
export const triggerEventSchema = z.object({
  id: z.string(),
  /** What the sender was answered. Several events belong to one delivery when it is about several triggers. */
  delivery: z.string(),
  pipeline: z.string().nullable(),
  trigger: z.string().nullable(),
  source: z.enum(['Github', 'Gitlab', 'Bitbucket', 'AzureRepo', 'Custom', 'Scheduled']),
  status: triggerEventStatusSchema,
  /** One sentence. */
  reason: z.string(),
  execution: z.string().nullable(),
  /** Event, action, repository, branches, commit, pull request, sender: what was told. */
  summary: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  receivedAt: epochMillisecondsSchema,
})
export type TriggerEvent = z.output<typeof triggerEventSchema>

const tag = 'Triggers'
const TRIGGERS = '/pipeline/api/triggers'
const one = `${TRIGGERS}/{trigger}`
const ofPlatform = { tag, envelope: 'platform', status: 200 } as const
/** The permissions are those of the pipeline that a trigger starts. */
const ofPipeline = { ...ofPlatform, identifierInQuery: 'targetIdentifier' } as const
const target = { targetIdentifier: identifierSchema.describe('The pipeline that it starts.') }
const query = platformQuerySchema.extend({
  ...target,
  ignoreError: z.string().max(8).optional(),
  withServiceV2: z.string().max(8).optional(),
})
const params = z.object({ trigger: identifierSchema })
/** Clients of the compatible API send YAML and call it JSON. */
const yaml = { rawBody: { contentType: 'application/yaml', maxBytes: 1_048_576 } } as const

/** Bytes of a delivery. GitHub sends at most 25 MiB, which no push or pull request comes near. */
export const deliveryBytes = 2_097_152
const delivery = { contentType: 'application/json', maxBytes: deliveryBytes } as const
const deliveryQuery = platformQuerySchema.extend({
  pipelineIdentifier: z.string().max(128).optional(),
  triggerIdentifier: z.string().max(128).optional(),
})
const received = z.string().describe('Id of the delivery, as the history of events shows it.')

export const triggerEndpoints = {
  listTriggers: endpoint({
    ...ofPipeline,
    name: 'listTriggers',
    method: 'GET',
    path: TRIGGERS,
    summary: 'List the triggers of a pipeline',
    access: 'pipeline.view',
    params: noParamsSchema,
    query: platformListQuerySchema.extend(target),
    reply: z.array(triggerOutSchema),
    paged: true,
  }),
  createTrigger: endpoint({
    ...ofPipeline,
    ...yaml,
    name: 'createTrigger',
    method: 'POST',
    path: TRIGGERS,
    summary: 'Create a trigger; the body is its YAML document. Who saves it is whose rights its runs have',
    access: 'pipeline.edit',
    params: noParamsSchema,
    query,
    reply: triggerOutSchema,
  }),
  getTrigger: endpoint({
    ...ofPipeline,
    name: 'getTrigger',
    method: 'GET',
    path: one,
    summary: 'Read a trigger',
    access: 'pipeline.view',
    params,
    query,
    reply: triggerOutSchema,
  }),
  updateTrigger: endpoint({
    ...ofPipeline,
    ...yaml,
    name: 'updateTrigger',
    method: 'PUT',
    path: one,
    summary: 'Replace a trigger; the body is its YAML document',
    access: 'pipeline.edit',
    params,
    query,
    reply: triggerOutSchema,
  }),
  setTriggerStatus: endpoint({
    ...ofPipeline,
    name: 'setTriggerStatus',
    method: 'PUT',
    path: `${one}/status`,
    summary: 'Enable or disable a trigger',
    access: 'pipeline.edit',
    params,
    query: query.extend({ status: z.enum(['true', 'false']) }),
    reply: z.boolean(),
  }),
  deleteTrigger: endpoint({
    ...ofPipeline,
    name: 'deleteTrigger',
    method: 'DELETE',
    path: one,
    summary: 'Delete a trigger',
    access: 'pipeline.delete',
    params,
    query,
    reply: z.literal(true),
  }),
  listTriggerEvents: endpoint({
    name: 'listTriggerEvents',
    method: 'GET',
    path: `${PROJECT}/trigger-events`,
    tag,
    summary: 'What was delivered to the triggers of a project, what was decided, and why; newest first',
    access: 'pipeline.view',
    params: projectParamsSchema,
    query: noQuerySchema.extend({
      ...pageQuery,
      pipeline: identifierSchema.optional(),
      trigger: identifierSchema.optional(),
      delivery: z.string().max(64).optional(),
    }),
    status: 200,
    reply: z.array(triggerEventSchema),
    paged: true,
  }),
  resendReports: endpoint({
    name: 'resendReports',
    method: 'POST',
    path: `${PROJECT}/executions/{execution}/reports/resend`,
    tag,
    summary: 'Tell the Git host of an execution again: the commit status and the comment that were given up',
    access: 'pipeline.edit',
    params: executionParamsSchema,
    query: noQuerySchema,
    status: 200,
    reply: z.object({ resent: z.int().positive().describe('How many are sent again.') }),
  }),
  receiveWebhook: endpoint({
    ...ofPlatform,
    name: 'receiveWebhook',
    method: 'POST',
    path: '/ng/api/webhook',
    summary: 'Where Git hosts deliver events; proved by the secret of each trigger',
    access: 'public',
    params: noParamsSchema,
    query: deliveryQuery,
    rawBody: delivery,
    reply: received,
  }),
  receiveCustomWebhook: endpoint({
    ...ofPlatform,
    name: 'receiveCustomWebhook',
    method: 'POST',
    path: '/pipeline/api/webhook/custom',
    summary: 'Where any other program delivers events; proved by the secret of each trigger',
    access: 'public',
    params: noParamsSchema,
    query: deliveryQuery,
    rawBody: delivery,
    reply: received,
  }),
}
