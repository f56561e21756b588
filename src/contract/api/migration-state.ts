// Migration state: change set × instance, and what one execution deployed (wire contract 1.4).
import { z } from 'zod'
import { changeSetDeploymentStatusSchema } from '../change-set-schema.ts'
import { endpoint } from '../endpoint.ts'
import { epochSecondsSchema } from '../identifier.ts'
import { pageQuery, pageQuerySchema } from '../paging.ts'
import { instanceParamsSchema, SCHEMA, schemaParamsSchema } from './scope.ts'

export const migrationStateInSchema = z.object({
  instanceFilter: z
    .object({
      instances: z.array(z.string().max(128)).max(1000).optional(),
      sort: z.enum(['name', 'updated', 'created', 'identifier']).default('identifier'),
      order: z.enum(['ASC', 'DESC']).default('ASC'),
    })
    .optional(),
})
export const migrationStateInstanceSchema = z.object({
  instance: z.string(),
  status: changeSetDeploymentStatusSchema,
  updated: epochSecondsSchema,
  error: z.string().optional(),
  pipeline: z.string(),
  planExecutionId: z.string(),
  stageExecutionId: z.string(),
  tag: z.string().optional(),
  /** Why the changelog does not want it here (context, label, dbms, ignored); it is not missing then. */
  filteredBy: z.string().optional(),
})
export const migrationStateOutSchema = z.object({
  schema: z.string(),
  /** In changelog order. */
  changeSets: z.array(
    z.object({
      changeSet: z.string(),
      author: z.string(),
      fileName: z.string(),
      changeSetFQN: z.string(),
      /** Deployed on all instances that want it, and at least one does. */
      synced: z.boolean(),
      updated: epochSecondsSchema,
      instances: z.array(migrationStateInstanceSchema),
    }),
  ),
  instances: z.array(z.object({ identifier: z.string(), name: z.string() })),
})
export type MigrationStateOut = z.output<typeof migrationStateOutSchema>

export const deployedStateInSchema = z.object({
  planExecutionId: z.string().max(64),
  stageExecutionId: z.string().max(64),
  stepType: z.enum(['DBSchemaApply', 'DBSchemaRollback']),
  pipeline: z.string().max(128),
  startTime: z.int().default(0),
})
export const deployedStateOutSchema = z.object({
  status: z.enum(['IN_PROGRESS', 'SUCCESS', 'FAILURE', 'CANCELLED']),
  changeSetId: z.string(),
  author: z.string(),
  fileName: z.string(),
  changeSetFQN: z.string(),
  deployedAt: z.int(),
  tag: z.string().optional(),
  comment: z.string().optional(),
  label: z.string().optional(),
  command: z.enum(['Update', 'Rollback']),
  metadata: z.object({ pipeline: z.string(), planExecutionId: z.string(), stageExecutionId: z.string() }),
  deployedInCurrentExecution: z.boolean(),
})

const tag = 'Migration state'
export const migrationStateEndpoints = {
  getMigrationState: endpoint({
    name: 'getMigrationState',
    method: 'POST',
    path: `${SCHEMA}/migrationstate`,
    tag,
    summary: 'Change set × instance',
    access: 'instance.view',
    params: schemaParamsSchema,
    query: pageQuerySchema,
    body: migrationStateInSchema,
    status: 200,
    reply: migrationStateOutSchema,
    paged: true,
    filtered: true,
  }),
  getDeployedState: endpoint({
    name: 'getDeployedState',
    method: 'POST',
    path: `${SCHEMA}/instance/{dbinstance}/deployedState`,
    tag,
    summary: 'What one execution deployed',
    access: 'instance.view',
    params: instanceParamsSchema,
    query: pageQuerySchema,
    body: deployedStateInSchema,
    status: 200,
    reply: z.array(deployedStateOutSchema),
    paged: true,
  }),
  getChangeSetSql: endpoint({
    name: 'getChangeSetSql',
    method: 'POST',
    path: `${SCHEMA}/dbinstance/{dbinstance}/changeset/sql`,
    tag,
    summary: 'SQL that a change set ran on an instance',
    access: 'instance.view',
    params: instanceParamsSchema,
    query: z.object({ page: pageQuery.page, limit: pageQuery.limit }),
    body: z.object({ changesetFQN: z.string().max(4096) }),
    status: 200,
    reply: z.object({ sql: z.array(z.string()) }),
  }),
}
