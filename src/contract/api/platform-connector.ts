// Connectors and secrets as the clients of the platform services address them (wire contract 2.5): scope in the query.
import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { identifierSchema } from '../identifier.ts'
import { platformListQuerySchema, platformQuerySchema } from '../platform.ts'
import { connectorInSchema, connectorOutSchema } from './connector.ts'
import { noParamsSchema } from './scope.ts'
import { secretInSchema, secretLimits, secretOutSchema } from './secret.ts'

const connectorReply = connectorOutSchema.extend({
  status: z.null(),
  activityDetails: z.object({ lastActivityTime: z.int() }),
  harnessManaged: z.boolean(),
  gitDetails: z.null(),
  governanceMetadata: z.null(),
})
const secretReply = secretOutSchema.extend({ draft: z.boolean(), governanceMetadata: z.null() })
const type = z.string().max(64).optional().describe('Only of this type; Jdbc counts as JDBC.')
const forced = platformQuerySchema.extend({ forceDelete: z.string().max(8).optional() })
const filterBody = z.looseObject({
  types: z.array(z.string().max(64)).max(64).optional(),
  searchTerm: z.string().max(256).nullish(),
})

const CONNECTORS = '/ng/api/connectors'
const SECRETS = '/ng/api/v2/secrets'
const connector = z.object({ connector: identifierSchema })
const secret = z.object({ secret: identifierSchema })
const ofConnectors = { tag: 'Connectors (platform services)', envelope: 'platform', status: 200 } as const
const ofSecrets = { tag: 'Secrets (platform services)', envelope: 'platform', status: 200 } as const
const secretQuery = platformQuerySchema.extend({ privateSecret: z.string().max(8).optional() })
const viewConnectors = { access: 'connector.view', params: noParamsSchema } as const
const viewSecrets = { access: 'secret.view', params: noParamsSchema } as const
/** A form: `spec` with the JSON of the secret, `file` with the bytes. */
const file = { contentType: 'multipart/form-data', maxBytes: secretLimits.fileBytes + 65_536 } as const

export const platformConnectorEndpoints = {
  platformListConnectors: endpoint({
    ...ofConnectors,
    ...viewConnectors,
    name: 'platformListConnectors',
    method: 'GET',
    path: CONNECTORS,
    summary: 'List connectors of a scope',
    query: platformListQuerySchema.extend({ type }),
    reply: z.array(connectorReply),
    paged: true,
    filtered: true,
  }),
  platformFilterConnectors: endpoint({
    ...ofConnectors,
    ...viewConnectors,
    name: 'platformFilterConnectors',
    method: 'POST',
    path: `${CONNECTORS}/listV2`,
    summary: 'List connectors of a scope by a filter',
    query: platformListQuerySchema,
    body: filterBody,
    reply: z.array(connectorReply),
    paged: true,
    filtered: true,
  }),
  platformValidateConnectorIdentifier: endpoint({
    ...ofConnectors,
    ...viewConnectors,
    name: 'platformValidateConnectorIdentifier',
    method: 'GET',
    path: `${CONNECTORS}/validateUniqueIdentifier`,
    summary: 'Is the identifier free in the scope',
    query: platformQuerySchema.extend({ identifier: identifierSchema }),
    reply: z.boolean(),
  }),
  platformCreateConnector: endpoint({
    ...ofConnectors,
    name: 'platformCreateConnector',
    method: 'POST',
    path: CONNECTORS,
    summary: 'Create a connector',
    access: 'connector.edit',
    params: noParamsSchema,
    query: platformQuerySchema,
    body: connectorInSchema,
    scopeInBody: 'connector',
    reply: connectorReply,
  }),
  platformUpdateConnector: endpoint({
    ...ofConnectors,
    name: 'platformUpdateConnector',
    method: 'PUT',
    path: CONNECTORS,
    summary: 'Replace the connector that the body names',
    access: 'connector.edit',
    params: noParamsSchema,
    query: platformQuerySchema,
    body: connectorInSchema,
    scopeInBody: 'connector',
    reply: connectorReply,
  }),
  platformGetConnector: endpoint({
    ...ofConnectors,
    name: 'platformGetConnector',
    method: 'GET',
    path: `${CONNECTORS}/{connector}`,
    summary: 'Read a connector',
    access: 'connector.view',
    params: connector,
    query: platformQuerySchema,
    reply: connectorReply,
  }),
  platformDeleteConnector: endpoint({
    ...ofConnectors,
    name: 'platformDeleteConnector',
    method: 'DELETE',
    path: `${CONNECTORS}/{connector}`,
    summary: 'Delete a connector',
    access: 'connector.delete',
    params: connector,
    query: forced,
    reply: z.literal(true),
  }),
  platformListSecrets: endpoint({
    ...ofSecrets,
    ...viewSecrets,
    name: 'platformListSecrets',
    method: 'GET',
    path: SECRETS,
    summary: 'List secrets of a scope',
    query: platformListQuerySchema.extend({ type }),
    reply: z.array(secretReply),
    paged: true,
    filtered: true,
  }),
  platformFilterSecrets: endpoint({
    ...ofSecrets,
    ...viewSecrets,
    name: 'platformFilterSecrets',
    method: 'POST',
    path: `${SECRETS}/list`,
    summary: 'List secrets of a scope by a filter',
    query: platformListQuerySchema,
    body: filterBody,
    reply: z.array(secretReply),
    paged: true,
    filtered: true,
  }),
  platformFilterSecretsAgain: endpoint({
    ...ofSecrets,
    ...viewSecrets,
    name: 'platformFilterSecretsAgain',
    method: 'POST',
    path: `${SECRETS}/list/secrets`,
    summary: 'The same under its second name',
    query: platformListQuerySchema,
    body: filterBody,
    reply: z.array(secretReply),
    paged: true,
    filtered: true,
  }),
  platformCreateSecret: endpoint({
    ...ofSecrets,
    name: 'platformCreateSecret',
    method: 'POST',
    path: SECRETS,
    summary: 'Create a secret',
    access: 'secret.edit',
    params: noParamsSchema,
    query: secretQuery,
    body: secretInSchema,
    scopeInBody: 'secret',
    reply: secretReply,
  }),
  platformGetSecret: endpoint({
    ...ofSecrets,
    name: 'platformGetSecret',
    method: 'GET',
    path: `${SECRETS}/{secret}`,
    summary: 'Read a secret, without its value',
    access: 'secret.view',
    params: secret,
    query: platformQuerySchema,
    reply: secretReply,
  }),
  platformUpdateSecret: endpoint({
    ...ofSecrets,
    name: 'platformUpdateSecret',
    method: 'PUT',
    path: `${SECRETS}/{secret}`,
    summary: 'Replace a secret',
    access: 'secret.edit',
    params: secret,
    query: secretQuery,
    body: secretInSchema,
    scopeInBody: 'secret',
    reply: secretReply,
  }),
  platformDeleteSecret: endpoint({
    ...ofSecrets,
    name: 'platformDeleteSecret',
    method: 'DELETE',
    path: `${SECRETS}/{secret}`,
    summary: 'Delete a secret',
    access: 'secret.delete',
    params: secret,
    query: forced,
    reply: z.literal(true),
  }),
  platformCreateSecretFile: endpoint({
    ...ofSecrets,
    name: 'platformCreateSecretFile',
    method: 'POST',
    path: `${SECRETS}/files`,
    summary: 'Create a secret file',
    access: 'secret.edit',
    params: noParamsSchema,
    query: secretQuery,
    rawBody: file,
    reply: secretReply,
  }),
  platformUpdateSecretFile: endpoint({
    ...ofSecrets,
    name: 'platformUpdateSecretFile',
    method: 'PUT',
    path: `${SECRETS}/files/{secret}`,
    summary: 'Replace a secret file',
    access: 'secret.edit',
    params: secret,
    query: secretQuery,
    rawBody: file,
    reply: secretReply,
  }),
}
