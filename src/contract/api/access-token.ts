// API keys of users and service accounts and the tokens in them (`pat.` and `sat.`), addressed like the platform services do.
import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { descriptionSchema, epochMillisecondsSchema, identifierSchema, nameSchema, tagsSchema } from '../identifier.ts'
import { platformListQuerySchema, platformQuerySchema } from '../platform.ts'
import { noParamsSchema } from './scope.ts'

export const ownerTypeSchema = z.enum(['USER', 'SERVICE_ACCOUNT'])
const owner = {
  apiKeyType: ownerTypeSchema,
  /** Id or e-mail address of the user, identifier of the service account. */
  parentIdentifier: z.string().min(1).max(254),
}
const place = {
  accountIdentifier: z.string().max(256).nullish(),
  orgIdentifier: z.string().max(128).nullish(),
  projectIdentifier: z.string().max(128).nullish(),
}
const named = {
  identifier: identifierSchema,
  name: nameSchema,
  description: descriptionSchema.nullish(),
  tags: tagsSchema.nullish(),
}
const shown = {
  identifier: z.string(),
  name: z.string(),
  description: z.string(),
  tags: z.record(z.string(), z.string()),
  apiKeyType: ownerTypeSchema,
  parentIdentifier: z.string(),
  accountIdentifier: z.string(),
  orgIdentifier: z.string().optional(),
  projectIdentifier: z.string().optional(),
}

export const accessKeyInSchema = z.object({
  ...place,
  ...named,
  ...owner,
  /** Milliseconds that a token of this key is valid when it does not say. */
  defaultTimeToExpireToken: z.int().positive().max(315_360_000_000).nullish(),
})
export const accessKeyOutSchema = z.object({ ...shown, defaultTimeToExpireToken: z.int().optional() })
const times = { createdAt: epochMillisecondsSchema, lastModifiedAt: epochMillisecondsSchema }
export const accessKeyAggregateSchema = z.object({ apiKey: accessKeyOutSchema, ...times, tokensCount: z.int() })

export const accessTokenInSchema = z.object({
  ...place,
  ...named,
  ...owner,
  apiKeyIdentifier: identifierSchema,
  validFrom: epochMillisecondsSchema.nullish(),
  /** Absent: the default of the key, or for ever. */
  validTo: epochMillisecondsSchema.nullish(),
})
export const accessTokenOutSchema = z.object({
  ...shown,
  apiKeyIdentifier: z.string(),
  validFrom: epochMillisecondsSchema,
  validTo: epochMillisecondsSchema.optional(),
  valid: z.boolean(),
  email: z.string(),
  username: z.string(),
})
export const accessTokenAggregateSchema = z.object({
  token: accessTokenOutSchema,
  expiryAt: epochMillisecondsSchema.optional(),
  lastUsedAt: epochMillisecondsSchema.optional(),
  ...times,
})

const ownerQuery = platformQuerySchema.extend(owner)
const ownerListQuery = platformListQuerySchema.extend(owner)
const keyQuery = { apiKeyIdentifier: identifierSchema }
const one = z.object({ identifier: z.string().min(1).max(256) })
// Who may is decided by the owner that the call names: oneself, or `service-account.edit` where the account lives.
const base = { tag: 'API keys and tokens', envelope: 'platform', status: 200, access: 'signed-in' } as const
const KEY = '/ng/api/apikey'
const TOKEN = '/ng/api/token'
export const accessTokenEndpoints = {
  listAccessKeys: endpoint({
    ...base,
    name: 'listAccessKeys',
    method: 'GET',
    path: `${KEY}/aggregate`,
    summary: 'List the API keys of a user or service account',
    params: noParamsSchema,
    query: ownerListQuery,
    reply: z.array(accessKeyAggregateSchema),
    paged: true,
  }),
  createAccessKey: endpoint({
    ...base,
    name: 'createAccessKey',
    method: 'POST',
    path: KEY,
    summary: 'Create an API key; it holds tokens',
    params: noParamsSchema,
    query: platformQuerySchema,
    body: accessKeyInSchema,
    scopeInBody: '',
    reply: accessKeyOutSchema,
  }),
  getAccessKey: endpoint({
    ...base,
    name: 'getAccessKey',
    method: 'GET',
    path: `${KEY}/aggregate/{identifier}`,
    summary: 'Read an API key',
    params: one,
    query: ownerQuery,
    reply: accessKeyAggregateSchema,
  }),
  updateAccessKey: endpoint({
    ...base,
    name: 'updateAccessKey',
    method: 'PUT',
    path: `${KEY}/{identifier}`,
    summary: 'Replace the API key that the body names; clients put the account into the path',
    params: one,
    query: platformQuerySchema,
    body: accessKeyInSchema,
    scopeInBody: '',
    reply: accessKeyOutSchema,
  }),
  deleteAccessKey: endpoint({
    ...base,
    name: 'deleteAccessKey',
    method: 'DELETE',
    path: `${KEY}/{identifier}`,
    summary: 'Delete an API key and its tokens',
    params: one,
    query: ownerQuery,
    reply: z.literal(true),
  }),
  listAccessTokens: endpoint({
    ...base,
    name: 'listAccessTokens',
    method: 'GET',
    path: `${TOKEN}/aggregate`,
    summary: 'List the tokens of an API key, without values',
    params: noParamsSchema,
    query: ownerListQuery.extend(keyQuery),
    reply: z.array(accessTokenAggregateSchema),
    paged: true,
  }),
  createAccessToken: endpoint({
    ...base,
    name: 'createAccessToken',
    method: 'POST',
    path: TOKEN,
    summary: 'Create a token; the answer is its value, which is shown once',
    params: noParamsSchema,
    query: platformQuerySchema,
    body: accessTokenInSchema,
    scopeInBody: '',
    reply: z.string(),
    secretReply: true,
  }),
  updateAccessToken: endpoint({
    ...base,
    name: 'updateAccessToken',
    method: 'PUT',
    path: `${TOKEN}/{identifier}`,
    summary: 'Rename a token or move its end',
    params: one,
    query: platformQuerySchema,
    body: accessTokenInSchema,
    scopeInBody: '',
    reply: accessTokenOutSchema,
  }),
  rotateAccessToken: endpoint({
    ...base,
    name: 'rotateAccessToken',
    method: 'POST',
    path: `${TOKEN}/rotate/{identifier}`,
    summary: 'Replace the value of a token; the one before stays valid until rotateTimestamp',
    params: one,
    query: ownerQuery.extend({
      ...keyQuery,
      rotateTimestamp: z.coerce.number().int().min(0).max(253_402_300_799_999).optional(),
    }),
    reply: z.string(),
    secretReply: true,
  }),
  deleteAccessToken: endpoint({
    ...base,
    name: 'deleteAccessToken',
    method: 'DELETE',
    path: `${TOKEN}/{identifier}`,
    summary: 'Revoke a token',
    params: one,
    query: ownerQuery.extend(keyQuery),
    reply: z.literal(true),
  }),
}
