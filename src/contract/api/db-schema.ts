// DB schemas: a changelog in a repository, under a name (wire contract 1.3, 1.4).
import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { databaseIdentifierSchema, epochSecondsSchema, nameSchema, tagsSchema } from '../identifier.ts'
import { listQuerySchema, noQuerySchema } from '../paging.ts'
import { noContentSchema, PROJECT, projectParamsSchema, SCHEMA, schemaParamsSchema } from './scope.ts'

export const changelogSourceSchema = z.strictObject({
  connector: z.string().max(256).optional(),
  location: z.string().min(1).max(1024),
  repo: z.string().max(256).optional(),
  archivePath: z.string().max(1024).optional(),
  toml: z.string().max(1024).optional(),
})
/** For `type: Script`: a program that writes the changelog. */
export const changelogScriptSchema = z.object({
  image: z.string().max(1024),
  command: z.string().max(65_536),
  shell: z.string().max(64),
  location: z.string().max(1024),
  toml: z.string().max(1024).optional(),
})
export const schemaTypeSchema = z.enum(['Repository', 'Script'])
export const migrationTypeSchema = z.enum(['Liquibase', 'Flyway'])

export const dbSchemaInSchema = z.object({
  identifier: databaseIdentifierSchema,
  name: nameSchema,
  tags: tagsSchema.optional(),
  changelog: changelogSourceSchema.optional(),
  changeLogScript: changelogScriptSchema.optional(),
  service: z.string().max(256).optional(),
  type: schemaTypeSchema.optional(),
  migrationType: migrationTypeSchema.optional(),
  usePercona: z.boolean().optional(),
})
/** All optional. With `identifier` in the body: full replace, absent = cleared; without it: merge (wire contract 6). */
export const dbSchemaUpdateSchema = dbSchemaInSchema.partial().extend({
  /** A merge keeps what is left out; `connector: ""` takes the connector away. */
  changelog: changelogSourceSchema.partial().optional(),
  changeLogScript: changelogScriptSchema.partial().optional(),
})
export const dbSchemaOutSchema = z.object({
  identifier: z.string(),
  name: z.string(),
  created: epochSecondsSchema,
  updated: epochSecondsSchema,
  tags: z.record(z.string(), z.string()),
  /** Only the one that `type` names is there. */
  changelog: changelogSourceSchema.optional(),
  changeLogScript: changelogScriptSchema.optional(),
  service: z.string().optional(),
  instanceCount: z.int().nonnegative(),
  schemaSourceType: z.enum(['Git', 'Artifactory', 'Custom', 'HarnessCode']),
  type: schemaTypeSchema,
  migrationType: migrationTypeSchema,
  usePercona: z.boolean(),
})
export type DbSchemaOut = z.output<typeof dbSchemaOutSchema>

export const overviewOutSchema = z.object({
  dbInstanceCount: z.int(),
  dbSchemaCount: z.int(),
  /** At most 5, newest first. `lastDeployed` in epoch seconds. */
  recentDeployments: z.array(
    z.object({
      dbSchemaIdentifier: z.string(),
      dbSchemaName: z.string(),
      dbInstanceIdentifier: z.string(),
      dbInstanceName: z.string(),
      lastDeployed: epochSecondsSchema,
    }),
  ),
})

const tag = 'DB schemas'
export const dbSchemaEndpoints = {
  getOverview: endpoint({
    name: 'getOverview',
    method: 'GET',
    path: `${PROJECT}/dbschema/overview`,
    tag,
    summary: 'Counts and recent deployments',
    access: 'schema.view',
    params: projectParamsSchema,
    query: noQuerySchema,
    status: 200,
    reply: overviewOutSchema,
  }),
  listDbSchemas: endpoint({
    name: 'listDbSchemas',
    method: 'GET',
    path: `${PROJECT}/dbschema`,
    tag,
    summary: 'List DB schemas',
    access: 'schema.view',
    params: projectParamsSchema,
    query: listQuerySchema.extend({ migrationType: migrationTypeSchema.optional() }),
    status: 200,
    reply: z.array(dbSchemaOutSchema),
    paged: true,
    filtered: true,
  }),
  createDbSchema: endpoint({
    name: 'createDbSchema',
    method: 'POST',
    path: `${PROJECT}/dbschema`,
    tag,
    summary: 'Create a DB schema',
    access: 'schema.edit',
    params: projectParamsSchema,
    query: noQuerySchema,
    body: dbSchemaInSchema,
    status: 201,
    reply: dbSchemaOutSchema,
  }),
  getDbSchema: endpoint({
    name: 'getDbSchema',
    method: 'GET',
    path: SCHEMA,
    tag,
    summary: 'Read a DB schema',
    access: 'schema.view',
    params: schemaParamsSchema,
    query: noQuerySchema,
    status: 200,
    reply: dbSchemaOutSchema,
  }),
  updateDbSchema: endpoint({
    name: 'updateDbSchema',
    method: 'PUT',
    path: SCHEMA,
    tag,
    summary: 'Update a DB schema',
    access: 'schema.edit',
    params: schemaParamsSchema,
    query: noQuerySchema,
    body: dbSchemaUpdateSchema,
    status: 200,
    reply: dbSchemaOutSchema,
  }),
  deleteDbSchema: endpoint({
    name: 'deleteDbSchema',
    method: 'DELETE',
    path: SCHEMA,
    tag,
    summary: 'Delete a DB schema, its instances and their history here; databases stay untouched',
    access: 'schema.delete',
    params: schemaParamsSchema,
    query: noQuerySchema,
    status: 204,
    reply: noContentSchema,
  }),
}
