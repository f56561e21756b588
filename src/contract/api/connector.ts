// Connectors: how to reach a database, a repository, a registry, a cluster or a secret manager. Of a project, an organization or the
// account; credentials are references to secrets, never values.
import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { descriptionSchema, epochMillisecondsSchema, identifierSchema, nameSchema, tagsSchema } from '../identifier.ts'
import { listQuerySchema, noQuerySchema } from '../paging.ts'
import {
  artifactorySpecSchema,
  awsSecretManagerSpecSchema,
  azureKeyVaultSpecSchema,
  dockerRegistrySpecSchema,
  gitHostSpecSchema,
  gitSpecSchema,
  googleSecretManagerSpecSchema,
  jdbcSpecSchema,
  kubernetesSpecSchema,
  vaultSpecSchema,
} from './connector-type.ts'
import { noContentSchema, noParamsSchema, ORG, orgParamsSchema, PROJECT, projectParamsSchema } from './scope.ts'

const connectorFields = {
  identifier: identifierSchema,
  name: nameSchema,
  description: descriptionSchema.optional(),
  orgIdentifier: identifierSchema.optional(),
  projectIdentifier: identifierSchema.optional(),
  tags: tagsSchema.optional(),
}
const connector = <Type extends string, Spec extends z.ZodType>(type: Type, spec: Spec) =>
  z.object({ ...connectorFields, type: z.literal(type), spec })
export const connectorInfoSchema = z.discriminatedUnion('type', [
  connector('JDBC', jdbcSpecSchema),
  connector('Git', gitSpecSchema),
  connector('Github', gitHostSpecSchema),
  connector('Gitlab', gitHostSpecSchema),
  connector('Bitbucket', gitHostSpecSchema),
  connector('AzureRepo', gitHostSpecSchema),
  connector('Artifactory', artifactorySpecSchema),
  connector('DockerRegistry', dockerRegistrySpecSchema),
  connector('K8sCluster', kubernetesSpecSchema),
  connector('Vault', vaultSpecSchema),
  connector('AwsSecretManager', awsSecretManagerSpecSchema),
  connector('GcpSecretManager', googleSecretManagerSpecSchema),
  connector('AzureKeyVault', azureKeyVaultSpecSchema),
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
const noParams = noParamsSchema
const one = { connector: identifierSchema }
const list = <Name extends string, Params extends z.ZodObject>(name: Name, scope: string, params: Params) =>
  endpoint({
    name,
    method: 'GET',
    path: `${scope}/connectors`,
    tag,
    summary: 'List connectors',
    access: 'connector.view',
    params,
    query: listQuerySchema,
    status: 200,
    reply: z.array(connectorOutSchema),
    paged: true,
    filtered: true,
  })
const create = <Name extends string, Params extends z.ZodObject>(name: Name, scope: string, params: Params) =>
  endpoint({
    name,
    method: 'POST',
    path: `${scope}/connectors`,
    tag,
    summary: 'Create a connector',
    access: 'connector.edit',
    params,
    query: noQuerySchema,
    body: connectorInSchema,
    status: 201,
    reply: connectorOutSchema,
  })
const get = <Name extends string, Params extends z.ZodObject>(name: Name, scope: string, params: Params) =>
  endpoint({
    name,
    method: 'GET',
    path: `${scope}/connectors/{connector}`,
    tag,
    summary: 'Read a connector',
    access: 'connector.view',
    params,
    query: noQuerySchema,
    status: 200,
    reply: connectorOutSchema,
  })
const update = <Name extends string, Params extends z.ZodObject>(name: Name, scope: string, params: Params) =>
  endpoint({
    name,
    method: 'PUT',
    path: `${scope}/connectors/{connector}`,
    tag,
    summary: 'Replace a connector',
    access: 'connector.edit',
    params,
    query: noQuerySchema,
    body: connectorInSchema,
    status: 200,
    reply: connectorOutSchema,
  })
const remove = <Name extends string, Params extends z.ZodObject>(name: Name, scope: string, params: Params) =>
  endpoint({
    name,
    method: 'DELETE',
    path: `${scope}/connectors/{connector}`,
    tag,
    summary: 'Delete a connector',
    access: 'connector.delete',
    params,
    query: noQuerySchema,
    status: 204,
    reply: noContentSchema,
  })

export const connectorEndpoints = {
  listConnectors: list('listConnectors', PROJECT, projectParamsSchema),
  createConnector: create('createConnector', PROJECT, projectParamsSchema),
  getConnector: get('getConnector', PROJECT, projectParamsSchema.extend(one)),
  updateConnector: update('updateConnector', PROJECT, projectParamsSchema.extend(one)),
  deleteConnector: remove('deleteConnector', PROJECT, projectParamsSchema.extend(one)),
  listOrganizationConnectors: list('listOrganizationConnectors', ORG, orgParamsSchema),
  createOrganizationConnector: create('createOrganizationConnector', ORG, orgParamsSchema),
  getOrganizationConnector: get('getOrganizationConnector', ORG, orgParamsSchema.extend(one)),
  updateOrganizationConnector: update('updateOrganizationConnector', ORG, orgParamsSchema.extend(one)),
  deleteOrganizationConnector: remove('deleteOrganizationConnector', ORG, orgParamsSchema.extend(one)),
  listAccountConnectors: list('listAccountConnectors', '/v1', noParams),
  createAccountConnector: create('createAccountConnector', '/v1', noParams),
  getAccountConnector: get('getAccountConnector', '/v1', noParams.extend(one)),
  updateAccountConnector: update('updateAccountConnector', '/v1', noParams.extend(one)),
  deleteAccountConnector: remove('deleteAccountConnector', '/v1', noParams.extend(one)),
}
