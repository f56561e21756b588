// What the runner reads of Kubernetes objects. Unknown fields and reasons are left alone, so that newer clusters do no harm.
import { z } from 'zod'

const stateSchema = z.object({
  waiting: z.object({ reason: z.string().optional(), message: z.string().optional() }).optional(),
  running: z.object({ startedAt: z.string().nullish() }).optional(),
  terminated: z
    .object({
      exitCode: z.number(),
      signal: z.number().optional(),
      reason: z.string().optional(),
      message: z.string().optional(),
      startedAt: z.string().nullish(),
    })
    .optional(),
})
const containerSchema = z.object({
  name: z.string(),
  state: stateSchema.default({}),
  containerID: z.string().optional(),
})
export type ContainerStatus = z.infer<typeof containerSchema>

export const podSchema = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    uid: z.string(),
    resourceVersion: z.string().optional(),
    creationTimestamp: z.string().optional(),
    deletionTimestamp: z.string().optional(),
    deletionGracePeriodSeconds: z.number().optional(),
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
    finalizers: z.array(z.string()).default([]),
  }),
  spec: z.object({ nodeName: z.string().optional() }).default({}),
  status: z
    .object({
      phase: z.string().default('Pending'),
      reason: z.string().optional(),
      message: z.string().optional(),
      startTime: z.string().optional(),
      conditions: z
        .array(
          z.object({
            type: z.string(),
            status: z.string(),
            reason: z.string().optional(),
            message: z.string().optional(),
          }),
        )
        .default([]),
      initContainerStatuses: z.array(containerSchema).default([]),
      containerStatuses: z.array(containerSchema).default([]),
    })
    .prefault({}),
})
export type Pod = z.infer<typeof podSchema>

export const listSchema = z.object({
  metadata: z.object({ resourceVersion: z.string().optional() }),
  items: z.array(z.unknown()),
})
export const watchEventSchema = z.object({ type: z.string(), object: z.unknown() })
export const ownedSchema = z.object({ metadata: z.object({ name: z.string(), uid: z.string() }) })
export const eventListSchema = z.object({
  items: z.array(
    z.object({ type: z.string().optional(), reason: z.string().optional(), message: z.string().optional() }),
  ),
})
