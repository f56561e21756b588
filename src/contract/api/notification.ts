// Notifications of a project: what was sent to whom, what could not be, and sending it again.
import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { epochMillisecondsSchema, identifierSchema } from '../identifier.ts'
import { noQuerySchema, pageQuery } from '../paging.ts'
import { noContentSchema, PROJECT, projectParamsSchema } from './scope.ts'

/** `dead`: given up; it stays in the list until somebody sends it again or drops it, or for 90 days. */
export const notificationStateSchema = z.enum(['waiting', 'delivered', 'dead'])
export const notificationOutSchema = z.object({
  id: z.string(),
  pipeline: z.string(),
  execution: z.string(),
  rule: z.string(),
  event: z.string(),
  /** Absent: it is about the run itself. */
  node: z.string().nullable(),
  status: z.string(),
  method: z.string(),
  /** An e-mail address or a group; empty for addresses of chats and webhooks, which are secrets. */
  destination: z.string(),
  state: notificationStateSchema,
  tries: z.int(),
  /** Why the last try failed. */
  error: z.string().nullable(),
  /** Of those that wait. */
  nextTryAt: epochMillisecondsSchema.nullable(),
  createdAt: epochMillisecondsSchema,
  updatedAt: epochMillisecondsSchema,
})
export type NotificationOut = z.output<typeof notificationOutSchema>

const tag = 'Notifications'
export const notificationEndpoints = {
  listNotifications: endpoint({
    name: 'listNotifications',
    method: 'GET',
    path: `${PROJECT}/notifications`,
    tag,
    summary: 'Notifications of a project, newest first; `state=dead` are those that were given up',
    access: 'pipeline.view',
    params: projectParamsSchema,
    query: noQuerySchema.extend({
      ...pageQuery,
      state: notificationStateSchema.optional(),
      pipeline: identifierSchema.optional(),
      execution: z.string().max(64).optional(),
    }),
    status: 200,
    reply: z.array(notificationOutSchema),
    paged: true,
  }),
  retryNotification: endpoint({
    name: 'retryNotification',
    method: 'POST',
    path: `${PROJECT}/notifications/{notification}/retry`,
    tag,
    summary: 'Send a notification that was given up again, with as many tries as a new one',
    access: 'pipeline.edit',
    params: projectParamsSchema.extend({ notification: z.string().min(1).max(64) }),
    query: noQuerySchema,
    status: 200,
    reply: notificationOutSchema,
  }),
  dropNotification: endpoint({
    name: 'dropNotification',
    method: 'DELETE',
    path: `${PROJECT}/notifications/{notification}`,
    tag,
    summary: 'Drop a notification that was given up: it is never sent',
    access: 'pipeline.edit',
    params: projectParamsSchema.extend({ notification: z.string().min(1).max(64) }),
    query: noQuerySchema,
    status: 204,
    reply: noContentSchema,
  }),
}
