// One DB instance and its change sets, and what authors of change sets ask before they write one (wire contract 1.6).
import { z } from 'zod'
import { changeSetDeploymentStatusSchema } from '../change-set-schema.ts'
import { endpoint } from '../endpoint.ts'
import { epochSecondsSchema } from '../identifier.ts'
import { listQuerySchema, noQuerySchema, pageQuerySchema } from '../paging.ts'
import { dbSchemaOutSchema } from './db-schema.ts'
import { instanceParamsSchema, noParamsSchema, SCHEMA, schemaParamsSchema } from './scope.ts'

export const instanceMigrationStateSchema = z.object({
  schemaName: z.string(),
  instanceName: z.string(),
  /** In changelog order. */
  changeSets: z.array(
    z.object({
      changeSet: z.string(),
      author: z.string(),
      fileName: z.string(),
      changeSetFQN: z.string(),
      status: changeSetDeploymentStatusSchema,
      /** Epoch seconds; 0 when it is not deployed. */
      deployedAt: epochSecondsSchema,
      pipeline: z.string(),
      planExecutionId: z.string(),
      stageExecutionId: z.string(),
      tag: z.string().optional(),
      comment: z.string().optional(),
      label: z.string().optional(),
    }),
  ),
})
export const defaultAuthoringInstanceSchema = z.object({
  identifier: z.string(),
  name: z.string(),
  hasSnapshot: z.boolean(),
  connector: z.string(),
})

const tag = 'Migration state'
export const changeSetEndpoints = {
  getInstanceMigrationState: endpoint({
    name: 'getInstanceMigrationState',
    method: 'GET',
    path: `${SCHEMA}/dbinstance/{dbinstance}/migrationstate`,
    tag,
    summary: 'Change sets of one instance',
    access: 'instance.view',
    params: instanceParamsSchema,
    query: pageQuerySchema,
    status: 200,
    reply: instanceMigrationStateSchema,
    paged: true,
  }),
  getChangeSetDefinition: endpoint({
    name: 'getChangeSetDefinition',
    method: 'GET',
    path: `${SCHEMA}/dbinstance/{dbinstance}/changeset/yaml`,
    tag,
    summary: 'A change set as it was when it was deployed on the instance',
    access: 'instance.view',
    params: instanceParamsSchema,
    query: noQuerySchema.extend({ changeSet: z.string().min(1).max(4096).describe('file::id::author') }),
    status: 200,
    reply: z.object({ yaml: z.string() }),
  }),
  getChangeSetMetadata: endpoint({
    name: 'getChangeSetMetadata',
    method: 'GET',
    path: `${SCHEMA}/dbinstance/{dbinstance}/changesetmetadata`,
    tag,
    summary: 'What the steps of a stage ran on the instance, or would have run: SQL, or the definitions of change sets',
    access: 'instance.view',
    params: instanceParamsSchema,
    query: pageQuerySchema.extend({
      harnessCommand: z.enum([
        'Update',
        'Rollback',
        'DBOPSUpdateSQL',
        'DBOPSRollbackSQL',
        'DBOPSRollbackCountSQL',
        'DBOPSSnapshot',
      ]),
      pipelineExecutionId: z.string().min(1).max(64),
      stageExecutionId: z.string().min(1).max(512),
      contentType: z.enum(['Yaml', 'Sql']),
    }),
    status: 200,
    reply: z.object({ data: z.array(z.string()) }),
  }),
  getChangeSetExistence: endpoint({
    name: 'getChangeSetExistence',
    method: 'POST',
    path: `${SCHEMA}/changesets/existence`,
    tag,
    summary: 'Which of these ids a change set of the schema has already, of any author and file',
    access: 'schema.view',
    params: schemaParamsSchema,
    query: noQuerySchema,
    body: z.object({
      changeSets: z
        .array(z.object({ id: z.string().min(1).max(1024) }))
        .min(1)
        .max(100),
    }),
    status: 200,
    reply: z.object({ existence: z.record(z.string(), z.boolean()) }),
  }),
  getDefaultAuthoringInstance: endpoint({
    name: 'getDefaultAuthoringInstance',
    method: 'GET',
    path: `${SCHEMA}/default-authoring-instance`,
    tag,
    summary: 'The instance that new change sets are written against: the oldest with a snapshot, else the oldest',
    access: 'instance.view',
    params: schemaParamsSchema,
    query: noQuerySchema,
    status: 200,
    reply: defaultAuthoringInstanceSchema,
  }),
  listAllDbSchemas: endpoint({
    name: 'listAllDbSchemas',
    method: 'GET',
    path: '/v1/dbops/dbschema',
    tag: 'DB schemas',
    summary: 'List DB schemas of all projects, or of one',
    access: 'schema.view',
    params: noParamsSchema,
    query: listQuerySchema,
    status: 200,
    reply: z.array(dbSchemaOutSchema.extend({ orgIdentifier: z.string(), projectIdentifier: z.string() })),
    paged: true,
  }),
}
