// Connectors: how to reach a database or a Git repository. Credentials are references to secrets, never values.
import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import {
  descriptionSchema,
  epochMillisecondsSchema,
  identifierSchema,
  nameSchema,
  scopedReferenceSchema,
  tagsSchema,
} from '../identifier.ts'
import { listQuerySchema, noQuerySchema } from '../paging.ts'
import { noContentSchema, PROJECT, projectParamsSchema } from './scope.ts'

const selectors = z.array(z.string().max(128)).max(64)
const usernamePassword = z.object({
  username: z.string().max(256).optional(),
  usernameRef: scopedReferenceSchema.optional(),
  passwordRef: scopedReferenceSchema,
})

/** A database connector. `url` is JDBC-style and holds no password; refused if it does. */
export const jdbcSpecSchema = z.looseObject({
  url: z.string().min(1).max(4096),
  auth: z.discriminatedUnion('type', [
    z.object({ type: z.literal('UsernamePassword'), spec: usernamePassword }),
    z.object({
      type: z.literal('InheritFromDelegate'),
      spec: z.object({ username: z.string().max(256).optional() }).optional(),
    }),
  ]),
  delegateSelectors: selectors.optional(),
  executeOnDelegate: z.boolean().optional(),
  ignoreTestConnection: z.boolean().optional(),
})
/** A plain Git connector: `connectionType` Repo has the whole address in `url`, Account appends the repository name. */
export const gitSpecSchema = z.looseObject({
  url: z.string().min(1).max(4096),
  type: z.enum(['Http', 'Ssh']),
  connectionType: z.enum(['Account', 'Repo']),
  branchName: z.string().max(256).optional(),
  validationRepo: z.string().max(256).optional(),
  delegateSelectors: selectors.optional(),
  executeOnDelegate: z.boolean().optional(),
  /** Absent: anonymous. */
  spec: z
    .object({
      username: z.string().max(256).optional(),
      usernameRef: scopedReferenceSchema.optional(),
      passwordRef: scopedReferenceSchema,
    })
    .nullish(),
})

const connectorFields = {
  identifier: identifierSchema,
  name: nameSchema,
  description: descriptionSchema.optional(),
  orgIdentifier: identifierSchema.optional(),
  projectIdentifier: identifierSchema.optional(),
  tags: tagsSchema.optional(),
}
export const connectorInfoSchema = z.discriminatedUnion('type', [
  z.object({ ...connectorFields, type: z.literal('JDBC'), spec: jdbcSpecSchema }),
  z.object({ ...connectorFields, type: z.literal('Git'), spec: gitSpecSchema }),
])
export type ConnectorInfo = z.output<typeof connectorInfoSchema>
export const connectorInSchema = z.object({ connector: connectorInfoSchema })
export const connectorOutSchema = z.object({
  connector: connectorInfoSchema,
  createdAt: epochMillisecondsSchema,
  lastModifiedAt: epochMillisecondsSchema,
})
export type ConnectorOut = z.output<typeof connectorOutSchema>

const tag = 'Connectors'
const one = `${PROJECT}/connectors/{connector}`
const oneParams = projectParamsSchema.extend({ connector: identifierSchema })
export const connectorEndpoints = {
  listConnectors: endpoint({
    name: 'listConnectors',
    method: 'GET',
    path: `${PROJECT}/connectors`,
    tag,
    summary: 'List connectors',
    access: 'connector.view',
    params: projectParamsSchema,
    query: listQuerySchema,
    status: 200,
    reply: z.array(connectorOutSchema),
    paged: true,
  }),
  createConnector: endpoint({
    name: 'createConnector',
    method: 'POST',
    path: `${PROJECT}/connectors`,
    tag,
    summary: 'Create a connector',
    access: 'connector.edit',
    params: projectParamsSchema,
    query: noQuerySchema,
    body: connectorInSchema,
    status: 201,
    reply: connectorOutSchema,
  }),
  getConnector: endpoint({
    name: 'getConnector',
    method: 'GET',
    path: one,
    tag,
    summary: 'Read a connector',
    access: 'connector.view',
    params: oneParams,
    query: noQuerySchema,
    status: 200,
    reply: connectorOutSchema,
  }),
  updateConnector: endpoint({
    name: 'updateConnector',
    method: 'PUT',
    path: one,
    tag,
    summary: 'Replace a connector',
    access: 'connector.edit',
    params: oneParams,
    query: noQuerySchema,
    body: connectorInSchema,
    status: 200,
    reply: connectorOutSchema,
  }),
  deleteConnector: endpoint({
    name: 'deleteConnector',
    method: 'DELETE',
    path: one,
    tag,
    summary: 'Delete a connector',
    access: 'connector.edit',
    params: oneParams,
    query: noQuerySchema,
    status: 204,
    reply: noContentSchema,
  }),
}
