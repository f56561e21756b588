// The audit trail: links of the chain to export and verify, and events to search.
import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { epochMillisecondsSchema, rowIdSchema } from '../identifier.ts'
import { platformListQuerySchema, platformScope } from '../platform.ts'
import { noParamsSchema } from './scope.ts'

export const auditLinkSchema = z.object({
  sequence: z.string(),
  /** JSON text, hashed as it stands. */
  entry: z.string(),
  /** SHA-256 of `entry`, hex. */
  hash: z.string(),
  /** Ed25519 over `<sequence>:<hash>`, base64. */
  signature: z.string().nullable(),
})
const text = z.string().max(256)
export const auditFilterSchema = z.object({
  startTime: epochMillisecondsSchema.optional(),
  endTime: epochMillisecondsSchema.optional(),
  actions: z.array(text).max(64).optional(),
  resources: z
    .array(z.object({ type: text, identifier: text }))
    .max(100)
    .optional(),
  principals: z
    .array(z.object({ type: text.optional(), identifier: text }))
    .max(100)
    .optional(),
})
export const auditEventSchema = z.object({
  auditId: z.string(),
  timestamp: epochMillisecondsSchema,
  action: z.string(),
  resource: z.object({ type: z.string(), identifier: z.string() }),
  resourceScope: z.object({
    accountIdentifier: z.string(),
    orgIdentifier: z.string().optional(),
    projectIdentifier: z.string().optional(),
  }),
  authenticationInfo: z.object({ principal: z.object({ type: z.string(), identifier: z.string() }) }),
  requestMetadata: z.object({ clientIP: z.string() }),
  module: z.string(),
  execution: z.string().nullable(),
  /** What happened, with the entity before and after; never a secret. */
  event: z.unknown(),
})

const tag = 'Audit'
export const auditEndpoints = {
  exportAudit: endpoint({
    name: 'exportAudit',
    method: 'GET',
    path: '/v1/audit/entries',
    tag,
    summary: 'Links of the audit trail after a sequence number, oldest first',
    access: 'audit.view',
    params: noParamsSchema,
    query: z.object({
      after: rowIdSchema.default('0'),
      limit: z.coerce.number().int().min(1).max(1000).default(500),
    }),
    status: 200,
    reply: z.object({ account: z.string(), publicKeys: z.array(z.string()), entries: z.array(auditLinkSchema) }),
  }),
  listAudits: endpoint({
    name: 'listAudits',
    method: 'POST',
    path: '/audit/api/audits/list',
    tag,
    summary: 'Search what happened, newest first; in one project or organization, or everywhere',
    access: 'audit.view',
    params: noParamsSchema,
    query: platformListQuerySchema.extend(platformScope),
    body: auditFilterSchema,
    status: 200,
    reply: z.array(auditEventSchema),
    paged: true,
    envelope: 'platform',
  }),
}
