// Approvals: a step that waits for people. What they saw is bound to the plan digest.
import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { epochMillisecondsSchema } from '../identifier.ts'
import { pageQuerySchema, noQuerySchema } from '../paging.ts'
import { PROJECT, projectParamsSchema } from './scope.ts'

export const approvalStatusSchema = z.enum(['WAITING', 'APPROVED', 'REJECTED', 'EXPIRED', 'ABORTED'])
export const approvalSchema = z.object({
  id: z.string(),
  execution: z.string(),
  pipeline: z.string(),
  node: z.string(),
  name: z.string(),
  status: approvalStatusSchema,
  message: z.string(),
  approvers: z.object({
    minimumCount: z.int().positive(),
    disallowPipelineExecutor: z.boolean(),
    userGroups: z.array(z.string()),
    disallowedUserEmails: z.array(z.string()),
  }),
  /** Values that approvers are asked for, and what they gave so far. */
  inputs: z.array(
    z.object({
      name: z.string(),
      required: z.boolean(),
      default: z.string().optional(),
      allowed: z.array(z.string()).optional(),
      many: z.literal(true).optional(),
      pattern: z.string().optional(),
      description: z.string().optional(),
    }),
  ),
  givenInputs: z.record(z.string(), z.string()),
  /** Digests of the plans that were shown; decided on exactly these. */
  planDigests: z.array(z.string()),
  activities: z.array(
    z.object({
      user: z.string(),
      name: z.string(),
      action: z.enum(['APPROVE', 'REJECT']),
      comments: z.string(),
      at: epochMillisecondsSchema,
    }),
  ),
  /** May the caller decide, and if not, why. */
  decidable: z.boolean(),
  notDecidableBecause: z.string().optional(),
  /** As the step says it; finds the approval in the list. */
  callbackId: z.string().nullable(),
  /** When it is approved by itself, unless people decided before. */
  autoApproveAt: epochMillisecondsSchema.nullable(),
  createdAt: epochMillisecondsSchema,
  deadline: epochMillisecondsSchema,
})
export type Approval = z.output<typeof approvalSchema>

const tag = 'Approvals'
const oneParams = projectParamsSchema.extend({ approval: z.string().min(1).max(64) })
export const approvalEndpoints = {
  listApprovals: endpoint({
    name: 'listApprovals',
    method: 'GET',
    path: `${PROJECT}/approvals`,
    tag,
    summary: 'List approvals',
    access: 'pipeline.view',
    params: projectParamsSchema,
    query: pageQuerySchema.extend({
      execution: z.string().max(64).optional(),
      status: approvalStatusSchema.optional(),
      callback_id: z.string().max(128).optional(),
    }),
    status: 200,
    reply: z.array(approvalSchema),
    paged: true,
  }),
  getApproval: endpoint({
    name: 'getApproval',
    method: 'GET',
    path: `${PROJECT}/approvals/{approval}`,
    tag,
    summary: 'Read an approval',
    access: 'pipeline.view',
    params: oneParams,
    query: noQuerySchema,
    status: 200,
    reply: approvalSchema,
  }),
  decideApproval: endpoint({
    name: 'decideApproval',
    method: 'POST',
    path: `${PROJECT}/approvals/{approval}/activity`,
    tag,
    summary: 'Approve or reject',
    access: 'approval.decide',
    params: oneParams,
    query: noQuerySchema,
    body: z.object({
      action: z.enum(['APPROVE', 'REJECT']),
      comments: z.string().max(4096).default(''),
      inputs: z
        .record(z.string().max(128), z.string().max(4096))
        .optional()
        .describe('Values that the approval asks for.'),
      planDigests: z
        .array(z.string().max(128))
        .max(100)
        .optional()
        .describe('The digests that the approver saw; refused when they are no longer those that would run.'),
    }),
    status: 200,
    reply: approvalSchema,
  }),
}
