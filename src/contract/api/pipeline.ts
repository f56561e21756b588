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

/** Clients send the body of an update here once more. What is kept in a Git repository has another type of store. */
export const gitMetadataSchema = z.object({
  git_details: z.object({ store_type: z.string().max(64).optional() }).optional(),
})

/** Inputs: sets in their order, then `inputs_yaml`, then `inputs` by path; what comes later wins. */
export const startBodySchema = z.object({
  notes: z.string().max(1024).optional(),
  input_set_refs: z.array(identifierSchema).max(50).optional(),
  inputs_yaml: z.string().max(1_048_576).optional(),
  inputs: z.record(z.string().max(1024), z.string().max(65_536)).optional(),
  override_freeze: z
    .string()
    .min(1)
    .max(1024)
    .optional()
    .describe('Why the run passes over the freezes that are on; needs freeze.override for them, and is audited.'),
})
export type StartBody = z.output<typeof startBodySchema>

export const pipelineInputSchema = z.object({
  /** Field names from the pipeline on: `variables.env.value`. */
  path: z.string(),
  line: z.int(),
  default: z.string().optional(),
  allowed: z.array(z.string()).optional(),
  /** Several of the allowed values may be given, separated by commas. */
  many: z.literal(true).optional(),
  pattern: z.string().optional(),
  /** Asked for when its step begins; may be given before. */
  late: z.literal(true).optional(),
})

/** A stage, group or step as it would be run: loops are expanded. */
export const expandedNodeSchema = z.object({
  id: z.string(),
  parent: z.string().nullable(),
  kind: z.enum(['stage', 'group', 'step']),
  type: z.string(),
  name: z.string(),
  rollback: z.boolean(),
  /** Batch among its siblings: those with the same number run at the same time. */
  batch: z.int(),
  dbSchema: z.string().optional(),
  dbInstance: z.string().optional(),
  condition: z.string().optional(),
})

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
    filtered: true,
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
  updatePipelineGitMetadata: endpoint({
    name: 'updatePipelineGitMetadata',
    method: 'PUT',
    path: `${one}/git-metadata`,
    tag,
    summary: 'Accept what a client says about the repository of a pipeline that is kept here; nothing changes',
    access: 'pipeline.edit',
    params: oneParams,
    query: noQuerySchema,
    body: gitMetadataSchema,
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
    access: 'pipeline.delete',
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
  listPipelineInputs: endpoint({
    name: 'listPipelineInputs',
    method: 'GET',
    path: `${one}/inputs`,
    tag,
    summary: 'The runtime inputs that a pipeline asks for',
    access: 'pipeline.view',
    params: oneParams,
    query: noQuerySchema,
    status: 200,
    reply: z.array(pipelineInputSchema),
  }),
  dryRunPipeline: endpoint({
    name: 'dryRunPipeline',
    method: 'POST',
    path: `${one}/dry-run`,
    tag,
    summary: 'The graph that a start with these inputs would run; nothing is started',
    access: 'pipeline.view',
    params: oneParams,
    query: noQuerySchema,
    body: startBodySchema.omit({ notes: true }),
    maxBytes: 3_145_728,
    status: 200,
    reply: z.object({ nodes: z.array(expandedNodeSchema), diagnostics: z.array(diagnosticSchema) }),
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
    body: startBodySchema,
    maxBytes: 3_145_728,
    status: 200,
    reply: z.object({ execution_details: z.object({ execution_id: z.string(), status: executionStatusSchema }) }),
  }),
}
