// Input sets: values for the runtime inputs of a pipeline, kept under a name (wire contract 2.5, 3.7). An overlay is a list of them.
import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { descriptionSchema, epochMillisecondsSchema, identifierSchema, nameSchema, tagsSchema } from '../identifier.ts'
import { listQuerySchema, noQuerySchema } from '../paging.ts'
import { gitMetadataSchema } from './pipeline.ts'
import { noContentSchema, PROJECT, projectParamsSchema } from './scope.ts'

export const inputSetInSchema = z.object({
  input_set_yaml: z.string().min(1).max(1_048_576),
  identifier: identifierSchema,
  name: nameSchema,
  description: descriptionSchema.optional(),
  tags: tagsSchema.optional(),
})
export const inputSetOutSchema = z.object({
  input_set_yaml: z.string(),
  identifier: z.string(),
  name: z.string(),
  org: z.string(),
  project: z.string(),
  description: z.string(),
  tags: z.record(z.string(), z.string()),
  created: epochMillisecondsSchema,
  updated: epochMillisecondsSchema,
})
export type InputSetOut = z.output<typeof inputSetOutSchema>

const tag = 'Input sets'
const one = `${PROJECT}/input-sets/{inputSet}`
const oneParams = projectParamsSchema.extend({ inputSet: identifierSchema })
const ofPipeline = { pipeline: identifierSchema.describe('The pipeline that it is for.') }
export const inputSetEndpoints = {
  listInputSets: endpoint({
    name: 'listInputSets',
    method: 'GET',
    path: `${PROJECT}/input-sets`,
    tag,
    summary: 'List the input sets of a pipeline',
    access: 'pipeline.view',
    params: projectParamsSchema,
    query: listQuerySchema.extend(ofPipeline),
    status: 200,
    reply: z.array(inputSetOutSchema.omit({ input_set_yaml: true })),
    paged: true,
  }),
  createInputSet: endpoint({
    name: 'createInputSet',
    method: 'POST',
    path: `${PROJECT}/input-sets`,
    tag,
    summary: 'Create an input set, or an overlay of several',
    access: 'pipeline.edit',
    params: projectParamsSchema,
    query: noQuerySchema.extend(ofPipeline),
    body: inputSetInSchema,
    maxBytes: 3_145_728,
    status: 201,
    reply: inputSetOutSchema,
  }),
  getInputSet: endpoint({
    name: 'getInputSet',
    method: 'GET',
    path: one,
    tag,
    summary: 'Read an input set',
    access: 'pipeline.view',
    params: oneParams,
    query: noQuerySchema.extend(ofPipeline),
    status: 200,
    reply: inputSetOutSchema,
  }),
  updateInputSet: endpoint({
    name: 'updateInputSet',
    method: 'PUT',
    path: one,
    tag,
    summary: 'Replace an input set',
    access: 'pipeline.edit',
    params: oneParams,
    query: noQuerySchema.extend(ofPipeline),
    body: inputSetInSchema,
    maxBytes: 3_145_728,
    status: 200,
    reply: inputSetOutSchema,
  }),
  updateInputSetGitMetadata: endpoint({
    name: 'updateInputSetGitMetadata',
    method: 'PUT',
    path: `${one}/git-metadata`,
    tag,
    summary: 'Accept what a client says about the repository of an input set that is kept here; nothing changes',
    access: 'pipeline.edit',
    params: oneParams,
    query: noQuerySchema.extend(ofPipeline),
    body: gitMetadataSchema,
    maxBytes: 3_145_728,
    status: 200,
    reply: z.object({ identifier: z.string() }),
  }),
  deleteInputSet: endpoint({
    name: 'deleteInputSet',
    method: 'DELETE',
    path: one,
    tag,
    summary: 'Delete an input set',
    access: 'pipeline.delete',
    params: oneParams,
    query: noQuerySchema.extend(ofPipeline),
    status: 204,
    reply: noContentSchema,
  }),
}
