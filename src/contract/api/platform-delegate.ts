// Delegates as the clients of the platform services list them: processes of one name together.
import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { epochMillisecondsSchema, nameSchema } from '../identifier.ts'
import { platformQuerySchema } from '../platform.ts'
import { noParamsSchema } from './scope.ts'

const seen = epochMillisecondsSchema.nullable()
export const platformDelegateSchema = z.object({
  name: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
  /** One of them is connected. */
  connected: z.boolean(),
  lastHeartBeat: seen,
  delegateReplicas: z.array(
    z.object({ uuid: z.string(), version: z.string(), connected: z.boolean(), lastHeartbeat: seen }),
  ),
  /** Delegates are replaced by whoever runs them. */
  autoUpgrade: z.literal('OFF'),
  legacy: z.literal(false),
  orgName: z.string().optional(),
  projectName: z.string().optional(),
})
export type PlatformDelegate = z.output<typeof platformDelegateSchema>

const base = {
  tag: 'Delegates (platform services)',
  envelope: 'resource',
  status: 200,
  access: 'delegate.view',
  params: noParamsSchema,
} as const
const text = z.string().max(256).optional()
export const platformDelegateEndpoints = {
  platformListDelegates: endpoint({
    ...base,
    name: 'platformListDelegates',
    method: 'POST',
    path: '/ng/api/delegate-setup/listDelegates',
    summary: 'List the delegates that work for exactly the scope, or also for those below; at most 1,000 processes',
    query: platformQuerySchema.extend({
      all: z.enum(['true', 'false']).optional().describe('Also of the scopes below.'),
    }),
    body: z.object({
      filterType: text,
      /** Any other word than the first two names a state that delegates here do not have. */
      status: text.describe('CONNECTED or DISCONNECTED.'),
      delegateName: text,
    }),
    reply: z.array(platformDelegateSchema),
  }),
  platformListDelegateGroups: endpoint({
    ...base,
    name: 'platformListDelegateGroups',
    method: 'GET',
    path: '/ng/api/delegate-token-ng/delegate-groups',
    summary: 'The delegates that joined with a token',
    query: platformQuerySchema.extend({ delegateTokenName: nameSchema }),
    reply: z.object({ delegateGroupDetails: z.array(platformDelegateSchema) }),
  }),
}
