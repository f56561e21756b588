// Input sets as the clients of the platform services address them: YAML as the body, the pipeline in the query.
import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { epochMillisecondsSchema, identifierSchema } from '../identifier.ts'
import { platformListQuerySchema, platformQuerySchema } from '../platform.ts'
import { storedQuery, yamlBody } from './platform-pipeline.ts'
import { noParamsSchema } from './scope.ts'

const listedSchema = z.object({
  identifier: z.string(),
  name: z.string(),
  pipelineIdentifier: z.string(),
  description: z.string(),
  tags: z.record(z.string(), z.string()),
  inputSetType: z.enum(['INPUT_SET', 'OVERLAY_INPUT_SET']),
  storeType: z.literal('INLINE'),
  createdAt: epochMillisecondsSchema,
  lastUpdatedAt: epochMillisecondsSchema,
})
export const platformInputSetSchema = listedSchema.extend({
  accountId: z.string(),
  orgIdentifier: z.string(),
  projectIdentifier: z.string(),
  inputSetYaml: z.string(),
  errorResponse: z.literal(false),
})
export type PlatformInputSet = z.output<typeof platformInputSetSchema>

const INPUT_SETS = '/pipeline/api/inputSets'
const one = `${INPUT_SETS}/{inputSet}`
/** The permissions are those of the pipeline. */
const base = {
  tag: 'Input sets (platform services)',
  envelope: 'platform',
  status: 200,
  identifierInQuery: 'pipelineIdentifier',
} as const
const ofPipeline = { pipelineIdentifier: identifierSchema.describe('The pipeline that it is for.') }
const query = platformQuerySchema.extend({ ...ofPipeline, ...storedQuery })
const params = z.object({ inputSet: identifierSchema })
export const platformInputSetEndpoints = {
  platformListInputSets: endpoint({
    ...base,
    name: 'platformListInputSets',
    method: 'GET',
    path: INPUT_SETS,
    summary: 'List the input sets of a pipeline',
    access: 'pipeline.view',
    params: noParamsSchema,
    query: platformListQuerySchema.extend(ofPipeline),
    reply: z.array(listedSchema),
    paged: true,
  }),
  platformGetInputSet: endpoint({
    ...base,
    name: 'platformGetInputSet',
    method: 'GET',
    path: one,
    summary: 'Read an input set',
    access: 'pipeline.view',
    params,
    query,
    reply: platformInputSetSchema,
  }),
  platformCreateInputSet: endpoint({
    ...base,
    ...yamlBody,
    name: 'platformCreateInputSet',
    method: 'POST',
    path: INPUT_SETS,
    summary: 'Create an input set; the body is its YAML document',
    access: 'pipeline.edit',
    params: noParamsSchema,
    query,
    reply: platformInputSetSchema,
  }),
  platformUpdateInputSet: endpoint({
    ...base,
    ...yamlBody,
    name: 'platformUpdateInputSet',
    method: 'PUT',
    path: one,
    summary: 'Replace an input set; the body is its YAML document',
    access: 'pipeline.edit',
    params,
    query,
    reply: platformInputSetSchema,
  }),
  platformDeleteInputSet: endpoint({
    ...base,
    name: 'platformDeleteInputSet',
    method: 'DELETE',
    path: one,
    summary: 'Delete an input set',
    access: 'pipeline.delete',
    params,
    query,
    reply: z.literal(true),
  }),
  platformGetInputTemplate: endpoint({
    ...base,
    name: 'platformGetInputTemplate',
    method: 'POST',
    path: `${INPUT_SETS}/template`,
    summary: 'The part of a pipeline that holds its runtime inputs, to be filled in',
    access: 'pipeline.view',
    params: noParamsSchema,
    query,
    body: z.object({ stageIdentifiers: z.array(z.string().max(128)).max(1000).optional() }),
    reply: z.object({
      /** Null when nothing is asked for. */
      inputSetTemplateYaml: z.string().nullable(),
      hasInputSets: z.boolean(),
      modules: z.array(z.string()),
    }),
  }),
}
