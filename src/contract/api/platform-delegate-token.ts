// Delegate tokens as the clients of the platform services address them (wire contract 2.5): by name, with the scope in the query.
import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { epochMillisecondsSchema, nameSchema } from '../identifier.ts'
import { platformQuerySchema } from '../platform.ts'
import { noParamsSchema } from './scope.ts'

const statusSchema = z.enum(['ACTIVE', 'REVOKED'])
export const platformDelegateTokenSchema = z.object({
  uuid: z.string(),
  accountId: z.string(),
  name: z.string(),
  createdBy: z.string(),
  createdByNgUser: z.object({ name: z.string() }),
  createdAt: epochMillisecondsSchema,
  status: statusSchema,
  /** `org` or `org/project`; null: of the account. */
  ownerIdentifier: z.string().nullable(),
  revokeAfter: epochMillisecondsSchema.nullable(),
  /** Only in the answer that creates it. */
  value: z.string().optional(),
})
export type PlatformDelegateToken = z.output<typeof platformDelegateTokenSchema>

const named = platformQuerySchema.extend({ tokenName: nameSchema })
const base = {
  tag: 'Delegates (platform services)',
  envelope: 'resource',
  path: '/ng/api/delegate-token-ng',
  status: 200,
  params: noParamsSchema,
} as const

export const platformDelegateTokenEndpoints = {
  platformListDelegateTokens: endpoint({
    ...base,
    name: 'platformListDelegateTokens',
    method: 'GET',
    summary: 'List the delegate tokens of a scope, without values, newest first; at most 1,000',
    access: 'delegate.view',
    query: platformQuerySchema.extend({ name: nameSchema.optional(), status: statusSchema.optional() }),
    reply: z.array(platformDelegateTokenSchema),
  }),
  platformCreateDelegateToken: endpoint({
    ...base,
    name: 'platformCreateDelegateToken',
    method: 'POST',
    summary: 'Create a delegate token; the value is shown once',
    access: 'delegate.edit',
    query: named.extend({
      revokeAfter: z.coerce.number().pipe(epochMillisecondsSchema).optional().describe('Epoch milliseconds.'),
    }),
    reply: platformDelegateTokenSchema,
    secretReply: true,
  }),
  platformRevokeDelegateToken: endpoint({
    ...base,
    name: 'platformRevokeDelegateToken',
    method: 'PUT',
    summary: 'Revoke a delegate token; its delegates are disconnected',
    access: 'delegate.edit',
    query: named,
    reply: platformDelegateTokenSchema,
  }),
  platformDeleteDelegateToken: endpoint({
    ...base,
    name: 'platformDeleteDelegateToken',
    method: 'DELETE',
    summary: 'Delete a delegate token and its delegates',
    access: 'delegate.delete',
    query: named,
    reply: z.literal(true),
  }),
}
