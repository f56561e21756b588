// Pipelines: the YAML document is kept verbatim and validated as a whole on save (wire contract 2.5, section 3).
import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { diagnosticSchema } from '../diagnostic-schema.ts'
import { descriptionSchema, epochMillisecondsSchema, identifierSchema, nameSchema, tagsSchema } from '../identifier.ts'
import { listQuerySchema, noQuerySchema } from '../paging.ts'
import { executionStatusSchema } from '../pipeline/status.ts'
import { noContentSchema, PROJECT, projectParamsSchema } from './scope.ts'

export const pipelineInSchema = z.object({
  pipeline_yaml: z.string().min(1).max(1_048_576),
  identifier: identifierSchema,
  name: nameSchema,
  description: descriptionSchema.optional(),
  tags: tagsSchema.optional(),
})
export const pipelineOutSchema = z.object({
  pipeline_yaml: z.string(),
  identifier: z.string(),
  name: z.string(),
  org: z.string(),
  project: z.string(),
  description: z.string(),
  tags: z.record(z.string(), z.string()),
  modules: z.array(z.string()),
  valid: z.boolean(),
  created: epochMillisecondsSchema,
  updated: epochMillisecondsSchema,
})
export type PipelineOut = z.output<typeof pipelineOutSchema>

const tag = 'Pipelines'
const one = `${PROJECT}/pipelines/{pipeline}`
const oneParams = projectParamsSchema.extend({ pipeline: identifierSchema })
export const pipelineEndpoints = {
  listPipelines: endpoint({
    name: 'listPipelines',
    method: 'GET',
    path: `${PROJECT}/pipelines`,
    tag,
    summary: 'List pipelines',
    access: 'pipeline.view',
    params: projectParamsSchema,
    query: listQuerySchema,
    status: 200,
    reply: z.array(pipelineOutSchema.omit({ pipeline_yaml: true })),
    paged: true,
  }),
  createPipeline: endpoint({
    name: 'createPipeline',
    method: 'POST',
    path: `${PROJECT}/pipelines`,
    tag,
    summary: 'Create a pipeline',
    access: 'pipeline.edit',
    params: projectParamsSchema,
    query: noQuerySchema,
    body: pipelineInSchema,
    maxBytes: 3_145_728,
    status: 201,
    reply: z.object({ identifier: z.string() }),
  }),
  getPipeline: endpoint({
    name: 'getPipeline',
    method: 'GET',
    path: one,
    tag,
    summary: 'Read a pipeline',
    access: 'pipeline.view',
    params: oneParams,
    query: noQuerySchema,
    status: 200,
    reply: pipelineOutSchema,
  }),
  updatePipeline: endpoint({
    name: 'updatePipeline',
    method: 'PUT',
    path: one,
    tag,
    summary: 'Replace a pipeline',
    access: 'pipeline.edit',
    params: oneParams,
    query: noQuerySchema,
    body: pipelineInSchema,
    maxBytes: 3_145_728,
    status: 200,
    reply: z.object({ identifier: z.string() }),
  }),
  deletePipeline: endpoint({
    name: 'deletePipeline',
    method: 'DELETE',
    path: one,
    tag,
    summary: 'Delete a pipeline',
    access: 'pipeline.edit',
    params: oneParams,
    query: noQuerySchema,
    status: 204,
    reply: noContentSchema,
  }),
  validatePipeline: endpoint({
    name: 'validatePipeline',
    method: 'POST',
    path: `${PROJECT}/pipelines/validate`,
    tag,
    summary: 'Validate a pipeline document without saving it',
    access: 'pipeline.view',
    params: projectParamsSchema,
    query: noQuerySchema,
    body: z.object({ pipeline_yaml: z.string().max(1_048_576) }),
    maxBytes: 3_145_728,
    status: 200,
    reply: z.object({ valid: z.boolean(), diagnostics: z.array(diagnosticSchema) }),
  }),
  executePipeline: endpoint({
    name: 'executePipeline',
    method: 'POST',
    path: `${one}/execute`,
    tag,
    summary: 'Start an execution',
    access: 'pipeline.execute',
    params: oneParams,
    query: noQuerySchema,
    body: z.object({ notes: z.string().max(1024).optional() }),
    status: 200,
    reply: z.object({ execution_details: z.object({ execution_id: z.string(), status: executionStatusSchema }) }),
  }),
}
