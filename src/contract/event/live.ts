// Events: every change of state is one row, written in the transaction of the change. Audit, live feed and outbox in one.
import { z } from 'zod'
import { changeSetDeploymentStatusSchema, changeSetIdentitySchema } from '../change-set-schema.ts'
import { epochMillisecondsSchema, rowIdSchema } from '../identifier.ts'
import { executionStatusSchema } from '../pipeline/status.ts'

export const actorSchema = z.object({
  type: z.enum(['user', 'api-key', 'delegate', 'attempt', 'system']),
  /** E-mail of a user, name of a delegate, id of an attempt; `system` for the manager itself. */
  name: z.string().max(256),
})
export type Actor = z.infer<typeof actorSchema>

/** What happened. `entity.*` events carry the entity before and after, without secrets. */
export const eventBodySchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('entity.created'), kind: z.string(), identifier: z.string(), after: z.unknown() }),
  z.object({
    type: z.literal('entity.updated'),
    kind: z.string(),
    identifier: z.string(),
    before: z.unknown(),
    after: z.unknown(),
  }),
  z.object({ type: z.literal('entity.deleted'), kind: z.string(), identifier: z.string(), before: z.unknown() }),
  z.object({ type: z.literal('session.started'), email: z.string() }),
  z.object({ type: z.literal('session.refused'), email: z.string() }),
  z.object({ type: z.literal('session.ended'), email: z.string() }),
  z.object({ type: z.literal('execution.status'), status: executionStatusSchema, pipeline: z.string() }),
  z.object({
    type: z.literal('node.status'),
    node: z.string(),
    status: executionStatusSchema,
    reason: z.string().optional(),
  }),
  /** A person asked for its end; its status changes when the steps have ended. */
  z.object({ type: z.literal('execution.abort'), pipeline: z.string(), reason: z.string().optional() }),
  /** A person said how it goes on after a step that failed or is unknown. */
  z.object({
    type: z.literal('node.resolved'),
    node: z.string(),
    action: z.string(),
    reason: z.string().optional(),
    pipeline: z.string(),
  }),
  /** A person gave values in the middle of a run; their names only. */
  z.object({ type: z.literal('node.inputs'), node: z.string(), inputs: z.array(z.string()), pipeline: z.string() }),
  z.object({
    type: z.literal('attempt.state'),
    attempt: z.string(),
    node: z.string(),
    state: z.string(),
    fence: z.string(),
    delegate: z.string().optional(),
  }),
  changeSetIdentitySchema.extend({
    type: z.literal('change-set.state'),
    attempt: z.string(),
    node: z.string(),
    dbSchema: z.string(),
    dbInstance: z.string(),
    phase: z.enum(['started', 'finished']),
    status: changeSetDeploymentStatusSchema.optional(),
    /** Milliseconds that it took. */
    duration: z.number().optional(),
    error: z.string().optional(),
  }),
  z.object({ type: z.literal('plan.posted'), node: z.string(), digest: z.string() }),
  z.object({ type: z.literal('log.committed'), attempt: z.string(), node: z.string(), committed: z.int() }),
  z.object({ type: z.literal('approval.requested'), approval: z.string(), node: z.string() }),
  z.object({
    type: z.literal('approval.decided'),
    approval: z.string(),
    node: z.string(),
    action: z.enum(['APPROVE', 'REJECT']),
    status: z.string(),
    digest: z.string().optional(),
  }),
  z.object({
    type: z.literal('task.status'),
    task: z.string(),
    kind: z.string(),
    subject: z.string(),
    status: z.string(),
  }),
  /** A person asked for its end. */
  z.object({
    type: z.literal('task.abort'),
    task: z.string(),
    kind: z.string(),
    subject: z.string(),
    reason: z.string().optional(),
  }),
  z.object({
    type: z.literal('freeze.overridden'),
    pipeline: z.string(),
    freezes: z.array(z.string()),
    reason: z.string(),
  }),
  z.object({
    type: z.literal('retention.purged'),
    executions: z.int(),
    /** Executions whose logs, and whose results, went. */
    logs: z.int(),
    payloads: z.int(),
  }),
  z.object({ type: z.literal('report.resent'), pipeline: z.string(), reports: z.int() }),
  z.object({ type: z.literal('notification.retried'), notification: z.string(), rule: z.string() }),
  z.object({ type: z.literal('notification.dropped'), notification: z.string(), rule: z.string() }),
  z.object({ type: z.literal('delegate.connected'), delegate: z.string() }),
  z.object({ type: z.literal('delegate.lost'), delegate: z.string() }),
])
export type EventBody = z.infer<typeof eventBodySchema>

/** An event as subscribers see it. `id` grows; it is the SSE event id and resumes a stream. */
export const liveEventSchema = z.object({
  id: rowIdSchema,
  at: epochMillisecondsSchema,
  actor: actorSchema,
  execution: z.string().nullable(),
  body: eventBodySchema,
})
export type LiveEvent = z.infer<typeof liveEventSchema>
