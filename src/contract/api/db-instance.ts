// DB instances: one database that a DB schema is deployed to, with the revision it follows (wire contract 1.3, 1.4).
import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { databaseIdentifierSchema, epochSecondsSchema, nameSchema, tagsSchema } from '../identifier.ts'
import { listQuerySchema, noQuerySchema } from '../paging.ts'
import { instanceParamsSchema, noContentSchema, SCHEMA, schemaParamsSchema } from './scope.ts'

const revision = {
  branch: z.string().max(256).optional(),
  commitSha: z.string().max(256).optional(),
  gitTag: z.string().max(256).optional(),
}
export const dbInstanceInSchema = z.object({
  identifier: databaseIdentifierSchema,
  name: nameSchema.optional(),
  connector: z.string().min(1).max(256),
  ...revision,
  context: z.string().max(1024).optional(),
  tags: tagsSchema.optional(),
  substituteProperties: z.record(z.string().max(256), z.string().max(4096)).optional(),
})
export const dbInstanceUpdateSchema = dbInstanceInSchema.partial()
export const dbInstanceOutSchema = z.object({
  identifier: z.string(),
  name: z.string(),
  connector: z.string(),
  created: epochSecondsSchema,
  updated: epochSecondsSchema,
  tags: z.record(z.string(), z.string()),
  branch: z.string(),
  commitSha: z.string(),
  gitTag: z.string(),
  context: z.string(),
  substituteProperties: z.record(z.string(), z.string()),
  lastDeployedChangeSetTag: z.string(),
  schemaIdentifier: z.string(),
})
export type DbInstanceOut = z.output<typeof dbInstanceOutSchema>
export const dbInstanceFilterSchema = z.object({
  filterType: z.enum(['Equals', 'NotEquals']).default('Equals'),
  instanceTags: z
    .array(z.object({ key: z.string().max(128), value: z.string().max(128).nullish() }))
    .max(128)
    .optional(),
})

const tag = 'DB instances'
const one = `${SCHEMA}/instance/{dbinstance}`
export const dbInstanceEndpoints = {
  listDbInstances: endpoint({
    name: 'listDbInstances',
    method: 'POST',
    path: `${SCHEMA}/instancelist`,
    tag,
    summary: 'List DB instances',
    access: 'instance.view',
    params: schemaParamsSchema,
    query: listQuerySchema,
    body: dbInstanceFilterSchema,
    status: 200,
    reply: z.array(dbInstanceOutSchema),
    paged: true,
    filtered: true,
  }),
  createDbInstance: endpoint({
    name: 'createDbInstance',
    method: 'POST',
    path: `${SCHEMA}/instance`,
    tag,
    summary: 'Create a DB instance',
    access: 'instance.edit',
    params: schemaParamsSchema,
    query: noQuerySchema,
    body: dbInstanceInSchema,
    status: 201,
    reply: dbInstanceOutSchema,
  }),
  getDbInstance: endpoint({
    name: 'getDbInstance',
    method: 'GET',
    path: one,
    tag,
    summary: 'Read a DB instance',
    access: 'instance.view',
    params: instanceParamsSchema,
    query: noQuerySchema,
    status: 200,
    reply: dbInstanceOutSchema,
  }),
  updateDbInstance: endpoint({
    name: 'updateDbInstance',
    method: 'PUT',
    path: one,
    tag,
    summary: 'Update a DB instance',
    access: 'instance.edit',
    params: instanceParamsSchema,
    query: noQuerySchema,
    body: dbInstanceUpdateSchema,
    status: 200,
    reply: dbInstanceOutSchema,
  }),
  deleteDbInstance: endpoint({
    name: 'deleteDbInstance',
    method: 'DELETE',
    path: one,
    tag,
    summary: 'Delete a DB instance and its history here; the database stays untouched',
    access: 'instance.delete',
    params: instanceParamsSchema,
    query: noQuerySchema,
    status: 204,
    reply: noContentSchema,
  }),
}
