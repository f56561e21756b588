// Delegates and the tokens that let them register.
import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { epochMillisecondsSchema, identifierSchema, nameSchema } from '../identifier.ts'
import { listQuerySchema, noQuerySchema } from '../paging.ts'
import { executionParamsSchema, noContentSchema, noParamsSchema, PROJECT } from './scope.ts'

export const delegateTokenOutSchema = z.object({
  identifier: z.string(),
  name: z.string(),
  status: z.enum(['ACTIVE', 'REVOKED']),
  createdBy: z.string(),
  createdAt: epochMillisecondsSchema,
  revokeAfter: epochMillisecondsSchema.nullable(),
  /** Where its delegates may work: everywhere when both are absent, in an organization, or in one project of it. */
  org: z.string().optional(),
  project: z.string().optional(),
  /** Delegates that may still join with it; null: any number. 0 for a one-time token that was used. */
  usesLeft: z.int().nullable(),
})
export const delegateOutSchema = z.object({
  id: z.string(),
  name: z.string(),
  tags: z.array(z.string()),
  version: z.string(),
  /** SHA-256 of the signing key, hex. */
  fingerprint: z.string(),
  /** Of the signing key before, while it is still good. */
  previousFingerprint: z.string().optional(),
  /** Random id of the process that speaks for it; absent when none does. */
  instance: z.string().optional(),
  /** Of its token: where it may work. */
  org: z.string().optional(),
  project: z.string().optional(),
  /** Why it takes nothing now although it has room. */
  pressure: z.string().optional(),
  token: z.string(),
  connected: z.boolean(),
  lastSeenAt: epochMillisecondsSchema.nullable(),
  runningAttempts: z.int(),
  capacity: z.int(),
  createdAt: epochMillisecondsSchema,
})
export type DelegateOut = z.output<typeof delegateOutSchema>

/** A delegate that was considered for an attempt. `chosen`: it has the attempt; otherwise `reason` says why not, or that it is about to. */
export const consideredDelegateSchema = z.object({
  id: z.string(),
  name: z.string(),
  chosen: z.boolean(),
  /** It could take the attempt now. */
  eligible: z.boolean(),
  reason: z.string(),
})
export type ConsideredDelegateOut = z.output<typeof consideredDelegateSchema>

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
      org: identifierSchema.optional().describe('Its delegates work only for this organization.'),
      project: identifierSchema.optional().describe('Its delegates work only for this project of `org`.'),
      uses: z
        .int()
        .min(1)
        .max(10_000)
        .optional()
        .describe('So many delegates may join with it; 1: one-time. Absent: any number.'),
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
  rotateDelegateToken: endpoint({
    name: 'rotateDelegateToken',
    method: 'POST',
    path: `${tokenPath}/rotate`,
    tag,
    summary:
      'Give a delegate token a new value, shown once. Delegates that have joined stay; the old value may still join for a while',
    access: 'delegate.edit',
    params: tokenParams,
    query: noQuerySchema,
    body: z.object({
      graceSeconds: z
        .int()
        .min(0)
        .max(2_592_000)
        .default(0)
        .describe('How long new delegates may still join with the old value.'),
    }),
    status: 200,
    reply: delegateTokenOutSchema.extend({ value: z.string() }),
  }),
  deleteDelegateToken: endpoint({
    name: 'deleteDelegateToken',
    method: 'DELETE',
    path: tokenPath,
    tag,
    summary: 'Delete a delegate token and its delegates',
    access: 'delegate.delete',
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
  listConsideredDelegates: endpoint({
    name: 'listConsideredDelegates',
    method: 'GET',
    path: `${PROJECT}/executions/{execution}/attempts/{attempt}/delegates`,
    tag,
    summary: 'Which delegates were considered for an attempt, and why each was not chosen',
    access: 'pipeline.view',
    params: executionParamsSchema.extend({ attempt: z.string().min(1).max(64) }),
    query: noQuerySchema,
    status: 200,
    reply: z.array(consideredDelegateSchema),
  }),
  rotateDelegateKeys: endpoint({
    name: 'rotateDelegateKeys',
    method: 'POST',
    path: '/v1/delegates/{delegate}/rotate-keys',
    tag,
    summary:
      'Ask a delegate to replace its keys; it does with its next poll. The old signing key is good for another day',
    access: 'delegate.edit',
    params: delegateParams,
    query: noQuerySchema,
    body: z.object({}),
    status: 204,
    reply: noContentSchema,
  }),
  deleteDelegate: endpoint({
    name: 'deleteDelegate',
    method: 'DELETE',
    path: '/v1/delegates/{delegate}',
    tag,
    summary: 'Remove a delegate',
    access: 'delegate.delete',
    params: delegateParams,
    query: noQuerySchema,
    status: 204,
    reply: noContentSchema,
  }),
}
