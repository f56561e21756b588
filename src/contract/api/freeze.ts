// Freezes: times in which pipelines, or stages that change certain instances, do not start. The YAML document is kept verbatim.
import { z } from 'zod'
import { diagnosticSchema } from '../diagnostic-schema.ts'
import { endpoint } from '../endpoint.ts'
import { epochMillisecondsSchema, identifierSchema } from '../identifier.ts'
import { platformListQuerySchema, platformQuerySchema } from '../platform.ts'
import { noParamsSchema } from './scope.ts'

export const freezeStatusSchema = z.enum(['Enabled', 'Disabled'])
const periodSchema = z.object({ startTime: epochMillisecondsSchema, endTime: epochMillisecondsSchema })
export const freezeOutSchema = z.object({
  accountId: z.string(),
  orgIdentifier: z.string().optional(),
  projectIdentifier: z.string().optional(),
  freezeScope: z.enum(['account', 'organization', 'project']),
  identifier: z.string(),
  name: z.string(),
  description: z.string(),
  tags: z.record(z.string(), z.string()),
  status: freezeStatusSchema,
  /** Is it enabled, and now in one of its windows? */
  active: z.boolean(),
  /** The window that now is in, or the next one. */
  currentOrUpcomingWindow: periodSchema.optional(),
  yaml: z.string(),
  /** Counts its changes. */
  version: z.int(),
  /** What was found in the document that is no error. */
  diagnostics: z.array(diagnosticSchema),
  createdAt: epochMillisecondsSchema,
  lastUpdatedAt: epochMillisecondsSchema,
})
export type FreezeOut = z.output<typeof freezeOutSchema>

const FREEZE = '/ng/api/freeze'
const one = `${FREEZE}/{freeze}`
const common = { tag: 'Freezes', envelope: 'platform', status: 200 } as const
/** Clients of the compatible API send YAML and call it JSON. */
const yaml = { rawBody: { contentType: 'application/yaml', maxBytes: 1_048_576 } } as const
const params = z.object({ freeze: identifierSchema })

export const freezeEndpoints = {
  listFreezes: endpoint({
    ...common,
    name: 'listFreezes',
    method: 'POST',
    path: `${FREEZE}/list`,
    summary: 'List the freezes of a scope',
    access: 'freeze.view',
    params: noParamsSchema,
    query: platformListQuerySchema,
    body: z.object({
      freezeStatus: freezeStatusSchema.nullish(),
      searchTerm: z.string().max(256).nullish(),
      freezeIdentifiers: z.array(identifierSchema).max(1000).nullish(),
    }),
    reply: z.array(freezeOutSchema),
    paged: true,
    filtered: true,
  }),
  createFreeze: endpoint({
    ...common,
    ...yaml,
    name: 'createFreeze',
    method: 'POST',
    path: FREEZE,
    summary: 'Create a freeze; the body is its YAML document',
    access: 'freeze.edit',
    params: noParamsSchema,
    query: platformQuerySchema,
    reply: freezeOutSchema,
  }),
  setFreezeStatus: endpoint({
    ...common,
    name: 'setFreezeStatus',
    method: 'POST',
    path: `${FREEZE}/updateFreezeStatus`,
    summary: 'Enable or disable freezes; the body lists their identifiers',
    access: 'freeze.edit',
    params: noParamsSchema,
    query: platformQuerySchema.extend({ status: freezeStatusSchema }),
    body: z.array(identifierSchema).min(1).max(100),
    reply: z.array(freezeOutSchema),
  }),
  getFreeze: endpoint({
    ...common,
    name: 'getFreeze',
    method: 'GET',
    path: one,
    summary: 'Read a freeze',
    access: 'freeze.view',
    params,
    query: platformQuerySchema,
    reply: freezeOutSchema,
  }),
  updateFreeze: endpoint({
    ...common,
    ...yaml,
    name: 'updateFreeze',
    method: 'PUT',
    path: one,
    summary: 'Replace a freeze; the body is its YAML document',
    access: 'freeze.edit',
    params,
    query: platformQuerySchema,
    reply: freezeOutSchema,
  }),
  deleteFreeze: endpoint({
    ...common,
    name: 'deleteFreeze',
    method: 'DELETE',
    path: one,
    summary: 'Delete a freeze',
    access: 'freeze.edit',
    params,
    query: platformQuerySchema,
    reply: z.literal(true),
  }),
}
