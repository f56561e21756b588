// Delegates and the tokens that let them register.
import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { epochMillisecondsSchema, identifierSchema, nameSchema } from '../identifier.ts'
import { listQuerySchema, noQuerySchema } from '../paging.ts'
import { noContentSchema, noParamsSchema } from './scope.ts'

export const delegateTokenOutSchema = z.object({
  identifier: z.string(),
  name: z.string(),
  status: z.enum(['ACTIVE', 'REVOKED']),
  createdBy: z.string(),
  createdAt: epochMillisecondsSchema,
  revokeAfter: epochMillisecondsSchema.nullable(),
})
export const delegateOutSchema = z.object({
  id: z.string(),
  name: z.string(),
  tags: z.array(z.string()),
  version: z.string(),
  /** SHA-256 of the signing key, hex. */
  fingerprint: z.string(),
  token: z.string(),
  connected: z.boolean(),
  lastSeenAt: epochMillisecondsSchema.nullable(),
  runningAttempts: z.int(),
  capacity: z.int(),
  createdAt: epochMillisecondsSchema,
})
export type DelegateOut = z.output<typeof delegateOutSchema>

const tag = 'Delegates'
const tokenPath = '/v1/delegate-tokens/{token}'
const tokenParams = z.object({ token: identifierSchema })
const delegateParams = z.object({ delegate: z.string().min(1).max(64) })
export const delegateEndpoints = {
  listDelegateTokens: endpoint({
    name: 'listDelegateTokens',
    method: 'GET',
    path: '/v1/delegate-tokens',
    tag,
    summary: 'List delegate tokens, without values',
    access: 'delegate.view',
    params: noParamsSchema,
    query: listQuerySchema,
    status: 200,
    reply: z.array(delegateTokenOutSchema),
    paged: true,
  }),
  createDelegateToken: endpoint({
    name: 'createDelegateToken',
    method: 'POST',
    path: '/v1/delegate-tokens',
    tag,
    summary: 'Create a delegate token; the value is shown once',
    access: 'delegate.edit',
    params: noParamsSchema,
    query: noQuerySchema,
    body: z.object({
      identifier: identifierSchema,
      name: nameSchema.optional(),
      revokeAfter: epochMillisecondsSchema.optional(),
    }),
    status: 201,
    reply: delegateTokenOutSchema.extend({ value: z.string() }),
    secretReply: true,
  }),
  getDelegateToken: endpoint({
    name: 'getDelegateToken',
    method: 'GET',
    path: tokenPath,
    tag,
    summary: 'Read a delegate token',
    access: 'delegate.view',
    params: tokenParams,
    query: noQuerySchema,
    status: 200,
    reply: delegateTokenOutSchema,
  }),
  updateDelegateToken: endpoint({
    name: 'updateDelegateToken',
    method: 'PUT',
    path: tokenPath,
    tag,
    summary: 'Rename or revoke a delegate token; revoking disconnects its delegates',
    access: 'delegate.edit',
    params: tokenParams,
    query: noQuerySchema,
    body: z.object({
      name: nameSchema.optional(),
      status: z.enum(['ACTIVE', 'REVOKED']).optional(),
      revokeAfter: epochMillisecondsSchema.nullish(),
    }),
    status: 200,
    reply: delegateTokenOutSchema,
  }),
  deleteDelegateToken: endpoint({
    name: 'deleteDelegateToken',
    method: 'DELETE',
    path: tokenPath,
    tag,
    summary: 'Delete a delegate token and its delegates',
    access: 'delegate.edit',
    params: tokenParams,
    query: noQuerySchema,
    status: 204,
    reply: noContentSchema,
  }),
  listDelegates: endpoint({
    name: 'listDelegates',
    method: 'GET',
    path: '/v1/delegates',
    tag,
    summary: 'List delegates',
    access: 'delegate.view',
    params: noParamsSchema,
    query: listQuerySchema,
    status: 200,
    reply: z.array(delegateOutSchema),
    paged: true,
  }),
  deleteDelegate: endpoint({
    name: 'deleteDelegate',
    method: 'DELETE',
    path: '/v1/delegates/{delegate}',
    tag,
    summary: 'Remove a delegate',
    access: 'delegate.edit',
    params: delegateParams,
    query: noQuerySchema,
    status: 204,
    reply: noContentSchema,
  }),
}
