// Pipelines and their starts as the clients of the platform services address them: YAML as the body, the scope in the query.
import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { epochMillisecondsSchema, identifierSchema } from '../identifier.ts'
import { platformListQuerySchema, platformQuerySchema } from '../platform.ts'
import { executionStatusSchema } from '../pipeline/status.ts'
import { noParamsSchema } from './scope.ts'

/** Where a document is kept. Anything but INLINE is refused. */
export const storedQuery = { storeType: z.string().max(64).optional() }
/** Clients send YAML, or an object as JSON, which is YAML too. */
export const yamlBody = { rawBody: { contentType: 'application/yaml', maxBytes: 1_048_576 } } as const

export const platformPipelineSummarySchema = z.object({
  name: z.string(),
  identifier: z.string(),
  description: z.string(),
  tags: z.record(z.string(), z.string()),
  modules: z.array(z.string()),
  storeType: z.literal('INLINE'),
  createdAt: epochMillisecondsSchema,
  lastUpdatedAt: epochMillisecondsSchema,
  entityValidityDetails: z.object({ valid: z.boolean() }),
  /** Of its latest run; null when it never ran. */
  executionSummaryInfo: z.object({
    lastExecutionId: z.string().nullable(),
    lastExecutionStatus: executionStatusSchema.nullable(),
    lastExecutionTs: epochMillisecondsSchema.nullable(),
  }),
})
const savedSchema = z.object({ identifier: z.string(), governanceMetadata: z.null() })

const tag = 'Pipelines (platform services)'
const PIPELINES = '/pipeline/api/pipelines'
const base = { tag, envelope: 'platform', status: 200 } as const
const params = z.object({ pipeline: identifierSchema })
export const platformPipelineEndpoints = {
  platformListPipelines: endpoint({
    ...base,
    name: 'platformListPipelines',
    method: 'POST',
    path: `${PIPELINES}/list`,
    summary: 'List pipelines',
    access: 'pipeline.view',
    params: noParamsSchema,
    query: platformListQuerySchema.extend({ sort: z.string().max(256).optional().describe('The same as sortOrders.') }),
    body: z.object({
      filterType: z.string().max(64).optional(),
      name: z.string().max(256).nullish(),
      pipelineIdentifiers: z.array(z.string().max(128)).max(1000).nullish(),
    }),
    reply: z.array(platformPipelineSummarySchema),
    paged: true,
    filtered: true,
  }),
  platformCreatePipeline: endpoint({
    ...base,
    ...yamlBody,
    name: 'platformCreatePipeline',
    method: 'POST',
    path: `${PIPELINES}/v2`,
    summary: 'Create a pipeline; the body is its YAML document',
    access: 'pipeline.edit',
    params: noParamsSchema,
    query: platformQuerySchema.extend(storedQuery),
    reply: savedSchema,
  }),
  platformUpdatePipeline: endpoint({
    ...base,
    ...yamlBody,
    name: 'platformUpdatePipeline',
    method: 'PUT',
    path: `${PIPELINES}/v2/{pipeline}`,
    summary: 'Replace a pipeline; the body is its YAML document',
    access: 'pipeline.edit',
    params,
    query: platformQuerySchema.extend(storedQuery),
    reply: savedSchema,
  }),
  platformGetPipeline: endpoint({
    ...base,
    name: 'platformGetPipeline',
    method: 'GET',
    path: `${PIPELINES}/{pipeline}`,
    summary: 'Read a pipeline',
    access: 'pipeline.view',
    params,
    query: platformQuerySchema,
    reply: z.object({
      yamlPipeline: z.string(),
      modules: z.array(z.string()),
      storeType: z.literal('INLINE'),
      entityValidityDetails: z.object({ valid: z.boolean() }),
    }),
  }),
  platformGetPipelineSummary: endpoint({
    ...base,
    name: 'platformGetPipelineSummary',
    method: 'GET',
    path: `${PIPELINES}/summary/{pipeline}`,
    summary: 'Read a pipeline without its document',
    access: 'pipeline.view',
    params,
    query: platformQuerySchema,
    reply: platformPipelineSummarySchema,
  }),
  platformDeletePipeline: endpoint({
    ...base,
    name: 'platformDeletePipeline',
    method: 'DELETE',
    path: `${PIPELINES}/{pipeline}`,
    summary: 'Delete a pipeline',
    access: 'pipeline.delete',
    params,
    query: platformQuerySchema,
    reply: z.literal(true),
  }),
  platformExecutePipeline: endpoint({
    ...base,
    ...yamlBody,
    name: 'platformExecutePipeline',
    method: 'POST',
    path: '/pipeline/api/pipeline/execute/{pipeline}',
    summary: 'Start an execution; the body holds inputs as YAML and may be empty',
    access: 'pipeline.execute',
    params,
    query: platformQuerySchema.extend({
      ...storedQuery,
      inputSetIdentifiers: z.string().max(8192).optional().describe('Input sets in their order; may be repeated.'),
      notesForPipelineExecution: z.string().max(1024).optional(),
    }),
    reply: z.object({
      planExecution: z.object({
        uuid: z.string(),
        status: executionStatusSchema,
        metadata: z.object({ pipelineIdentifier: z.string(), executionUuid: z.string() }),
      }),
    }),
  }),
}
